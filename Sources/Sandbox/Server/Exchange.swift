/// A request as the played systems see it.
struct SandboxRequest: Sendable {
  let method: String
  /// The path below the system's prefix, without the query: `/v1/customers`.
  let path: String
  /// The query's names and values, decoded, in their order.
  let query: [(name: String, value: String)]
  /// Header names in lower case.
  let headers: [String: String]
  let body: [UInt8]
  /// `http://127.0.0.1:8484`, as the client called it.
  let origin: String

  /// The value of the last query item of that name.
  func value(_ name: String) -> String? {
    query.last { $0.name == name }?.value
  }

  /// The decoded fields of a form in the body.
  var form: [(name: String, value: String)] {
    Self.parse(query: String(decoding: body, as: UTF8.self))
  }

  /// The names and values of `a=1&b=2`, percent signs and pluses decoded.
  static func parse(query: some StringProtocol) -> [(name: String, value: String)] {
    query.split(separator: "&").map { item in
      let parts = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      return (decode(parts[0]), parts.count > 1 ? decode(parts[1]) : "")
    }
  }

  private static func decode(_ text: some StringProtocol) -> String {
    let source = Array(text.utf8)
    var bytes: [UInt8] = []
    bytes.reserveCapacity(source.count)
    var at = 0
    func hex(_ byte: UInt8) -> UInt8? {
      switch byte {
      case 48...57: byte - 48
      case 65...70: byte - 55
      case 97...102: byte - 87
      default: nil
      }
    }
    while at < source.count {
      if source[at] == UInt8(ascii: "%"), at + 2 < source.count, let high = hex(source[at + 1]), let low = hex(source[at + 2]) {
        bytes.append(high << 4 | low)
        at += 3
      } else {
        bytes.append(source[at] == UInt8(ascii: "+") ? UInt8(ascii: " ") : source[at])
        at += 1
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// `text` percent-encoded for use in a query.
  static func encode(_ text: String) -> String {
    let digits = Array("0123456789ABCDEF".utf8)
    var bytes: [UInt8] = []
    for byte in text.utf8 {
      switch byte {
      case 48...57, 65...90, 97...122, UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"): bytes.append(byte)
      default: bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// User and password of Basic authentication (RFC 7617).
  var basicCredentials: (user: String, password: String)? {
    guard let header = headers["authorization"], header.lowercased().hasPrefix("basic "),
      let bytes = Base64.decode(header.dropFirst(6))
    else { return nil }
    let text = String(decoding: bytes, as: UTF8.self)
    guard let colon = text.lastIndex(of: ":") else { return (text, "") }
    return (String(text[..<colon]), String(text[text.index(after: colon)...]))
  }

  /// The token of Bearer authentication (RFC 6750).
  var bearerToken: String? {
    guard let header = headers["authorization"], header.lowercased().hasPrefix("bearer ") else { return nil }
    return String(header.dropFirst(7))
  }
}

/// What a played system answers.
struct SandboxResponse: Sendable {
  var status = 200
  var headers: [(name: String, value: String)] = []
  var body: [UInt8] = []

  /// A JSON document.
  static func json(_ status: Int = 200, capacity: Int = 4_096, _ write: (inout JSONBytes) -> Void) -> SandboxResponse {
    var json = JSONBytes(capacity: capacity)
    write(&json)
    return SandboxResponse(status: status, headers: [("content-type", "application/json; charset=utf-8")], body: json.bytes)
  }

  /// Plain text.
  static func text(_ status: Int = 200, type: String = "text/plain; charset=utf-8", _ text: String) -> SandboxResponse {
    SandboxResponse(status: status, headers: [("content-type", type)], body: Array(text.utf8))
  }

  /// The same with one more header.
  func with(_ name: String, _ value: String) -> SandboxResponse {
    var copy = self
    copy.headers.append((name, value))
    return copy
  }
}

/// Base64, in the standard and the URL alphabet (RFC 4648).
enum Base64 {
  private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

  /// `bytes` in the URL alphabet, without padding.
  static func encode(_ bytes: some Sequence<UInt8>) -> String {
    var text: [UInt8] = []
    var buffer: UInt32 = 0
    var bits: UInt32 = 0
    for byte in bytes {
      buffer = buffer << 8 | UInt32(byte)
      bits += 8
      while bits >= 6 {
        bits -= 6
        text.append(alphabet[Int(buffer >> bits & 63)])
      }
      buffer &= (1 << bits) - 1
    }
    if bits > 0 { text.append(alphabet[Int(buffer << (6 - bits) & 63)]) }
    return String(decoding: text, as: UTF8.self)
  }

  /// The bytes of `text` in either alphabet, with or without padding; nil if it is no base64.
  static func decode(_ text: some StringProtocol) -> [UInt8]? {
    var bytes: [UInt8] = []
    var buffer: UInt32 = 0
    var bits: UInt32 = 0
    for character in text.utf8 where character != UInt8(ascii: "=") && character != UInt8(ascii: " ") {
      let plain =
        switch character {
        case UInt8(ascii: "+"): UInt8(ascii: "-")
        case UInt8(ascii: "/"): UInt8(ascii: "_")
        default: character
        }
      guard let value = alphabet.firstIndex(of: plain) else { return nil }
      buffer = buffer << 6 | UInt32(value)
      bits += 6
      if bits >= 8 {
        bits -= 8
        bytes.append(UInt8(truncatingIfNeeded: buffer >> bits))
        buffer &= (1 << bits) - 1
      }
    }
    return bytes
  }
}
