import FoundationEssentials
import GRDB

/// `convert_timezone(source, target, timestamp)` and `convert_timezone(target, timestamp)`, which takes it for UTC: the time that
/// clocks of another zone show (zones of the IANA database; Snowflake and Redshift have the function under this name).
enum SQLiteTimeZones {
  static let convert = DatabaseFunction("convert_timezone", pure: true) { values in
    guard values.count == 2 || values.count == 3 else {
      throw DatabaseError(message: "convert_timezone takes (source, target, timestamp) or (target, timestamp)")
    }
    guard !values.contains(where: \.isNull) else { return nil }
    let texts = values.map { String.fromDatabaseValue($0) ?? "" }
    guard let time = WallTime(texts[texts.count - 1]) else { return nil }
    let source = try zone(texts.count == 3 ? texts[0] : "UTC")
    let target = try zone(texts[texts.count - 2])
    // What the zone is ahead of UTC is known for moments of UTC only; the second look is right unless the clocks change between.
    var ahead = source.secondsFromGMT(for: Date(timeIntervalSince1970: Double(time.seconds)))
    ahead = source.secondsFromGMT(for: Date(timeIntervalSince1970: Double(time.seconds - Int64(ahead))))
    let moment = time.seconds - Int64(ahead)
    return WallTime(seconds: moment + Int64(target.secondsFromGMT(for: Date(timeIntervalSince1970: Double(moment)))), fraction: time.fraction).text
  }

  private static func zone(_ name: String) throws -> TimeZone {
    guard let zone = TimeZone(identifier: name) else { throw DatabaseError(message: "unknown time zone '\(name)'") }
    return zone
  }
}

/// What a calendar and a clock show, without a zone.
struct WallTime {
  /// Seconds since 1970-01-01 00:00:00.
  let seconds: Int64
  /// What follows the seconds: a point and digits, or nothing.
  let fraction: String

  init(seconds: Int64, fraction: String) {
    self.seconds = seconds
    self.fraction = fraction
  }

  /// Reads `2026-01-31`, `2026-01-31 10:20`, `2026-01-31T10:20:30.5`; nil for other texts. A zone at the end is not looked at.
  init?(_ text: String) {
    let parts = text.split(whereSeparator: { !$0.isNumber }).prefix(6)
    let numbers = parts.compactMap { Int64($0) }
    guard parts.count >= 3, numbers.count == parts.count, parts[0].count == 4, (1...12).contains(numbers[1]), (1...31).contains(numbers[2]) else { return nil }
    let clock = Array(numbers.dropFirst(3)) + [0, 0, 0]
    // Days since 1970-01-01 of a date, years beginning in March (Howard Hinnant, chrono-compatible low-level date algorithms).
    let year = numbers[1] > 2 ? numbers[0] : numbers[0] - 1
    let dayOfYear = (153 * ((numbers[1] + 9) % 12) + 2) / 5 + numbers[2] - 1
    let days = year * 365 + year / 4 - year / 100 + year / 400 + dayOfYear - 719_468
    seconds = days * 86400 + clock[0] * 3600 + clock[1] * 60 + clock[2]
    let rest = parts.count == 6 ? text[parts[5].endIndex...] : ""
    fraction = rest.first == "." ? "." + rest.dropFirst().prefix { $0.isNumber } : ""
  }

  /// `2026-01-31 10:20:30`, with the fraction.
  var text: String {
    let (days, second) = (Int64((Double(seconds) / 86400).rounded(.down)), (seconds % 86400 + 86400) % 86400)
    let shifted = days + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let month = (5 * dayOfYear + 2) / 153
    let date = [yearOfEra + era * 400 + (month >= 10 ? 1 : 0), month < 10 ? month + 3 : month - 9, dayOfYear - (153 * month + 2) / 5 + 1]
    return padded(date[0], 4) + "-" + padded(date[1], 2) + "-" + padded(date[2], 2) + " " + padded(second / 3600, 2) + ":" + padded(second / 60 % 60, 2) + ":"
      + padded(second % 60, 2) + fraction
  }

  private func padded(_ number: Int64, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }
}
