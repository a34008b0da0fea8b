import OrderedCollections

extension JSON {
  /// The document as UTF-8, in one line and without blanks, or indented by two with a line a member.
  ///
  /// Numbers are written as they were read. `Double`s that JSON cannot express (NaN, infinities) become `null`.
  /// With `sorted`, members stand in the order of their names: equal values then give equal texts.
  public func utf8(pretty: Bool = false, sorted: Bool = false) -> [UInt8] {
    var bytes: [UInt8] = []
    write(to: &bytes, indent: pretty ? 0 : nil, sorted: sorted)
    return bytes
  }

  /// The document as text; see `utf8`.
  public func text(pretty: Bool = false, sorted: Bool = false) -> String {
    String(decoding: utf8(pretty: pretty, sorted: sorted), as: UTF8.self)
  }

  /// Appends the document to `bytes` in one line.
  public func write(to bytes: inout [UInt8]) {
    switch self {
    case .array(let elements):
      bytes.append(UInt8(ascii: "["))
      for index in elements.indices {
        if index > 0 { bytes.append(UInt8(ascii: ",")) }
        elements[index].write(to: &bytes)
      }
      bytes.append(UInt8(ascii: "]"))
    case .object(let members): JSON.writeObject(members, to: &bytes)
    default: write(to: &bytes, indent: nil, sorted: false)
    }
  }

  private func write(to bytes: inout [UInt8], indent: Int?, sorted: Bool) {
    switch self {
    case .null: JSON.append("null", to: &bytes)
    case .bool(let value): JSON.append(value ? "true" : "false", to: &bytes)
    case .int(let value): bytes += String(value).utf8
    case .double(let value): bytes += (value.isFinite ? "\(value)" : "null").utf8
    case .number(let text): bytes += text.utf8
    case .string(let text): JSON.writeQuoted(text, to: &bytes)
    case .array(let elements):
      JSON.writeContainer("[", "]", elements.count, indent, &bytes) { index, inner, bytes in
        elements[index].write(to: &bytes, indent: inner, sorted: sorted)
      }
    case .object(let members):
      let order = sorted ? members.keys.indices.sorted { members.keys[$0] < members.keys[$1] } : nil
      JSON.writeContainer("{", "}", members.count, indent, &bytes) { position, inner, bytes in
        let index = order?[position] ?? position
        JSON.writeQuoted(members.keys[index], to: &bytes)
        bytes.append(UInt8(ascii: ":"))
        if inner != nil { bytes.append(UInt8(ascii: " ")) }
        members.values[index].write(to: &bytes, indent: inner, sorted: sorted)
      }
    }
  }

  /// Appends an array of texts in one line.
  public static func writeTexts(_ texts: [String], to bytes: inout [UInt8]) {
    bytes.append(UInt8(ascii: "["))
    for (index, text) in texts.enumerated() {
      if index > 0 { bytes.append(UInt8(ascii: ",")) }
      writeQuoted(text, to: &bytes)
    }
    bytes.append(UInt8(ascii: "]"))
  }

  /// Appends an object in one line.
  public static func writeObject(_ members: OrderedDictionary<String, JSON>, to bytes: inout [UInt8]) {
    let keys = members.keys.elements
    let values = members.values.elements
    bytes.append(UInt8(ascii: "{"))
    for index in keys.indices {
      if index > 0 { bytes.append(UInt8(ascii: ",")) }
      writeQuoted(keys[index], to: &bytes)
      bytes.append(UInt8(ascii: ":"))
      values[index].write(to: &bytes)
    }
    bytes.append(UInt8(ascii: "}"))
  }

  private static func writeContainer(
    _ open: Unicode.Scalar, _ close: Unicode.Scalar, _ count: Int, _ indent: Int?, _ bytes: inout [UInt8],
    _ element: (Int, Int?, inout [UInt8]) -> Void
  ) {
    bytes.append(UInt8(ascii: open))
    for index in 0..<count {
      if index > 0 { bytes.append(UInt8(ascii: ",")) }
      newline(indent.map { $0 + 1 }, &bytes)
      element(index, indent.map { $0 + 1 }, &bytes)
    }
    if count > 0 { newline(indent, &bytes) }
    bytes.append(UInt8(ascii: close))
  }

  private static func newline(_ indent: Int?, _ bytes: inout [UInt8]) {
    guard let indent else { return }
    bytes.append(UInt8(ascii: "\n"))
    bytes += repeatElement(UInt8(ascii: " "), count: indent * 2)
  }

  /// Appends `text` in quotes, escaping what RFC 8259 (section 7) says must be.
  public static func writeQuoted(_ text: String, to bytes: inout [UInt8]) {
    bytes.append(UInt8(ascii: "\""))
    var text = text
    text.withUTF8 { utf8 in
      // Most texts hold nothing to escape and go over in one piece.
      var clean = 0
      var index = firstEscape(in: utf8, from: 0)
      while index < utf8.count {
        let byte = utf8[index]
        bytes.append(contentsOf: UnsafeBufferPointer(rebasing: utf8[clean..<index]))
        clean = index + 1
        switch byte {
        case UInt8(ascii: "\""): bytes += "\\\"".utf8
        case UInt8(ascii: "\\"): bytes += "\\\\".utf8
        case UInt8(ascii: "\n"): bytes += "\\n".utf8
        case UInt8(ascii: "\r"): bytes += "\\r".utf8
        case UInt8(ascii: "\t"): bytes += "\\t".utf8
        default: bytes += ((byte < 16 ? "\\u000" : "\\u00") + String(byte, radix: 16)).utf8
        }
        index = firstEscape(in: utf8, from: clean)
      }
      bytes.append(contentsOf: UnsafeBufferPointer(rebasing: utf8[clean...]))
    }
    bytes.append(UInt8(ascii: "\""))
  }

  /// Where the first byte is that a text cannot hold as it is; the count if there is none. Eight bytes are looked at at a time.
  private static func firstEscape(in utf8: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
    let ones: UInt64 = 0x0101_0101_0101_0101
    let highs: UInt64 = 0x8080_8080_8080_8080
    let raw = UnsafeRawBufferPointer(utf8)
    var index = start
    while index + 8 <= raw.count {
      let word = raw.loadUnaligned(fromByteOffset: index, as: UInt64.self)
      let quote = word ^ (ones &* 0x22)
      let backslash = word ^ (ones &* 0x5C)
      // A byte that is zero, or below a blank, borrows its highest bit; one that had it is none of these.
      let found = ((quote &- ones) & ~quote) | ((backslash &- ones) & ~backslash) | ((word &- ones &* 0x20) & ~word)
      guard found & highs == 0 else { break }
      index += 8
    }
    while index < utf8.count, utf8[index] >= 0x20, utf8[index] != UInt8(ascii: "\""), utf8[index] != UInt8(ascii: "\\") { index += 1 }
    return index
  }

  private static func append(_ text: StaticString, to bytes: inout [UInt8]) {
    text.withUTF8Buffer { bytes.append(contentsOf: $0) }
  }
}
