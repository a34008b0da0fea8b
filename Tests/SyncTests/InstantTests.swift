import Testing

@testable import Sync

@Suite struct InstantTests {
  static func normal(_ text: String) -> String {
    var buffer = [UInt8](repeating: 0, count: Instant.longest)
    let bytes = Array(text.utf8)
    switch Instant.normalise(bytes, bytes.count, into: &buffer) {
    case .asItIs: return text
    case .written(let count): return String(decoding: buffer[..<count], as: UTF8.self)
    }
  }

  @Test(arguments: [
    ("2024-02-29T12:00:00Z", "2024-02-29T12:00:00Z"), ("2024-02-29T12:00:00+00:00", "2024-02-29T12:00:00Z"),
    ("2024-12-31T23:59:59.123456+14:00", "2024-12-31T09:59:59.123456Z"), ("2024-12-31 23:59:59-0030", "2025-01-01T00:29:59Z"),
    ("2024-03-01 00:10+01", "2024-02-29T23:10:00Z"), ("2024-01-01 05:06:07", "2024-01-01T05:06:07"),
    ("2024-01-01T05:06:07.123456789", "2024-01-01T05:06:07.123456789"), ("2024-01-01T00:00:00.500 Z", "2024-01-01T00:00:00.500Z"),
  ])
  func aTimestampHasOneForm(source: String, normal: String) {
    #expect(InstantTests.normal(source) == normal)
  }

  @Test(arguments: [
    "0044-03-15 BC", "2023-02-29T00:00:00+01:00", "2024-01-01T24:00:00Z", "2016-12-31T23:59:60+00:00", "yesterday", "2024-01-01",
    "2024-13-01T00:00:00+00:00", "12024-01-01T00:00:00+00:00", "2024-01-01T00:00:00+99:00", "9999-12-31T23:59:59-05:00", "",
  ])
  func whatIsNoTimestampStaysAsItIs(source: String) {
    #expect(InstantTests.normal(source) == source)
  }

  @Test func millisecondsAreReadAsTheyWereWritten() {
    var generator = SystemRandomNumberGenerator()
    for _ in 0..<20_000 {
      let time = Int64.random(in: -62_135_596_800_000...253_402_300_799_999, using: &generator)
      let text = Array(Instant.text(milliseconds: time).utf8)
      #expect(Instant.milliseconds(text, text.count) == time)
    }
    #expect(Instant.text(milliseconds: 0) == "1970-01-01T00:00:00.000Z")
    #expect(Instant.text(milliseconds: -1) == "1969-12-31T23:59:59.999Z")
  }

  @Test func movingTheZoneKeepsTheInstant() {
    var generator = SystemRandomNumberGenerator()
    for _ in 0..<5_000 {
      let time = Int64.random(in: -30_000_000_000_000...30_000_000_000_000, using: &generator)
      let minutes = Int64.random(in: -840...840, using: &generator)
      let local = Instant.text(milliseconds: time + minutes * 60_000).dropLast()
      let offset = "\(minutes < 0 ? "-" : "+")\(abs(minutes) / 60 < 10 ? "0" : "")\(abs(minutes) / 60):\(abs(minutes) % 60 < 10 ? "0" : "")\(abs(minutes) % 60)"
      #expect(InstantTests.normal(local + offset) == Instant.text(milliseconds: time))
    }
  }
}

@Suite struct RawIdentifierTests {
  @Test func numbersAreVersion7AndGrow() {
    var raw = RawIdentifier(milliseconds: 1_700_000_000_000)
    defer { raw.deallocate() }
    var last = raw.string(0)
    for counter in 1...5_000 as ClosedRange<UInt64> {
      raw.advance()
      let text = String(decoding: UnsafeBufferPointer(start: raw.text, count: 36), as: UTF8.self)
      #expect(text == raw.string(counter) && text > last && text.count == 36)
      last = text
    }
    #expect(Array(last)[14] == "7" && "89ab".contains(Array(last)[19]))
    #expect(last < raw.string(RawIdentifier.largestCounter))
  }
}
