import Testing

@testable import Sync

@Suite struct InstantTests {
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
