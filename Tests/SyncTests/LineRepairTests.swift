import DataFormats
import Glibc
import Testing
import Warehouse

@testable import Sync

/// Lines that are nearly JSON.
@Suite struct LineRepairTests {
  @Test(arguments: [
    (#"{"a":NaN,"b":[-Infinity,Infinity],"c":"NaN \" NaN"}"#, #"{"a":"NaN","b":["-Infinity","Infinity"],"c":"NaN \" NaN"}"#),
    (#"{"a":"\ud800x\udc00\ud83d\ude42\\ud800"}"#, #"{"a":"\ufffdx\ufffd\ud83d\ude42\\ud800"}"#), ("\u{FEFF}{}", "{}"),
    ("{\"a\":\"x\ty\"}", #"{"a":"x\u0009y"}"#),
  ])
  func whatIsWrongIsPutRight(line: String, wanted: String) {
    let repaired = Array(line.utf8).withUnsafeBytes { LineRepair.repaired($0) }
    #expect(repaired.map { String(decoding: $0, as: UTF8.self) } == wanted)
  }

  @Test func whatIsNotWrongIsLeftAlone() {
    for line in [#"{"a":-1,"b":"NaN\ud83d\ude42"}"#, #"{"a":"#, "", "\\", #"{"a":"\u12"#, #"{"a":"\ud83d"#.dropLast(2) + "", "-"] {
      #expect(Array(line.utf8).withUnsafeBytes { LineRepair.repaired($0) } == nil)
    }
  }

  @Test func anythingAtAllIsReadWithoutHarm() {
    var generator = SystemRandomNumberGenerator()
    for _ in 0..<2_000 {
      let line = (0..<Int.random(in: 0...40)).map { _ in Array("\\ud8\"NaInfity-{}é\u{FF}".utf8).randomElement(using: &generator) ?? 0xFF }
      let once = line.withUnsafeBytes { LineRepair.repaired($0) } ?? line
      #expect(once.withUnsafeBytes { LineRepair.repaired($0) } == nil)
    }
  }

  @Test func recordsInSuchLinesAreLoadedAndSaidToBe() throws {
    let bench = try Bench()
    try bench.offer()
    let head = #"{"type":"RECORD","record":{"stream":"users","emitted_at":1,"data":{"id":"#
    try bench.write("exit.txt", "0")
    let lines: [[UInt8]] = [
      Array("\u{FEFF}\(head)1,\"amount\":NaN}}}".utf8), Array(#"\#(head)2,"name":"a\ud800"}}}"#.utf8),
      Array("\(head)3,\"name\":\"".utf8) + [0xFF] + Array("\"}}}".utf8),
      Array("Downloading… \(head)4}}}".utf8),
    ]
    try bench.write("messages.jsonl", bytes: Array(lines.joined(separator: [10])) + [10])
    let result = bench.sync(bench.connection())
    #expect(result.succeeded)
    #expect(result.warnings.map(\.code).contains("sync.mended-line"))
    #expect(try bench.rows("SELECT id, amount, name FROM toy__users ORDER BY id") == [[1, nil, nil], [2, nil, "a\u{FFFD}"], [3, nil, "\u{FFFD}"]])
    #expect(try bench.texts("SELECT _airbyte_meta FROM toy__users WHERE id = 1")[0]?.contains("amount") == true)
    #expect(try bench.rows("SELECT stream FROM _scv_rejected") == [["users"]])
  }
}
