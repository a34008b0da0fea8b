import Glibc

/// Reads the parts of a date and time one after the other.
struct CalendarReader {
  struct Day {
    var year = 0
    var month = 0
    var day = 0
    /// A sign before the year: ISO 8601's years before 1 and after 9999.
    var isSigned = false
    /// Without separators.
    var isBasic = false

    func exists(_ era: Era) -> Bool {
      (1...12).contains(month) && day >= 1 && day <= CalendarText.daysIn(month: month, year: era == .beforeCommon ? 1 - year : year)
    }
  }

  struct Time {
    var hour = 0
    var minute = 0
    var second = 0
    var fraction = (start: 0, count: 0)
    var fractionIsZero = true

    var isMidnight: Bool { hour % 24 == 0 && minute == 0 && second == 0 && fractionIsZero }
  }

  struct Zone { var minutes: Int? }

  enum Era { case common, beforeCommon }

  let text: UnsafePointer<UInt8>
  let count: Int
  private var at = 0

  init(text: UnsafePointer<UInt8>, count: Int) {
    self.text = text
    self.count = count
  }

  var isAtEnd: Bool { at == count }

  private func digits(from start: Int) -> Int {
    var end = start
    while end < count, text[end] &- 48 <= 9 { end += 1 }
    return end - start
  }

  private mutating func number(_ digits: Int) -> Int {
    var value = 0
    for _ in 0..<digits {
      value = value * 10 + Int(text[at] &- 48)
      at += 1
    }
    return value
  }

  private mutating func accept(_ bytes: StaticString) -> Bool {
    guard at < count else { return false }
    for index in 0..<bytes.utf8CodeUnitCount where bytes.utf8Start[index] == text[at] {
      at += 1
      return true
    }
    return false
  }

  private mutating func accept(word: StaticString) -> Bool {
    let length = word.utf8CodeUnitCount
    guard at + length <= count, memcmp(text + at, word.utf8Start, length) == 0 else { return false }
    at += length
    return true
  }

  /// A date; nil if there is none. Whether the day exists remains to be asked.
  mutating func day() -> Day? {
    var day = Day()
    let isNegative = text[0] == UInt8(ascii: "-")
    day.isSigned = accept("+-")
    let length = digits(from: at)
    if length == 8 && !day.isSigned {
      day.isBasic = true
      day.year = number(4)
      day.month = number(2)
      day.day = number(2)
      return day
    }
    guard (4...6).contains(length) else { return nil }
    day.year = number(length) * (isNegative ? -1 : 1)
    for part in [\Day.month, \Day.day] {
      guard accept("-/. ") else { return nil }
      let length = digits(from: at)
      guard length == 1 || length == 2 else { return nil }
      day[keyPath: part] = number(length)
    }
    return day
  }

  /// Takes what stands between date and time; false if there is no time.
  mutating func separatesTime(after day: Day) -> Bool {
    guard at + 1 < count, text[at + 1] &- 48 <= 9 else { return false }
    return accept("Tt ")
  }

  /// A time of day; nil if there is none. The hour may be 24.
  mutating func time(isBasic: Bool) -> Time? {
    var time = Time()
    var length = digits(from: at)
    if isBasic && (length == 4 || length == 6) {
      time.hour = number(2)
      time.minute = number(2)
      if length == 6 { time.second = number(2) }
    } else {
      guard length == 2 else { return nil }
      time.hour = number(2)
      guard accept(":"), digits(from: at) == 2 else { return nil }
      time.minute = number(2)
      length = 4
      if accept(":") {
        guard digits(from: at) == 2 else { return nil }
        time.second = number(2)
        length = 6
      }
    }
    if length == 6 && accept(".,") {
      time.fraction = (at, digits(from: at))
      guard time.fraction.count > 0 else { return nil }
      for _ in 0..<time.fraction.count {
        if text[at] != UInt8(ascii: "0") { time.fractionIsZero = false }
        at += 1
      }
    }
    // There are seconds 60: ISO 8601 and RFC 3339 have leap seconds.
    guard time.hour <= 24, time.minute < 60, time.second <= 60 else { return nil }
    return time
  }

  /// The zone, if there is one; nil if what is there is none.
  mutating func zone() -> Zone? {
    let start = at
    _ = accept(" ")
    if accept("Zz") || accept(word: "UTC") || accept(word: "GMT") { return Zone(minutes: 0) }
    let isWest = at < count && text[at] == UInt8(ascii: "-")
    guard accept("+-") else {
      at = start
      return Zone(minutes: nil)
    }
    let length = digits(from: at)
    guard length == 2 || length == 4 else { return nil }
    let hours = number(2)
    var minutes = 0
    if length == 4 {
      minutes = number(2)
    } else if accept(":") {
      guard digits(from: at) == 2 else { return nil }
      minutes = number(2)
    }
    guard hours < 24, minutes < 60 else { return nil }
    return Zone(minutes: (isWest ? -1 : 1) * (hours * 60 + minutes))
  }

  /// The era, `BC` or `AD`; nil if what is there is none.
  mutating func era() -> Era? {
    guard at < count else { return .common }
    guard accept(" ") else { return nil }
    if accept(word: "BC") { return .beforeCommon }
    return accept(word: "AD") ? .common : nil
  }
}
