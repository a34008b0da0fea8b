/// A JSON document that is written front to back into bytes; commas are put where they belong.
///
/// Pages hold hundreds of records, so nothing is built in between: no dictionaries, no values.
struct JSONBytes {
  private(set) var bytes: [UInt8] = []
  private var separate = false

  init(capacity: Int = 4_096) {
    bytes.reserveCapacity(capacity)
  }

  /// Forgets what has been written, and keeps the memory for what comes.
  mutating func clear() {
    bytes.removeAll(keepingCapacity: true)
  }

  // MARK: Structure

  /// An object, as a value.
  mutating func object(_ members: (inout JSONBytes) -> Void) {
    open(UInt8(ascii: "{"))
    members(&self)
    close(UInt8(ascii: "}"))
  }

  /// An object, as the member `name`.
  mutating func object(_ name: StaticString, _ members: (inout JSONBytes) -> Void) {
    key(name)
    object(members)
  }

  /// An array, as the member `name`.
  mutating func array(_ name: StaticString, _ elements: (inout JSONBytes) -> Void) {
    key(name)
    array(elements)
  }

  /// An array, as a value.
  mutating func array(_ elements: (inout JSONBytes) -> Void) {
    open(UInt8(ascii: "["))
    elements(&self)
    close(UInt8(ascii: "]"))
  }

  // MARK: Members

  mutating func field(_ name: StaticString, _ value: String?) {
    key(name)
    if let value { string(value) } else { null() }
  }

  mutating func field(_ name: StaticString, _ value: Int64?) {
    key(name)
    if let value { integer(value) } else { null() }
  }

  mutating func field(_ name: StaticString, _ value: Int) {
    key(name)
    integer(Int64(value))
  }

  mutating func field(_ name: StaticString, _ value: Bool) {
    key(name)
    bool(value)
  }

  mutating func null(_ name: StaticString) {
    key(name)
    null()
  }

  /// A time as text, `null` if there is none.
  mutating func time(_ name: StaticString, _ time: Int64?, suffix: StaticString = "Z") {
    key(name)
    guard let time else { return null() }
    comma()
    bytes.append(UInt8(ascii: "\""))
    CivilTime.append(time, suffix: suffix, to: &bytes)
    bytes.append(UInt8(ascii: "\""))
    separate = true
  }

  /// An amount of cents as a decimal text: `"129.90"`.
  mutating func money(_ name: StaticString, cents: Int64) {
    key(name)
    string(Money.text(cents: cents))
  }

  /// An amount of cents as a number: `129.9`.
  mutating func amount(_ name: StaticString, cents: Int64?) {
    key(name)
    guard let cents else { return null() }
    raw(cents % 100 == 0 ? "\(cents / 100).0" : cents % 10 == 0 ? "\(cents / 100).\(cents / 10 % 10)" : Money.text(cents: cents))
  }

  /// A member whose value is JSON text already.
  mutating func raw(_ name: StaticString, _ json: StaticString) {
    key(name)
    comma()
    bytes.append(contentsOf: UnsafeBufferPointer(start: json.utf8Start, count: json.utf8CodeUnitCount))
    separate = true
  }

  // MARK: Values

  mutating func string(_ value: String) {
    comma()
    bytes.append(UInt8(ascii: "\""))
    var value = value
    value.withUTF8 { text in
      var start = 0
      for position in 0..<text.count {
        let byte = text[position]
        guard byte < 0x20 || byte == 0x22 || byte == 0x5C else { continue }
        bytes.append(contentsOf: text[start..<position])
        escape(byte)
        start = position + 1
      }
      bytes.append(contentsOf: text[start...])
    }
    bytes.append(UInt8(ascii: "\""))
    separate = true
  }

  mutating func integer(_ value: Int64) {
    comma()
    var digits: (UInt64, UInt64, UInt32) = (0, 0, 0)
    withUnsafeMutableBytes(of: &digits) { buffer in
      var at = buffer.count
      var rest = value.magnitude
      repeat {
        at -= 1
        buffer[at] = UInt8(48 + rest % 10)
        rest /= 10
      } while rest > 0
      if value < 0 { bytes.append(UInt8(ascii: "-")) }
      bytes.append(contentsOf: buffer[at...])
    }
    separate = true
  }

  mutating func bool(_ value: Bool) {
    comma()
    bytes.append(contentsOf: value ? Array("true".utf8) : Array("false".utf8))
    separate = true
  }

  mutating func null() {
    comma()
    bytes.append(contentsOf: [0x6E, 0x75, 0x6C, 0x6C])
    separate = true
  }

  /// A value that is JSON text already.
  mutating func raw(_ json: String) {
    comma()
    bytes.append(contentsOf: json.utf8)
    separate = true
  }

  /// Ends a line of a JSON Lines file.
  mutating func newline() {
    bytes.append(UInt8(ascii: "\n"))
    separate = false
  }

  /// The name of the member that is written next.
  mutating func key(_ name: StaticString) {
    comma()
    bytes.append(UInt8(ascii: "\""))
    bytes.append(contentsOf: UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
    bytes.append(UInt8(ascii: "\""))
    bytes.append(UInt8(ascii: ":"))
    separate = false
  }

  /// The name, known only now, of the member that is written next.
  mutating func key(named name: String) {
    string(name)
    bytes.append(UInt8(ascii: ":"))
    separate = false
  }

  private mutating func comma() {
    if separate { bytes.append(UInt8(ascii: ",")) }
  }

  private mutating func open(_ bracket: UInt8) {
    comma()
    bytes.append(bracket)
    separate = false
  }

  private mutating func close(_ bracket: UInt8) {
    bytes.append(bracket)
    separate = true
  }

  private mutating func escape(_ byte: UInt8) {
    switch byte {
    case 0x22: bytes.append(contentsOf: [0x5C, 0x22])
    case 0x5C: bytes.append(contentsOf: [0x5C, 0x5C])
    case 0x0A: bytes.append(contentsOf: [0x5C, 0x6E])
    case 0x0D: bytes.append(contentsOf: [0x5C, 0x72])
    case 0x09: bytes.append(contentsOf: [0x5C, 0x74])
    default:
      let hex = Array("0123456789abcdef".utf8)
      bytes.append(contentsOf: [0x5C, 0x75, 0x30, 0x30, hex[Int(byte >> 4)], hex[Int(byte & 15)]])
    }
  }
}

/// Amounts of the shop's one currency.
enum Money {
  /// `129.90` of 12990 cents.
  static func text(cents: Int64) -> String {
    let fraction = cents.magnitude % 100
    return "\(cents < 0 ? "-" : "")\(cents.magnitude / 100).\(fraction < 10 ? "0" : "")\(fraction)"
  }
}
