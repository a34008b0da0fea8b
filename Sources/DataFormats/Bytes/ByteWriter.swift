/// Appends values to bytes that `ByteReader` reads back: for files that a program keeps for itself.
public struct ByteWriter: Sendable {
  /// What was written so far.
  public private(set) var bytes: [UInt8] = []

  /// A writer that has written nothing.
  public init() {}

  /// Appends a number: small ones take one byte (LEB128 of the zigzag form).
  public mutating func write(_ number: Int) {
    var rest = UInt64(bitPattern: Int64(number << 1) ^ Int64(number >> 63))
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }

  /// Appends a text.
  public mutating func write(_ text: String) {
    var text = text
    text.withUTF8 { utf8 in
      write(utf8.count)
      bytes.append(contentsOf: utf8)
    }
  }

  /// Appends bytes.
  public mutating func write(data: [UInt8]) {
    write(data.count)
    bytes += data
  }

  /// Appends what there may be.
  public mutating func write<Value>(optional value: Value?, _ body: (inout ByteWriter, Value) -> Void) {
    write(value == nil ? 0 : 1)
    if let value { body(&self, value) }
  }

  /// Appends a list.
  public mutating func write<Value>(list: some Collection<Value>, _ body: (inout ByteWriter, Value) -> Void) {
    write(list.count)
    for value in list { body(&self, value) }
  }

  /// Appends a JSON value.
  public mutating func write(_ value: JSON) {
    switch value {
    case .null: write(0)
    case .bool(false): write(1)
    case .bool(true): write(2)
    case .int(let number):
      write(3)
      write(Int(number))
    case .double(let number):
      write(4)
      write(Int(Int64(bitPattern: number.bitPattern)))
    case .number(let text):
      write(5)
      write(text)
    case .string(let text):
      write(6)
      write(text)
    case .array(let elements):
      write(7)
      write(list: elements) { $0.write($1) }
    case .object(let members):
      write(8)
      write(members)
    }
  }
}
