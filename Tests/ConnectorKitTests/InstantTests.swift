import ConnectorKit
import Testing

@Suite struct InstantTests {
  @Test(arguments: [
    ("1970-01-01", 0), ("2024-02-29T12:30:45Z", 1_709_209_845_000_000), ("2024-02-29 12:30:45.5", 1_709_209_845_500_000),
    ("2024-02-29T12:30:45.000+0000", 1_709_209_845_000_000), ("2024-02-29T07:30:45-05:00", 1_709_209_845_000_000),
    ("1969-12-31T23:59:59Z", -1_000_000), ("2024-02-29T12:30:45.1234567Z", 1_709_209_845_123_456), ("2024-02-29T12:30Z", 1_709_209_800_000_000),
  ])
  func readsISO8601(text: String, microseconds: Int64) {
    #expect(Instant(text)?.microseconds == microseconds)
  }

  @Test(arguments: ["", "2024", "2024-13-01", "2024-01-01T", "2024-01-01T25:00", "2024-01-01T10:00:00.", "2024-01-01T10:00:00+", "2024-01-01x", "now"])
  func refusesOtherTexts(text: String) {
    #expect(Instant(text) == nil)
  }

  @Test func writesWhatItReads() {
    for day in stride(from: Int64(-200_000), to: 200_000, by: 37) {
      let moment = Instant(microseconds: day * 86_400_000_000 + 3_723_004_005)
      #expect(Instant(moment.text(decimals: 6)) == moment)
    }
    #expect(Instant(seconds: 0).text(decimals: 3) == "1970-01-01T00:00:00.000Z")
  }
}
