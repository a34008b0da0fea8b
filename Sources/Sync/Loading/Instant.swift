import Glibc

/// Points in time as text, without a formatter: hot paths write millions of them.
enum Instant {
  /// The longest text that `normalise` writes.
  static let longest = 64

  /// Writes `2024-02-29T12:34:56.789Z`, 24 bytes.
  static func write(milliseconds: Int64, to buffer: UnsafeMutablePointer<UInt8>) {
    let clamped = min(max(milliseconds, -62_135_596_800_000), 253_402_300_799_999)  // years 1 to 9999
    let days = Int((clamped - (clamped % 86_400_000 + 86_400_000) % 86_400_000) / 86_400_000)
    let ofDay = Int(clamped - Int64(days) * 86_400_000)
    writeDate(days: days, to: buffer)
    buffer[10] = UInt8(ascii: "T")
    two(ofDay / 3_600_000, buffer + 11)
    buffer[13] = UInt8(ascii: ":")
    two(ofDay / 60_000 % 60, buffer + 14)
    buffer[16] = UInt8(ascii: ":")
    two(ofDay / 1000 % 60, buffer + 17)
    buffer[19] = UInt8(ascii: ".")
    buffer[20] = UInt8(ascii: "0") + UInt8(ofDay / 100 % 10)
    two(ofDay % 100, buffer + 21)
    buffer[23] = UInt8(ascii: "Z")
  }

