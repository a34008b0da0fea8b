import DataFormats

/// CSV fields as JSON values.
enum FieldText {
  /// Whether a field is a whole number that reads back the same: digits without leading zeros, a minus perhaps.
  static func isInteger(_ bytes: UnsafeRawBufferPointer) -> Bool {
    var digits = bytes[...]
    if digits.first == UInt8(ascii: "-") { digits = digits.dropFirst() }
    guard let first = digits.first, digits.count <= 18 else { return false }
    if first == UInt8(ascii: "0") && digits.count > 1 { return false }
    return digits.allSatisfy(isDigit)
  }

  /// Whether a field is a number as JSON writes it (RFC 8259, section 6).
  static func isNumber(_ bytes: UnsafeRawBufferPointer) -> Bool {
    var rest = bytes[...]
    if rest.first == UInt8(ascii: "-") { rest = rest.dropFirst() }
    let whole = rest.prefix(while: isDigit)
    guard let first = whole.first, first != UInt8(ascii: "0") || whole.count == 1 else { return false }
    rest = rest.dropFirst(whole.count)
    if rest.first == UInt8(ascii: ".") {
      let fraction = rest.dropFirst().prefix(while: isDigit)
      guard !fraction.isEmpty else { return false }
      rest = rest.dropFirst(1 + fraction.count)
    }
    if rest.first == UInt8(ascii: "e") || rest.first == UInt8(ascii: "E") {
      rest = rest.dropFirst()
      if rest.first == UInt8(ascii: "+") || rest.first == UInt8(ascii: "-") { rest = rest.dropFirst() }
      let exponent = rest.prefix(while: isDigit)
      guard !exponent.isEmpty, exponent.count <= 4 else { return false }
      rest = rest.dropFirst(exponent.count)
    }
    return rest.isEmpty
  }

  /// The truth value that a field is: `true` or `false`, in any case.
  static func boolean(_ bytes: UnsafeRawBufferPointer) -> Bool? {
    guard bytes.count == 4 || bytes.count == 5 else { return nil }
    func isWord(_ word: StaticString) -> Bool {
      bytes.count == word.utf8CodeUnitCount && (0..<bytes.count).allSatisfy { bytes[$0] | 0x20 == word.utf8Start[$0] }
    }
    return isWord("true") ? true : isWord("false") ? false : nil
  }

  /// Appends a field as a JSON string; bytes that are not UTF-8 become U+FFFD.
  static func appendQuoted(_ bytes: UnsafeRawBufferPointer, to output: inout [UInt8]) {
    let isPlain = bytes.allSatisfy { $0 >= 0x20 && $0 < 0x80 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }
    guard isPlain else { return JSON.writeQuoted(String(decoding: bytes, as: UTF8.self), to: &output) }
    output.append(UInt8(ascii: "\""))
    output.append(contentsOf: bytes)
    output.append(UInt8(ascii: "\""))
  }

  private static func isDigit(_ byte: UInt8) -> Bool { byte >= 48 && byte <= 57 }
}
