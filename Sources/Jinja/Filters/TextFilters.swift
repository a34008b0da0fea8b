/// Filters on texts. Markup stays markup.
enum TextFilters {
  static let all: [String: Filter] = [
    "capitalize": mapped { $0.capitalizedFirst }, "lower": mapped { $0.lowercased() }, "upper": mapped { $0.uppercased() },
    "title": mapped(title), "center": center, "format": format, "indent": indent, "replace": replace, "trim": trim,
    "truncate": truncate, "wordcount": wordCount, "wordwrap": wordWrap,
  ]

  static func made(_ text: String, like value: Value) -> Value { value.isMarkup ? .markup(text) : .string(text) }

  private static func mapped(_ transform: @escaping @Sendable (String) -> String) -> Filter {
    { value, _ in made(transform(try value.str()), like: value) }
  }

  /// Words begin after blanks, hyphens and opening brackets, not after apostrophes.
  private static func title(_ text: String) -> String {
    var result = ""
    var word = ""
    func flush() {
      if let first = word.unicodeScalars.first {
        result += first.properties.uppercaseMapping + String(String.UnicodeScalarView(word.unicodeScalars.dropFirst())).lowercased()
      }
      word = ""
    }
    for scalar in text.unicodeScalars {
      if String.isSpace(scalar) || ["-", "(", "{", "[", "<"].contains(scalar) {
        flush()
        result.unicodeScalars.append(scalar)
      } else {
        word.unicodeScalars.append(scalar)
      }
    }
    flush()
    return result
  }

  private static let center: Filter = { value, call in
    let text = try value.str()
    let width = try Limits.width(try call.integer(0, "width") ?? 80)
    let missing = width - text.length
    guard missing > 0 else { return made(text, like: value) }
    let left = missing / 2 + (missing & width & 1)
    return made(
      String(repeating: " ", count: left) + text + String(repeating: " ", count: missing - left), like: value)
  }

  private static let format: Filter = { value, call in
    guard call.positional.isEmpty || call.keywords.isEmpty else {
      throw Fault(.type, "can't handle positional and keyword arguments at the same time")
    }
    var arguments = Value.tuple(call.positional)
    if !call.keywords.isEmpty {
      let box = DictBox()
      for keyword in call.keywords { box[keyword.name] = keyword.value }
      arguments = .dict(box)
    }
    return try (value.isMarkup ? value : .string(try value.str())).applying(.modulo, arguments)
  }

  private static let indent: Filter = { value, call in
    let width = call.argument(0, "width") ?? 4
    let indentation = try width.text ?? String(repeating: " ", count: Limits.width(width.int ?? 4))
    let indentsFirst = try call.flag(1, "first")
    let indentsBlank = try call.flag(2, "blank")
    let text = try value.str()
    let lines = (text + "\n").lines()
    var result = ""
    for (index, line) in lines.enumerated() {
      if index > 0 { result += "\n" }
      let isIndented = index == 0 ? indentsFirst : indentsBlank || !line.isEmpty
      result += isIndented ? indentation + line : line
    }
    return made(result, like: value)
  }

  private static let replace: Filter = { value, call in
    let old = try call.required(0, "old", of: "replace")
    let new = try call.required(1, "new", of: "replace")
    let limit = try call.integer(2, "count").map { $0 < 0 ? Int.max : Int(clamping: $0) } ?? .max
    if call.run.autoescape {
      // Something in it is markup, or becomes so: everything else is escaped.
      if !value.isMarkup, !old.isMarkup, !new.isMarkup {
        return .string(try value.str().replacing(try old.str(), with: try new.str(), limit: limit))
      }
      return .markup(try value.escaped().replacing(try old.str(), with: try new.escaped(), limit: limit))
    }
    return .string(try value.str().replacing(try old.str(), with: try new.str(), limit: limit))
  }

  private static let trim: Filter = { value, call in
    let text = try value.str()
    guard let characters = try call.string(0, "chars") else { return made(text.trimmedWhitespace(), like: value) }
    let set = Set(characters.unicodeScalars)
    return made(text.trimmed(where: set.contains), like: value)
  }

