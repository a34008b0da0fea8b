/// The escapes of Python's string literals.
enum PythonEscapes {
  /// `bytes`, the inside of a literal, with its escapes replaced by what they mean; unknown ones stay as they are.
  static func decoded(_ bytes: ArraySlice<UInt8>, at position: SourcePosition) throws -> String {
    var result: [UInt8] = []
    var index = bytes.startIndex
    func number(_ from: Int, _ count: Int, radix: UInt32) -> UInt32? {
      guard from + count <= bytes.endIndex else { return nil }
      return UInt32(String(decoding: bytes[from..<(from + count)], as: UTF8.self), radix: Int(radix))
    }
    func append(_ value: UInt32) throws {
      guard let scalar = Unicode.Scalar(value) else {
        throw LexicalFault("the escape stands for no character", position)
      }
      result += Array(String(Character(scalar)).utf8)
    }
    while index < bytes.endIndex {
      let byte = bytes[index]
      guard byte == UInt8(ascii: "\\"), index + 1 < bytes.endIndex else {
        result.append(byte)
        index += 1
        continue
      }
      let escape = bytes[index + 1]
      index += 2
      switch escape {
      case UInt8(ascii: "n"): result.append(0x0A)
      case UInt8(ascii: "t"): result.append(0x09)
      case UInt8(ascii: "r"): result.append(0x0D)
      case UInt8(ascii: "b"): result.append(0x08)
      case UInt8(ascii: "f"): result.append(0x0C)
      case UInt8(ascii: "v"): result.append(0x0B)
      case UInt8(ascii: "a"): result.append(0x07)
      case UInt8(ascii: "\\"), UInt8(ascii: "'"), UInt8(ascii: "\""): result.append(escape)
      case 0x0A: break
      case UInt8(ascii: "0")...UInt8(ascii: "7"):
        var stop = index
        while stop < bytes.endIndex, stop < index + 2, (0x30...0x37).contains(bytes[stop]) { stop += 1 }
        try append(number(index - 1, stop - index + 1, radix: 8) ?? 0)
        index = stop
      case UInt8(ascii: "x"), UInt8(ascii: "u"), UInt8(ascii: "U"):
        let count = escape == UInt8(ascii: "x") ? 2 : escape == UInt8(ascii: "u") ? 4 : 8
        guard let value = number(index, count, radix: 16) else {
          throw LexicalFault("truncated \\\(Character(Unicode.Scalar(escape))) escape in a string", position)
        }
        try append(value)
        index += count
      default:
        result += [UInt8(ascii: "\\"), escape]
      }
    }
    return String(decoding: result, as: UTF8.self)
  }
}
