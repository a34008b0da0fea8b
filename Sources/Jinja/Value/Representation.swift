/// Writes values as Python's `repr` does.
struct Representation {
  /// The containers that are being written.
  private var open: [ObjectIdentifier] = []
  /// How many values may still be written: containers that share their parts multiply.
  private var budget = Limits.listLength
  private let stackLimit = StackBounds.limit

  mutating func text(_ value: Value) -> String {
    budget -= 1
    guard budget > 0, StackBounds.isAbove(stackLimit) else { return "..." }
    switch value {
    case .undefined: return "Undefined"
    case .none: return "None"
    case .bool(let value): return value ? "True" : "False"
    case .int(let value): return String(value)
    case .bigInt(let value): return value.description
    case .double(let value): return FloatText.repr(value)
    case .string(let text): return Value.quoted(text)
    case .markup(let text): return "Markup(\(Value.quoted(text)))"
    case .list(let box): return within(box, "[...]") { "[\($0.joined(box.elements))]" }
    case .tuple(let elements): return elements.count == 1 ? "(\(joined(elements)),)" : "(\(joined(elements)))"
    case .set(let box): return box.elements.isEmpty ? "set()" : "{\(joined(box.elements))}"
    case .dict(let box):
      return within(box, "{...}") { writer in
        var text = "{"
        for (key, value) in box.members {
          if text.utf8.count > 1 { text += ", " }
          text += writer.text(key) + ": " + writer.text(value)
        }
        return text + "}"
      }
    case .range(let range):
      return range.step == 1 ? "range(\(range.start), \(range.stop))" : "range(\(range.start), \(range.stop), \(range.step))"
    case .iterator(let iterator): return "<\(iterator.kind) object>"
    case .function(let function): return "<function \(function.name)>"
    case .macro(let macro): return "<Macro '\(macro.name)'>"
    case .object(let object): return object.representation
    }
  }

  private mutating func joined(_ values: some Sequence<Value>) -> String {
    var text = ""
    for value in values {
      if !text.isEmpty { text += ", " }
      text += self.text(value)
    }
    return text
  }

  private mutating func within(_ box: AnyObject, _ again: String, _ body: (inout Representation) -> String) -> String {
    let id = ObjectIdentifier(box)
    guard !open.contains(id) else { return again }
    open.append(id)
    defer { open.removeLast() }
    return body(&self)
  }
}
