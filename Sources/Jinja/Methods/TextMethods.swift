/// The methods of `str`. Results on markup are markup, and what goes into them is escaped.
enum TextMethods {
  static func call(_ method: Method, on text: String, isMarkup: Bool, _ call: Call) throws -> Value {
    func made(_ text: String) -> Value { isMarkup ? .markup(text) : .string(text) }
    func inserted(_ value: Value) throws -> String { isMarkup ? try value.escaped() : try value.str() }
    switch method {
    case .upper: return made(text.uppercased())
    case .lower, .casefold: return made(text.lowercased())
    case .capitalize: return made(text.capitalizedFirst)
    case .title: return made(text.titled)
    case .swapcase: return made(text.swappedCase)
    case .strip, .lstrip, .rstrip:
      return made(try stripped(text, start: method != .rstrip, end: method != .lstrip, try call.string(0, "chars")))
    case .replace:
      let old = try call.required(0, "old", of: "replace")
      guard let old = old.text else { throw Fault(.type, "replace() argument 1 must be str, not \(old.typeName)") }
      let new = try call.required(1, "new", of: "replace")
      guard new.text != nil else { throw Fault(.type, "replace() argument 2 must be str, not \(new.typeName)") }
      return made(try text.replacing(old, with: try inserted(new), limit: limit(try call.integer(2, "count"))))
    case .split, .rsplit: return try split(text, fromRight: method == .rsplit, call, made)
    case .splitlines: return Value(text.lines(keepingEnds: try call.flag(0, "keepends")).map(made))
    case .join:
      let parts = try call.required(0, "iterable", of: "join").collect()
      let texts = try parts.enumerated().map { index, part in
        guard part.text != nil else {
          throw Fault(
            .type, "sequence item \(index): expected str instance, \(part.typeName) found", hint: "the filter join takes any values")
        }
        return try inserted(part)
      }
      try Limits.check(text: texts.reduce(texts.count * text.utf8.count) { $0 + $1.utf8.count })
      return made(texts.joined(separator: text))
    case .startswith, .endswith: return .bool(try hasAffix(text, atStart: method == .startswith, call))
    case .removeprefix, .removesuffix:
      let affix = try call.string(0, "affix") ?? ""
      if method == .removeprefix { return made(text.hasAffix(affix, atStart: true) ? dropped(text, affix, fromStart: true) : text) }
      return made(text.hasAffix(affix, atStart: false) ? dropped(text, affix, fromStart: false) : text)
    case .find, .index, .rfind, .rindex: return try search(text, method, call)
    case .count: return .int(Int64(try occurrences(text, call)))
    case .partition, .rpartition: return try partition(text, fromRight: method == .rpartition, call, made)
    case .center, .ljust, .rjust, .zfill: return made(try padded(text, method, call))
    case .expandtabs: return made(expanded(text, min(1000, Int(clamping: try call.integer(0, "tabsize") ?? 8))))
    case .format: return made(try FormatString.format(text, call.positional, call.keywords, isMarkup: isMarkup, call))
    case .formatMap:
      let members = try call.required(0, "mapping", of: "format_map").dict?.members ?? [:]
      let keywords = members.compactMap { key, value in key.text.map { KeywordArgument($0, value) } }
      return made(try FormatString.format(text, [], keywords, isMarkup: isMarkup, call))
    case .encode: return .string(text)
    case .translate: return made(try translated(text, call))
    case .maketrans: return try table(call)
    case .unescape: return .string(HTMLText.unescaped(text))
    case .striptags: return .string(HTMLText.withoutTags(text))
    case .html: return .markup(text)
    case .getItem: return try Value.string(text).item(call.required(0, "key", of: "__getitem__"), environment: call.scope.template.environment)
    case .contains: return .bool(try Value.string(text).contains(call.required(0, "key", of: "__contains__")))
    case .length: return .int(Int64(text.length))
    default: return .bool(consists(text, method))
    }
  }

  private static func limit(_ count: Int64?) -> Int { count.map { $0 < 0 ? .max : Int(clamping: $0) } ?? .max }

  private static func stripped(_ text: String, start: Bool, end: Bool, _ characters: String?) throws -> String {
    guard let characters else { return text.trimmedWhitespace(start: start, end: end) }
    let set = Set(characters.unicodeScalars)
    return text.trimmed(start: start, end: end, where: set.contains)
  }

  private static func split(_ text: String, fromRight: Bool, _ call: Call, _ made: (String) -> Value) throws -> Value {
    let limit = limit(try call.integer(1, "maxsplit"))
    guard let separator = try call.string(0, "sep") else { return Value(words(text, limit: limit, fromRight: fromRight).map(made)) }
    guard !separator.isEmpty else { throw Fault(.value, "empty separator") }
    guard fromRight, limit < .max else { return Value(text.parts(separatedBy: separator, limit: limit).map(made)) }
    let all = text.parts(separatedBy: separator)
    guard all.count > limit + 1 else { return Value(all.map(made)) }
    let head = all.dropLast(limit).joined(separator: separator)
    return Value(([head] + all.suffix(limit)).map(made))
  }

