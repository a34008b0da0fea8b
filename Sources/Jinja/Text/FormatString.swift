/// Python's `str.format`.
enum FormatString {
  /// `text` with its fields filled. In markup, what is filled in is escaped.
  static func format(
    _ text: String, _ positional: [Value], _ keywords: [KeywordArgument], isMarkup: Bool, _ call: Call
  ) throws -> String {
    var automatic = 0
    return try fill(text, positional, keywords, isMarkup: isMarkup, call, &automatic, depth: 0)
  }

  private static func fill(
    _ text: String, _ positional: [Value], _ keywords: [KeywordArgument], isMarkup: Bool, _ call: Call, _ automatic: inout Int,
    depth: Int
  ) throws -> String {
    guard depth < 3 else { throw Fault(.value, "max string recursion exceeded") }
    let scalars = Array(text.unicodeScalars)
    var result = ""
    var index = 0
    while index < scalars.count {
      let scalar = scalars[index]
      index += 1
      if scalar == "{" || scalar == "}" {
        if index < scalars.count, scalars[index] == scalar {
          result.unicodeScalars.append(scalar)
          index += 1
          continue
        }
        guard scalar == "{" else { throw Fault(.value, "single '}' encountered in format string") }
        var field = String.UnicodeScalarView()
        var open = 1
        while index < scalars.count {
          if scalars[index] == "{" { open += 1 }
          if scalars[index] == "}" { open -= 1 }
          if open == 0 { break }
          field.append(scalars[index])
          index += 1
        }
        guard open == 0 else { throw Fault(.value, "expected '}' before end of string") }
        index += 1
        result += try replacement(String(field), positional, keywords, isMarkup: isMarkup, call, &automatic, depth: depth)
      } else {
        result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  private static func replacement(
    _ field: String, _ positional: [Value], _ keywords: [KeywordArgument], isMarkup: Bool, _ call: Call, _ automatic: inout Int,
    depth: Int
  ) throws -> String {
    var name = field
    var specification = ""
    var conversion: Character?
    // A colon inside of brackets belongs to the name.
    var open = 0
    for (offset, character) in field.enumerated() {
      if character == "[" { open += 1 }
      if character == "]" { open -= 1 }
      if open <= 0, character == ":" || character == "!" {
        name = String(field.prefix(offset))
        var rest = field.dropFirst(offset)
        if character == "!" {
          conversion = rest.dropFirst().first
          rest = rest.dropFirst(2)
          guard rest.isEmpty || rest.first == ":" else { throw Fault(.value, "expected ':' after conversion specifier") }
        }
        specification = String(rest.dropFirst())
        break
      }
    }
    let value = try lookup(name, positional, keywords, call, &automatic)
    if specification.contains("{") {
      specification = try fill(specification, positional, keywords, isMarkup: false, call, &automatic, depth: depth + 1)
    }
    var converted = value
    switch conversion {
    case nil: break
    case "s": converted = .string(try value.str())
    case "r", "a": converted = .string(value.representation)
    case let other?: throw Fault(.value, "unknown conversion specifier '\(other)'")
    }
    if isMarkup, specification.isEmpty { return try converted.escaped() }
    let formatted: String
    if case .object(let object) = converted {
      formatted = try object.formatted(specification) ?? FormatSpecification(specification).format(.string(try object.text()))
    } else {
      formatted = specification.isEmpty ? try converted.str() : try FormatSpecification(specification).format(converted)
    }
    return isMarkup && !converted.isMarkup ? formatted.htmlEscaped : formatted
  }

  /// `0.name[key]`
  private static func lookup(
    _ path: String, _ positional: [Value], _ keywords: [KeywordArgument], _ call: Call, _ automatic: inout Int
  ) throws -> Value {
    let environment = call.scope.template.environment
    let head = path.prefix { $0 != "." && $0 != "[" }
    var value: Value
    if head.isEmpty || head.allSatisfy(\.isNumber) {
      let index = head.isEmpty ? automatic : Int(head) ?? .max
      if head.isEmpty { automatic += 1 }
      guard index < positional.count else {
        throw Fault(.index, "replacement index \(index) out of range for positional args tuple")
      }
      value = positional[index]
    } else {
      guard let found = keywords.last(where: { $0.name == head }) else { throw Fault(.key, Value.quoted(String(head))) }
      value = found.value
    }
    var rest = path.dropFirst(head.count)
    while let mark = rest.first {
      rest = rest.dropFirst()
      if mark == "." {
        let name = rest.prefix { $0 != "." && $0 != "[" }
        rest = rest.dropFirst(name.count)
        value = try value.attribute(String(name), method: Method(rawValue: String(name)), environment: environment)
      } else {
        let key = rest.prefix { $0 != "]" }
        rest = rest.dropFirst(key.count + 1)
        value = try value.item(Int64(key).map { .int($0) } ?? .string(String(key)), environment: environment)
      }
    }
    return value
  }
}
