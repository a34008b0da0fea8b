import DataFormats
import Diagnostics
import Testing

@testable import ConnectorKit

@Suite struct IncrementalCursorTests {
  private func admits(_ cursor: inout IncrementalCursor, _ text: String) throws -> Bool {
    try Array(text.utf8).withUnsafeBytes { try RecordParser().parse($0) { cursor.admits($0) } }
  }

  private func record(_ id: Int, _ time: Int, _ note: String = "") -> String { #"{"id":\#(id),"at":\#(time),"note":"\#(note)"}"# }

  @Test func whatStandsAtTheBoundaryIsSentOnce() throws {
    var first = try IncrementalCursor(field: "at")
    for (id, time) in [(1, 10), (2, 20), (3, 20)] { #expect(try admits(&first, record(id, time))) }
    var second = try IncrementalCursor(field: "at", state: first.state(isFinal: true))
    #expect(second.lowerBound == Instant(seconds: 20))
    #expect(try !admits(&second, record(2, 20)))
    #expect(try !admits(&second, record(3, 20)))
    #expect(try admits(&second, record(4, 20)))
    #expect(try admits(&second, record(3, 20, "changed within the second")))
    #expect(try admits(&second, record(2, 30)))
    #expect(second.state(isFinal: true)["at"] == 30)
  }

  @Test func aSyncWithNothingNewLeavesTheStateAsItWas() throws {
    var first = try IncrementalCursor(field: "at")
    _ = try admits(&first, record(1, 10))
    let state = first.state(isFinal: true)
    var second = try IncrementalCursor(field: "at", state: state)
    _ = try admits(&second, record(1, 10))
    #expect(second.state(isFinal: true) == state)
  }

  @Test func theBoundaryIsRememberedAlsoWhenTheNewestRecordsComeFirst() throws {
    var first = try IncrementalCursor(field: "at")
    _ = try admits(&first, record(1, 10))
    var second = try IncrementalCursor(field: "at", state: first.state(isFinal: true))
    #expect(try admits(&second, record(3, 30)))
    #expect(try admits(&second, record(2, 20)))
    #expect(try !admits(&second, record(1, 10)))
    #expect(second.state(isFinal: true)["at"] == 30)
  }

  @Test func aLookbackRemembersTheWholeWindow() throws {
    var first = try IncrementalCursor(field: "at", lookback: 100)
    for (id, time) in [(1, 1_000), (2, 1_950), (3, 2_000)] { _ = try admits(&first, record(id, time)) }
    var second = try IncrementalCursor(field: "at", state: first.state(isFinal: true), lookback: 100)
    #expect(second.lowerBound == Instant(seconds: 1_900))
    #expect(try !admits(&second, record(2, 1_950)))
    #expect(try admits(&second, record(9, 1_960)))
    #expect(try !admits(&second, record(3, 2_000)))
    #expect(try !admits(&second, record(9, 1_960)))
  }

  @Test func aStateOfAnotherConnectorIsUnderstood() throws {
    var cursor = try IncrementalCursor(field: "at", state: ["at": "2024-01-31T00:00:00+00:00"])
    #expect(cursor.lowerBound?.text() == "2024-01-31T00:00:00Z")
    #expect(try admits(&cursor, #"{"id":1,"at":"2024-01-31T00:00:00Z"}"#))
    #expect(try IncrementalCursor(field: "at", state: ["other": 1]).lowerBound == nil)
  }

  @Test func noticesWhenTheOrderIsBroken() throws {
    var cursor = try IncrementalCursor(field: "at")
    _ = try admits(&cursor, record(1, 10))
    _ = try admits(&cursor, record(2, 10))
    #expect(cursor.isInOrder)
    _ = try admits(&cursor, record(3, 9))
    #expect(!cursor.isInOrder)
  }

  @Test(arguments: ["\"gestern\"", "true", "[1]", "9223372036854775807", "-99999999999999", "\"\""])
  func aStateThatTellsNoMomentIsRefused(value: String) throws {
    let state: JSON = ["at": try JSON.parse(value)]
    let problem = #expect(throws: Diagnostic.self) { try IncrementalCursor(field: "at", state: state) }
    #expect(problem?.code == "state.malformed")
    #expect(problem?.hint?.contains("--full-refresh") == true)
  }

  @Test func noRecordIsTooFarAwayInTime() throws {
    var cursor = try IncrementalCursor(field: "at", lookback: 600)
    for time in [Int.min, Int.max, 0] { _ = try admits(&cursor, record(time & 0xFF, time)) }
    _ = cursor.lowerBound
  }

  @Test func losesNoRecordHoweverManyShareAMoment() throws {
    var generator = SystemRandomNumberGenerator()
    for _ in 0..<50 {
      let log = (0..<40).map { (id: $0, time: Int.random(in: 0...6, using: &generator)) }.sorted { $0.time < $1.time }
      var delivered: Set<Int> = []
      var state: JSON?
      var visible = 0
      // Each sync sees more of the log, and asks from its bound on.
      while visible < log.count {
        visible = min(log.count, visible + Int.random(in: 1...10, using: &generator))
        var cursor = try IncrementalCursor(field: "at", state: state)
        let bound = cursor.lowerBound?.seconds ?? 0
        for entry in log.prefix(visible) where entry.time >= Int(bound) {
          if try admits(&cursor, record(entry.id, entry.time)) { #expect(delivered.insert(entry.id).inserted) }
        }
        state = cursor.state(isFinal: true)
      }
      #expect(delivered.count == log.count)
    }
  }
}
