import AirbyteProtocol
import DataFormats
import FoundationEssentials
import Testing

/// The file source, over files of this machine.
@Suite struct FileConnectorTests {
  private let folder: RunFolder

  init() throws { folder = try RunFolder() }

  private func config(_ path: String, _ more: JSON = [:]) -> JSON {
    var stream: JSON = ["name": "s", "path": .string("\(folder.path)/\(path)")]
    for (name, value) in more.object ?? [:] { stream[name] = value }
    return ["streams": [stream]]
  }

  private func read(_ config: JSON, states: [StateMessage]? = nil) async throws -> ConnectorRun {
    let catalog = try #require(try await ConnectorRun("source-file", "discover", config: config).catalog)
    return try await ConnectorRun("source-file", "read", config: config, catalog: ConnectorRun.configured(catalog), states: states)
  }

  /// The members of records that do not begin with an underscore.
  private func rows(_ run: ConnectorRun) -> [JSON] {
    (run.records["s"] ?? []).map { .object(($0.object ?? [:]).filter { !$0.key.hasPrefix("_") }) }
  }

  @Test func findsTheTypesOfColumns() async throws {
    _ = try folder.write(
      "a.csv",
      "id,zip,price,ok,day,at,note\n1,01234,1.50,true,2024-01-31,2024-01-31T10:00:00Z,\"a,\"\"b\"\"\nc\"\n2,99999,2,FALSE,2024-02-01,2024-02-01 10:00:00,\n")
    let discovered = try await ConnectorRun("source-file", "discover", config: config("a.csv"))
    let properties = try #require(discovered.catalog?["s"]?.jsonSchema["properties"])
    for (name, type) in ["id": "integer", "zip": "string", "price": "number", "ok": "boolean", "day": "string", "at": "string"] {
      #expect(properties[name]?["type"] == ["null", .string(type)], "\(name)")
    }
    #expect(properties["day"]?["format"] == "date")
    #expect(properties["at"]?["format"] == "date-time")
    #expect(
      rows(try await read(config("a.csv"))) == [
        ["id": 1, "zip": "01234", "price": 1.5, "ok": true, "day": "2024-01-31", "at": "2024-01-31T10:00:00Z", "note": "a,\"b\"\nc"],
        ["id": 2, "zip": "99999", "price": 2, "ok": false, "day": "2024-02-01", "at": "2024-02-01 10:00:00", "note": nil],
      ])
  }

  @Test func readsJSONInEveryShape() async throws {
    for text in [#"[{"a":1},{"a":2}]"#, "{\"a\":1}\n{\"a\":2}", "[\n  {\n    \"a\": 1\n  },\n  {\"a\": 2}\n]\n"] {
      _ = try folder.write("a.json", text)
      #expect(rows(try await read(config("a.json"))) == [["a": 1], ["a": 2]])
    }
    _ = try folder.write("a.jsonl", "{\"a\":1}\n\n{\"a\":2}")
    let run = try await read(config("a.jsonl"))
    #expect(rows(run) == [["a": 1], ["a": 2]])
    #expect(run.records["s"]?.map { $0["_ab_source_file_line"] } == [1, 3])
  }

  @Test func readsNewAndChangedFilesOnly() async throws {
    _ = try folder.write("a.csv", "id\n1\n2\n")
    let config = config("*.csv")
    let first = try await read(config)
    #expect(rows(first).count == 2)
    #expect(rows(try await read(config, states: first.states)).isEmpty)
    _ = try folder.write("b.csv", "id\n3\n")
    let second = try await read(config, states: first.states)
    #expect(rows(second) == [["id": 3]])
    _ = try folder.write("a.csv", "id\n1\n2\n4\n")
    #expect(rows(try await read(config, states: second.states)) == [["id": 1], ["id": 2], ["id": 4]])
  }

  @Test func aLineThatIsNoRecordStopsTheStreamOrIsSetAside() async throws {
    _ = try folder.write("a.csv", "id,name\n1,a\n2\n3,c\n")
    let failed = try await read(config("a.csv"))
    #expect(failed.code == 1)
    #expect(failed.errors.first?.message.contains("a.csv:3") == true)
    #expect(failed.errors.first?.message.contains("on_error") == true)
    let skipped = try await read(config("a.csv", ["on_error": "skip"]))
    #expect(skipped.code == 0)
    #expect(rows(skipped) == [["id": 1, "name": "a"], ["id": 3, "name": "c"]])
    #expect(skipped.output.contains("1 line was set aside"))
    _ = try folder.write("b.jsonl", "{\"id\":1}\n{\"id\":\n[3]\n{\"id\":4}\n")
    #expect(rows(try await read(config("b.jsonl", ["on_error": "skip"]))) == [["id": 1], ["id": 4]])
  }

  @Test func saysWhatDoesNotMatch() async throws {
    for path in ["none.csv", "*.csv", "none/"] {
      let run = try await ConnectorRun("source-file", "check", config: config(path))
      #expect(run.status?.succeeded == false, "\(path)")
    }
    _ = try folder.write("id.csv", "id,name\n1,a\n")
    let keyed = try await ConnectorRun("source-file", "check", config: config("id.csv", ["primary_key": ["idd"]]))
    #expect(keyed.status?.message?.contains("the primary key 'idd' is no column of the files (stream s). Try: did you mean 'id'?") == true)
    let misread = try await ConnectorRun("source-file", "check", config: config("id.csv", ["format": "jsonl"]))
    #expect(misread.status?.message?.contains("id.csv:1:1") == true)
    try Data([0x50, 0x4B, 0x03, 0x04, 0, 0, 0, 0]).write(to: URL(fileURLWithPath: folder.path + "/book.csv"))
    let workbook = try await ConnectorRun("source-file", "check", config: config("book.csv"))
    #expect(workbook.status?.message?.contains("an Excel workbook") == true)
    _ = try folder.write("a.dat", "x")
    let run = try await ConnectorRun("source-file", "check", config: config("a.dat"))
    #expect(run.status?.message?.contains("does not tell its format") == true)
  }

  @Test func aFileThatIsNotUTF8IsRefusedUnlessItsEncodingIsSaid() async throws {
    try folder.write("a.csv", bytes: Array("id,name\n1,J".utf8) + [0xFC] + Array("rgen\n".utf8))
    let refused = try await ConnectorRun("source-file", "check", config: config("a.csv"))
    #expect(refused.status?.message?.contains("not written in UTF-8") == true)
    #expect(rows(try await read(config("a.csv", ["encoding": "windows-1252"]))) == [["id": 1, "name": "Jürgen"]])
    try folder.write("a.csv", bytes: Array("id,name\n1,Jürgen 🙂 日本\n".utf8))
    #expect(rows(try await read(config("a.csv"))) == [["id": 1, "name": "Jürgen 🙂 日本"]])
  }

  @Test func aStreamWithoutFilesDoesNotStopTheOthers() async throws {
    _ = try folder.write("a.csv", "id\n1\n")
    let config: JSON = [
      "streams": [["name": "s", "path": .string("\(folder.path)/a.csv")], ["name": "gone", "path": .string("\(folder.path)/gone.csv")]]
    ]
    let discovered = try await ConnectorRun("source-file", "discover", config: config)
    #expect(discovered.catalog?.streams.map(\.name) == ["s"])
    #expect(discovered.errors.map(\.stream?.name) == ["gone"])
  }

  @Test func filesAreReadAgainWhenTheyAreReadInAnotherWay() async throws {
    _ = try folder.write("a.csv", "id;name\n1;x\n")
    let first = try await read(config("a.csv", ["delimiter": ","]))
    #expect(rows(first) == [["id;name": "1;x"]])
    let second = try await read(config("a.csv", ["delimiter": ";"]), states: first.states)
    #expect(rows(second) == [["id": 1, "name": "x"]])
    #expect(rows(try await read(config("a.csv", ["delimiter": ";"]), states: second.states)).isEmpty)
  }

  @Test func readsOtherDialectsAndEncodings() async throws {
    let latin = "name;note\nM\u{FC}ller;5 \u{20AC}\n".unicodeScalars.map { $0.value == 0x20AC ? 0x80 : UInt8($0.value) }
    try Data(latin).write(to: URL(fileURLWithPath: folder.path + "/a.csv"))
    #expect(rows(try await read(config("a.csv", ["encoding": "windows-1252"]))) == [["name": "Müller", "note": "5 €"]])
    let wide: [UInt8] = [0xFF, 0xFE] + "id\tname\n1\tü😀\n".utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
    try Data(wide).write(to: URL(fileURLWithPath: folder.path + "/b.tsv"))
    #expect(rows(try await read(config("b.tsv"))) == [["id": 1, "name": "ü😀"]])
    _ = try folder.write("c.csv", "1,a\n2,NULL\n")
    #expect(
      rows(try await read(config("c.csv", ["header": false, "columns": ["id"], "null_values": ["NULL"]]))) == [
        ["id": 1, "column_2": "a"], ["id": 2, "column_2": nil],
      ])
  }
}
