import AirbyteProtocol
import DataFormats
import Diagnostics
import Testing

@testable import ConnectorKit

@Suite struct RecordTests {
  private func parse<Result>(_ text: String, _ body: (Record) throws -> Result) throws -> Result {
    try Array(text.utf8).withUnsafeBytes { try RecordParser().parse($0, body) }
  }

  /// What goes out for a record.
  private func sent(_ text: String, without: StaticString? = nil, adding: String = "") throws -> JSON? {
    var output: [UInt8] = []
    let writer = MessageWriter { output.append(contentsOf: $0) }
    let stream = StreamOutput(writer, stream: StreamDescriptor(name: "s"), isFullRefresh: false)
    try parse(text) { try stream.send($0, without: without, adding: Array(adding.utf8)) }
    try writer.flush()
    let lines = String(decoding: output, as: UTF8.self).split(separator: "\n")
    #expect(lines.count == 2)
    guard case .record(let record) = try Message(line: try #require(lines.last).utf8) else { return nil }
    return record.data
  }

  @Test func goesOutAsItStandsInOneLine() throws {
    #expect(try sent("{\n \"a\": 1.50,\r\n \"b\": \"x\\ny\"\n}") == ["a": 1.5, "b": "x\ny"])
    #expect(try sent("{}") == [:])
  }

  @Test(arguments: [
    (#"{"attributes":{"type":"A"},"Id":"1"}"#, #"{"Id":"1"}"#), (#"{"Id":"1","attributes":{"type":"A"}}"#, #"{"Id":"1"}"#),
    (#"{"Id":"1", "attributes" : {"a":[1,{}]} , "b":2}"#, #"{"Id":"1","b":2}"#), (#"{"attributes":{}}"#, "{}"),
    (#"{"attributes":null,"Id":"1"}"#, #"{"attributes":null,"Id":"1"}"#), (#"{"Id":"1"}"#, #"{"Id":"1"}"#),
  ])
  func leavesOutAMember(source: String, expected: String) throws {
    #expect(try sent(source, without: "attributes") == JSON.parse(expected))
    let added = try sent(source, without: "attributes", adding: #""x":1"#)
    var wanted = try JSON.parse(expected)
    wanted["x"] = 1
    #expect(added == wanted)
  }

  @Test func addsMembersAlsoToAnEmptyObject() throws {
    #expect(try sent("{ }", adding: #""x":1"#) == ["x": 1])
    #expect(try sent(#"{"a":1 }"#, adding: #""x":1"#) == ["a": 1, "x": 1])
  }

  @Test func readsItsMembers() throws {
    try parse(#"{"id":7,"name":"ü","at":"2024-01-31T12:00:00+01:00","in":{"deep":[1]},"none":null}"#) { record in
      #expect(record.int("id") == 7)
      #expect(record.identifier("id") == "7")
      #expect(record.string("name") == "ü")
      #expect(record.instant("at")?.text() == "2024-01-31T11:00:00Z")
      #expect(record.object("in")?.value("deep") == [1])
      #expect(record.string("none") == nil)
      #expect(record.value("none") == .null)
      #expect(record.value("absent") == nil)
      #expect(record.string("id") == nil)
    }
  }

  @Test(arguments: ["[]", "1", "null", "\"a\""])
  func isAnObject(text: String) {
    let error = #expect(throws: Diagnostic.self) { try parse(text) { _ in } }
    #expect(error?.code == "json.no-object")
  }
}
