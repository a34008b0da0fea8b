import DataFormats
import Diagnostics
import Jinja
import OrderedCollections

/// What a template says that consists of text, comments, and printed calls of `ref`, `source` and `config` with literals as
/// arguments: most models do. It is found in one walk over the bytes, without compiling or rendering.
///
/// Whatever is anything else, or not quite right, is no plain template; rendering it tells what it says, or what is wrong.
struct PlainReading: Sendable {
  private struct Call: Sendable {
    let name: String
    let positional: [Value]
    let keywords: [(name: String, value: Value)]
    let line: Int
    let column: Int
  }

  private let calls: [Call]

  /// The calls of `source`; nil if it is no plain template.
  init?(_ source: String) {
    var source = source
    let found = source.withUTF8 { bytes -> [Call]? in
      var walk = Walk(bytes: bytes)
      return walk.run()
    }
    guard let found else { return nil }
    calls = found
  }

  /// What the calls say, as the template of `file`; nil if one of them is wrong, which rendering will tell.
  func capture(file: String) -> Capture? {
    let capture = Capture()
    for call in calls {
      let place = SourceLocation(file: file, line: call.line, column: call.column)
      do {
        switch call.name {
        case "ref": capture.add(try Capture.reference(call.positional, call.keywords), at: place)
        case "source":
          // dbt reads such templates without rendering as well, and then has every source once.
          let reference = try Capture.source(call.positional, call.keywords)
          if !capture.sources.contains(reference) { capture.add(reference, at: place) }
        default: capture.addConfig(try Capture.config(call.positional, call.keywords), at: place)
        }
      } catch {
        return nil
      }
    }
    return capture
  }

  /// A walk over the bytes of a template.
  private struct Walk {
    let bytes: UnsafeBufferPointer<UInt8>
    var at = 0
    /// Position bookkeeping: up to where lines are counted, and where the line there begins.
    private var counted = 0
    private var line = 1
    private var lineStart = 0

