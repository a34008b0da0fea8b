/// Where a record stands in the company: a person (or another owner) and a number under it. Sorts by owner, then number.
struct Ref: Hashable, Comparable, Sendable {
  var raw: UInt64

  init(raw: UInt64) { self.raw = raw }

  /// The `number`th (below 65,536) record of `owner`.
  init(_ owner: Int, _ number: Int = 0) {
    raw = UInt64(owner) << 16 | UInt64(number & 0xFFFF)
  }

  var owner: Int { Int(raw >> 16) }
  var number: Int { Int(raw & 0xFFFF) }

  static func < (a: Ref, b: Ref) -> Bool { a.raw < b.raw }
}

/// What an identifier names; part of every scrambled identifier, so that one kind's never decodes as another's.
enum RecordKind: UInt64, Sendable {
  case stripeCustomer = 1, charge, refund, invoice, subscription, event, paymentIntent, anonymousVisitor, device, session, logEvent
  case checkout, paymentMethod, subscriptionItem, appUser
}

/// Turns the place of a record into the identifier that a system would show, and back.
struct IdentifierCode: Sendable {
  private let key: UInt64

  init(seed: UInt64) {
    key = Draw.mix(seed ^ 0x5CF0_1DAB_0C0D_E5ED)
  }

  private static let alphabet = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)
  private static let multiplier: UInt64 = 0x9E37_79B9_7F4A_7C15
  private static let inverse: UInt64 = inverseOfOdd(multiplier)

  /// 64 bits that look random and decode to `kind` and `ref` (which needs 56 bits).
  func scramble(_ kind: RecordKind, _ ref: Ref) -> UInt64 {
    var x = (kind.rawValue << 56 | ref.raw) ^ key
    x = x &* Self.multiplier
    x ^= x >> 32
    x = x &* Self.multiplier
    x ^= x >> 32
    return x &* Self.multiplier
  }

  /// What `scramble` made `value` of; nil if it is not of `kind`.
  func unscramble(_ kind: RecordKind, _ value: UInt64) -> Ref? {
    var x = value &* Self.inverse
    x ^= x >> 32
    x = x &* Self.inverse
    x ^= x >> 32
    x = (x &* Self.inverse) ^ key
    return x >> 56 == kind.rawValue ? Ref(raw: x & 0x00FF_FFFF_FFFF_FFFF) : nil
  }

  /// An identifier such as `cus_0Q5mZbYd1xN`: a prefix and 11 letters and digits.
  func text(_ prefix: StaticString, _ kind: RecordKind, _ ref: Ref) -> String {
    let digits = Self.base62(scramble(kind, ref), width: 11)
    return String(unsafeUninitializedCapacity: prefix.utf8CodeUnitCount + 11) { buffer in
      for offset in 0..<prefix.utf8CodeUnitCount { buffer[offset] = prefix.utf8Start[offset] }
      for (offset, digit) in digits.enumerated() { buffer[prefix.utf8CodeUnitCount + offset] = digit }
      return prefix.utf8CodeUnitCount + 11
    }
  }

  /// The place that `text` names, if `text(prefix, kind, …)` made it.
  func ref(_ prefix: String, _ kind: RecordKind, _ text: some StringProtocol) -> Ref? {
    guard text.hasPrefix(prefix), let value = Self.number(base62: text.utf8.dropFirst(prefix.utf8.count), width: 11) else { return nil }
    return unscramble(kind, value)
  }

  /// An identifier in the form of a UUID, of version 4 by its bits.
  func uuid(_ kind: RecordKind, _ ref: Ref) -> String {
    let high = scramble(kind, ref)
    let low = Draw.mix(high ^ key)
    let hex = Array("0123456789abcdef".utf8)
    var bytes: [UInt8] = []
    bytes.reserveCapacity(36)
    for nibble in 0..<32 {
      var value = Int((nibble < 16 ? high : low) >> UInt64(60 - nibble % 16 * 4) & 15)
      if nibble == 12 { value = 4 }
      if nibble == 16 { value = value & 3 | 8 }
      if [8, 12, 16, 20].contains(nibble) { bytes.append(UInt8(ascii: "-")) }
      bytes.append(hex[value])
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// A token of 32 hexadecimal digits.
  func token(_ kind: RecordKind, _ ref: Ref) -> String {
    uuid(kind, ref).replacing("-", with: "")
  }

  /// `value` in base 62, most significant digit first, filled with zeros to `width`.
  static func base62(_ value: UInt64, width: Int) -> [UInt8] {
    var digits = [UInt8](repeating: UInt8(ascii: "0"), count: width)
    var rest = value
    for position in stride(from: width - 1, through: 0, by: -1) {
      digits[position] = alphabet[Int(rest % 62)]
      rest /= 62
    }
    return digits
  }

  /// The number that `width` digits of base 62 stand for; nil if they are none.
  static func number(base62 digits: some Collection<UInt8>, width: Int) -> UInt64? {
    guard digits.count == width else { return nil }
    var value: UInt64 = 0
    for digit in digits {
      guard let worth = alphabet.firstIndex(of: digit) else { return nil }
      let (product, overflow) = value.multipliedReportingOverflow(by: 62)
      let (sum, carry) = product.addingReportingOverflow(UInt64(worth))
      if overflow || carry { return nil }
      value = sum
    }
    return value
  }

  /// Newton's iteration for the inverse of an odd number modulo 2^64: each step doubles the right bits.
  private static func inverseOfOdd(_ odd: UInt64) -> UInt64 {
    var inverse = odd
    for _ in 0..<6 { inverse = inverse &* (2 &- odd &* inverse) }
    return inverse
  }
}
