/// A pattern for paths: `*` and `?` within a name, `[a-z]` for one of several characters, `**` across folders.
struct Glob {
  private let pattern: [UInt8]

  init(_ pattern: String) {
    self.pattern = Array(pattern.utf8)
  }

  /// Whether a path is a pattern.
  static func isPattern(_ path: String) -> Bool { path.contains { $0 == "*" || $0 == "?" || $0 == "[" } }

  /// The folder that everything that matches a pattern is below; empty for the current one.
  static func folder(of pattern: String) -> String {
    let plain = pattern.prefix { $0 != "*" && $0 != "?" && $0 != "[" }
    guard let slash = plain.lastIndex(of: "/") else { return "" }
    return slash == plain.startIndex ? "/" : String(plain[..<slash])
  }

  /// Whether the whole of `path` matches.
  func matches(_ path: String) -> Bool {
    matches(pattern[...], Array(path.utf8)[...])
  }

  private func matches(_ pattern: ArraySlice<UInt8>, _ text: ArraySlice<UInt8>) -> Bool {
    var pattern = pattern
    var text = text
    while let head = pattern.first {
      switch head {
      case UInt8(ascii: "*"):
        if pattern.dropFirst().first == head {
          // `**/` may stand for no folder at all.
          var rest = pattern.dropFirst(2)
          if rest.first == UInt8(ascii: "/") {
            rest = rest.dropFirst()
            if matches(rest, text) { return true }
            return text.indices.contains { text[$0] == UInt8(ascii: "/") && matches(rest, text[($0 + 1)...]) }
          }
          return (text.startIndex...text.endIndex).contains { matches(rest, text[$0...]) }
        }
        let rest = pattern.dropFirst()
        let name = text.firstIndex(of: UInt8(ascii: "/")) ?? text.endIndex
        return (text.startIndex...name).contains { matches(rest, text[$0...]) }
      case UInt8(ascii: "?"):
        guard let byte = text.popFirst(), byte != UInt8(ascii: "/") else { return false }
        // The rest of a character of several bytes belongs to it.
        while let next = text.first, next & 0xC0 == 0x80 { text = text.dropFirst() }
        pattern = pattern.dropFirst()
      case UInt8(ascii: "["):
        guard let close = pattern.dropFirst(2).firstIndex(of: UInt8(ascii: "]")) else { return false }
        guard let byte = text.popFirst(), isIn(pattern[(pattern.startIndex + 1)..<close], byte) else { return false }
        pattern = pattern[(close + 1)...]
      default:
        guard text.popFirst() == head else { return false }
        pattern = pattern.dropFirst()
      }
    }
    return text.isEmpty
  }

  private func isIn(_ set: ArraySlice<UInt8>, _ byte: UInt8) -> Bool {
    var set = set
    let isNegated = set.first == UInt8(ascii: "!") || set.first == UInt8(ascii: "^")
    if isNegated { set = set.dropFirst() }
    var isFound = false
    while let low = set.popFirst() {
      if set.first == UInt8(ascii: "-"), let high = set.dropFirst().first {
        set = set.dropFirst(2)
        if low <= byte && byte <= high { isFound = true }
      } else if low == byte {
        isFound = true
      }
    }
    return isFound != isNegated && byte != UInt8(ascii: "/")
  }
}
