/// Finds the objects in a JSON text without reading it whole: the elements of one array, or objects one after the other,
/// with or without lines. What each of them holds is not looked at.
struct JSONSplitter {
  /// What lies between two objects.
  private enum Place { case outside, inside }

  private var place = Place.outside
  private var depth = 0
  private var isInString = false
  private var isEscaped = false
  private var pending: [UInt8] = []
  private(set) var line = 1
  private var firstLine = 1

  /// The longest object, in bytes.
  private let limit = 256 << 20

  /// Calls `body` with every object that ends in `chunk`, and with the line that it begins on; what stands between the objects,
  /// other than brackets, commas and blanks, is handed over too, for the parser to refuse.
  mutating func read(_ chunk: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer, Int) throws -> Void) throws {
    var start = 0
    var at = 0
    while at < chunk.count {
      let byte = chunk[at]
      if place == .outside {
        switch byte {
        case UInt8(ascii: "\n"): line += 1
        case 0x20, 0x09, 0x0D, UInt8(ascii: ","), UInt8(ascii: "["), UInt8(ascii: "]"), 0xEF, 0xBB, 0xBF: break
        default:
          place = .inside
          (depth, firstLine, start) = (0, line, at)
          continue
        }
        at += 1
        continue
      }
      at += 1
      if byte == UInt8(ascii: "\n") { line += 1 }
      if isInString {
        if isEscaped {
          isEscaped = false
        } else if byte == UInt8(ascii: "\\") {
          isEscaped = true
        } else if byte == UInt8(ascii: "\"") {
          isInString = false
        }
        continue
      }
      switch byte {
      case UInt8(ascii: "\""): isInString = true
      case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
      case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
      default: break
      }
      // A word outside of all objects ends with its line.
      let isOver = byte == UInt8(ascii: "}") || byte == UInt8(ascii: "]") ? depth <= 0 : depth <= 0 && byte == UInt8(ascii: "\n")
      if isOver || pending.count > limit { try hand(chunk, start, at, &start, body) }
    }
    if place == .inside { pending.append(contentsOf: chunk[start...]) }
  }

  /// Hands over what has begun and not ended.
  mutating func finish(_ body: (UnsafeRawBufferPointer, Int) throws -> Void) throws {
    guard place == .inside else { return }
    place = .outside
    try pending.withUnsafeBytes { try body($0, firstLine) }
    pending = []
  }

  private mutating func hand(
    _ chunk: UnsafeRawBufferPointer, _ from: Int, _ to: Int, _ start: inout Int, _ body: (UnsafeRawBufferPointer, Int) throws -> Void
  ) throws {
    place = .outside
    (depth, isInString, isEscaped) = (0, false, false)
    start = to
    if pending.isEmpty {
      try body(UnsafeRawBufferPointer(rebasing: chunk[from..<to]), firstLine)
    } else {
      pending.append(contentsOf: chunk[from..<to])
      try pending.withUnsafeBytes { try body($0, firstLine) }
      pending.removeAll(keepingCapacity: true)
    }
  }
}
