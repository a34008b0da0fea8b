import DataFormats
import Jinja
import OrderedCollections

extension Value {
  /// The value that a JSON value is to a template.
  package init(json: JSON) {
    switch json {
    case .null: self = .none
    case .bool(let flag): self = .bool(flag)
    case .int(let number): self = .int(number)
    case .double(let number): self = .double(number)
    case .number(let text): self = Double(text).map(Value.double) ?? .string(text)
    case .string(let text): self = .string(text)
    case .array(let elements): self = Value(elements.map { Value(json: $0) })
    case .object(let members): self = Value(json: members)
    }
  }

  /// The dict that a JSON object is to a template.
  package init(json members: OrderedDictionary<String, JSON>) {
    let box = DictBox()
    box.members.reserveCapacity(members.count)
    for (key, value) in members { box.members[.string(key)] = Value(json: value) }
    self = .dict(box)
  }

  /// The value as JSON: what configurations are kept as. Objects of the host become their text.
  package func json() throws -> JSON { try json(0) }

  private func json(_ depth: Int) throws -> JSON {
    guard depth < 500 else { throw Fault(.value, "the value is nested too deep, or contains itself") }
    switch self {
    case .undefined, .none: return .null
    case .bool(let flag): return .bool(flag)
    case .int(let number): return .int(number)
    case .bigInt: return .number(try str())
    case .double(let number): return .double(number)
    case .string(let text), .markup(let text): return .string(text)
    case .list(let box): return .array(try box.elements.map { try $0.json(depth + 1) })
    case .tuple(let elements): return .array(try elements.map { try $0.json(depth + 1) })
    case .set, .range, .iterator: return .array(try collect().map { try $0.json(depth + 1) })
    case .dict(let box):
      var members = OrderedDictionary<String, JSON>(minimumCapacity: box.members.count)
      for (key, value) in box.members { members[try key.text ?? key.str()] = try value.json(depth + 1) }
      return .object(members)
    case .function, .macro, .object: return .string(try str())
    }
  }
}

extension JSON {
  /// The text as Python's `json.dumps` writes it: a blank behind commas and colons, nothing beyond ASCII.
  package func dumped(sorted: Bool = false) -> String {
    var result = ""
    var isInside = false
    var isEscaped = false
    for unit in text(sorted: sorted).utf16 {
      guard unit < 0x80, let scalar = UnicodeScalar(unit) else {
        let digits = String(unit, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        isEscaped = false
        continue
      }
      result.unicodeScalars.append(scalar)
      if isEscaped {
        isEscaped = false
      } else if scalar == "\"" {
        isInside.toggle()
      } else if isInside, scalar == "\\" {
        isEscaped = true
      } else if !isInside, scalar == "," || scalar == ":" {
        result += " "
      }
    }
    return result
  }
}
