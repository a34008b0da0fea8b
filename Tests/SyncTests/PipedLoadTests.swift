import AirbyteProtocol
import DataFormats
import Diagnostics
import FoundationEssentials
import Glibc
import Sync
import Synchronization
import Testing
import Warehouse

/// scv as an Airbyte destination and as a Singer target.
@Suite struct PipedLoadTests {
  /// Loads `lines`, and gives the result and the states that came back.
  static func load(_ bench: Bench, _ catalog: ConfiguredCatalog?, _ lines: [String], schema: String = "piped") throws -> (ConnectionResult, [JSON]) {
    try bench.write("input.jsonl", lines.map { $0 + "\n" }.joined())
    let descriptor = open(bench.folder + "/input.jsonl", O_RDONLY)
    defer { close(descriptor) }
    var connection = Connection(name: "piped", command: [], dialect: catalog == nil ? .singer : .airbyte, schema: schema)
    connection.usesNamespaces = catalog != nil
    let back = Mutex<[JSON]>([])
    let load = PipedLoad(adapter: bench.adapter, options: SyncOptions(projectFolder: bench.folder), connection: connection)
    let result = load.load(catalog, from: descriptor, acknowledge: { state in back.withLock { $0.append(state) } })
    return (result, back.withLock { $0 })
  }

  static func users(_ mode: DestinationSyncMode, namespace: String? = nil, generation: Int64? = nil, minimum: Int64? = nil) -> ConfiguredCatalog {
    let stream = CatalogStream(name: "users", namespace: namespace, jsonSchema: Bench.users, supportedSyncModes: [.fullRefresh, .incremental])
    return ConfiguredCatalog(streams: [
      ConfiguredStream(
        stream: stream, syncMode: .incremental, destinationSyncMode: mode, cursorField: ["updated_at"], primaryKey: [["id"]], generationID: generation,
        minimumGenerationID: minimum)
    ])
  }

  @Test func statesComeBackAsTheyCameAndInOrderWithTheNumberOfRecords() throws {
    let bench = try Bench()
    let marked = #"{"type":"STATE","state":{"type":"STREAM","id":7,"stream":{"stream_descriptor":{"name":"users","namespace":null},"stream_state":{"n":1}}}}"#
    let (result, states) = try PipedLoadTests.load(
      bench, PipedLoadTests.users(.appendDedup), [Bench.record(["id": 1]), marked, Bench.record(["id": 1, "name": "b"]), Bench.state(["n": 2])])
    #expect(result.succeeded)
    #expect(states.count == 2)
    let told = marked.dropLast(2) + #","destinationStats":{"recordCount":1.0}}}"#
    #expect(states.first == (try JSON.parse(String(told))))
    #expect(try bench.rows("SELECT id, name FROM piped__users") == [[1, "b"]])
  }

  @Test func aReplacementTakesPlaceAtTheEndAndItsStatesComeBackThen() throws {
    let bench = try Bench()
    _ = try PipedLoadTests.load(bench, PipedLoadTests.users(.overwrite), [Bench.record(["id": 1])])
    let broken = try PipedLoadTests.load(
      bench, PipedLoadTests.users(.overwrite), [Bench.record(["id": 2]), Bench.state(["n": 2]), Bench.status(.incomplete)])
    #expect(!broken.0.succeeded)
    #expect(broken.1.isEmpty)
    #expect(try bench.rows("SELECT id FROM piped__users") == [[1]])
    let whole = try PipedLoadTests.load(
      bench, PipedLoadTests.users(.overwrite), [Bench.record(["id": 3]), Bench.state(["n": 3]), Bench.status(.complete)])
    #expect(whole.0.succeeded)
    #expect(whole.1.count == 1)
    #expect(try bench.rows("SELECT id FROM piped__users") == [[3]])
  }

  @Test func anotherGenerationReplacesTheOlderOnes() throws {
    let bench = try Bench()
    _ = try PipedLoadTests.load(bench, PipedLoadTests.users(.append, generation: 1, minimum: 0), [Bench.record(["id": 1])])
    _ = try PipedLoadTests.load(bench, PipedLoadTests.users(.append, generation: 1, minimum: 0), [Bench.record(["id": 2])])
    #expect(try bench.rows("SELECT id, _airbyte_generation_id FROM piped__users") == [[1, 1], [2, 1]])
    _ = try PipedLoadTests.load(bench, PipedLoadTests.users(.append, generation: 2, minimum: 2), [Bench.record(["id": 3])])
    #expect(try bench.rows("SELECT id, _airbyte_generation_id FROM piped__users") == [[3, 2]])
  }

  @Test func aStreamsNamespaceIsItsSchema() throws {
    let bench = try Bench()
    let (result, _) = try PipedLoadTests.load(
      bench, PipedLoadTests.users(.append, namespace: "crm"),
      [Message.record(RecordMessage(stream: "users", namespace: "crm", data: ["id": 1], emittedAt: 1)).json.text()])
    #expect(result.succeeded)
    #expect(try bench.rows("SELECT id FROM crm__users") == [[1]])
  }

