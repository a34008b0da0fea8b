import Crypto
import DataFormats
import OrderedCollections

/// The names of generic tests, letter for letter those of dbt, since users select by them and tools key by them.
enum GenericTestName {
  /// The name that a test gets from what it tests and its arguments: in full, and cut to 63 characters.
  static func synthesized(test: String, target: String, arguments: OrderedDictionary<String, JSON>) -> (short: String, full: String) {
    var parts: [String] = []
    for name in arguments.keys.sorted() where name != "model" {
      switch arguments[name] {
      case .object(let members): parts += members.values.map(PythonText.str)
      case .array(let elements): parts += elements.map(PythonText.str)
      case .some(let value): parts.append(PythonText.str(value))
      case nil: break
      }
    }
    let identifier = "\(test)_\(target)"
    let full = "\(identifier)_\(parts.map(clean).joined(separator: "__"))"
    guard full.unicodeScalars.count >= 64 else { return (full, full) }
    let start = String(String.UnicodeScalarView(identifier.unicodeScalars.prefix(30)))
    return ("\(start)_\(md5(full))", full)
  }

  /// The last part of the unique id: ten digits of a digest of name and metadata.
  static func hash(name: String, metadata: TestMetadata) -> String {
    var bytes = Array(name.utf8)
    bytes += "{'kwargs': ".utf8
    PythonText.write(hashable: .object(metadata.arguments), to: &bytes)
    bytes += ", 'name': ".utf8
    PythonText.write(metadata.name, to: &bytes)
    bytes += ", 'namespace': ".utf8
    PythonText.write(metadata.namespace ?? "None", to: &bytes)
    bytes.append(UInt8(ascii: "}"))
    return PureFunctions.hexadecimal(Insecure.MD5.hash(data: bytes).suffix(5))
  }

  /// MD5 in lower-case hexadecimal.
  static func md5(_ text: String) -> String { PureFunctions.hexadecimal(Insecure.MD5.hash(data: Array(text.utf8))) }

  /// Every run of characters other than ASCII letters, digits and `_` becomes one `_`.
  private static func clean(_ text: String) -> String {
    var result: [UInt8] = []
    var inGap = false
    for byte in text.utf8 {
      let letter = byte | 0x20
      let isPlain = (97...122).contains(letter) && byte < 128 || (48...57).contains(byte) || byte == UInt8(ascii: "_")
      if isPlain {
        result.append(byte)
      } else if !inGap {
        result.append(UInt8(ascii: "_"))
      }
      inGap = !isPlain
    }
    return String(decoding: result, as: UTF8.self)
  }
}

/// Values as Python writes them.
enum PythonText {
  /// `str(value)`
  static func str(_ value: JSON) -> String {
    if case .string(let text) = value { return text }
    return repr(value)
  }

  /// `repr(value)`
  static func repr(_ value: JSON) -> String {
    switch value {
    case .null: "None"
    case .bool(let flag): flag ? "True" : "False"
    case .int(let number): String(number)
    case .double(let number): double(number)
    case .number(let text): text
    case .string(let text): repr(text)
    case .array(let elements): "[" + elements.map(repr).joined(separator: ", ") + "]"
    case .object(let members): "{" + members.map { "\(repr($0.key)): \(repr($0.value))" }.joined(separator: ", ") + "}"
    }
  }

  /// Appends `repr` after every scalar has become a text and every mapping is sorted by key.
  static func write(hashable value: JSON, to bytes: inout [UInt8]) {
    switch value {
    case .array(let elements):
      bytes.append(UInt8(ascii: "["))
      for index in elements.indices {
        if index > 0 { bytes += ", ".utf8 }
        write(hashable: elements[index], to: &bytes)
      }
      bytes.append(UInt8(ascii: "]"))
    case .object(let members):
      bytes.append(UInt8(ascii: "{"))
      for (index, key) in members.keys.sorted().enumerated() {
        if index > 0 { bytes += ", ".utf8 }
        write(key, to: &bytes)
        bytes += ": ".utf8
        write(hashable: members[key] ?? .null, to: &bytes)
      }
      bytes.append(UInt8(ascii: "}"))
    default: write(str(value), to: &bytes)
    }
  }

  /// `repr` of a text: in single quotes, unless it holds those and no double ones.
  static func repr(_ text: String) -> String {
    var bytes: [UInt8] = []
    write(text, to: &bytes)
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Appends `repr` of a text.
  static func write(_ text: String, to result: inout [UInt8]) {
    let bytes = text.utf8
    let quote = bytes.contains(UInt8(ascii: "'")) && !bytes.contains(UInt8(ascii: "\"")) ? UInt8(ascii: "\"") : UInt8(ascii: "'")
    result.append(quote)
    for byte in bytes {
      switch byte {
      case UInt8(ascii: "\\"): result += "\\\\".utf8
      case UInt8(ascii: "\n"): result += "\\n".utf8
      case UInt8(ascii: "\r"): result += "\\r".utf8
      case UInt8(ascii: "\t"): result += "\\t".utf8
      case quote: result += [UInt8(ascii: "\\"), quote]
      case _ where byte < 32 || byte == 127: result += ("\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16)).utf8
      default: result.append(byte)
      }
    }
    result.append(quote)
  }

  private static func double(_ number: Double) -> String {
    if number.isNaN { return "nan" }
    if number.isInfinite { return number < 0 ? "-inf" : "inf" }
    return "\(number)"
  }
}