  /// The words between runs of whitespace.
  private static func words(_ text: String, limit: Int, fromRight: Bool) -> [String] {
    let scalars = Array(text.unicodeScalars)
    var ranges: [Range<Int>] = []
    var start: Int?
    for (index, scalar) in scalars.enumerated() {
      if String.isSpace(scalar) {
        if let from = start { ranges.append(from..<index) }
        start = nil
      } else if start == nil {
        start = index
      }
    }
    if let from = start { ranges.append(from..<scalars.count) }
    func cut(_ range: Range<Int>) -> String {
      var view = String.UnicodeScalarView()
      view.append(contentsOf: scalars[range])
      return String(view)
    }
    guard ranges.count > limit else { return ranges.map(cut) }
    if fromRight {
      let kept = ranges.suffix(limit)
      guard let stop = ranges.dropLast(limit).last?.upperBound else { return kept.map(cut) }
      return [cut(0..<stop).trimmedWhitespace(start: true, end: false)] + kept.map(cut)
    }
    let kept = ranges.prefix(limit)
    let rest = ranges[limit].lowerBound..<scalars.count
    return kept.map(cut) + [cut(rest).trimmedWhitespace(start: false, end: true)]
  }

  private static func hasAffix(_ text: String, atStart: Bool, _ call: Call) throws -> Bool {
    let value = try call.required(0, "prefix", of: atStart ? "startswith" : "endswith")
    let window = try windowed(text, call, from: 1)
    let affixes: [Value] = if case .tuple(let options) = value { options } else { [value] }
    return try affixes.contains { affix in
      guard let affix = affix.text else {
        if case .undefined(let undefined) = affix { throw undefined.fault }
        throw Fault(
          .type, "\(atStart ? "startswith" : "endswith") first arg must be str or a tuple of str, not \(value.typeName)")
      }
      return window.hasAffix(affix, atStart: atStart)
    }
  }

  /// The part of the text between the arguments `start` and `end`.
  private static func windowed(_ text: String, _ call: Call, from index: Int) throws -> String {
    guard call.positional.count > index || !call.keywords.isEmpty else { return text }
    let sliced = try Value.string(text).sliced(
      call.argument(index, "start"), call.argument(index + 1, "end"), nil, environment: call.scope.template.environment)
    return sliced.text ?? text
  }

  private static func dropped(_ text: String, _ affix: String, fromStart: Bool) -> String {
    let count = affix.utf8.count
    let bytes = Array(text.utf8)
    return String(decoding: fromStart ? bytes.dropFirst(count) : bytes.dropLast(count), as: UTF8.self)
  }

  private static func search(_ text: String, _ method: Method, _ call: Call) throws -> Value {
    let needle = try call.required(0, "sub", of: method.rawValue)
    guard let needle = needle.text else { throw Fault(.type, "must be str, not \(needle.typeName)") }
    let haystack = Array(text.unicodeScalars)
    let pattern = Array(needle.unicodeScalars)
    func clamped(_ index: Int64) -> Int { Int(min(max(index < 0 ? index + Int64(haystack.count) : index, 0), Int64(haystack.count))) }
    let from = try call.integer(1, "start").map(clamped) ?? 0
    let to = try call.integer(2, "end").map(clamped) ?? haystack.count
    var found: Int?
    if to - from >= pattern.count {
      let positions = Array(from...(to - pattern.count))
      let isMatch = { (at: Int) in haystack[at..<(at + pattern.count)].elementsEqual(pattern) }
      found = method == .find || method == .index ? positions.first(where: isMatch) : positions.last(where: isMatch)
    }
    if let found { return .int(Int64(found)) }
    if method == .find || method == .rfind { return -1 }
    throw Fault(.value, "substring not found")
  }

  private static func occurrences(_ text: String, _ call: Call) throws -> Int {
    let value = try call.required(0, "sub", of: "count")
    guard let part = value.text else { throw Fault(.type, "must be str, not \(value.typeName)") }
    let window = try windowed(text, call, from: 1)
    return part.isEmpty ? window.length + 1 : window.parts(separatedBy: part).count - 1
  }

  private static func partition(_ text: String, fromRight: Bool, _ call: Call, _ made: (String) -> Value) throws -> Value {
    let separator = try call.string(0, "sep") ?? ""
    guard !separator.isEmpty else { throw Fault(.value, "empty separator") }
    let parts = text.parts(separatedBy: separator)
    guard parts.count > 1 else { return .tuple(fromRight ? [made(""), made(""), made(text)] : [made(text), made(""), made("")]) }
    let (before, after) = fromRight ? (Array(parts.dropLast()), [parts[parts.count - 1]]) : ([parts[0]], Array(parts.dropFirst()))
    return .tuple([made(before.joined(separator: separator)), made(separator), made(after.joined(separator: separator))])
  }

