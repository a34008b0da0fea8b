/// A moment, in microseconds since 1970 (UTC): what cursors are compared by.
public struct Instant: Sendable, Hashable, Comparable {
  /// Microseconds since 1970-01-01T00:00:00Z.
  public var microseconds: Int64

  /// The moment so many microseconds after the beginning of 1970.
  public init(microseconds: Int64) {
    self.microseconds = microseconds
  }

  /// The moment so many seconds after the beginning of 1970; what is farther away than 292,000 years is brought that near.
  public init(seconds: Int64) {
    let (micros, isOutside) = seconds.multipliedReportingOverflow(by: 1_000_000)
    microseconds = isOutside ? (seconds < 0 ? .min : .max) : micros
  }

  /// The moment that a state tells as seconds since 1970; nil for what lies outside of the years 1 to 9999.
  public init?(stated seconds: Int64) {
    guard (-62_135_596_800...253_402_300_799).contains(seconds) else { return nil }
    self.init(seconds: seconds)
  }

  /// Reads ISO 8601 as APIs write it: a day, or day and time with `T` or a blank between, any number of decimals (more than six
  /// are cut), `Z`, `+01:00`, `+0100` or nothing (UTC) behind. Nil for anything else.
  public init?(_ text: some StringProtocol) {
    var scanner = Scanner(bytes: Array(text.utf8))
    guard let micros = scanner.moment() else { return nil }
    microseconds = micros
  }

  /// `2024-01-31T12:00:00Z`; with three or six decimals if asked for.
  ///
  /// - Parameter decimals: 0, 3 or 6; what is finer is cut.
  public func text(decimals: Int = 0) -> String {
    let seconds = microseconds.quotientFloor(1_000_000)
    let day = seconds.quotientFloor(86_400)
    let (year, month, date) = Instant.civil(day)
    let rest = seconds - day * 86_400
    var text = "\(Instant.padded(year, 4))-\(Instant.padded(month, 2))-\(Instant.padded(date, 2))"
    text += "T\(Instant.padded(rest / 3_600, 2)):\(Instant.padded(rest / 60 % 60, 2)):\(Instant.padded(rest % 60, 2))"
    let fraction = microseconds - seconds * 1_000_000
    if decimals == 3 { text += "." + Instant.padded(fraction / 1_000, 3) }
    if decimals == 6 { text += "." + Instant.padded(fraction, 6) }
    return text + "Z"
  }

  /// Seconds since 1970, cut.
  public var seconds: Int64 { microseconds.quotientFloor(1_000_000) }

  /// The moment so many seconds later; the last or first one that can be told, if that lies beyond.
  public func advanced(bySeconds seconds: Double) -> Instant {
    guard let step = Int64(exactly: (seconds * 1_000_000).rounded()) else { return Instant(microseconds: seconds < 0 ? .min : .max) }
    let (micros, isOutside) = microseconds.addingReportingOverflow(step)
    return Instant(microseconds: isOutside ? (step < 0 ? .min : .max) : micros)
  }

  /// Whether one moment comes before another.
  public static func < (left: Instant, right: Instant) -> Bool { left.microseconds < right.microseconds }

  private static func padded(_ number: Int64, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }

  /// The day of a proleptic Gregorian date, counted from 1970-01-01 (H. Hinnant, chrono-Compatible Low-Level Date Algorithms).
  static func day(_ year: Int64, _ month: Int64, _ date: Int64) -> Int64 {
    let shifted = month <= 2 ? year - 1 : year
    let era = shifted.quotientFloor(400)
    let yearOfEra = shifted - era * 400
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + date - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }

  /// The date of a day that is counted from 1970-01-01; the inverse of `day`.
  static func civil(_ day: Int64) -> (year: Int64, month: Int64, date: Int64) {
    let shifted = day + 719_468
    let era = shifted.quotientFloor(146_097)
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let month = (5 * dayOfYear + 2) / 153
    let year = yearOfEra + era * 400 + (month >= 10 ? 1 : 0)
    return (year, month < 10 ? month + 3 : month - 9, dayOfYear - (153 * month + 2) / 5 + 1)
  }

  private struct Scanner {
    let bytes: [UInt8]
    var at = 0

    mutating func moment() -> Int64? {
      guard let year = digits(4), take("-"), let month = digits(2), (1...12).contains(month), take("-"), let date = digits(2),
        (1...31).contains(date)
      else { return nil }
      var micros = Instant.day(year, month, date) * 86_400_000_000
      if at == bytes.count { return micros }
      guard take("T") || take(" ") || take("t"), let hour = digits(2), hour <= 24, take(":"), let minute = digits(2), minute < 60 else { return nil }
      micros += (hour * 3_600 + minute * 60) * 1_000_000
      if take(":") {
        guard let second = digits(2), second <= 60 else { return nil }
        micros += second * 1_000_000
        if take(".") || take(",") {
          guard let fraction = fraction() else { return nil }
          micros += fraction
        }
      }
      if at == bytes.count { return micros }
      if take("Z") || take("z") { return at == bytes.count ? micros : nil }
      let sign: Int64 = take("+") ? -1 : take("-") ? 1 : 0
      guard sign != 0, let hours = digits(2) else { return nil }
      _ = take(":")
      let minutes = at == bytes.count ? 0 : digits(2)
      guard let minutes, at == bytes.count else { return nil }
      return micros + sign * (hours * 3_600 + minutes * 60) * 1_000_000
    }

    private mutating func fraction() -> Int64? {
      var value: Int64 = 0
      var count = 0
      while at < bytes.count, let digit = digit(bytes[at]) {
        if count < 6 { value = value * 10 + digit }
        count += 1
        at += 1
      }
      guard count > 0 else { return nil }
      for _ in 0..<max(0, 6 - count) { value *= 10 }
      return value
    }

    private mutating func digits(_ count: Int) -> Int64? {
      guard at + count <= bytes.count else { return nil }
      var value: Int64 = 0
      for _ in 0..<count {
        guard let digit = digit(bytes[at]) else { return nil }
        value = value * 10 + digit
        at += 1
      }
      return value
    }

    private func digit(_ byte: UInt8) -> Int64? { (48...57).contains(byte) ? Int64(byte) - 48 : nil }

    private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
      guard at < bytes.count, bytes[at] == UInt8(ascii: scalar) else { return false }
      at += 1
      return true
    }
  }
}

extension Int64 {
  /// The quotient rounded towards minus infinity, so that moments before 1970 work out.
  func quotientFloor(_ divisor: Int64) -> Int64 {
    let quotient = self / divisor
    return self % divisor < 0 ? quotient - 1 : quotient
  }
}
