/// An integer of any size, for what 64 bits do not hold. Made for correctness, not for long numbers.
public struct BigInt: Sendable, Hashable, Comparable {
  let isNegative: Bool
  /// Base 2^32, least significant first, without leading zeros.
  let magnitude: [UInt32]

  init(isNegative: Bool, magnitude: [UInt32]) {
    var magnitude = magnitude
    while magnitude.last == 0 { magnitude.removeLast() }
    self.magnitude = magnitude
    self.isNegative = isNegative && !magnitude.isEmpty
  }

  init(_ value: Int64) {
    let size = value.magnitude
    self.init(isNegative: value < 0, magnitude: [UInt32(truncatingIfNeeded: size), UInt32(truncatingIfNeeded: size >> 32)])
  }

  /// The number that `digits` write, without a sign; nil if they are none.
  init?(digits: some StringProtocol, radix: Int) {
    guard !digits.isEmpty, digits.utf8.count <= Limits.integerDigits else { return nil }
    var magnitude: [UInt32] = []
    for character in digits.utf8 {
      guard let digit = Character(Unicode.Scalar(character)).hexDigitValue, digit < radix else { return nil }
      magnitude = BigInt.multiply(magnitude, UInt32(radix), adding: UInt32(digit))
    }
    self.init(isNegative: false, magnitude: magnitude)
  }

  /// The integral part of a number; nil if it is not finite.
  init?(truncating value: Double) {
    guard value.isFinite else { return nil }
    var rest = value.magnitude.rounded(.down)
    var words: [UInt32] = []
    while rest >= 1 {
      let word = rest.truncatingRemainder(dividingBy: 4_294_967_296)
      words.append(UInt32(word))
      rest = ((rest - word) / 4_294_967_296).rounded(.down)
    }
    self.init(isNegative: value < 0, magnitude: words)
  }

  /// The value in its canonical form: `int` if it fits.
  var value: Value {
    guard magnitude.count <= 2 else { return .bigInt(self) }
    let size = UInt64(magnitude.first ?? 0) | UInt64(magnitude.count > 1 ? magnitude[1] : 0) << 32
    if isNegative { return size <= 1 << 63 ? .int(Int64(truncatingIfNeeded: 0 &- size)) : .bigInt(self) }
    return Int64(exactly: size).map { .int($0) } ?? .bigInt(self)
  }

  /// The nearest `Double`.
  public var double: Double {
    let size = magnitude.reversed().reduce(0.0) { $0 * 4_294_967_296 + Double($1) }
    return isNegative ? -size : size
  }

  /// The number in decimal digits; refused where Python refuses to write it.
  func text() throws -> String {
    // A word holds 9.63 digits.
    guard magnitude.count <= Limits.integerDigits * 100 / 963 + 1 else {
      throw Fault(.value, "Exceeds the limit (\(Limits.integerDigits) digits) for integer string conversion")
    }
    return description
  }

  /// The number in decimal digits.
  public var description: String {
    guard !magnitude.isEmpty else { return "0" }
    var groups: [UInt32] = []
    var rest = magnitude
    while !rest.isEmpty {
      let (quotient, remainder) = BigInt.divide(rest, 1_000_000_000)
      groups.append(remainder)
      rest = quotient
    }
    var text = isNegative ? "-" : ""
    for (index, group) in groups.reversed().enumerated() {
      let digits = String(group)
      text += index == 0 ? digits : String(repeating: "0", count: 9 - digits.count) + digits
    }
    return text
  }

  /// Whether `left` is smaller.
  public static func < (left: BigInt, right: BigInt) -> Bool {
    if left.isNegative != right.isNegative { return left.isNegative }
    let order = compare(left.magnitude, right.magnitude)
    return left.isNegative ? order > 0 : order < 0
  }

  static prefix func - (value: BigInt) -> BigInt { BigInt(isNegative: !value.isNegative, magnitude: value.magnitude) }

  static func + (left: BigInt, right: BigInt) -> BigInt {
    if left.isNegative == right.isNegative {
      return BigInt(isNegative: left.isNegative, magnitude: add(left.magnitude, right.magnitude))
    }
    if compare(left.magnitude, right.magnitude) >= 0 {
      return BigInt(isNegative: left.isNegative, magnitude: subtract(left.magnitude, right.magnitude))
    }
    return BigInt(isNegative: right.isNegative, magnitude: subtract(right.magnitude, left.magnitude))
  }

  static func - (left: BigInt, right: BigInt) -> BigInt { left + -right }

