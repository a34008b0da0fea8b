import Diagnostics

/// How the text of a file is written.
enum TextEncoding: String, CaseIterable {
  /// UTF-8, or UTF-16 if the file begins with the mark of that; what is neither is refused.
  case auto
  /// UTF-8; what is none becomes U+FFFD.
  case utf8 = "utf-8"
  case utf16 = "utf-16"
  case latin1 = "iso-8859-1"
  case windows1252 = "windows-1252"
}

/// Turns pieces of text of some encoding into UTF-8.
struct TextDecoder {
  private var encoding: TextEncoding
  private var isBigEndian = false
  private var hasBegun = false
  /// Bytes of a character whose end has not come yet.
  private var rest: [UInt8] = []
  private var output: [UInt8] = []

  init(_ encoding: TextEncoding) {
    self.encoding = encoding
  }

  /// Calls `sink` with a piece as UTF-8.
  mutating func read(_ chunk: UnsafeRawBufferPointer, _ sink: (UnsafeRawBufferPointer) throws -> Void) throws {
    if !hasBegun {
      hasBegun = true
      if chunk.count >= 2, encoding == .auto || encoding == .utf16 {
        if chunk[0] == 0xFF, chunk[1] == 0xFE { encoding = .utf16 }
        if chunk[0] == 0xFE, chunk[1] == 0xFF { (encoding, isBigEndian) = (.utf16, true) }
      }
    }
    switch encoding {
    case .auto:
      guard isUTF8(chunk) else {
        throw Diagnostic(
          .configuration, "file.not-utf8", "the file is not written in UTF-8",
          hint: "say how it is written: \"encoding\": \"windows-1252\" (Western European, also from Excel), or \"utf-8\" to take it with replacement characters"
        )
      }
      return try sink(chunk)
    case .utf8: return try sink(chunk)
    case .latin1: for byte in chunk { append(UInt32(byte)) }
    case .windows1252: for byte in chunk { append((0x80...0x9F).contains(byte) ? TextDecoder.windows[Int(byte) - 0x80] : UInt32(byte)) }
    case .utf16: decodeUTF16(chunk)
    }
    defer { output.removeAll(keepingCapacity: true) }
    try output.withUnsafeBytes(sink)
  }

  /// How many bytes of a character are still to come, and the least and greatest value of the next one (RFC 3629, section 4).
  private var awaited: (count: Int, least: UInt8, greatest: UInt8) = (0, 0x80, 0xBF)

  private mutating func isUTF8(_ chunk: UnsafeRawBufferPointer) -> Bool {
    for byte in chunk {
      if awaited.count > 0 {
        guard byte >= awaited.least, byte <= awaited.greatest else { return false }
        awaited = (awaited.count - 1, 0x80, 0xBF)
        continue
      }
      switch byte {
      case 0..<0x80: continue
      case 0xC2...0xDF: awaited = (1, 0x80, 0xBF)
      case 0xE0: awaited = (2, 0xA0, 0xBF)
      case 0xED: awaited = (2, 0x80, 0x9F)
      case 0xE1...0xEF: awaited = (2, 0x80, 0xBF)
      case 0xF0: awaited = (3, 0x90, 0xBF)
      case 0xF1...0xF3: awaited = (3, 0x80, 0xBF)
      case 0xF4: awaited = (3, 0x80, 0x8F)
      default: return false
      }
    }
    return true
  }

  private mutating func decodeUTF16(_ chunk: UnsafeRawBufferPointer) {
    rest.append(contentsOf: chunk)
    var at = 0
    func unit(_ at: Int) -> UInt32 {
      isBigEndian ? UInt32(rest[at]) << 8 | UInt32(rest[at + 1]) : UInt32(rest[at + 1]) << 8 | UInt32(rest[at])
    }
    while at + 2 <= rest.count {
      let first = unit(at)
      if (0xD800...0xDBFF).contains(first) {
        guard at + 4 <= rest.count else { break }
        let second = unit(at + 2)
        if (0xDC00...0xDFFF).contains(second) {
          append(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
          at += 4
          continue
        }
      }
      append(first)
      at += 2
    }
    rest.removeSubrange(0..<at)
  }

  private mutating func append(_ code: UInt32) {
    let scalar = Unicode.Scalar(code) ?? "\u{FFFD}"
    output.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
  }

  /// What windows-1252 has where ISO 8859-1 has control characters (https://encoding.spec.whatwg.org/#windows-1252).
  private static let windows: [UInt32] = [
    0x20AC, 0x81, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0x8D, 0x017D, 0x8F,
    0x90, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x9D, 0x017E, 0x0178,
  ]
}