  @Test func aTapsStreamsAnnounceThemselves() throws {
    let bench = try Bench()
    let (result, states) = try PipedLoadTests.load(
      bench, nil,
      [
        SingerTests.schemaLine(), SingerTests.row(["id": 1, "name": "a"]), SingerTests.state(["n": 1]), SingerTests.row(["id": 1, "name": "b"]),
        #"{"type":"SCHEMA","stream":"events","schema":{"properties":{"what":{"type":"string"}}},"key_properties":[]}"#,
        #"{"type":"RECORD","stream":"events","record":{"what":"x"}}"#, #"{"type":"RECORD","stream":"events","record":{"what":"x"}}"#,
        SingerTests.state(["n": 2]),
      ])
    #expect(result.succeeded)
    #expect(states == [["n": 1], ["n": 2]])
    #expect(try bench.rows("SELECT id, name FROM piped__users") == [[1, "b"]])
    #expect(try bench.rows("SELECT what FROM piped__events") == [["x"], ["x"]])
  }

  @Test func aTapThatForgetsASchemaIsRefused() throws {
    let bench = try Bench()
    let (result, states) = try PipedLoadTests.load(bench, nil, [SingerTests.row(["id": 1]), SingerTests.state(["n": 1])])
    #expect(result.error?.code == "singer.record-before-schema")
    #expect(states.isEmpty)
  }

  @Test(arguments: [false, true]) func recordsInFilesAreReadWhereTheirMessageStands(isZipped: Bool) throws {
    let bench = try Bench()
    let plain = (1...3000).map { "{\"id\": \($0), \"name\": \"n\($0)\"}\r\n" }.joined()
    try bench.write("rows.jsonl", plain)
    let name = isZipped ? "rows.jsonl.gz" : "rows.jsonl"
    if isZipped { #expect(system("gzip -k \(bench.folder)/rows.jsonl") == 0) }
    let batch: JSON = [
      "type": "BATCH", "stream": "users", "encoding": ["format": "jsonl", "compression": isZipped ? "gzip" : "none"],
      "manifest": [.string("file://\(bench.folder)/\(name)")],
    ]
    let (result, _) = try PipedLoadTests.load(
      bench, nil, [SingerTests.schemaLine(), SingerTests.row(["id": 7, "name": "old"]), batch.text(), SingerTests.row(["id": 8, "name": "new"])])
    #expect(result.succeeded)
    #expect(try bench.rows("SELECT count(*), sum(id) FROM piped__users") == [[3000, 4_501_500]])
    #expect(try bench.rows("SELECT name FROM piped__users WHERE id IN (7, 8) ORDER BY id") == [["n7"], ["new"]])
  }

  @Test func filesThatCannotBeReadAreAClearFailure() throws {
    let bench = try Bench()
    for (encoding, file, code) in [
      ("parquet", "file:///x", "singer.batch-encoding"), ("jsonl", "file:///nowhere/x", "singer.batch-file"), ("jsonl", "s3://x/y", "singer.batch-file"),
    ] {
      let line = #"{"type":"BATCH","stream":"users","encoding":{"format":"\#(encoding)","compression":"gzip"},"manifest":["\#(file)"]}"#
      let (result, _) = try PipedLoadTests.load(bench, nil, [SingerTests.schemaLine(), line])
      #expect(result.error?.code == code)
    }
  }

  @Test func rowsThatNoStateCoveredAreTakenBackBeforeTheyComeAgain() throws {
    let bench = try Bench()
    let lines = [Bench.record(["id": 1]), Bench.state(["n": 1]), Bench.record(["id": 2])]
    let broken = try PipedLoadTests.load(bench, PipedLoadTests.users(.append), lines + [Bench.status(.incomplete)])
    #expect(!broken.0.succeeded)
    #expect(broken.1.count == 1)
    #expect(try bench.rows("SELECT id FROM piped__users") == [[1]])
    _ = try PipedLoadTests.load(bench, PipedLoadTests.users(.append), [Bench.record(["id": 2]), Bench.state(["n": 2]), Bench.status(.complete)])
    #expect(try bench.rows("SELECT id FROM piped__users") == [[1], [2]])
  }

  @Test func aRecordOfAStreamThatTheCatalogDoesNotHaveIsAFailure() throws {
    let bench = try Bench()
    let (result, states) = try PipedLoadTests.load(
      bench, PipedLoadTests.users(.append), [Bench.record(["id": 1], stream: "nobody"), Bench.state(["n": 1], stream: "nobody"), Bench.status(.complete)])
    #expect(result.error?.code == "destination.unknown-stream")
    #expect(states.isEmpty)
  }

  @Test func rowsBelowTheLeastGenerationGo() throws {
    let bench = try Bench()
    for number: Int64 in 1...3 {
      let catalog = PipedLoadTests.users(.append, generation: number, minimum: number == 3 ? 2 : 0)
      _ = try PipedLoadTests.load(bench, catalog, [Bench.record(["id": .int(number)]), Bench.status(.complete)])
    }
    #expect(try bench.texts("SELECT id FROM piped__users ORDER BY id") == ["2", "3"])
  }
}
