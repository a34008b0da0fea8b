import Glibc

/// The numbers of the rows that one sync writes: UUIDs of version 7 (RFC 9562) that only differ in a counter at their end.
///
/// All rows of a sync thus lie in one range that no other sync has, in the order in which they were written. Which rows came after
/// the last checkpoint is told by one such number, whatever happens to the table in between.
struct RawIdentifier {
  /// The number of the next row.
  private(set) var counter: UInt64 = 0
  /// The text of the current row's number: 36 bytes.
  let text: UnsafeMutablePointer<UInt8>

  /// The counter has 48 bits: the last group of digits.
  static let largestCounter: UInt64 = 1 << 48 - 1

  /// The range of a new sync: the time, and 74 − 48 random bits.
  init(milliseconds: Int64) {
    text = .allocate(capacity: 36)
    var generator = SystemRandomNumberGenerator()
    let time = UInt64(bitPattern: milliseconds) & 0xFFFF_FFFF_FFFF
    let high = time << 16 | 0x7000 | (generator.next() & 0xFFF)
    let low = 0x8000_0000_0000_0000 | (generator.next() & 0x3FFF) << 48
    RawIdentifier.hex(high >> 32, 8, text)
    text[8] = UInt8(ascii: "-")
    RawIdentifier.hex(high >> 16 & 0xFFFF, 4, text + 9)
    text[13] = UInt8(ascii: "-")
    RawIdentifier.hex(high & 0xFFFF, 4, text + 14)
    text[18] = UInt8(ascii: "-")
    RawIdentifier.hex(low >> 48, 4, text + 19)
    text[23] = UInt8(ascii: "-")
    RawIdentifier.hex(0, 12, text + 24)
  }

  func deallocate() { text.deallocate() }

  /// Goes on to the next row, and writes its number to `text`.
  @inline(__always) mutating func advance() {
    counter &+= 1
    // Only the digits that change.
    var at = 35
    while true {
      let digit = text[at]
      if digit == UInt8(ascii: "f") {
        text[at] = UInt8(ascii: "0")
        at -= 1
        if at < 24 { return }
        continue
      }
      text[at] = digit == UInt8(ascii: "9") ? UInt8(ascii: "a") : digit + 1
      return
    }
  }

  /// The number of the row with that counter.
  func string(_ counter: UInt64) -> String {
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 36) { buffer in
      guard let base = buffer.baseAddress else { return "" }
      memcpy(base, text, 24)
      RawIdentifier.hex(counter, 12, base + 24)
      return String(decoding: buffer, as: UTF8.self)
    }
  }

  /// The number of the last row that a sync can write.
  ///
  /// - Parameter first: the number that it begins at.
  static func last(from first: String) -> String { first.prefix(24) + "ffffffffffff" }

  private static func hex(_ value: UInt64, _ digits: Int, _ buffer: UnsafeMutablePointer<UInt8>) {
    for index in 0..<digits {
      let digit = UInt8(truncatingIfNeeded: value >> UInt64(4 * (digits - 1 - index)) & 15)
      buffer[index] = digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
    }
  }
}
