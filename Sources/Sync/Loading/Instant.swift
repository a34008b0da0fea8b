import Glibc

/// Points in time as text, without a formatter: hot paths write millions of them.
enum Instant {
  /// Writes `2024-02-29T12:34:56.789Z`, 24 bytes.
  static func write(milliseconds: Int64, to buffer: UnsafeMutablePointer<UInt8>) {
    let clamped = min(max(milliseconds, -62_135_596_800_000), 253_402_300_799_999)  // years 1 to 9999
    let days = Int((clamped - (clamped % 86_400_000 + 86_400_000) % 86_400_000) / 86_400_000)
    let ofDay = Int(clamped - Int64(days) * 86_400_000)
    CalendarText.writeDate(days: days, to: buffer)
    buffer[10] = UInt8(ascii: "T")
    CalendarText.two(ofDay / 3_600_000, buffer + 11)
    buffer[13] = UInt8(ascii: ":")
    CalendarText.two(ofDay / 60_000 % 60, buffer + 14)
    buffer[16] = UInt8(ascii: ":")
    CalendarText.two(ofDay / 1000 % 60, buffer + 17)
    buffer[19] = UInt8(ascii: ".")
    buffer[20] = UInt8(ascii: "0") + UInt8(ofDay / 100 % 10)
    CalendarText.two(ofDay % 100, buffer + 21)
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

  /// Milliseconds since 1970 of a timestamp in ISO 8601 with a zone; nil if it is none.
  static func milliseconds(_ text: UnsafePointer<UInt8>, _ count: Int) -> Int64? {
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: CalendarText.longest) { buffer in
      guard let base = buffer.baseAddress, count >= 10 else { return nil }
      var source = text
      var length = count
      switch CalendarText.normalise(.timestamp(assumesUTC: false), text, count, into: base) {
      case .asItIs: break
      case .written(let written):
        source = UnsafePointer(base)
        length = written
      case .truncated, .none: return nil
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
      let seconds = CalendarText.daysBefore(year: year, month: month, day: day) * 86_400 + hour * 3600 + minute * 60 + second
      return Int64(seconds) * 1000 + Int64(fraction)
    }
  }
}
