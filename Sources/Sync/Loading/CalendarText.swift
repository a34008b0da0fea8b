import Glibc

/// Dates, times of day and timestamps as sources write them, brought into one form each, so that equal values are equal texts and
/// SQLite's date functions read them:
///
/// | kind | form |
/// |---|---|
/// | date | `2024-02-29` |
/// | time of day | `12:34:56`, `12:34:56.789Z`, `12:34:56+05:30`: the offset stays, for without a day there is no UTC |
/// | timestamp with a zone | `2024-02-29T12:34:56.789Z`: UTC, which is also assumed where no zone is said |
/// | timestamp without | `2024-02-29T12:34:56.789`; with a `Z`, and in UTC, if the source says a zone all the same |
///
/// The instant is kept exactly, all its decimals included. Read are ISO 8601 and RFC 3339, and what destinations of Airbyte read
/// besides: other separators, one digit for month or day, `UTC` for the zone, an era
/// (https://docs.airbyte.com/platform/understanding-airbyte/supported-data-types). Years that SQLite has no dates for, before 1 and
/// after 9999, are understood, but stay as they are written.
enum CalendarText {
  /// What a column holds.
  enum Kind {
    case date
    case timeOfDay
    /// A timestamp; where no zone is said, it is UTC's or nobody's.
    case timestamp(assumesUTC: Bool)
  }

  /// What a text is.
  enum Form: Equatable {
    /// The text is in the normal form already, or a value that has none.
    case asItIs
    /// The normal form was written; how many bytes.
    case written(Int)
    /// The text has a time of day, which a date cannot keep; how many bytes the date has.
    case truncated(Int)
    /// The text is nothing of the kind.
    case none
  }

  /// Room for every normal form.
  static let longest = 72
  private static let longestFraction = 40

  /// Brings a text into the normal form of `kind`.
  ///
  /// - Parameter buffer: room for `longest` bytes.
  static func normalise(_ kind: Kind, _ text: UnsafePointer<UInt8>, _ count: Int, into buffer: UnsafeMutablePointer<UInt8>) -> Form {
    if isNormal(kind, text, count) { return .asItIs }
    guard count >= 5, count <= 128 else { return .none }
    var reader = CalendarReader(text: text, count: count)
    switch kind {
    case .date:
      guard let day = reader.day() else { return .none }
      let time = reader.separatesTime(after: day) ? reader.time(isBasic: day.isBasic) : CalendarReader.Time()
      guard let time, reader.zone() != nil, let era = reader.era(), reader.isAtEnd, day.exists(era), let days = days(of: day, time, era)
      else { return .none }
      guard let days = days.normal else { return .asItIs }
      writeDate(days: days, to: buffer)
      if !time.isMidnight { return .truncated(10) }
      return form(10, buffer, text, count)
    case .timeOfDay:
      guard let time = reader.time(isBasic: false), let zone = reader.zone(), reader.isAtEnd, time.hour < 24 else { return .none }
      guard time.fraction.count <= longestFraction else { return .asItIs }
      var length = write(time, of: time.hour * 60 + time.minute, text, to: buffer)
      if let offset = zone.minutes { length += write(offset: offset, to: buffer + length) }
      return form(length, buffer, text, count)
    case .timestamp(let assumesUTC):
      guard let day = reader.day() else { return .none }
      let time = reader.separatesTime(after: day) ? reader.time(isBasic: day.isBasic) : CalendarReader.Time()
      guard let time, let zone = reader.zone(), let era = reader.era(), reader.isAtEnd, day.exists(era), let days = days(of: day, time, era)
      else { return .none }
      guard var days = days.normal, time.fraction.count <= longestFraction else { return .asItIs }
      var minutes = time.hour % 24 * 60 + time.minute - (zone.minutes ?? 0)
      if minutes < 0 {
        minutes += 1440
        days -= 1
      } else if minutes >= 1440 {
        minutes -= 1440
        days += 1
      }
      guard normalDays.contains(days) else { return .asItIs }
      writeDate(days: days, to: buffer)
      buffer[10] = UInt8(ascii: "T")
      var length = 11 + write(time, of: minutes, text, to: buffer + 11)
      if assumesUTC || zone.minutes != nil {
        buffer[length] = UInt8(ascii: "Z")
        length += 1
      }
      return form(length, buffer, text, count)
    }
  }

  /// By far the most frequent: nothing to do.
  private static func isNormal(_ kind: Kind, _ text: UnsafePointer<UInt8>, _ count: Int) -> Bool {
    switch kind {
    case .date: return count == 10 && isDate(text)
    case .timeOfDay: return count == 8 && isTime(text)
    case .timestamp(let assumesUTC):
      guard count >= 19, text[10] == UInt8(ascii: "T"), isDate(text), isTime(text + 11) else { return false }
      let hasZone = text[count - 1] == UInt8(ascii: "Z")
      guard hasZone || !assumesUTC else { return false }
      let end = hasZone ? count - 1 : count
      guard end > 19 else { return end == 19 }
      guard text[19] == UInt8(ascii: "."), end > 20, end <= 20 + longestFraction else { return false }
      for index in 20..<end where text[index] &- 48 > 9 { return false }
      return true
    }
  }

