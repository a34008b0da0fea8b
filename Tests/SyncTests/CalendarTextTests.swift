import Testing

@testable import Sync

@Suite struct CalendarTextTests {
  static let zoned = CalendarText.Kind.timestamp(assumesUTC: true)
  static let local = CalendarText.Kind.timestamp(assumesUTC: false)

  /// The normal form of a text; nil if it is nothing of the kind.
  static func normal(_ kind: CalendarText.Kind, _ text: String) -> String? {
    var buffer = [UInt8](repeating: 0, count: CalendarText.longest)
    let bytes = Array(text.utf8)
    switch CalendarText.normalise(kind, bytes, bytes.count, into: &buffer) {
    case .asItIs: return text
    case .written(let count), .truncated(let count): return String(decoding: buffer[..<count], as: UTF8.self)
    case .none: return nil
    }
  }

  @Test(arguments: [
    ("2024-02-29T12:00:00Z", "2024-02-29T12:00:00Z"), ("2024-02-29T12:00:00+00:00", "2024-02-29T12:00:00Z"),
    ("2024-12-31T23:59:59.123456+14:00", "2024-12-31T09:59:59.123456Z"), ("2024-12-31 23:59:59-0030", "2025-01-01T00:29:59Z"),
    ("2024-03-01 00:10+01", "2024-02-29T23:10:00Z"), ("2024-01-01T00:00:00.500 Z", "2024-01-01T00:00:00.500Z"),
    ("2024-01-01 05:06:07", "2024-01-01T05:06:07Z"), ("2024-01-01T05:06:07,25", "2024-01-01T05:06:07.25Z"),
    ("2024-01-01", "2024-01-01T00:00:00Z"), ("2024/1/5 10:30", "2024-01-05T10:30:00Z"), ("2024.01.05T10:30:00", "2024-01-05T10:30:00Z"),
    ("2024-01-01 05:06:07 UTC", "2024-01-01T05:06:07Z"), ("20240105T103000Z", "2024-01-05T10:30:00Z"), ("20240105", "2024-01-05T00:00:00Z"),
    ("20240105t1030+0200", "2024-01-05T08:30:00Z"), ("2024-12-31T24:00:00Z", "2025-01-01T00:00:00Z"),
    ("2016-12-31T18:59:60-05:00", "2016-12-31T23:59:60Z"), ("2024-01-01T00:00:00Z AD", "2024-01-01T00:00:00Z"),
    ("9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999Z"), ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"),
  ])
  func aTimestampHasOneForm(source: String, normal: String) {
    #expect(CalendarTextTests.normal(CalendarTextTests.zoned, source) == normal)
  }

  @Test(arguments: [
    ("2024-01-01 05:06:07", "2024-01-01T05:06:07"), ("2024-01-01T05:06:07.123456789", "2024-01-01T05:06:07.123456789"),
    ("2024-01-01", "2024-01-01T00:00:00"), ("2024-01-01T05:06", "2024-01-01T05:06:00"), ("2024-01-01T05:06:07+01:00", "2024-01-01T04:06:07Z"),
  ])
  func aTimestampWithoutZoneHasNoneInvented(source: String, normal: String) {
    #expect(CalendarTextTests.normal(CalendarTextTests.local, source) == normal)
  }

  @Test(arguments: [
    ("2024-02-29", "2024-02-29"), ("2024/02/29", "2024-02-29"), ("2024-2-9", "2024-02-09"), ("20240229", "2024-02-29"),
    ("2024 02 29", "2024-02-29"), ("2024-02-29T00:00:00Z", "2024-02-29"), ("2024-02-29 00:00:00.000+02:00", "2024-02-29"),
    ("2024-02-29T17:00:00Z", "2024-02-29"), ("2024-02-29 AD", "2024-02-29"), ("2024-02-29T24:00:00", "2024-03-01"),
  ])
  func aDateHasOneForm(source: String, normal: String) {
    #expect(CalendarTextTests.normal(.date, source) == normal)
  }

  @Test func aDateLosesItsTimeOfDayOnlyWithANote() {
    var buffer = [UInt8](repeating: 0, count: CalendarText.longest)
    for (text, form) in [("2024-02-29T00:00:00Z", CalendarText.Form.written(10)), ("2024-02-29T00:00:01Z", .truncated(10))] {
      #expect(CalendarText.normalise(.date, Array(text.utf8), text.utf8.count, into: &buffer) == form)
    }
  }

