import CSimdJSON
import DataFormats

/// One JSON object on a page, not yet taken apart: its source text, and its members on demand.
///
/// It points into its page: use it inside the call that it was given to, only.
public struct Record {
  let tokens: UnsafeBufferPointer<scv_json_token>
  let index: Int

  /// The object as it stood on the page; line ends between its members are possible.
  public var source: UnsafeRawBufferPointer { tokens[index].utf8 }

  /// The index of the token of a member's value.
  func token(_ name: StaticString) -> Int? {
    var at = index + 1
    let end = Int(tokens[index].next)
    while at < end {
      let key = tokens[at]
      if Int(key.length) == name.utf8CodeUnitCount, memoryIsEqual(key.text, name) { return at + 1 }
      at = Int(tokens[at + 1].next)
    }
    return nil
  }

  /// The text of a member; nil if it is absent or no string.
  public func string(_ name: StaticString) -> String? {
    guard let at = token(name), tokens[at].kind == UInt8(SCV_JSON_STRING.rawValue) else { return nil }
    return tokens[at].string
  }

  /// The whole number of a member; nil if it is absent or no such number.
  public func int(_ name: StaticString) -> Int64? {
    guard let at = token(name), tokens[at].kind == UInt8(SCV_JSON_INT.rawValue) else { return nil }
    return tokens[at].value.integer
  }

  /// A member that identifies the record, a text or a whole number, as text.
  public func identifier(_ name: StaticString) -> String? {
    string(name) ?? int(name).map { String($0) }
  }

  /// The moment of a member: ISO 8601, or seconds since 1970.
  public func instant(_ name: StaticString) -> Instant? {
    if let text = string(name) { return Instant(text) }
    return int(name).map { Instant(seconds: $0) }
  }

  /// A member as a value; nil if it is absent.
  public func value(_ name: StaticString) -> JSON? {
    token(name).map { JSONParser.value(tokens, at: $0) }
  }

  /// A member that is an object.
  public func object(_ name: StaticString) -> Record? {
    guard let at = token(name), tokens[at].kind == UInt8(SCV_JSON_OBJECT.rawValue) else { return nil }
    return Record(tokens: tokens, index: at)
  }

  /// Where in `source` the member stands whose value is an object or array, its comma included; nil if there is none.
  func span(ofContainer name: StaticString) -> Range<Int>? {
    guard let at = token(name), let base = source.baseAddress else { return nil }
    let kind = tokens[at].kind
    guard kind == UInt8(SCV_JSON_OBJECT.rawValue) || kind == UInt8(SCV_JSON_ARRAY.rawValue), let value = tokens[at].utf8.baseAddress else { return nil }
    // Backwards from the value: blanks, colon, blanks, then the name in its quotes. A name written with escapes is not found.
    var start = UnsafeRawPointer(value) - base
    func skipBlanks() { while start > 0, isBlank(source[start - 1]) { start -= 1 } }
    skipBlanks()
    guard start > 0, source[start - 1] == UInt8(ascii: ":") else { return nil }
    start -= 1
    skipBlanks()
    start -= name.utf8CodeUnitCount + 2
    guard start > 0, source[start] == UInt8(ascii: "\"") else { return nil }
    var end = UnsafeRawPointer(value) - base + Int(tokens[at].length)
    while isBlank(source[end]) { end += 1 }
    if source[end] == UInt8(ascii: ",") { return start..<(end + 1) }
    // The last member: the comma before it goes instead.
    skipBlanks()
    if source[start - 1] == UInt8(ascii: ",") { start -= 1 }
    return start..<end
  }

  /// A fingerprint of the object as it is written; the same in every process.
  var fingerprint: UInt64 {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    let bytes = source
    var at = 0
    while at + 8 <= bytes.count {
      let word = bytes.loadUnaligned(fromByteOffset: at, as: UInt64.self).littleEndian
      hash = (hash ^ word) &* 0x9E37_79B9_7F4A_7C15
      hash ^= hash >> 29
      at += 8
    }
    while at < bytes.count {
      hash = (hash ^ UInt64(bytes[at])) &* 0x9E37_79B9_7F4A_7C15
      at += 1
    }
    return hash ^ (hash >> 32)
  }

  private func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 }

  private func memoryIsEqual(_ text: UnsafePointer<CChar>?, _ name: StaticString) -> Bool {
    guard let text else { return name.utf8CodeUnitCount == 0 }
    let bytes = UnsafeRawBufferPointer(start: text, count: name.utf8CodeUnitCount)
    return bytes.elementsEqual(UnsafeRawBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
  }
}
