// Texts as Python sees them: sequences of code points, not of grapheme clusters.
extension String {
  /// Whether every byte is a code point.
  var isASCII: Bool { utf8.allSatisfy { $0 < 0x80 } }

  /// How many code points there are.
  var length: Int { isASCII ? utf8.count : unicodeScalars.count }

  /// The text with every `target` replaced, at most `limit` of them; refused if that would be too long.
  func replacing(_ target: String, with replacement: String, limit: Int) throws -> String {
    let growth = replacement.utf8.count - target.utf8.count
    let most = min(limit, utf8.count / max(1, target.utf8.count) + 1)
    // Counted only where it could matter.
    if growth > 0, most > Limits.textLength / growth {
      let count = target.isEmpty ? most : min(limit, parts(separatedBy: target).count - 1)
      try Limits.check(text: count > Limits.textLength / growth ? .max : utf8.count + count * growth)
    }
    return replacingAll(target, with: replacement, limit: limit)
  }

  /// The text with every `target` replaced, at most `limit` of them.
  func replacingAll(_ target: String, with replacement: String, limit: Int = .max) -> String {
    guard limit > 0 else { return self }
    if target.isEmpty {
      var result = ""
      var left = limit
      for scalar in unicodeScalars {
        if left > 0 { result += replacement }
        left -= 1
        result.unicodeScalars.append(scalar)
      }
      return left > 0 ? result + replacement : result
    }
    let bytes = Array(utf8)
    let pattern = Array(target.utf8)
    let insert = Array(replacement.utf8)
    var result: [UInt8] = []
    var from = 0
    var left = limit
    while left > 0, let found = bytes.firstIndex(of: pattern, from: from) {
      result += bytes[from..<found]
      result += insert
      from = found + pattern.count
      left -= 1
    }
    if from == 0 { return self }
    result += bytes[from...]
    return String(decoding: result, as: UTF8.self)
  }

  /// The parts between `separator`s, at most `limit` splits, from the left.
  func parts(separatedBy separator: String, limit: Int = .max) -> [String] {
    let bytes = Array(utf8)
    let pattern = Array(separator.utf8)
    var result: [String] = []
    var from = 0
    while result.count < limit, let found = bytes.firstIndex(of: pattern, from: from) {
      result.append(String(decoding: bytes[from..<found], as: UTF8.self))
      from = found + pattern.count
    }
    result.append(String(decoding: bytes[from...], as: UTF8.self))
    return result
  }

  /// Whether `part` stands somewhere in the text.
  func includes(_ part: String) -> Bool { part.isEmpty || Array(utf8).firstIndex(of: Array(part.utf8), from: 0) != nil }

  /// The text, or `count` times it.
  func repeated(_ count: Int64) -> String { count > 0 ? String(repeating: self, count: Int(count)) : "" }

  /// The first code point in upper case and the others in lower case.
  var capitalizedFirst: String {
    guard let first = unicodeScalars.first else { return self }
    return first.properties.titlecaseMapping + String(String.UnicodeScalarView(unicodeScalars.dropFirst())).lowercased()
  }

  /// Python's `str.title`: each letter after something that is no letter in upper case, the others in lower case.
  var titled: String {
    var result = ""
    var isInside = false
    for scalar in unicodeScalars {
      let isCased = scalar.properties.isCased
      if isCased { result += isInside ? scalar.properties.lowercaseMapping : scalar.properties.titlecaseMapping } else { result.unicodeScalars.append(scalar) }
      isInside = isCased
    }
    return result
  }

  var swappedCase: String {
    unicodeScalars.reduce(into: "") {
      $0 += $1.properties.isUppercase ? $1.properties.lowercaseMapping : $1.properties.uppercaseMapping
    }
  }

  /// The lines, as `str.splitlines` cuts them.
  func lines(keepingEnds: Bool = false) -> [String] {
    var result: [String] = []
    var line = String.UnicodeScalarView()
    var scalars = unicodeScalars.makeIterator()
    var next = scalars.next()
    while let scalar = next {
      next = scalars.next()
      guard String.isLineEnd(scalar) else {
        line.append(scalar)
        continue
      }
      if keepingEnds { line.append(scalar) }
      if scalar == "\r", next == "\n" {
        if keepingEnds { line.append("\n") }
        next = scalars.next()
      }
      result.append(String(line))
      line = String.UnicodeScalarView()
    }
    if !line.isEmpty { result.append(String(line)) }
    return result
  }

  private static func isLineEnd(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x0A...0x0D, 0x1C...0x1E, 0x85, 0x2028, 0x2029: true
    default: false
    }
  }

  /// Python's idea of whitespace.
  static func isSpace(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x09...0x0D, 0x1C...0x20, 0x85, 0xA0: true
    default: scalar.value > 0xFF && scalar.properties.isWhitespace
    }
  }
}

extension StringProtocol {
  /// The text without whitespace at both ends, or at one.
  func trimmedWhitespace(start: Bool = true, end: Bool = true) -> String {
    trimmed(start: start, end: end, where: String.isSpace)
  }

  /// The text without what `isTrimmed` names at both ends, or at one.
  func trimmed(start: Bool = true, end: Bool = true, where isTrimmed: (Unicode.Scalar) -> Bool) -> String {
    let scalars = unicodeScalars
    var from = scalars.startIndex
    var to = scalars.endIndex
    if start { while from < to, isTrimmed(scalars[from]) { from = scalars.index(after: from) } }
    if end {
      while to > from {
        let before = scalars.index(before: to)
        guard isTrimmed(scalars[before]) else { break }
        to = before
      }
    }
    return String(self[from..<to])
  }
}

extension Array where Element == UInt8 {
  /// Where `pattern` begins, at or after `from`.
  func firstIndex(of pattern: [UInt8], from: Int) -> Int? {
    guard let first = pattern.first else { return from <= count ? from : nil }
    guard count - from >= pattern.count else { return nil }
    return withUnsafeBufferPointer { bytes in
      var index = from
      let last = bytes.count - pattern.count
      while index <= last {
        if bytes[index] == first {
          var offset = 1
          while offset < pattern.count, bytes[index + offset] == pattern[offset] { offset += 1 }
          if offset == pattern.count { return index }
        }
        index += 1
      }
      return nil
    }
  }
}
