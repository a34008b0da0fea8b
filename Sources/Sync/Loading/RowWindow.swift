import Glibc

/// Rows that wait to be written together: their cells, where they came from, and copies of what does not stay where it came in.
///
/// A window takes its memory with its first row, and gives it back when it is cleared, unless it is small: many streams may each
/// have one.
final class RowWindow {
  /// One value to bind; what it points to lives until the window is cleared.
  struct Cell: Equatable {
    enum Kind: UInt8 { case null, integer, real, text }
    var kind: Kind
    var length: UInt32
    /// The integer, the bits of the real number, or the address of the text.
    var bits: UInt64

    @inline(__always) static func == (left: Cell, right: Cell) -> Bool {
      left.bits == right.bits && left.kind == right.kind && left.length == right.length
    }
  }

  /// Where a row came from.
  struct Origin {
    var text: UnsafePointer<CChar>
    var length: Int
    var counter: UInt64
    var milliseconds: Int64
  }

  /// How many rows there is room for.
  let capacity: Int
  /// How many cells a row has.
  let width: Int
  /// How many rows wait.
  private(set) var count = 0
  /// The cells, row after row; those of the row `count` are being filled.
  private(set) var cells: UnsafeMutablePointer<Cell>
  /// Where the rows came from.
  private(set) var origins: UnsafeMutablePointer<Origin>
  /// The places of the cells that rows are sorted by; none if they stay in the order in which they come.
  private let keys: [Int]
  /// A row each, by the beginning of its key.
  private var entries: [Entry] = []
  /// Whether the rows came in the order of their keys.
  private(set) var isOrdered = true
  private var stamps: UnsafeMutablePointer<UInt8>
  private var chunk: UnsafeMutablePointer<UInt8>
  private var used = 0
  private var filled: [UnsafeMutablePointer<UInt8>] = []
  private var copied = 0

  /// Row number and time of extraction: 36 and 24 bytes.
  private static let stampLength = 60
  private static let chunkSize = 1 << 16
  private static let mostCopied = 4 << 20
  /// Windows of so many rows keep their memory.
  private static let small = 64

  /// A window for `capacity` rows of `width` cells, to be sorted by those at `keys`.
  init(capacity: Int, width: Int, keys: [Int]) {
    self.capacity = capacity
    self.width = width
    self.keys = keys
    cells = .allocate(capacity: capacity * width)
    origins = .allocate(capacity: capacity)
    stamps = .allocate(capacity: capacity * RowWindow.stampLength)
    chunk = .allocate(capacity: RowWindow.chunkSize)
  }

  deinit {
    for chunk in filled { chunk.deallocate() }
    chunk.deallocate()
    stamps.deallocate()
    origins.deallocate()
    cells.deallocate()
  }

  /// Whether the rows should be written before there are more.
  @inline(__always) var isFull: Bool { count == capacity || copied > RowWindow.mostCopied }

  /// Room for number and time of the row that is being filled.
  @inline(__always) var stamp: UnsafeMutablePointer<UInt8> { stamps + count * RowWindow.stampLength }

  /// The row that was filled is one of those that wait.
  @inline(__always) func take(_ origin: Origin) {
    (origins + count).initialize(to: origin)
    if let first = keys.first {
      let entry = Entry(prefix: RowWindow.prefix(cells[count * width + first]), index: Int32(truncatingIfNeeded: count))
      if isOrdered, let last = entries.last, !precedes(last, entry) { isOrdered = false }
      entries.append(entry)
    }
    count += 1
  }

  /// A copy of `count` bytes.
  func copy(_ text: UnsafePointer<CChar>, _ count: Int) -> UnsafePointer<CChar> {
    let place: UnsafeMutablePointer<UInt8>
    if used + count > RowWindow.chunkSize {
      copied += max(count, RowWindow.chunkSize)
      if count > RowWindow.chunkSize / 4 {
        place = .allocate(capacity: count)
        filled.append(place)
      } else {
        filled.append(chunk)
        chunk = .allocate(capacity: RowWindow.chunkSize)
        place = chunk
        used = count
      }
    } else {
      place = chunk + used
      used += count
    }
    memcpy(place, text, count)
    return UnsafeRawPointer(place).assumingMemoryBound(to: CChar.self)
  }

