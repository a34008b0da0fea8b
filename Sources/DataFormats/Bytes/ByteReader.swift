import OrderedCollections

extension ByteWriter {
  /// Appends the members of an object.
  public mutating func write(_ members: OrderedDictionary<String, JSON>) {
    write(members.count)
    for index in members.keys.indices {
      write(members.keys[index])
      write(members.values[index])
    }
  }
}

/// Reads what `ByteWriter` wrote. Whatever else it is given it refuses, and never reads beyond its end.
public struct ByteReader: Sendable {
  /// The bytes are not what was written.
  public struct Malformed: Error {
    /// Says no more than that.
    public init() {}
  }

  private let bytes: [UInt8]
  private var at: Int
  private var depth = 0

  /// A reader of `bytes` from a place on.
  public init(_ bytes: [UInt8], from start: Int = 0) {
    self.bytes = bytes
    at = min(max(0, start), bytes.count)
  }

  /// Whether everything is read.
  public var isAtEnd: Bool { at == bytes.count }

  /// The next number.
  public mutating func int() throws(Malformed) -> Int {
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while at < bytes.count, shift < 64 {
      let byte = bytes[at]
      at += 1
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return Int(Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)) }
      shift += 7
    }
    throw Malformed()
  }

  /// The next text.
  public mutating func text() throws(Malformed) -> String {
    let count = try self.count()
    defer { at += count }
    return String(decoding: bytes[at..<(at + count)], as: UTF8.self)
  }

  /// The next bytes.
  public mutating func data() throws(Malformed) -> [UInt8] {
    let count = try self.count()
    defer { at += count }
    return Array(bytes[at..<(at + count)])
  }

  /// What there may be.
  public mutating func optional<Value>(_ body: (inout ByteReader) throws(Malformed) -> Value) throws(Malformed) -> Value? {
    try int() == 0 ? nil : try body(&self)
  }

  /// A list.
  public mutating func list<Value>(_ body: (inout ByteReader) throws(Malformed) -> Value) throws(Malformed) -> [Value] {
    let count = try self.count()
    var values: [Value] = []
    values.reserveCapacity(count)
    for _ in 0..<count { values.append(try body(&self)) }
    return values
  }

  /// The members of an object.
  public mutating func members() throws(Malformed) -> OrderedDictionary<String, JSON> {
    let count = try self.count()
    var members = OrderedDictionary<String, JSON>(minimumCapacity: count)
    for _ in 0..<count { members[try text()] = try json() }
    return members
  }

  /// The next JSON value.
  public mutating func json() throws(Malformed) -> JSON {
    depth += 1
    defer { depth -= 1 }
    guard depth < 500 else { throw Malformed() }
    switch try int() {
    case 0: return .null
    case 1: return false
    case 2: return true
    case 3: return .int(Int64(try int()))
    case 4: return .double(Double(bitPattern: UInt64(bitPattern: Int64(try int()))))
    case 5: return .number(try text())
    case 6: return .string(try text())
    case 7: return .array(try list { (reader) throws(Malformed) in try reader.json() })
    case 8: return .object(try members())
    default: throw Malformed()
    }
  }

  /// A count of things that are all still to come: each takes a byte at least.
  public mutating func count() throws(Malformed) -> Int {
    let count = try int()
    guard count >= 0, count <= bytes.count - at else { throw Malformed() }
    return count
  }
}