  @Test(arguments: [
    ("10:30:00", "10:30:00"), ("10:30", "10:30:00"), ("23:59:59.999999", "23:59:59.999999"), ("10:30:00Z", "10:30:00Z"),
    ("10:30:00+05:30", "10:30:00+05:30"), ("10:30:00+0530", "10:30:00+05:30"), ("10:30-08", "10:30:00-08:00"), ("00:00:00+00:00", "00:00:00Z"),
  ])
  func aTimeOfDayHasOneFormAndKeepsItsOffset(source: String, normal: String) {
    #expect(CalendarTextTests.normal(.timeOfDay, source) == normal)
  }

  @Test(arguments: [
    "2021-01-23 BC", "2022-11-22T01:23:45Z BC", "2022-11-22T01:23:45.123456 BC", "12024-01-01T00:00:00Z", "-0044-03-15", "+2024-01-01T00:00:00Z",
    "9999-12-31T23:59:59-05:00", "0000-01-01", "9999-12-31T24:00:00Z",
  ])
  func whatHasNoNormalFormStaysAsItIsWritten(source: String) {
    #expect(CalendarTextTests.normal(CalendarTextTests.zoned, source) == source)
  }

  @Test(arguments: [
    "", "soon", "yesterday", "2023-02-29", "2023-02-29T00:00:00+01:00", "2024-13-01T00:00:00Z", "2024-01-32", "2024-01-01T25:00:00Z",
    "2024-01-01T24:00:01Z", "2024-01-01T00:60:00Z", "2024-01-01T00:00:61Z", "2024-01-01T00:00:00+99:00", "2024-01-01T", "2024-01-01T00",
    "2024-01-01T00:00:00.Z", "2024_01_15", "24-01-15", "0000-00-00", "0000-00-00 00:00:00", "1704067200", "10:30:00", "2024-01-01T00:00:00Z extra",
    " 2024-01-01", "2024-01-01T00:00:00 CET", "2024-1-1-1", "2024-001", "2024-W01-1", "2023-02-29 BC", "Mon, 15 Jan 2024 10:30:00 GMT",
    "２０２４-01-01", "2024-01-01T00:00:0", "2024-01-0",
  ])
  func otherTextsAreNone(source: String) {
    #expect(CalendarTextTests.normal(CalendarTextTests.zoned, source) == nil)
    #expect(CalendarTextTests.normal(CalendarTextTests.local, source) == nil)
    #expect(CalendarTextTests.normal(.date, source) == nil)
  }

  @Test(arguments: ["24:00:00", "10", "1030", "10:61", "10:30:00.", "2024-01-01T10:30:00", "", "10:30:00+25", "10:30:00 BC"])
  func otherTextsAreNoTimesOfDay(source: String) {
    #expect(CalendarTextTests.normal(.timeOfDay, source) == nil)
  }

  @Test func movingTheZoneKeepsTheInstant() {
    var generator = SystemRandomNumberGenerator()
    for _ in 0..<5_000 {
      let time = Int64.random(in: -30_000_000_000_000...30_000_000_000_000, using: &generator)
      let minutes = Int64.random(in: -840...840, using: &generator)
      let local = String(Instant.text(milliseconds: time + minutes * 60_000).dropLast())
      let hours = "\(abs(minutes) / 60 < 10 ? "0" : "")\(abs(minutes) / 60)"
      let offset = "\(minutes < 0 ? "-" : "+")\(hours):\(abs(minutes) % 60 < 10 ? "0" : "")\(abs(minutes) % 60)"
      #expect(CalendarTextTests.normal(CalendarTextTests.local, local + offset) == Instant.text(milliseconds: time))
    }
  }

  /// Texts made of the pieces that dates are made of, and spoilt ones.
  @Test func theNormalFormOfANormalFormIsItself() {
    let pieces = [
      "2024", "0000", "9999", "-", "-", "/", ".", " ", "T", ":", ":", "Z", "+", "01", "12", "29", "31", "00", "24", "59", "60", "5", "BC", " AD", "UTC",
      "20240229", "-01", "-28", "T10:30", ":00.123", "+05:30", "é", "\0",
    ]
    var seed = SystemRandomNumberGenerator()
    var understood = 0
    for _ in 0..<50_000 {
      var text = Bool.random(using: &seed) ? "2024-0\(Int.random(in: 0...12, using: &seed))-1\(Int.random(in: 0...9, using: &seed))" : ""
      for _ in 0..<Int.random(in: 0...8, using: &seed) { text += pieces.randomElement(using: &seed) ?? "" }
      for kind in [CalendarText.Kind.date, .timeOfDay, CalendarTextTests.zoned, CalendarTextTests.local] {
        guard let normal = CalendarTextTests.normal(kind, text) else { continue }
        understood += 1
        #expect(CalendarTextTests.normal(kind, normal) == normal, "\(text)")
        #expect(normal.utf8.count <= CalendarText.longest || normal == text)
      }
    }
    #expect(understood > 1000)
  }
}