  /// Forgets all rows and copies.
  func clear() {
    used = 0
    copied = 0
    if !filled.isEmpty {
      for chunk in filled { chunk.deallocate() }
      filled.removeAll()
    }
    if capacity > RowWindow.small && count > RowWindow.small {
      stamps.deallocate()
      origins.deallocate()
      cells.deallocate()
      // Memory that nobody has touched yet costs nothing.
      cells = .allocate(capacity: capacity * width)
      origins = .allocate(capacity: capacity)
      stamps = .allocate(capacity: capacity * RowWindow.stampLength)
    }
    entries.removeAll(keepingCapacity: entries.capacity <= 2 * RowWindow.small)
    isOrdered = true
    count = 0
  }

  // MARK: - Order

  /// A row by the beginning of its key.
  private struct Entry {
    /// Less or equal for lesser keys.
    var prefix: UInt64
    var index: Int32
  }

  /// The rows in the order of their keys, those of equal keys in the order in which they came; nil if that is the order they are in.
  ///
  /// SQLite's order is followed as far as it matters: what it takes for equal, an integer and the same number with a point, is equal.
  func order() -> [Int32]? {
    guard !isOrdered else { return nil }
    entries.sort { precedes($0, $1) }
    return entries.map(\.index)
  }

  /// Reads a little of each line of memory of some rows, so that they are at hand when their turn comes. In the order of their keys
  /// rows lie scattered, and waiting for many at a time costs little more than waiting for one.
  ///
  /// - Returns: a sum that means nothing, so that the reading is not taken for superfluous.
  func fetch(_ rows: ArraySlice<Int32>) -> UInt64 {
    var sum: UInt64 = 0
    for row in rows {
      let cells = self.cells + Int(row) * width
      for place in stride(from: 0, to: width, by: 4) { sum &+= cells[place].bits }
    }
    for row in rows {
      let origin = origins[Int(row)]
      for place in stride(from: 0, to: min(origin.length, 1024), by: 64) { sum &+= UInt64(UInt8(bitPattern: origin.text[place])) }
    }
    return sum
  }

  @inline(__always) private func precedes(_ left: Entry, _ right: Entry) -> Bool {
    if left.prefix != right.prefix { return left.prefix < right.prefix }
    for key in keys {
      let order = RowWindow.compare(cells[Int(left.index) * width + key], cells[Int(right.index) * width + key])
      if order != 0 { return order < 0 }
    }
    return left.index < right.index
  }

  /// Numbers by their bits, which order like them once the sign is taken care of; texts behind them, by their first bytes.
  private static func prefix(_ cell: Cell) -> UInt64 {
    func number(_ value: Double) -> UInt64 {
      let bits = (value == 0 ? 0 : value).bitPattern
      return (bits >> 63 == 1 ? ~bits : bits | 1 << 63) >> 1
    }
    switch cell.kind {
    case .null: return 0
    case .integer: return number(Double(Int64(bitPattern: cell.bits)))
    case .real: return number(Double(bitPattern: cell.bits))
    case .text:
      var bytes: UInt64 = 0
      if let text = UnsafeRawPointer(bitPattern: UInt(cell.bits)) { memcpy(&bytes, text, min(8, Int(cell.length))) }
      return UInt64(bigEndian: bytes) >> 1 | 1 << 63
    }
  }

  private static func compare(_ left: Cell, _ right: Cell) -> Int {
    switch (left.kind, right.kind) {
    case (.integer, .integer):
      let (one, other) = (Int64(bitPattern: left.bits), Int64(bitPattern: right.bits))
      return one < other ? -1 : one > other ? 1 : 0
    case (.text, .text):
      guard let one = UnsafeRawPointer(bitPattern: UInt(left.bits)), let other = UnsafeRawPointer(bitPattern: UInt(right.bits)) else { return 0 }
      let order = memcmp(one, other, Int(min(left.length, right.length)))
      return order != 0 ? Int(order) : Int(left.length) - Int(right.length)
    case (.integer, .real), (.real, .integer), (.real, .real):
      let (one, other) = (number(left), number(right))
      return one < other ? -1 : one > other ? 1 : 0
    default: return Int(left.kind.rawValue) - Int(right.kind.rawValue)
    }
  }

  private static func number(_ cell: Cell) -> Double {
    cell.kind == .integer ? Double(Int64(bitPattern: cell.bits)) : Double(bitPattern: cell.bits)
  }
}
