/// What of a project could not be read. What it would have defined is missing elsewhere, and that is no second mistake:
/// of each mistake one error is told, so that all of them fit into one report.
struct Breakage {
  private var names: Set<String> = []
  private var texts: [String] = []

  /// Whether everything could be read.
  var isEmpty: Bool { names.isEmpty && texts.isEmpty }

  /// A model, a table, a macro of that name could not be read.
  mutating func lose(_ name: String) { names.insert(name) }

  /// A file could not be read, and nobody knows what it defines.
  mutating func lose(text: String) { texts.append(text) }

  /// Whether something of that name may have been lost.
  func explains(_ name: String) -> Bool {
    names.contains(name) || texts.contains { Breakage.mentions(name, in: $0) }
  }

  /// Whether `name` stands in a text as a word of its own.
  private static func mentions(_ name: String, in text: String) -> Bool {
    guard !name.isEmpty else { return false }
    var rest = text[...]
    while let found = rest.firstRange(of: name) {
      let before = found.lowerBound == text.startIndex ? nil : text[text.index(before: found.lowerBound)]
      let after = found.upperBound == text.endIndex ? nil : text[found.upperBound]
      if !isWord(before), !isWord(after) { return true }
      rest = rest[found.upperBound...]
    }
    return false
  }

  private static func isWord(_ character: Character?) -> Bool {
    character.map { $0.isLetter || $0.isNumber || $0 == "_" } ?? false
  }
}