  private static let truncate: Filter = { value, call in
    let text = try value.str()
    let length = Int(clamping: try call.integer(0, "length") ?? 255)
    let killsWords = try call.flag(1, "killwords")
    let end = try call.argument(2, "end")?.str() ?? "..."
    let leeway = Int(clamping: try call.integer(3, "leeway") ?? 5)
    guard length >= end.length else { throw Fault(.value, "expected length >= \(end.length), got \(length)") }
    guard leeway >= 0 else { throw Fault(.value, "expected leeway >= 0, got \(leeway)") }
    guard text.length > length + leeway else { return value }
    let cut = String(String.UnicodeScalarView(text.unicodeScalars.prefix(length - end.length)))
    if killsWords { return made(cut + end, like: value) }
    let words = cut.parts(separatedBy: " ")
    return made((words.count > 1 ? words.dropLast().joined(separator: " ") : cut) + end, like: value)
  }

  private static let wordCount: Filter = { value, _ in
    var count: Int64 = 0
    var isInside = false
    for scalar in try value.str().unicodeScalars {
      let isWord = scalar == "_" || scalar.properties.isAlphabetic || scalar.properties.numericType != nil
      if isWord, !isInside { count += 1 }
      isInside = isWord
    }
    return .int(count)
  }

  private static let wordWrap: Filter = { value, call in
    let width = Int(clamping: try call.integer(0, "width") ?? 79)
    let breaksWords = try call.flag(1, "break_long_words", default: true)
    let separator = try call.string(2, "wrapstring") ?? call.scope.template.environment.options.syntax.newlineSequence
    let breaksHyphens = try call.flag(3, "break_on_hyphens", default: true)
    guard width > 0 else { throw Fault(.value, "invalid width \(width) (must be > 0)") }
    let lines = try value.str().lines().map { line in
      TextWrap.lines(line, width: width, breaksWords: breaksWords, breaksHyphens: breaksHyphens).joined(separator: separator)
    }
    return made(lines.joined(separator: separator), like: value)
  }
}

/// Python's `textwrap.wrap`.
enum TextWrap {
  static func lines(_ text: String, width: Int, breaksWords: Bool, breaksHyphens: Bool) -> [String] {
    var chunks = chunks(text, breaksHyphens: breaksHyphens)[...]
    var lines: [String] = []
    while !chunks.isEmpty {
      var line: [[Unicode.Scalar]] = []
      var length = 0
      if !lines.isEmpty, let first = chunks.first, first.allSatisfy(String.isSpace) { chunks = chunks.dropFirst() }
      while let chunk = chunks.first, length + chunk.count <= width {
        line.append(chunk)
        length += chunk.count
        chunks = chunks.dropFirst()
      }
      if let chunk = chunks.first, chunk.count > width {
        if breaksWords {
          var room = max(1, width - length)
          if breaksHyphens, chunk.count > room, let hyphen = chunk[..<room].lastIndex(of: "-"), hyphen > 0,
            chunk[..<hyphen].contains(where: { $0 != "-" })
          {
            room = hyphen + 1
          }
          line.append(Array(chunk.prefix(room)))
          chunks = [Array(chunk.dropFirst(room))] + chunks.dropFirst()
        } else if line.isEmpty {
          line.append(chunk)
          chunks = chunks.dropFirst()
        }
      }
      if let last = line.last, last.allSatisfy(String.isSpace) { line.removeLast() }
      if !line.isEmpty {
        var view = String.UnicodeScalarView()
        for chunk in line { view.append(contentsOf: chunk) }
        lines.append(String(view))
      }
    }
    return lines
  }

  /// Words and the runs of whitespace between them; words are cut after hyphens inside them.
  private static func chunks(_ text: String, breaksHyphens: Bool) -> [[Unicode.Scalar]] {
    var chunks: [[Unicode.Scalar]] = []
    var current: [Unicode.Scalar] = []
    let scalars = Array(text.unicodeScalars)
    for (index, scalar) in scalars.enumerated() {
      if let last = current.last, String.isSpace(last) != String.isSpace(scalar) {
        chunks.append(current)
        current = []
      }
      current.append(scalar)
      let isHyphen = breaksHyphens && scalar == "-" && current.count > 1 && current[current.count - 2].properties.isAlphabetic
      if isHyphen, index + 1 < scalars.count, scalars[index + 1].properties.isAlphabetic {
        chunks.append(current)
        current = []
      }
    }
    if !current.isEmpty { chunks.append(current) }
    return chunks
  }
}
