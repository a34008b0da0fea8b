import Jinja

/// `modules.re`: Python's regular expressions, by Swift's own engine; their syntaxes agree in what projects use.
final class RegexModule: JinjaObject {
  var typeName: String { "module" }

  func attribute(_ name: String) -> Value? {
    switch name {
    case "IGNORECASE", "I": 2
    case "MULTILINE", "M": 8
    case "DOTALL", "S": 16
    default: nil
    }
  }

  func callMethod(_ name: String, _ call: Call) throws -> Value? {
    if name == "escape" {
      let text = try call.argument(0, "pattern")?.str() ?? ""
      return .string(text.map { $0.isLetter || $0.isNumber || $0 == "_" ? String($0) : "\\\($0)" }.joined())
    }
    let flagPlace = ["sub": 4, "split": 3, "compile": 1][name] ?? 2
    let pattern = try RegexPattern(call.positional.first ?? call.keyword("pattern"), flags: call.argument(flagPlace, "flags")?.int ?? 0)
    guard name != "compile" else { return .object(pattern) }
    var rest = call
    if !rest.positional.isEmpty { rest.positional.removeFirst() }
    return try pattern.callMethod(name, rest)
  }
}

/// A compiled pattern.
final class RegexPattern: JinjaObject, @unchecked Sendable {
  private let source: String
  // Never changed once made.
  private let regex: Regex<AnyRegexOutput>
  private let lookbehind: Lookbehind?

  convenience init(_ value: Value?, flags: Int64) throws {
    if case .object(let object)? = value, let pattern = object as? RegexPattern {
      self.init(source: pattern.source, regex: pattern.regex, lookbehind: pattern.lookbehind)
      return
    }
    let source = try value?.str() ?? ""
    func compiled(_ source: String) throws -> Regex<AnyRegexOutput> {
      // Python writes named groups with a P.
      var regex = try Regex(source.replacing("(?P<", with: "(?<"))
      if flags & 2 != 0 { regex = regex.ignoresCase() }
      if flags & 8 != 0 { regex = regex.anchorsMatchLineEndings() }
      if flags & 16 != 0 { regex = regex.dotMatchesNewlines() }
      return regex.matchingSemantics(.unicodeScalar)
    }
    do {
      if let parts = LeadingLookbehind(source) {
        let lookbehind = Lookbehind(pattern: try compiled(parts.flags + parts.condition), isNegative: parts.isNegative)
        self.init(source: source, regex: try compiled(parts.flags + parts.rest), lookbehind: lookbehind)
      } else {
        self.init(source: source, regex: try compiled(source), lookbehind: nil)
      }
    } catch {
      throw Fault(.value, "the regular expression '\(source)' cannot be read: \(error)")
    }
  }

  private init(source: String, regex: Regex<AnyRegexOutput>, lookbehind: Lookbehind?) {
    self.source = source
    self.regex = regex
    self.lookbehind = lookbehind
  }

  /// All matches, one after the other.
  private func matches(in text: String, limit: Int = .max) -> [Regex<AnyRegexOutput>.Match] {
    guard let lookbehind else { return limit == 1 ? text.firstMatch(of: regex).map { [$0] } ?? [] : text.matches(of: regex) }
    var found: [Regex<AnyRegexOutput>.Match] = []
    var start = text.startIndex
    while found.count < limit, let match = try? regex.firstMatch(in: text[start...]) {
      let isMatch = lookbehind.allows(text[..<match.range.lowerBound])
      if isMatch { found.append(match) }
      guard match.range.lowerBound < text.endIndex else { break }
      start = isMatch && !match.range.isEmpty ? match.range.upperBound : text.unicodeScalars.index(after: match.range.lowerBound)
    }
    return found
  }

  var typeName: String { "Pattern" }
  var representation: String { "re.compile('\(source)')" }
  func attribute(_ name: String) -> Value? { name == "pattern" ? .string(source) : nil }

  func callMethod(_ name: String, _ call: Call) throws -> Value? {
    let isReplacing = name == "sub"
    let text = try (isReplacing ? call.argument(1, "string") : call.argument(0, "string"))?.str() ?? ""
    switch name {
    case "match", "fullmatch":
      guard lookbehind?.allows(text[..<text.startIndex]) != false else { return Value.none }
      let match = name == "match" ? text.prefixMatch(of: regex) : text.wholeMatch(of: regex)
      return match.map { .object(RegexMatch($0, in: text)) } ?? Value.none
    case "search": return matches(in: text, limit: 1).first.map { .object(RegexMatch($0, in: text)) } ?? Value.none
    case "finditer": return Value(matches(in: text).map { .object(RegexMatch($0, in: text)) })
    case "findall":
      return Value(
        matches(in: text).map { match in
          let groups = match.output.dropFirst().map { Value.string($0.substring.map(String.init) ?? "") }
          switch groups.count {
          case 0: return .string(String(text[match.range]))
          case 1: return groups[0]
          default: return .tuple(groups)
          }
        })
    case "split":
      let limit = Int(call.argument(1, "maxsplit")?.int ?? 0)
      var parts: [Value] = []
      var start = text.startIndex
      for match in matches(in: text) where limit == 0 || parts.count < limit {
        parts.append(.string(String(text[start..<match.range.lowerBound])))
        parts += match.output.dropFirst().map { $0.substring.map { .string(String($0)) } ?? Value.none }
        start = match.range.upperBound
      }
      return Value(parts + [.string(String(text[start...]))])
    case "sub": return .string(try replaced(text, call))
    default: return nil
    }
  }

