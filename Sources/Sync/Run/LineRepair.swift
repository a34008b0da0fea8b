/// Makes JSON of a line that is nearly JSON.
///
/// Programs write such lines although RFC 8259 allows none of it: Python's `json` writes `NaN` and `Infinity` for numbers that are none,
/// others write text that is not UTF-8, halves of surrogate pairs, a byte order mark, or control characters as they are.
/// A number that is none becomes a string of its name, which no column of numbers holds; a character that is none becomes U+FFFD.
enum LineRepair {
  /// The line with what was wrong put right; nil where there was nothing of the kind.
  static func repaired(_ line: UnsafeRawBufferPointer) -> [UInt8]? {
    var reading = Reading(source: Array(String(decoding: line, as: UTF8.self).utf8))
    reading.differs = reading.source.count != line.count || !reading.source.elementsEqual(line)
    reading.run()
    return reading.differs ? reading.result : nil
  }

  private struct Reading {
    let source: [UInt8]
    var result: [UInt8] = []
    var differs = false
    private var at = 0

    init(source: [UInt8]) {
      self.source = source
      result.reserveCapacity(source.count + 64)
    }

    mutating func run() {
      if source.starts(with: [0xEF, 0xBB, 0xBF]) {
        at = 3
        differs = true
      }
      while at < source.count {
        switch source[at] {
        case UInt8(ascii: "\""): string()
        case UInt8(ascii: "N"), UInt8(ascii: "I"), UInt8(ascii: "-"):
          if !["NaN", "Infinity", "-Infinity"].contains(where: { take($0) }) { copy(1) }
        default: copy(1)
        }
      }
    }

    private mutating func copy(_ count: Int) {
      result += source[at..<min(source.count, at + count)]
      at += count
    }

    private mutating func take(_ word: String) -> Bool {
      guard source[at...].starts(with: word.utf8) else { return false }
      result += "\"\(word)\"".utf8
      at += word.utf8.count
      differs = true
      return true
    }

    private mutating func string() {
      copy(1)
      while at < source.count {
        let byte = source[at]
        if byte == UInt8(ascii: "\"") { return copy(1) }
        if byte == UInt8(ascii: "\\") {
          escape()
        } else if byte < 0x20 {
          result += "\\u00\(byte < 16 ? "0" : "")\(String(byte, radix: 16))".utf8
          at += 1
          differs = true
        } else {
          copy(1)
        }
      }
    }

    private mutating func escape() {
      guard let unit = unit(at: at), (0xD800..<0xE000).contains(unit) else { return copy(2) }
      if unit < 0xDC00, let second = self.unit(at: at + 6), (0xDC00..<0xE000).contains(second) { return copy(12) }
      result += "\\ufffd".utf8
      at += 6
      differs = true
    }

    /// The value of an escape `\uXXXX` at a place.
    private func unit(at place: Int) -> UInt16? {
      guard place + 6 <= source.count, source[place] == UInt8(ascii: "\\"), source[place + 1] == UInt8(ascii: "u") else { return nil }
      return UInt16(String(decoding: source[(place + 2)..<(place + 6)], as: UTF8.self), radix: 16)
    }
  }
}