  private static func padded(_ text: String, _ method: Method, _ call: Call) throws -> String {
    let width = try Limits.width(try call.integer(0, "width") ?? 0)
    let missing = width - text.length
    guard missing > 0 else { return text }
    if method == .zfill {
      let hasSign = text.hasPrefix("-") || text.hasPrefix("+")
      let zeros = String(repeating: "0", count: missing)
      return hasSign ? text.prefix(1) + zeros + text.dropFirst() : zeros + text
    }
    let fill = try call.string(1, "fillchar") ?? " "
    guard fill.length == 1 else { throw Fault(.type, "the fill character must be exactly one character long") }
    func fillers(_ count: Int) -> String { String(repeating: fill, count: count) }
    switch method {
    case .ljust: return text + fillers(missing)
    case .rjust: return fillers(missing) + text
    default:
      let left = missing / 2 + (missing & width & 1)
      return fillers(left) + text + fillers(missing - left)
    }
  }

  private static func expanded(_ text: String, _ size: Int) -> String {
    var result = ""
    var column = 0
    for scalar in text.unicodeScalars {
      if scalar == "\t" {
        let blanks = size > 0 ? size - column % size : 0
        result += String(repeating: " ", count: blanks)
        column += blanks
      } else {
        result.unicodeScalars.append(scalar)
        column = scalar == "\n" || scalar == "\r" ? 0 : column + 1
      }
    }
    return result
  }

  private static func table(_ call: Call) throws -> Value {
    let table = DictBox()
    if let members = call.positional.first?.dict?.members {
      for (key, value) in members {
        table.members[key.text.flatMap(\.unicodeScalars.first).map { .int(Int64($0.value)) } ?? key] = value
      }
      return .dict(table)
    }
    let from = Array((try call.string(0, "x") ?? "").unicodeScalars)
    let to = Array((try call.string(1, "y") ?? "").unicodeScalars)
    guard from.count == to.count else { throw Fault(.value, "the first two maketrans arguments must have equal length") }
    for (a, b) in zip(from, to) { table.members[.int(Int64(a.value))] = .int(Int64(b.value)) }
    for scalar in (try call.string(2, "z") ?? "").unicodeScalars { table.members[.int(Int64(scalar.value))] = Value.none }
    return .dict(table)
  }

  private static func translated(_ text: String, _ call: Call) throws -> String {
    guard let table = try call.required(0, "table", of: "translate").dict?.members else {
      throw Fault(.type, "translate() takes a dict, as maketrans() makes it")
    }
    var result = ""
    for scalar in text.unicodeScalars {
      switch table[.int(Int64(scalar.value))] {
      case nil: result.unicodeScalars.append(scalar)
      case .some(.none): break
      case .int(let value): if let mapped = UInt32(exactly: value).flatMap(Unicode.Scalar.init) { result.unicodeScalars.append(mapped) }
      case let value?: result += try value.str()
      }
    }
    return result
  }

  /// The methods that ask what kind of characters a text consists of.
  private static func consists(_ text: String, _ method: Method) -> Bool {
    let scalars = text.unicodeScalars
    func all(_ test: (Unicode.Scalar) -> Bool) -> Bool { !scalars.isEmpty && scalars.allSatisfy(test) }
    func isDecimal(_ scalar: Unicode.Scalar) -> Bool { scalar.properties.generalCategory == .decimalNumber }
    func isDigit(_ scalar: Unicode.Scalar) -> Bool {
      scalar.properties.numericType == .decimal || scalar.properties.numericType == .digit
    }
    func isLetter(_ scalar: Unicode.Scalar) -> Bool {
      switch scalar.properties.generalCategory {
      case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: true
      default: false
      }
    }
    switch method {
    case .isalnum: return all { isLetter($0) || $0.properties.numericType != nil }
    case .isalpha: return all(isLetter)
    case .isascii: return text.isASCII
    case .isdecimal: return all(isDecimal)
    case .isdigit: return all(isDigit)
    case .isnumeric: return all { $0.properties.numericType != nil }
    case .isprintable: return scalars.allSatisfy(Value.isPrintable)
    case .isspace: return all(String.isSpace)
    case .islower: return text == text.lowercased() && scalars.contains { $0.properties.isLowercase }
    case .isupper: return text == text.uppercased() && scalars.contains { $0.properties.isUppercase }
    case .istitle: return text == text.titled && scalars.contains { $0.properties.isCased }
    case .isidentifier:
      guard let first = scalars.first, first == "_" || first.properties.isXIDStart else { return false }
      return scalars.dropFirst().allSatisfy { $0.properties.isXIDContinue }
    default: return false
    }
  }
}

extension String {
  /// Whether the text begins or ends with `affix`, byte for byte.
  func hasAffix(_ affix: String, atStart: Bool) -> Bool {
    atStart ? utf8.starts(with: affix.utf8) : utf8.count >= affix.utf8.count && utf8.reversed().starts(with: affix.utf8.reversed())
  }
}