  private func replaced(_ text: String, _ call: Call) throws -> String {
    let replacement = call.argument(0, "repl") ?? ""
    let limit = Int(call.argument(2, "count")?.int ?? 0)
    var result = ""
    var start = text.startIndex
    for (index, match) in matches(in: text).enumerated() where limit == 0 || index < limit {
      result += text[start..<match.range.lowerBound]
      if replacement.isCallable {
        result += try call.invoke(replacement, [.object(RegexMatch(match, in: text))]).str()
      } else {
        result += try expand(try replacement.str(), match)
      }
      start = match.range.upperBound
    }
    return result + text[start...]
  }

  /// `\1` and `\g<name>` in a replacement.
  private func expand(_ template: String, _ match: Regex<AnyRegexOutput>.Match) throws -> String {
    guard template.contains("\\") else { return template }
    var result = ""
    var rest = template[...]
    while let character = rest.popFirst() {
      guard character == "\\", let code = rest.popFirst() else {
        result.append(character)
        continue
      }
      var name = ""
      if code == "g", rest.first == "<", let end = rest.firstIndex(of: ">") {
        name = String(rest.dropFirst()[..<end])
        rest = rest[rest.index(after: end)...]
      } else if code.isNumber {
        name = String(code)
      } else {
        result += ["n": "\n", "t": "\t"][code] ?? String(code)
        continue
      }
      let group = Int(name).map { match.output.indices.contains($0) ? match.output[$0] : nil } ?? match[name]
      guard let group else { throw Fault(.value, "the pattern has no group '\(name)'") }
      result += group.substring ?? ""
    }
    return result
  }
}

/// What a pattern found.
final class RegexMatch: JinjaObject, @unchecked Sendable {
  // Never changed once made.
  private let match: Regex<AnyRegexOutput>.Match
  private let text: String

  init(_ match: Regex<AnyRegexOutput>.Match, in text: String) {
    self.match = match
    self.text = text
  }

  var typeName: String { "Match" }
  var isTrue: Bool { true }

  func item(_ key: Value) -> Value? { group(key) }

  func callMethod(_ name: String, _ call: Call) -> Value? {
    switch name {
    case "group":
      let keys = call.positional.isEmpty ? [.int(0)] : call.positional
      let values = keys.map { group($0) ?? Value.none }
      return values.count == 1 ? values[0] : .tuple(values)
    case "groups": return .tuple(match.output.dropFirst().map { $0.substring.map { .string(String($0)) } ?? Value.none })
    case "groupdict":
      let box = DictBox()
      for element in match.output {
        if let name = element.name { box[name] = element.substring.map { .string(String($0)) } ?? Value.none }
      }
      return .dict(box)
    case "start": return .int(Int64(text.unicodeScalars.distance(from: text.startIndex, to: match.range.lowerBound)))
    case "end": return .int(Int64(text.unicodeScalars.distance(from: text.startIndex, to: match.range.upperBound)))
    case "span":
      return .tuple([match.range.lowerBound, match.range.upperBound].map { .int(Int64(text.unicodeScalars.distance(from: text.startIndex, to: $0))) })
    default: return nil
    }
  }

  private func group(_ key: Value) -> Value? {
    let element = key.int.map { match.output.indices.contains(Int($0)) ? match.output[Int($0)] : nil } ?? key.text.flatMap { match[$0] }
    guard let element else { return nil }
    return element.substring.map { .string(String($0)) } ?? Value.none
  }
}

/// `modules.itertools`: combinations of lists.
final class IterationModule: JinjaObject {
  var typeName: String { "module" }

  func callMethod(_ name: String, _ call: Call) throws -> Value? {
    let lists = try call.positional.map { $0.isCallable || $0.int != nil ? [] : try $0.collect() }
    let size = call.argument(1, "r")?.int.map { Int($0) }
    switch name {
    case "chain": return Value(lists.flatMap { $0 })
    case "product":
      let repeated = Array(repeating: lists, count: Int(call.keyword("repeat")?.int ?? 1)).flatMap { $0 }
      return Value(repeated.reduce([[]]) { all, list in all.flatMap { head in list.map { head + [$0] } } }.map { .tuple($0) })
    case "combinations":
      return Value(IterationModule.combinations(lists.first ?? [], size ?? 0).map { .tuple($0) })
    case "permutations":
      return Value(IterationModule.permutations(lists.first ?? [], size ?? lists.first?.count ?? 0).map { .tuple($0) })
    case "accumulate":
      var sum = 0.0
      return Value(
        (lists.first ?? []).map { value in
          sum += value.double ?? 0
          return sum == sum.rounded() ? .int(Int64(sum)) : .double(sum)
        })
    case "zip_longest":
      let length = lists.map(\.count).max() ?? 0
      let filler = call.keyword("fillvalue") ?? Value.none
      return Value((0..<length).map { index in .tuple(lists.map { index < $0.count ? $0[index] : filler }) })
    case "repeat": return Value(Array(repeating: call.positional.first ?? Value.none, count: Int(call.argument(1, "times")?.int ?? 0)))
    default: return nil
    }
  }

  private static func combinations(_ elements: [Value], _ size: Int) -> [[Value]] {
    if size == 0 { return [[]] }
    return elements.indices.flatMap { index in
      combinations(Array(elements[(index + 1)...]), size - 1).map { [elements[index]] + $0 }
    }
  }

  private static func permutations(_ elements: [Value], _ size: Int) -> [[Value]] {
    if size == 0 { return [[]] }
    return elements.indices.flatMap { index in
      var rest = elements
      let first = rest.remove(at: index)
      return permutations(rest, size - 1).map { [first] + $0 }
    }
  }
}
