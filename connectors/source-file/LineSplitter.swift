import Glibc

/// Splits a text into its lines, piece by piece.
struct LineSplitter {
  private var pending: [UInt8] = []
  private var line = 1

  /// Calls `body` with every line that ends in `chunk`, without its end, and with its number; blank lines are left out.
  mutating func read(_ chunk: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer, Int) throws -> Void) throws {
    var rest = chunk
    while let base = rest.baseAddress, rest.count > 0, let end = memchr(base, 0x0A, rest.count) {
      let length = UnsafeRawPointer(end) - base
      let piece = UnsafeRawBufferPointer(start: base, count: length)
      rest = UnsafeRawBufferPointer(rebasing: rest[(length + 1)...])
      if pending.isEmpty {
        try hand(piece, body)
      } else {
        pending.append(contentsOf: piece)
        let whole = pending
        pending.removeAll(keepingCapacity: true)
        try whole.withUnsafeBytes { try hand($0, body) }
      }
    }
    pending.append(contentsOf: rest)
  }

  /// Hands over the last line, if it has no end.
  mutating func finish(_ body: (UnsafeRawBufferPointer, Int) throws -> Void) throws {
    let whole = pending
    pending = []
    try whole.withUnsafeBytes { try hand($0, body) }
  }

  private mutating func hand(_ bytes: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer, Int) throws -> Void) throws {
    defer { line += 1 }
    var piece = bytes[...]
    if line == 1, piece.count >= 3, piece[0] == 0xEF, piece[1] == 0xBB, piece[2] == 0xBF { piece = piece.dropFirst(3) }
    if piece.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }) { return }
    try body(UnsafeRawBufferPointer(rebasing: piece), line)
  }
}
