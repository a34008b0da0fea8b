/// Unix time as calendar text, and back. Days are counted as in Howard Hinnant's "chrono-compatible low-level date algorithms".
enum CivilTime {
  static let day: Int64 = 86_400
  static let hour: Int64 = 3_600

  /// Year, month and day of the day that is `days` days after 1970-01-01.
  static func date(ofDay days: Int64) -> (year: Int64, month: Int64, day: Int64) {
    let z = days + 719_468
    let era = (z >= 0 ? z : z - 146_096) / 146_097
    let doe = z - era * 146_097
    let yoe = (doe - doe / 1_460 + doe / 36_524 - doe / 146_096) / 365
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100)
    let mp = (5 * doy + 2) / 153
    let month = mp < 10 ? mp + 3 : mp - 9
    return (yoe + era * 400 + (month <= 2 ? 1 : 0), month, doy - (153 * mp + 2) / 5 + 1)
  }

  /// The number of days from 1970-01-01 to a date.
  static func days(year: Int64, month: Int64, day: Int64) -> Int64 {
    let y = month <= 2 ? year - 1 : year
    let era = (y >= 0 ? y : y - 399) / 400
    let yoe = y - era * 400
    let doy = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    return era * 146_097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719_468
  }

  /// The day that a time lies in, as days since 1970-01-01.
  static func day(of time: Int64) -> Int64 { time >= 0 ? time / day : (time - day + 1) / day }

  /// `2026-03-01` of days since 1970-01-01.
  static func dateText(day: Int64) -> String {
    text { append(date: day, to: &$0) }
  }

  /// `2026-03-01T00:00:00` and `suffix`, `Z` unless told.
  static func timestamp(_ time: Int64, suffix: StaticString = "Z") -> String {
    text { append(time, suffix: suffix, to: &$0) }
  }

  /// An HTTP date: `Sun, 01 Mar 2026 00:00:00 GMT` (RFC 9110, section 5.6.7).
  static func httpDate(_ time: Int64) -> String {
    let days = day(of: time)
    let (year, month, dayOfMonth) = date(ofDay: days)
    let weekday = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"][Int(((days % 7) + 7) % 7)]
    let name = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"][Int(month - 1)]
    let clock = timestamp(time).dropFirst(11).dropLast()
    return "\(weekday), \(dayOfMonth < 10 ? "0" : "")\(dayOfMonth) \(name) \(year) \(clock) GMT"
  }

  /// Appends `2026-03-01` to `bytes`.
  static func append(date days: Int64, to bytes: inout [UInt8]) {
    let (year, month, day) = date(ofDay: days)
    append(digits: year, width: 4, to: &bytes)
    bytes.append(UInt8(ascii: "-"))
    append(digits: month, width: 2, to: &bytes)
    bytes.append(UInt8(ascii: "-"))
    append(digits: day, width: 2, to: &bytes)
  }

  /// Appends `2026-03-01T00:00:00` and `suffix` to `bytes`.
  static func append(_ time: Int64, suffix: StaticString, to bytes: inout [UInt8]) {
    let days = day(of: time)
    append(date: days, to: &bytes)
    let second = time - days * day
    bytes.append(UInt8(ascii: "T"))
    append(digits: second / 3_600, width: 2, to: &bytes)
    bytes.append(UInt8(ascii: ":"))
    append(digits: second / 60 % 60, width: 2, to: &bytes)
    bytes.append(UInt8(ascii: ":"))
    append(digits: second % 60, width: 2, to: &bytes)
    bytes.append(contentsOf: UnsafeBufferPointer(start: suffix.utf8Start, count: suffix.utf8CodeUnitCount))
  }

  /// The Unix time of an ISO 8601 text: a date, or date and time with optional fraction and offset (`Z`, `+01:00`, `+0100`; none
  /// is UTC). A fraction is dropped. Nil for anything else.
  static func parse(_ text: some StringProtocol) -> Int64? {
    let bytes = Array(text.utf8)
    func number(_ start: Int, _ count: Int) -> Int64? {
      guard start >= 0, start + count <= bytes.count else { return nil }
      var value: Int64 = 0
      for byte in bytes[start..<(start + count)] {
        guard (48...57).contains(byte) else { return nil }
        value = value * 10 + Int64(byte - 48)
      }
      return value
    }
    guard let year = number(0, 4), let month = number(5, 2), let dayOfMonth = number(8, 2), (1...12).contains(month),
      (1...31).contains(dayOfMonth)
    else { return nil }
    let midnight = days(year: year, month: month, day: dayOfMonth) * day
    guard bytes.count > 10 else { return bytes.count == 10 ? midnight : nil }
    guard let hours = number(11, 2), let minutes = number(14, 2), hours < 24, minutes < 60 else { return nil }
    var seconds: Int64 = 0
    var at = 16
    if at < bytes.count, bytes[at] == UInt8(ascii: ":") {
      guard let value = number(17, 2), value <= 60 else { return nil }
      seconds = value
      at = 19
    }
    if at < bytes.count, bytes[at] == UInt8(ascii: ".") {
      at += 1
      while at < bytes.count, (48...57).contains(bytes[at]) { at += 1 }
    }
    let time = midnight + hours * hour + minutes * 60 + seconds
    guard at < bytes.count else { return time }
    if bytes[at] == UInt8(ascii: "Z") || bytes[at] == UInt8(ascii: "z") { return at + 1 == bytes.count ? time : nil }
    // A plus sign that a client forgot to encode in a query arrives as a space.
    guard [UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: " ")].contains(bytes[at]), let offsetHours = number(at + 1, 2) else { return nil }
    let colon = at + 3 < bytes.count && bytes[at + 3] == UInt8(ascii: ":")
    let offset = offsetHours * hour + (number(at + (colon ? 4 : 3), 2) ?? 0) * 60
    return bytes[at] == UInt8(ascii: "-") ? time + offset : time - offset
  }

  /// The seconds of a span: `1d`, `6h`, `90m`, `45s`, `2w`, or several of them (`1d12h`). Nil for anything else.
  static func parseSpan(_ text: String) -> Int64? {
    var total: Int64 = 0
    var number: Int64?
    for byte in text.utf8 {
      if (48...57).contains(byte) {
        let (scaled, overflow) = (number ?? 0).multipliedReportingOverflow(by: 10)
        guard !overflow, scaled < 1_000_000_000 else { return nil }
        number = scaled + Int64(byte - 48)
        continue
      }
      guard let count = number else { return nil }
      switch byte {
      case UInt8(ascii: "w"): total += count * 7 * day
      case UInt8(ascii: "d"): total += count * day
      case UInt8(ascii: "h"): total += count * hour
      case UInt8(ascii: "m"): total += count * 60
      case UInt8(ascii: "s"): total += count
      default: return nil
      }
      number = nil
    }
    return number == nil && !text.isEmpty ? total : nil
  }

  private static func append(digits value: Int64, width: Int, to bytes: inout [UInt8]) {
    var scale: Int64 = 1
    for _ in 1..<width { scale *= 10 }
    while scale > 0 {
      bytes.append(UInt8(48 + value / scale % 10))
      scale /= 10
    }
  }

  private static func text(_ write: (inout [UInt8]) -> Void) -> String {
    var bytes: [UInt8] = []
    write(&bytes)
    return String(decoding: bytes, as: UTF8.self)
  }
}
