import Diagnostics
import Jinja

/// A date and time of day in the proleptic Gregorian calendar, with microseconds and optionally a distance from UTC: what
/// Python's `datetime.datetime` holds. Days are counted after H. Hinnant, "chrono-Compatible Low-Level Date Algorithms".
package struct CivilTime: Sendable, Hashable {
  package var year = 1970
  package var month = 1
  package var day = 1
  package var hour = 0
  package var minute = 0
  package var second = 0
  package var microsecond = 0
  /// Seconds east of UTC; nil where no zone is known.
  package var offset: Int?

  /// Days since 1970-01-01.
  var days: Int {
    let y = month <= 2 ? year - 1 : year
    let era = (y >= 0 ? y : y - 399) / 400
    let yearOfEra = y - era * 400
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }

  /// Microseconds since 1970-01-01T00:00:00, of the clock on the wall.
  var microseconds: Int64 {
    Int64(((days * 24 + hour) * 60 + minute) * 60 + second) * 1_000_000 + Int64(microsecond)
  }

  /// Microseconds since 1970-01-01T00:00:00 UTC.
  var utcMicroseconds: Int64 { microseconds - Int64(offset ?? 0) * 1_000_000 }

  /// Monday is 0.
  var weekday: Int { ((days + 3) % 7 + 7) % 7 }
  var dayOfYear: Int { days - CivilTime(year: year).days + 1 }

  package init(year: Int = 1970, month: Int = 1, day: Int = 1, hour: Int = 0, minute: Int = 0, second: Int = 0, microsecond: Int = 0, offset: Int? = nil) {
    self.year = year
    self.month = month
    self.day = day
    self.hour = hour
    self.minute = minute
    self.second = second
    self.microsecond = microsecond
    self.offset = offset
  }

  package init(microseconds total: Int64, offset: Int? = nil) {
    let secondsTotal = Int(total.flooredDivision(by: 1_000_000))
    let dayCount = Int64(secondsTotal).flooredDivision(by: 86_400)
    let rest = secondsTotal - Int(dayCount) * 86_400
    let z = Int(dayCount) + 719_468
    let era = (z >= 0 ? z : z - 146_096) / 146_097
    let dayOfEra = z - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shifted = (5 * dayOfYear + 2) / 153
    let month = shifted < 10 ? shifted + 3 : shifted - 9
    self.init(
      year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month: month, day: dayOfYear - (153 * shifted + 2) / 5 + 1, hour: rest / 3_600,
      minute: rest / 60 % 60, second: rest % 60, microsecond: Int(total - Int64(secondsTotal) * 1_000_000), offset: offset)
  }

  /// Whether every part is within its bounds.
  var isValid: Bool {
    (1...9999).contains(year) && (1...12).contains(month) && day >= 1 && CivilTime(microseconds: microseconds).day == day
      && (0...23).contains(hour) && (0...59).contains(minute) && (0...59).contains(second) && (0...999_999).contains(microsecond)
  }

  /// `+02:00`; empty without a zone.
  func offsetText(colon: Bool) -> String {
    guard let offset else { return "" }
    let size = abs(offset)
    return (offset < 0 ? "-" : "+") + two(size / 3_600) + (colon ? ":" : "") + two(size / 60 % 60)
  }

  /// `2026-01-31`.
  package var dateText: String { four(year) + "-" + two(month) + "-" + two(day) }

  /// `13:05:09`, with `.000123` where there are microseconds.
  package var timeText: String {
    two(hour) + ":" + two(minute) + ":" + two(second) + (microsecond == 0 ? "" : "." + six(microsecond))
  }

  /// ISO 8601, as Python's `isoformat` has it.
  func iso(separator: String = "T") -> String { dateText + separator + timeText + offsetText(colon: true) }

  private func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
  private func four(_ number: Int) -> String { String(repeating: "0", count: max(0, 4 - String(number).count)) + String(number) }
  private func six(_ number: Int) -> String { String(repeating: "0", count: max(0, 6 - String(number).count)) + String(number) }

  private static let months = [
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
  ]
  private static let weekdays = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]

  /// The time in a format of C's `strftime`.
  func formatted(_ format: String) -> String {
    var text = ""
    var characters = format.makeIterator()
    while let character = characters.next() {
      guard character == "%" else {
        text.append(character)
        continue
      }
      var code = characters.next()
      var isPadded = true
      if code == "-" {
        isPadded = false
        code = characters.next()
      }
      guard let code else { return text + "%" }
      text += field(code, isPadded: isPadded)
    }
    return text
  }

  private func field(_ code: Character, isPadded: Bool) -> String {
    func number(_ value: Int) -> String { isPadded ? two(value) : String(value) }
    let twelve = hour % 12 == 0 ? 12 : hour % 12
    switch code {
    case "Y": return four(year)
    case "y": return number(year % 100)
    case "m": return number(month)
    case "d": return number(day)
    case "e": return String(repeating: " ", count: day < 10 ? 1 : 0) + String(day)
    case "H": return number(hour)
    case "I": return number(twelve)
    case "M": return number(minute)
    case "S": return number(second)
    case "f": return six(microsecond)
    case "p": return hour < 12 ? "AM" : "PM"
    case "B": return CivilTime.months[month - 1]
    case "b", "h": return String(CivilTime.months[month - 1].prefix(3))
    case "A": return CivilTime.weekdays[weekday]
    case "a": return String(CivilTime.weekdays[weekday].prefix(3))
    case "j": return isPadded ? String(repeating: "0", count: max(0, 3 - String(dayOfYear).count)) + String(dayOfYear) : String(dayOfYear)
    case "w": return String((weekday + 1) % 7)
    case "u": return String(weekday + 1)
    case "U": return number((dayOfYear + 6 - (weekday + 1) % 7) / 7)
    case "W": return number((dayOfYear + 6 - weekday) / 7)
    case "V": return number(isoWeek.week)
    case "G": return four(isoWeek.year)
    case "z": return offsetText(colon: false)
    case "Z": return offset.map { $0 == 0 ? "UTC" : "UTC" + offsetText(colon: true) } ?? ""
    case "s": return String(utcMicroseconds / 1_000_000)
    case "F": return dateText
    case "T", "X": return two(hour) + ":" + two(minute) + ":" + two(second)
    case "D", "x": return two(month) + "/" + two(day) + "/" + two(year % 100)
    case "R": return two(hour) + ":" + two(minute)
    case "c": return formatted("%a %b %e %H:%M:%S %Y")
    case "n": return "\n"
    case "t": return "\t"
    case "%": return "%"
    default: return "%\(code)"
    }
  }

  /// Year and week of ISO 8601.
  var isoWeek: (year: Int, week: Int) {
    let thursday = CivilTime(microseconds: (Int64(days) - Int64(weekday) + 3) * 86_400_000_000)
    return (thursday.year, (thursday.dayOfYear - 1) / 7 + 1)
  }

  /// Reads `text` in a format of C's `strptime`.
  ///
  /// - Throws: `Fault` (`.value`) if it does not fit.
  package init(_ text: String, format: String) throws {
    var time = CivilTime(year: 1900)
    var rest = Substring(text)
    var isAfternoon: Bool?
    func mismatch() -> Fault { Fault(.value, "time data '\(text)' does not match format '\(format)'") }
    func number(_ digits: Int) throws -> Int {
      let part = rest.prefix(digits).prefix { $0.isASCII && $0.isNumber }
      guard let value = Int(part) else { throw mismatch() }
      rest = rest.dropFirst(part.count)
      return value
    }
    func name(_ names: [String]) throws -> Int {
      for (index, name) in names.enumerated() {
        for form in [name, String(name.prefix(3))] where rest.lowercased().hasPrefix(form.lowercased()) {
          rest = rest.dropFirst(form.count)
          return index
        }
      }
      throw mismatch()
    }
    var characters = format.replacing("%T", with: "%H:%M:%S").replacing("%F", with: "%Y-%m-%d").makeIterator()
    while let character = characters.next() {
      guard character == "%", var code = characters.next() else {
        if character.isWhitespace {
          rest = rest.drop { $0.isWhitespace }
        } else {
          guard rest.first == character else { throw mismatch() }
          rest = rest.dropFirst()
        }
        continue
      }
      if code == "-", let next = characters.next() { code = next }
      switch code {
      case "Y": time.year = try number(4)
      case "y":
        let value = try number(2)
        time.year = value < 69 ? 2000 + value : 1900 + value
      case "m": time.month = try number(2)
      case "d", "e": time.day = try number(2)
      case "H": time.hour = try number(2)
      case "I": time.hour = try number(2) % 12
      case "M": time.minute = try number(2)
      case "S": time.second = try number(2)
      case "f":
        let digits = rest.prefix(6).prefix { $0.isASCII && $0.isNumber }
        guard let value = Int(digits.padding(to: 6)) else { throw mismatch() }
        time.microsecond = value
        rest = rest.dropFirst(digits.count)
      case "p":
        isAfternoon = rest.lowercased().hasPrefix("pm")
        rest = rest.dropFirst(2)
      case "B", "b", "h": time.month = try name(CivilTime.months) + 1
      case "A", "a": _ = try name(CivilTime.weekdays)
      case "j":
        let start = CivilTime(year: time.year)
        let date = CivilTime(microseconds: start.microseconds + Int64(try number(3) - 1) * 86_400_000_000)
        (time.month, time.day) = (date.month, date.day)
      case "z":
        guard let zone = CivilTime.zone(&rest) else { throw mismatch() }
        time.offset = zone
      case "Z": rest = rest.drop { $0.isLetter }
      case "%":
        guard rest.first == "%" else { throw mismatch() }
        rest = rest.dropFirst()
      default: throw Fault(.value, "'\(code)' is a bad directive in format '\(format)'")
      }
    }
    guard rest.isEmpty else { throw Fault(.value, "unconverted data remains: \(rest)") }
    if isAfternoon == true { time.hour += 12 }
    guard time.isValid else { throw mismatch() }
    self = time
  }

  /// Reads ISO 8601: a date, optionally a time, optionally a zone; nil if it is none.
  init?(iso text: String) {
    var rest = Substring(text)
    func digits(_ count: Int) -> Int? {
      let part = rest.prefix(count)
      guard part.count == count, part.allSatisfy({ $0.isASCII && $0.isNumber }) else { return nil }
      rest = rest.dropFirst(count)
      return Int(part)
    }
    func skip(_ character: Character) -> Bool {
      guard rest.first == character else { return false }
      rest = rest.dropFirst()
      return true
    }
    guard let year = digits(4), skip("-"), let month = digits(2), skip("-"), let day = digits(2) else { return nil }
    var time = CivilTime(year: year, month: month, day: day)
    if skip("T") || skip(" ") {
      guard let hour = digits(2), skip(":"), let minute = digits(2) else { return nil }
      (time.hour, time.minute) = (hour, minute)
      if skip(":") {
        guard let second = digits(2) else { return nil }
        time.second = second
        if skip(".") {
          let fraction = rest.prefix { $0.isASCII && $0.isNumber }
          time.microsecond = Int(fraction.prefix(6).padding(to: 6)) ?? 0
          rest = rest.dropFirst(fraction.count)
        }
      }
      if !rest.isEmpty { time.offset = CivilTime.zone(&rest) }
    }
    guard rest.isEmpty, time.isValid else { return nil }
    self = time
  }

  /// `Z`, `+02:00`, `+0200`, `+02` in seconds.
  private static func zone(_ rest: inout Substring) -> Int? {
    if rest.first == "Z" {
      rest = rest.dropFirst()
      return 0
    }
    guard let sign = rest.first, sign == "+" || sign == "-" else { return nil }
    let part = rest.dropFirst().prefix { $0.isNumber || $0 == ":" }
    let digits = part.filter { $0 != ":" }
    guard let hours = Int(digits.prefix(2)), let minutes = Int("0" + digits.dropFirst(2).prefix(2)) else { return nil }
    rest = rest.dropFirst(1 + part.count)
    return (sign == "-" ? -1 : 1) * (hours * 3_600 + minutes * 60)
  }
}

extension Int64 {
  func flooredDivision(by divisor: Int64) -> Int64 {
    let quotient = self / divisor
    return self % divisor < 0 ? quotient - 1 : quotient
  }
}

extension Substring {
  /// The text, filled with zeros behind.
  fileprivate func padding(to length: Int) -> String { String(self) + String(repeating: "0", count: Swift.max(0, length - count)) }
}
