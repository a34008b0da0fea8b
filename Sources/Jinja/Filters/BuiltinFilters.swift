/// The filters of Jinja2, by the name that templates call them by.
enum BuiltinFilters {
  static let all: [String: Filter] = TextFilters.all
    .merging(MarkupFilters.all) { $1 }.merging(NumberFilters.all) { $1 }.merging(SequenceFilters.all) { $1 }
    .merging(SelectionFilters.all) { $1 }.merging(ValueFilters.all) { $1 }
}

/// Filters on values of any type.
enum ValueFilters {
  static let all: [String: Filter] = [
    "attr": attr, "d": defaulted, "default": defaulted, "items": items, "list": list, "pprint": pprint, "string": string,
    "tojson": toJSON, "length": length, "count": length,
  ]

  private static let attr: Filter = { value, call in
    guard let name = try call.required(0, "name", of: "attr").text else { return .missing }
    let environment = call.scope.template.environment
    let method = Method(rawValue: name)
    // The items of a dict are not attributes.
    if case .dict = value, method.map({ Method.ofDicts.contains($0) }) != true {
      return environment.undefined(name, owner: "dict object")
    }
    return try value.attribute(name, method: method, environment: environment)
  }

  private static let defaulted: Filter = { value, call in
    if value.isUndefined { return call.argument(0, "default_value") ?? "" }
    if try call.flag(1, "boolean"), !(try value.isTrue) { return call.argument(0, "default_value") ?? "" }
    return value
  }

  private static let items: Filter = { value, call in
    if value.isUndefined { return .iterator(ValueIterator([])) }
    guard case .dict(let box) = value else {
      if case .object(let object) = value, let items = try object.callMethod("items", call) { return items }
      throw Fault(.type, "can only get item pairs from a mapping")
    }
    return .iterator(ValueIterator(box.members.map { .tuple([$0.key, $0.value]) }))
  }

  private static let list: Filter = { value, _ in Value(try value.collect()) }

  private static let string: Filter = { value, _ in value.isMarkup ? value : .string(try value.str()) }

  private static let length: Filter = { value, _ in
    guard let count = try value.count() else { throw Fault(.type, "object of type '\(value.typeName)' has no len()") }
    return .int(Int64(count))
  }

  private static let pprint: Filter = { value, _ in .string(PrettyPrinter.text(value)) }

  private static let toJSON: Filter = { value, call in
    var writer = JSONText(indent: try call.integer(0, "indent").map { Int(clamping: $0) })
    try writer.write(value)
    // What could end a script element or an attribute is written as an escape.
    let safe = writer.text.replacingAll("<", with: "\\u003c").replacingAll(">", with: "\\u003e")
      .replacingAll("&", with: "\\u0026").replacingAll("'", with: "\\u0027")
    return .markup(safe)
  }
}

/// JSON as Python's `json.dumps` writes it, with sorted keys and nothing but ASCII.
struct JSONText {
  private(set) var text = ""
  private let indent: Int?

  init(indent: Int?) {
    self.indent = indent
  }

  mutating func write(_ value: Value, depth: Int = 0) throws {
    guard depth < 200 else { throw Fault(.value, "circular reference detected") }
    switch value {
    case .none: text += "null"
    case .bool(let value): text += value ? "true" : "false"
    case .int, .bigInt: text += value.representation
    case .double(let number): text += number.isNaN ? "NaN" : number.isInfinite ? (number < 0 ? "-Infinity" : "Infinity") : value.representation
    case .string(let string), .markup(let string): write(string)
    case .list, .tuple:
      let elements = value.elements ?? []
      try list(elements.count, "[", "]", depth) { writer, index in try writer.write(elements[index], depth: depth + 1) }
    case .dict(let box):
      let members = try box.members.map { (try JSONText.key($0.key), $0.value) }.sorted { $0.0 < $1.0 }
      try list(members.count, "{", "}", depth) { writer, index in
        writer.write(members[index].0)
        writer.text += ": "
        try writer.write(members[index].1, depth: depth + 1)
      }
    case .undefined(let undefined) where undefined.kind == .strict: throw undefined.fault
    default: throw Fault(.type, "Object of type \(value.typeName) is not JSON serializable")
    }
  }

  private static func key(_ key: Value) throws -> String {
    switch key {
    case .string(let text), .markup(let text): return text
    case .none: return "null"
    case .bool(let value): return value ? "true" : "false"
    case .int, .bigInt, .double: return key.representation
    default: throw Fault(.type, "keys must be str, int, float, bool or None, not \(key.typeName)")
    }
  }

  private mutating func list(
    _ count: Int, _ open: String, _ close: String, _ depth: Int, _ element: (inout JSONText, Int) throws -> Void
  ) throws {
    text += open
    for index in 0..<count {
      if index > 0 { text += indent == nil ? ", " : "," }
      newline(depth + 1)
      try element(&self, index)
    }
    if count > 0 { newline(depth) }
    text += close
  }

  private mutating func newline(_ depth: Int) {
    if let indent { text += "\n" + String(repeating: " ", count: indent * depth) }
  }

  private mutating func write(_ string: String) {
    text += "\""
    for unit in string.utf16 {
      switch unit {
      case 0x22: text += "\\\""
      case 0x5C: text += "\\\\"
      case 0x0A: text += "\\n"
      case 0x0D: text += "\\r"
      case 0x09: text += "\\t"
      case 0x08: text += "\\b"
      case 0x0C: text += "\\f"
      case 0x20..<0x7F: text.unicodeScalars.append(Unicode.Scalar(UInt8(unit)))
      default:
        let digits = String(unit, radix: 16)
        text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      }
    }
    text += "\""
  }
}

/// Python's `pprint.pformat`: one line if it fits 80 columns, otherwise an element a line; dicts sorted by key.
enum PrettyPrinter {
  static func text(_ value: Value) -> String { text(value, indent: 0, extra: 0) }

  private static func text(_ value: Value, indent: Int, extra: Int) -> String {
    let flat = sorted(value).representation
    guard flat.length > 80 - indent - extra, indent < 200 else { return flat }
    let blanks = String(repeating: " ", count: indent + 1)
    switch value {
    case .list(let box) where !box.elements.isEmpty: return "[" + joined(box.elements, indent, blanks) + "]"
    case .tuple(let elements) where elements.count > 1: return "(" + joined(elements, indent, blanks) + ")"
    case .dict(let box) where !box.members.isEmpty:
      let members = box.members.sorted { ((try? $0.key.isLess(than: $1.key)) ?? false) }
      let lines = members.map { key, value in
        let head = key.representation + ": "
        return head + text(value, indent: indent + 1 + head.length, extra: 1)
      }
      return "{" + lines.joined(separator: ",\n" + blanks) + "}"
    default: return flat
    }
  }

  private static func joined(_ elements: [Value], _ indent: Int, _ blanks: String) -> String {
    elements.map { text($0, indent: indent + 1, extra: 1) }.joined(separator: ",\n" + blanks)
  }

  private static func sorted(_ value: Value) -> Value {
    guard case .dict(let box) = value else { return value }
    let result = DictBox()
    for (key, value) in box.members.sorted(by: { ((try? $0.key.isLess(than: $1.key)) ?? false) }) { result.members[key] = sorted(value) }
    return .dict(result)
  }
}
