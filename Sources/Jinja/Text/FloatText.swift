import Glibc

/// Floating point numbers as Python writes them.
enum FloatText {
  /// The shortest text that reads back as `value`: `1.0`, `1e+16`, `1e-05`, `inf`, `nan`.
  static func repr(_ value: Double) -> String {
    if value.isNaN { return "nan" }
    if value.isInfinite { return value < 0 ? "-inf" : "inf" }
    let (digits, exponent) = shortest(value)
    let sign = value.sign == .minus ? "-" : ""
    // Python writes an exponent below 1e-4 and from 1e16 on.
    if exponent < -4 || exponent >= 16 {
      let mantissa = digits.count == 1 ? digits : "\(digits.prefix(1)).\(digits.dropFirst())"
      let size = exponent.magnitude
      return "\(sign)\(mantissa)e\(exponent < 0 ? "-" : "+")\(size < 10 ? "0" : "")\(size)"
    }
    if exponent < 0 { return "\(sign)0.\(String(repeating: "0", count: -exponent - 1))\(digits)" }
    if digits.count <= exponent + 1 { return "\(sign)\(digits)\(String(repeating: "0", count: exponent + 1 - digits.count)).0" }
    return "\(sign)\(digits.prefix(exponent + 1)).\(digits.dropFirst(exponent + 1))"
  }

  /// The digits without leading and trailing zeros, and the decimal exponent of the first of them.
  private static func shortest(_ value: Double) -> (digits: String, exponent: Int) {
    guard value != 0 else { return ("0", 0) }
    var digits = ""
    var point: Int?
    var exponent = 0
    let text = value.magnitude.description
    let parts = text.split(separator: "e")
    for character in parts[0].utf8 {
      if character == UInt8(ascii: ".") { point = digits.utf8.count } else { digits.unicodeScalars.append(Unicode.Scalar(character)) }
    }
    if parts.count > 1 { exponent = Int(parts[1]) ?? 0 }
    exponent += (point ?? digits.utf8.count) - 1
    let leading = digits.utf8.prefix { $0 == 0x30 }.count
    digits = String(digits.dropFirst(leading))
    exponent -= leading
    while digits.utf8.last == 0x30 { digits.removeLast() }
    return (digits, exponent)
  }

  /// `printf` with one of `e`, `f`, `g` (and `#`), `precision` digits.
  static func printf(_ value: Double, _ conversion: Character, precision: Int, alternate: Bool = false) -> String {
    if value.isNaN { return conversion.isUppercase ? "NAN" : "nan" }
    if value.isInfinite {
      let text = value < 0 ? "-inf" : "inf"
      return conversion.isUppercase ? text.uppercased() : text
    }
    let format = "%\(alternate ? "#" : "").*\(conversion)"
    var size = 400 + precision
    while true {
      let text: String? = withVaList([Int32(clamping: precision), value]) { arguments in
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: size) { buffer in
          let written = Int(vsnprintf(buffer.baseAddress, size, format, arguments))
          guard written < size else {
            size = written + 1
            return nil
          }
          return buffer.baseAddress.map { String(cString: $0) } ?? ""
        }
      }
      if let text { return text }
    }
  }
}