  static func * (left: BigInt, right: BigInt) -> BigInt {
    guard !left.magnitude.isEmpty, !right.magnitude.isEmpty else { return BigInt(0) }
    var result = [UInt32](repeating: 0, count: left.magnitude.count + right.magnitude.count)
    for (i, a) in left.magnitude.enumerated() {
      var carry: UInt64 = 0
      for (j, b) in right.magnitude.enumerated() {
        let sum = UInt64(a) * UInt64(b) + UInt64(result[i + j]) + carry
        result[i + j] = UInt32(truncatingIfNeeded: sum)
        carry = sum >> 32
      }
      result[i + right.magnitude.count] = UInt32(truncatingIfNeeded: carry)
    }
    return BigInt(isNegative: left.isNegative != right.isNegative, magnitude: result)
  }

  /// Quotient and remainder, rounded down as Python does; `divisor` is not 0.
  func dividedFloor(by divisor: BigInt) -> (quotient: BigInt, remainder: BigInt) {
    let (quotient, remainder) = BigInt.divide(magnitude, divisor.magnitude)
    let negative = isNegative != divisor.isNegative
    let rest = BigInt(isNegative: isNegative, magnitude: remainder)
    let whole = BigInt(isNegative: negative, magnitude: quotient)
    guard negative, !rest.magnitude.isEmpty else { return (whole, rest) }
    return (whole - BigInt(1), rest + divisor)
  }

  // MARK: Magnitudes

  private static func compare(_ a: [UInt32], _ b: [UInt32]) -> Int {
    if a.count != b.count { return a.count < b.count ? -1 : 1 }
    for index in a.indices.reversed() where a[index] != b[index] { return a[index] < b[index] ? -1 : 1 }
    return 0
  }

  private static func add(_ a: [UInt32], _ b: [UInt32]) -> [UInt32] {
    var result: [UInt32] = []
    var carry: UInt64 = 0
    for index in 0..<max(a.count, b.count) {
      let sum = UInt64(index < a.count ? a[index] : 0) + UInt64(index < b.count ? b[index] : 0) + carry
      result.append(UInt32(truncatingIfNeeded: sum))
      carry = sum >> 32
    }
    if carry > 0 { result.append(UInt32(carry)) }
    return result
  }

  private static func subtract(_ a: [UInt32], _ b: [UInt32]) -> [UInt32] {
    var result: [UInt32] = []
    var borrow: Int64 = 0
    for index in a.indices {
      var difference = Int64(a[index]) - Int64(index < b.count ? b[index] : 0) - borrow
      borrow = difference < 0 ? 1 : 0
      if difference < 0 { difference += 1 << 32 }
      result.append(UInt32(difference))
    }
    while result.last == 0 { result.removeLast() }
    return result
  }

  private static func multiply(_ a: [UInt32], _ factor: UInt32, adding: UInt32) -> [UInt32] {
    var result: [UInt32] = []
    var carry = UInt64(adding)
    for word in a {
      let sum = UInt64(word) * UInt64(factor) + carry
      result.append(UInt32(truncatingIfNeeded: sum))
      carry = sum >> 32
    }
    if carry > 0 { result.append(UInt32(carry)) }
    return result
  }

  private static func divide(_ a: [UInt32], _ divisor: UInt32) -> (quotient: [UInt32], remainder: UInt32) {
    var quotient = a
    var remainder: UInt64 = 0
    for index in a.indices.reversed() {
      let current = remainder << 32 | UInt64(a[index])
      quotient[index] = UInt32(current / UInt64(divisor))
      remainder = current % UInt64(divisor)
    }
    while quotient.last == 0 { quotient.removeLast() }
    return (quotient, UInt32(remainder))
  }

  /// Long division, a bit at a time.
  private static func divide(_ a: [UInt32], _ b: [UInt32]) -> (quotient: [UInt32], remainder: [UInt32]) {
    if b.count == 1 {
      let (quotient, remainder) = divide(a, b[0])
      return (quotient, remainder == 0 ? [] : [remainder])
    }
    var quotient = [UInt32](repeating: 0, count: a.count)
    var remainder: [UInt32] = []
    for index in a.indices.reversed() {
      for bit in (0..<32).reversed() {
        remainder = multiply(remainder, 2, adding: a[index] >> UInt32(bit) & 1)
        while remainder.last == 0 { remainder.removeLast() }
        if compare(remainder, b) >= 0 {
          remainder = subtract(remainder, b)
          quotient[index] |= 1 << UInt32(bit)
        }
      }
    }
    while quotient.last == 0 { quotient.removeLast() }
    return (quotient, remainder)
  }
}
