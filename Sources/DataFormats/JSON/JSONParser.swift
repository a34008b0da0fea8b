import CSimdJSON
import Diagnostics
import OrderedCollections

/// Parses JSON documents (RFC 8259) one after the other; keeps its buffers from one to the next.
///
/// Not thread-safe: one parser a thread.
public final class JSONParser {
  private let handle: OpaquePointer

  /// A parser with empty buffers.
  public init() {
    handle = scv_json_parser_new()
  }

  deinit {
    scv_json_parser_free(handle)
  }

  /// The value of one document.
  ///
  /// - Parameter bytes: the document, blanks around it allowed.
  /// - Throws: `Diagnostic` (`json.malformed`), with line and column, if it is not exactly one JSON document.
  public func parse(_ bytes: UnsafeRawBufferPointer) throws -> JSON {
    var value = JSON.null
    try withTokens(of: bytes) { tokens in value = JSONParser.value(tokens, at: 0) }
    return value
  }

  /// Calls `body` with the tokens of one document, in document order; they are valid inside the call only.
  ///
  /// - Parameters:
  ///   - bytes: the document.
  ///   - capacity: how many bytes from the start of `bytes` on may be read; 64 more than its count save a copy. What lies
  ///     directly behind the document must not be a digit.
  /// - Throws: `Diagnostic` (`json.malformed`), and what `body` throws.
  public func withTokens<Result>(
    of bytes: UnsafeRawBufferPointer, capacity: Int? = nil, _ body: (UnsafeBufferPointer<scv_json_token>) throws -> Result
  ) throws -> Result {
    var tokens: UnsafePointer<scv_json_token>?
    var count = 0
    var offset = 0
    let code = scv_json_parse(
      handle, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), bytes.count, capacity ?? bytes.count, &tokens, &count, &offset)
    guard code == 0 else { throw JSONParser.failure(code, offset, bytes) }
    return try body(UnsafeBufferPointer(start: tokens, count: count))
  }

  /// The value whose first token is at `index`, with everything in it.
  public static func value(_ tokens: UnsafeBufferPointer<scv_json_token>, at index: Int) -> JSON {
    let token = tokens[index]
    switch scv_json_kind(UInt32(token.kind)) {
    case SCV_JSON_FALSE: return .bool(false)
    case SCV_JSON_TRUE: return .bool(true)
    case SCV_JSON_INT: return .int(token.value.integer)
    case SCV_JSON_DOUBLE: return .double(token.value.real)
    case SCV_JSON_NUMBER: return .number(token.string)
    case SCV_JSON_STRING, SCV_JSON_KEY: return .string(token.string)
    case SCV_JSON_ARRAY:
      var elements: [JSON] = []
      elements.reserveCapacity(Int(token.count))
      var at = index + 1
      while at < Int(token.next) {
        elements.append(value(tokens, at: at))
        at = Int(tokens[at].next)
      }
      return .array(elements)
    case SCV_JSON_OBJECT:
      var members = OrderedDictionary<String, JSON>(minimumCapacity: Int(token.count))
      var at = index + 1
      while at < Int(token.next) {
        members[tokens[at].string] = value(tokens, at: at + 1)
        at = Int(tokens[at + 1].next)
      }
      return .object(members)
    default: return .null
    }
  }

  private static func failure(_ code: Int32, _ offset: Int, _ bytes: UnsafeRawBufferPointer) -> Diagnostic {
    var line = 1
    var column = 1
    for byte in bytes.prefix(offset) {
      if byte == UInt8(ascii: "\n") {
        line += 1
        column = 1
      } else if byte & 0xC0 != 0x80 {
        column += 1
      }
    }
    let window = SourceWindow(source: String(decoding: bytes.prefix(100_000), as: UTF8.self), line: line, column: column)
    let short = window.lines.allSatisfy { $0.count <= 200 }
    return Diagnostic(
      .parsing, "json.malformed", "this is not valid JSON", at: SourceLocation(line: line, column: column),
      window: short && offset > 0 ? window : nil, cause: String(cString: scv_json_error(code)))
  }
}

extension scv_json_token {
  /// The text of a string, key or number.
  public var string: String { String(decoding: utf8, as: UTF8.self) }

  /// The text of a string, key or number, or the source of an array or object, as bytes; valid as long as the token is.
  public var utf8: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: text, count: Int(length)) }
}

extension JSON {
  /// Parses one document.
  ///
  /// - Throws: `Diagnostic` (`json.malformed`), with line and column.
  public static func parse(_ bytes: some Sequence<UInt8>) throws -> JSON {
    let array = Array(bytes)
    return try array.withUnsafeBytes { try JSONParser().parse($0) }
  }

  /// Parses one document.
  ///
  /// - Throws: `Diagnostic` (`json.malformed`), with line and column.
  public static func parse(_ text: String) throws -> JSON {
    var text = text
    return try text.withUTF8 { try JSONParser().parse(UnsafeRawBufferPointer($0)) }
  }
}
