/// What must, or must not, stand before a match. Swift's engine has no lookbehind; one at the beginning of a pattern can be asked
/// of every match instead.
struct Lookbehind {
  let pattern: Regex<AnyRegexOutput>
  let isNegative: Bool

  /// Whether a match may begin where `before` ends. Python's lookbehinds are of a fixed width: some end of `before` matches as a whole.
  func allows(_ before: Substring) -> Bool {
    var start = before.endIndex
    for _ in 0...Self.width {
      if (try? pattern.wholeMatch(in: before[start...])) != nil { return !isNegative }
      guard start > before.startIndex else { break }
      start = before.unicodeScalars.index(before: start)
    }
    return isNegative
  }

  private static let width = 100
}

/// The parts of a pattern that begins with a lookbehind, after flags, blanks and comments: `(?ix) (?<!distinct\s) from (\w+)`.
struct LeadingLookbehind {
  /// `(?ix)`, or nothing.
  let flags: String
  let condition: String
  let isNegative: Bool
  let rest: String

  /// Nil where there is none, where there are more, or where it is only one of several alternatives.
  init?(_ source: String) {
    var rest = source[...]
    var flags = ""
    if rest.hasPrefix("(?"), let end = rest.firstIndex(of: ")"), rest[..<end].dropFirst(2).allSatisfy({ "aiLmsux".contains($0) }) {
      flags = String(rest[...end])
      rest = rest[rest.index(after: end)...]
    }
    if flags.contains("x") {
      while let first = rest.first, first.isWhitespace || first == "#" {
        rest = first == "#" ? rest.drop { !$0.isNewline } : rest.dropFirst()
      }
    }
    guard rest.hasPrefix("(?<!") || rest.hasPrefix("(?<=") else { return nil }
    isNegative = rest.hasPrefix("(?<!")
    let body = rest.dropFirst(4)
    guard let close = Self.outside(body, isExtended: flags.contains("x"), first: ")") else { return nil }
    condition = String(body[..<close])
    self.flags = flags
    let left = body[body.index(after: close)...]
    guard !left.contains("(?<!"), !left.contains("(?<="), Self.outside(left, isExtended: flags.contains("x"), first: "|") == nil else { return nil }
    self.rest = String(left)
  }

  /// The first `character` outside of brackets, classes, escapes and comments.
  private static func outside(_ text: Substring, isExtended: Bool, first character: Character) -> Substring.Index? {
    var depth = 0
    var isClass = false
    var index = text.startIndex
    while index < text.endIndex {
      let next = text[index]
      if next == "\\" {
        index = text.index(after: index)
        guard index < text.endIndex else { return nil }
      } else if isClass {
        isClass = next != "]"
      } else if next == "[" {
        isClass = true
      } else if isExtended, next == "#" {
        index = text[index...].firstIndex(where: \.isNewline) ?? text.endIndex
        continue
      } else if depth == 0, next == character {
        return index
      } else if next == "(" {
        depth += 1
      } else if next == ")" {
        depth -= 1
      }
      index = text.index(after: index)
    }
    return nil
  }
}