  @inline(__always) private static func two(_ text: UnsafePointer<UInt8>) -> Int {
    let (tens, ones) = (text[0] &- 48, text[1] &- 48)
    return tens > 9 || ones > 9 ? 99 : Int(tens) * 10 + Int(ones)
  }

  /// Whether ten bytes are a date in the normal form.
  @inline(__always) private static func isDate(_ text: UnsafePointer<UInt8>) -> Bool {
    let (century, rest, month, day) = (two(text), two(text + 2), two(text + 5), two(text + 8))
    // 99 stands for what is no number, and for itself: such years take the longer way.
    guard text[4] == UInt8(ascii: "-"), text[7] == UInt8(ascii: "-"), century < 99, rest < 99, month >= 1, month <= 12, day >= 1 else { return false }
    let year = century * 100 + rest
    return year >= 1 && (day <= 28 || day <= daysIn(month: month, year: year))
  }

  /// Whether eight bytes are a time of day in the normal form.
  @inline(__always) private static func isTime(_ text: UnsafePointer<UInt8>) -> Bool {
    text[2] == UInt8(ascii: ":") && text[5] == UInt8(ascii: ":") && two(text) < 24 && two(text + 3) < 60 && two(text + 6) < 60
  }

  private static func form(_ length: Int, _ written: UnsafePointer<UInt8>, _ text: UnsafePointer<UInt8>, _ count: Int) -> Form {
    length == count && memcmp(text, written, count) == 0 ? .asItIs : .written(length)
  }

  /// Days from 1970-01-01 to year 1 and to year 9999.
  private static let normalDays = -719_162...2_932_896

  /// Days from 1970-01-01, if the year has a normal form.
  private struct Days { var normal: Int? }

  /// The day of a date, or the day after for 24:00; nil if there is no such time.
  private static func days(of day: CalendarReader.Day, _ time: CalendarReader.Time, _ era: CalendarReader.Era) -> Days? {
    guard time.hour < 24 || time.hour == 24 && time.minute == 0 && time.second == 0 && time.fractionIsZero else { return nil }
    guard era == .common, (1...9999).contains(day.year), !day.isSigned else { return Days(normal: nil) }
    let days = daysBefore(year: day.year, month: day.month, day: day.day) + time.hour / 24
    return Days(normal: normalDays.contains(days) ? days : nil)
  }

  // MARK: - Writing

  /// Writes `12:34:56.789`; gives how many bytes that are.
  private static func write(_ time: CalendarReader.Time, of minutes: Int, _ text: UnsafePointer<UInt8>, to buffer: UnsafeMutablePointer<UInt8>) -> Int {
    two(minutes / 60, buffer)
    buffer[2] = UInt8(ascii: ":")
    two(minutes % 60, buffer + 3)
    buffer[5] = UInt8(ascii: ":")
    two(time.second, buffer + 6)
    guard time.fraction.count > 0 else { return 8 }
    buffer[8] = UInt8(ascii: ".")
    memcpy(buffer + 9, text + time.fraction.start, time.fraction.count)
    return 9 + time.fraction.count
  }

  private static func write(offset: Int, to buffer: UnsafeMutablePointer<UInt8>) -> Int {
    guard offset != 0 else {
      buffer[0] = UInt8(ascii: "Z")
      return 1
    }
    buffer[0] = UInt8(ascii: offset < 0 ? "-" : "+")
    two(abs(offset) / 60, buffer + 1)
    buffer[3] = UInt8(ascii: ":")
    two(abs(offset) % 60, buffer + 4)
    return 6
  }

  /// Writes two digits.
  @inline(__always) static func two(_ value: Int, _ buffer: UnsafeMutablePointer<UInt8>) {
    buffer[0] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: value / 10)
    buffer[1] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: value % 10)
  }

  // MARK: - The calendar

  static func daysIn(month: Int, year: Int) -> Int {
    switch month {
    case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }

  /// Days from 1970-01-01 in the proleptic Gregorian calendar, by counting years from March
  /// (Hinnant, "chrono-compatible low-level date algorithms", days_from_civil).
  static func daysBefore(year: Int, month: Int, day: Int) -> Int {
    let y = month <= 2 ? year - 1 : year
    let era = (y >= 0 ? y : y - 399) / 400
    let yearOfEra = y - era * 400
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }

  /// The inverse of `daysBefore`, as ten bytes.
  static func writeDate(days: Int, to buffer: UnsafeMutablePointer<UInt8>) {
    let z = days + 719_468
    let era = (z >= 0 ? z : z - 146_096) / 146_097
    let dayOfEra = z - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let m = (5 * dayOfYear + 2) / 153
    let month = m < 10 ? m + 3 : m - 9
    let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    two(year / 100, buffer)
    two(year % 100, buffer + 2)
    buffer[4] = UInt8(ascii: "-")
    two(month, buffer + 5)
    buffer[7] = UInt8(ascii: "-")
    two(dayOfYear - (153 * m + 2) / 5 + 1, buffer + 8)
  }
}
