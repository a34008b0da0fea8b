import CSimdJSON
import DataFormats
import Glibc

/// Takes the lines of a connector's output apart as far as a sync needs it: records stay tokens, the rest becomes values.
struct MessageReader: ~Copyable {
  /// A record's place among the tokens of its line.
  struct Record {
    var stream: UnsafePointer<scv_json_token>
    var namespace: UnsafePointer<scv_json_token>?
    /// The index of the record itself; nil if it is no object.
    var data: Int?
    /// The index of what stands where the record should; nil if there is nothing.
    var body: Int?
    /// The time of extraction: milliseconds, or a text.
    var time: UnsafePointer<scv_json_token>?
    /// The index of the member `meta`, or a Singer record's `version`.
    var extra: Int?
  }

  /// What a line is.
  enum Line {
    case record(Record)
    /// Another object, with its member `type`.
    case message(type: String, JSON)
    /// No object, or one without a type.
    case junk
    /// Not JSON.
    case malformed
  }

  private let parser: OpaquePointer
  /// The tokens of the last line.
  private(set) var tokens: UnsafePointer<scv_json_token>
  private let none: UnsafeMutablePointer<scv_json_token>

  init() {
    parser = scv_json_parser_new()
    none = .allocate(capacity: 1)
    none.initialize(to: scv_json_token())
    tokens = UnsafePointer(none)
  }

  deinit {
    scv_json_parser_free(parser)
    none.deallocate()
  }

  /// Reads a line of the Airbyte protocol, or of Singer.
  ///
  /// - Parameters:
  ///   - count: its length without the line end.
  ///   - capacity: how many bytes from its start may be read.
  mutating func read(_ line: UnsafeRawPointer, count: Int, capacity: Int, singer: Bool) -> Line {
    var found: UnsafePointer<scv_json_token>?
    var number = 0
    var offset = 0
    guard scv_json_parse(parser, line.assumingMemoryBound(to: CChar.self), count, capacity, &found, &number, &offset) == 0, let found else {
      return .malformed
    }
    tokens = found
    guard found[0].kind == UInt8(SCV_JSON_OBJECT.rawValue) else { return .junk }
    var type: UnsafePointer<scv_json_token>?
    var body: Int?
    let end = Int(found[0].next)
    var at = 1
    while at < end {
      let key = found[at]
      if MessageReader.equal(key, "type") {
        type = found + (at + 1)
      } else if MessageReader.equal(key, "record") {
        body = at + 1
      }
      at = Int(found[at + 1].next)
    }
    guard let type, type.pointee.kind == UInt8(SCV_JSON_STRING.rawValue) else { return .junk }
    if MessageReader.equal(type.pointee, "RECORD") {
      if let record = singer ? singerRecord(body) : airbyteRecord(body) { return .record(record) }
      return .malformed
    }
    return .message(type: type.pointee.string, JSONParser.value(UnsafeBufferPointer(start: found, count: number), at: 0))
  }

  /// A value of the last line.
  func value(at index: Int) -> JSON {
    JSONParser.value(UnsafeBufferPointer(start: tokens, count: Int(tokens[index].next)), at: index)
  }

  private func airbyteRecord(_ body: Int?) -> Record? {
    guard let body, tokens[body].kind == UInt8(SCV_JSON_OBJECT.rawValue) else { return nil }
    var stream: UnsafePointer<scv_json_token>?
    var namespace: UnsafePointer<scv_json_token>?
    var data: Int?
    var time: UnsafePointer<scv_json_token>?
    var extra: Int?
    let end = Int(tokens[body].next)
    var at = body + 1
    while at < end {
      let key = tokens[at]
      switch key.length {
      case 4:
        if MessageReader.equal(key, "data") {
          data = at + 1
        } else if MessageReader.equal(key, "meta") {
          extra = tokens[at + 1].kind == UInt8(SCV_JSON_OBJECT.rawValue) ? at + 1 : nil
        }
      case 6: if MessageReader.equal(key, "stream") { stream = tokens + (at + 1) }
      case 9: if MessageReader.equal(key, "namespace") { namespace = tokens + (at + 1) }
      case 10: if MessageReader.equal(key, "emitted_at") { time = tokens + (at + 1) }
      default: break
      }
      at = Int(tokens[at + 1].next)
    }
    return record(stream, namespace, data, time, extra)
  }

  private func singerRecord(_ data: Int?) -> Record? {
    var stream: UnsafePointer<scv_json_token>?
    var time: UnsafePointer<scv_json_token>?
    var extra: Int?
    let end = Int(tokens[0].next)
    var at = 1
    while at < end {
      let key = tokens[at]
      if MessageReader.equal(key, "stream") {
        stream = tokens + (at + 1)
      } else if MessageReader.equal(key, "time_extracted") {
        time = tokens + (at + 1)
      } else if MessageReader.equal(key, "version") {
        extra = tokens[at + 1].kind == UInt8(SCV_JSON_INT.rawValue) ? at + 1 : nil
      }
      at = Int(tokens[at + 1].next)
    }
    return record(stream, nil, data, time, extra)
  }

  private func record(
    _ stream: UnsafePointer<scv_json_token>?, _ namespace: UnsafePointer<scv_json_token>?, _ data: Int?, _ time: UnsafePointer<scv_json_token>?, _ extra: Int?
  ) -> Record? {
    guard let stream, stream.pointee.kind == UInt8(SCV_JSON_STRING.rawValue) else { return nil }
    let object = data.flatMap { tokens[$0].kind == UInt8(SCV_JSON_OBJECT.rawValue) ? $0 : nil }
    return Record(stream: stream, namespace: namespace, data: object, body: data, time: time, extra: extra)
  }

  @inline(__always) private static func equal(_ token: scv_json_token, _ text: StaticString) -> Bool {
    Int(token.length) == text.utf8CodeUnitCount && memcmp(token.text, text.utf8Start, text.utf8CodeUnitCount) == 0
  }
}