  /// The same as a string.
  static func text(milliseconds: Int64) -> String {
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 24) { buffer in
      guard let base = buffer.baseAddress else { return "" }
      write(milliseconds: milliseconds, to: base)
      return String(decoding: buffer, as: UTF8.self)
    }
  }

  /// What `normalise` found.
  enum Form: Equatable {
    /// The text is in the normal form already, or none that it could be brought into: it stays as it is.
    case asItIs
    /// The normal form was written; how many bytes.
    case written(Int)
  }

  /// Brings a timestamp of ISO 8601 or RFC 3339 into one form: `T` between date and time, seconds, and with a zone always UTC and
  /// `Z`. The instant is kept exactly, all its decimals included. Anything else (years beyond 9999, leap seconds, 24:00) stays
  /// as it is.
  ///
  /// - Parameter buffer: room for `longest` bytes.
  static func normalise(_ text: UnsafePointer<UInt8>, _ count: Int, into buffer: UnsafeMutablePointer<UInt8>) -> Form {
    guard count >= 16, count <= longest - 8 else { return .asItIs }
    // By far the most frequent: nothing to do.
    if count >= 20 && text[10] == UInt8(ascii: "T") && text[count - 1] == UInt8(ascii: "Z") && (count == 20 || text[19] == UInt8(ascii: "."))
      && text[count - 2] >= 48
    {
      return .asItIs
    }
    var at = 0
    func number(_ digits: Int) -> Int? {
      guard at + digits <= count else { return nil }
      var value = 0
      for _ in 0..<digits {
        let digit = Int(text[at]) - 48
        guard digit >= 0 && digit <= 9 else { return nil }
        value = value * 10 + digit
        at += 1
      }
      return value
    }
    func accept(_ bytes: StaticString) -> Bool {
      guard at < count else { return false }
      for index in 0..<bytes.utf8CodeUnitCount where bytes.utf8Start[index] == text[at] {
        at += 1
        return true
      }
      return false
    }
    guard let year = number(4), accept("-"), let month = number(2), accept("-"), let day = number(2), accept("Tt "),
      let hour = number(2), accept(":"), let minute = number(2), year >= 1, (1...12).contains(month), hour < 24, minute < 60,
      day >= 1, day <= daysIn(month: month, year: year)
    else { return .asItIs }
    var second = 0
    var fraction = (start: 0, count: 0)
    if accept(":") {
      guard let value = number(2), value < 60 else { return .asItIs }
      second = value
      if accept(".,") {
        fraction.start = at
        while at < count && text[at] >= 48 && text[at] <= 57 { at += 1 }
        fraction.count = at - fraction.start
        guard fraction.count > 0 else { return .asItIs }
      }
    }
    _ = accept(" ")
    var offset: Int?
    if accept("Zz") {
      offset = 0
    } else if at < count && (text[at] == UInt8(ascii: "+") || text[at] == UInt8(ascii: "-")) {
      let sign = text[at] == UInt8(ascii: "-") ? -1 : 1
      at += 1
      guard let hours = number(2), hours < 24 else { return .asItIs }
      _ = accept(":")
      let minutes = at < count ? number(2) : 0
      guard let minutes, minutes < 60 else { return .asItIs }
      offset = sign * (hours * 60 + minutes)
    }
    guard at == count else { return .asItIs }
    var days = daysBefore(year: year, month: month, day: day)
    var minutes = hour * 60 + minute - (offset ?? 0)
    if minutes < 0 {
      minutes += 1440
      days -= 1
    } else if minutes >= 1440 {
      minutes -= 1440
      days += 1
    }
    guard days >= -719_162 && days <= 2_932_896 else { return .asItIs }  // years 1 to 9999
    writeDate(days: days, to: buffer)
    buffer[10] = UInt8(ascii: "T")
    two(minutes / 60, buffer + 11)
    buffer[13] = UInt8(ascii: ":")
    two(minutes % 60, buffer + 14)
    buffer[16] = UInt8(ascii: ":")
    two(second, buffer + 17)
    var length = 19
    if fraction.count > 0 {
      buffer[19] = UInt8(ascii: ".")
      memcpy(buffer + 20, text + fraction.start, fraction.count)
      length = 20 + fraction.count
    }
    if offset != nil {
      buffer[length] = UInt8(ascii: "Z")
      length += 1
    }
    return length == count && memcmp(text, buffer, count) == 0 ? .asItIs : .written(length)
  }

  private static func daysIn(month: Int, year: Int) -> Int {
    switch month {
    case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }

  /// Days from 1970-01-01 in the proleptic Gregorian calendar, by counting years from March
  /// (Hinnant, "chrono-compatible low-level date algorithms", days_from_civil).
  private static func daysBefore(year: Int, month: Int, day: Int) -> Int {
    let y = month <= 2 ? year - 1 : year
    let era = (y >= 0 ? y : y - 399) / 400
    let yearOfEra = y - era * 400
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }

  /// The inverse of `daysBefore`, as ten bytes.
  private static func writeDate(days: Int, to buffer: UnsafeMutablePointer<UInt8>) {
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

  @inline(__always) private static func two(_ value: Int, _ buffer: UnsafeMutablePointer<UInt8>) {
    buffer[0] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: value / 10)
    buffer[1] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: value % 10)
  }

  /// Milliseconds since 1970 of a timestamp in ISO 8601 with a zone; nil if it is none.
  static func milliseconds(_ text: UnsafePointer<UInt8>, _ count: Int) -> Int64? {
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: longest) { buffer in
      guard let base = buffer.baseAddress, count >= 10 else { return nil }
      var source = text
      var length = count
      if case .written(let written) = normalise(text, count, into: base) {
        source = UnsafePointer(base)
        length = written
      }
      guard length >= 20, source[length - 1] == UInt8(ascii: "Z") else { return nil }
      func number(_ start: Int, _ digits: Int) -> Int? {
        var value = 0
        for index in start..<start + digits {
          let digit = Int(source[index]) - 48
          guard digit >= 0 && digit <= 9 else { return nil }
          value = value * 10 + digit
        }
        return value
      }
      guard let year = number(0, 4), let month = number(5, 2), let day = number(8, 2), let hour = number(11, 2), let minute = number(14, 2),
        let second = number(17, 2)
      else { return nil }
      var fraction = 0
      for index in 20..<23 {
        let digit = index < length - 1 ? Int(source[index]) - 48 : 0
        fraction = fraction * 10 + (digit >= 0 && digit <= 9 ? digit : 0)
      }
      let seconds = daysBefore(year: year, month: month, day: day) * 86_400 + hour * 3600 + minute * 60 + second
      return Int64(seconds) * 1000 + Int64(fraction)
    }
  }
}
