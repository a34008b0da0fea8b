/// Shell wildcards, as Python's `fnmatch` has them: `*` any run of characters, `?` one, `[abc]`, `[a-z]`, `[!a]` one of a set.
enum Wildcard {
  /// Whether all of `text` fits `pattern`; case counts.
  static func matches(_ text: String, _ pattern: String) -> Bool {
    if !pattern.contains(where: { "*?[".contains($0) }) { return text == pattern }
    return matches(Array(text.unicodeScalars), Array(pattern.unicodeScalars))
  }

  private static func matches(_ text: [Unicode.Scalar], _ pattern: [Unicode.Scalar]) -> Bool {
    var at = 0
    var next = 0
    // Where to go on if a run after the last star turns out too short.
    var retry: (at: Int, next: Int)?
    while at < text.count {
      if next < pattern.count, pattern[next] == "*" {
        next += 1
        retry = (at, next)
        continue
      }
      if next < pattern.count, let length = fits(text[at], pattern, next) {
        at += 1
        next += length
        continue
      }
      guard let again = retry else { return false }
      at = again.at + 1
      next = again.next
      retry = (at, next)
    }
    while next < pattern.count, pattern[next] == "*" { next += 1 }
    return next == pattern.count
  }

  /// How much of the pattern a character used up; nil if it does not fit.
  private static func fits(_ scalar: Unicode.Scalar, _ pattern: [Unicode.Scalar], _ index: Int) -> Int? {
    switch pattern[index] {
    case "?": return 1
    case "[":
      guard let end = pattern[(index + 1)...].dropFirst().firstIndex(of: "]") else { return scalar == "[" ? 1 : nil }
      var set = pattern[(index + 1)..<end]
      let negated = set.first == "!"
      if negated { set = set.dropFirst() }
      var found = false
      var at = set.startIndex
      while at < set.endIndex {
        if at + 2 < set.endIndex, set[at + 1] == "-" {
          if set[at] <= set[at + 2], (set[at]...set[at + 2]).contains(scalar) { found = true }
          at += 3
        } else {
          if set[at] == scalar { found = true }
          at += 1
        }
      }
      return found != negated ? end - index + 1 : nil
    default: return pattern[index] == scalar ? 1 : nil
    }
  }
}

/// A path with wildcards, part by part; `**` stands for any folders. It matches a file, and everything below a folder.
struct PathPattern {
  private let parts: [String]

  init(_ text: String) {
    parts = text.split(separator: "/").map(String.init).filter { $0 != "." }
  }

  /// Whether a file is meant, or lies in a folder that is meant.
  func matches(_ path: String) -> Bool {
    let names = path.split(separator: "/").map(String.init)
    return PathPattern.matches(names[...], parts[...], prefix: true)
  }

  /// Whether the very file is meant.
  func matchesExactly(_ path: String) -> Bool {
    let names = path.split(separator: "/").map(String.init)
    return PathPattern.matches(names[...], parts[...], prefix: false)
  }

  private static func matches(_ names: ArraySlice<String>, _ parts: ArraySlice<String>, prefix: Bool) -> Bool {
    guard let part = parts.first else { return prefix || names.isEmpty }
    if part == "**" {
      if matches(names, parts.dropFirst(), prefix: prefix) { return true }
      return !names.isEmpty && matches(names.dropFirst(), parts, prefix: prefix)
    }
    guard let name = names.first else { return false }
    return Wildcard.matches(name, part) && matches(names.dropFirst(), parts.dropFirst(), prefix: prefix)
  }
}