    init(bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    mutating func run() -> [Call]? {
      var calls: [Call] = []
      while at < bytes.count {
        let byte = bytes[at]
        at += 1
        // Line ends of other systems are made one before a template is compiled, which moves what is behind them.
        if byte == UInt8(ascii: "\r") { return nil }
        guard byte == UInt8(ascii: "{"), at < bytes.count else { continue }
        switch bytes[at] {
        case UInt8(ascii: "{"):
          at += 1
          guard let call = printedCall() else { return nil }
          calls.append(call)
        case UInt8(ascii: "#"):
          at += 1
          guard skipComment() else { return nil }
        case UInt8(ascii: "%"): return nil
        default: continue
        }
      }
      return calls
    }

    private mutating func skipComment() -> Bool {
      while at + 1 < bytes.count {
        if bytes[at] == UInt8(ascii: "\r") { return false }
        if bytes[at] == UInt8(ascii: "#"), bytes[at + 1] == UInt8(ascii: "}") {
          at += 2
          return true
        }
        at += 1
      }
      return false
    }

    /// `ref(…) }}`, behind the braces.
    private mutating func printedCall() -> Call? {
      if !take("-") { _ = take("+") }
      skipBlanks()
      let start = at
      guard let name = word(), name == "ref" || name == "source" || name == "config" else { return nil }
      let (line, column) = position(start)
      skipBlanks()
      guard take("(") else { return nil }
      var positional: [Value] = []
      var keywords: [(name: String, value: Value)] = []
      skipBlanks()
      while !take(")") {
        let before = at
        if let key = word() {
          skipBlanks()
          if take("="), !peek("=") {
            skipBlanks()
            guard let value = literal(), !keywords.contains(where: { $0.name == key }) else { return nil }
            keywords.append((key, value))
          } else {
            at = before
          }
        }
        if at == before {
          guard keywords.isEmpty, let value = literal() else { return nil }
          positional.append(value)
        }
        skipBlanks()
        guard take(",") || peek(")") else { return nil }
        skipBlanks()
      }
      skipBlanks()
      _ = take("-")
      guard take("}"), take("}") else { return nil }
      return Call(name: name, positional: positional, keywords: keywords, line: line, column: column)
    }

    /// A text, whole number, truth value, nothing, list or mapping of these.
    private mutating func literal(depth: Int = 0) -> Value? {
      guard at < bytes.count, depth < 8 else { return nil }
      switch bytes[at] {
      case UInt8(ascii: "'"), UInt8(ascii: "\""): return text().map(Value.string)
      case UInt8(ascii: "0")...UInt8(ascii: "9"): return number()
      case UInt8(ascii: "["): return list(depth)
      case UInt8(ascii: "{"): return mapping(depth)
      default:
        switch word() {
        case "true", "True": return true
        case "false", "False": return false
        case "none", "None": return Value.none
        default: return nil
        }
      }
    }

    /// A text without escapes.
    private mutating func text() -> String? {
      let quote = bytes[at]
      let start = at + 1
      var end = start
      while end < bytes.count, bytes[end] != quote {
        guard bytes[end] != UInt8(ascii: "\\"), bytes[end] != UInt8(ascii: "\r") else { return nil }
        end += 1
      }
      guard end < bytes.count else { return nil }
      at = end + 1
      return String(decoding: UnsafeBufferPointer(rebasing: bytes[start..<end]), as: UTF8.self)
    }

    private mutating func number() -> Value? {
      var value: Int64 = 0
      let start = at
      while at < bytes.count, case let digit = Int64(bytes[at]) - 48, (0...9).contains(digit) {
        guard at - start < 18 else { return nil }
        value = value * 10 + digit
        at += 1
      }
      // A leading zero, a fraction, an exponent or a separator makes it something else.
      let isWhole = at == bytes.count || !(Walk.isWord(bytes[at]) || bytes[at] == UInt8(ascii: "."))
      return isWhole && (at - start == 1 || bytes[start] != UInt8(ascii: "0")) ? .int(value) : nil
    }

    private mutating func list(_ depth: Int) -> Value? {
      var values: [Value] = []
      at += 1
      skipBlanks()
      while !take("]") {
        guard let value = literal(depth: depth + 1) else { return nil }
        values.append(value)
        skipBlanks()
        guard take(",") || peek("]") else { return nil }
        skipBlanks()
      }
      return Value(values)
    }

    private mutating func mapping(_ depth: Int) -> Value? {
      var members: OrderedDictionary<String, Value> = [:]
      at += 1
      skipBlanks()
      while !take("}") {
        guard peek("'") || peek("\""), let key = text() else { return nil }
        skipBlanks()
        guard take(":") else { return nil }
        skipBlanks()
        guard let value = literal(depth: depth + 1) else { return nil }
        members[key] = value
        skipBlanks()
        guard take(",") || peek("}") else { return nil }
        skipBlanks()
      }
      return Value(members)
    }

    // MARK: Bytes

    private static func isWord(_ byte: UInt8) -> Bool {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"): true
      default: false
      }
    }

    private mutating func word() -> String? {
      let start = at
      while at < bytes.count, Walk.isWord(bytes[at]) { at += 1 }
      guard at > start, !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[start]) else {
        at = start
        return nil
      }
      return String(decoding: UnsafeBufferPointer(rebasing: bytes[start..<at]), as: UTF8.self)
    }

    private func peek(_ character: Unicode.Scalar) -> Bool { at < bytes.count && bytes[at] == UInt8(ascii: character) }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
      guard peek(character) else { return false }
      at += 1
      return true
    }

    private mutating func skipBlanks() {
      while at < bytes.count, bytes[at] == 0x20 || bytes[at] == 0x09 || bytes[at] == 0x0A { at += 1 }
    }

    /// Line and column of an offset, counted from 1, in characters; offsets come in order.
    private mutating func position(_ offset: Int) -> (line: Int, column: Int) {
      while counted < offset {
        if bytes[counted] == UInt8(ascii: "\n") {
          line += 1
          lineStart = counted + 1
        }
        counted += 1
      }
      return (line, 1 + bytes[lineStart..<offset].count { $0 & 0xC0 != 0x80 })
    }
  }
}
