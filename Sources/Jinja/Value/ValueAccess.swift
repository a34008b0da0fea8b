extension Value {
  /// `value.name`: the attribute or method, or else the item of that name, or else undefined.
  func attribute(_ name: String, method: Method?, environment: Environment) throws -> Value {
    if environment.options.sandbox != nil, name.hasPrefix("_") { return unsafe(name) }
    switch self {
    case .dict(let box):
      if let method, Method.ofDicts.contains(method) { return bound(method, environment) }
      if let value = box.members[.string(name)] { return value }
    case .object(let object):
      if let value = try object.attribute(name) { return value }
      if let value = try object.item(.string(name)) { return value }
    case .macro(let macro):
      if let value = macro.attribute(name) { return value }
    case .function(let function):
      if name == "__name__" { return .string(function.name) }
    case .undefined(let undefined):
      if name == "_undefined_name" { return undefined.name.map { .string($0) } ?? .none }
      guard undefined.kind == .chainable else { throw undefined.fault }
      return self
    default:
      if let method, hasMethod(method) { return bound(method, environment) }
      if let value = dataAttribute(name) { return value }
    }
    if name == "__class__" { return .object(TypeObject(typeName)) }
    return missing(name, environment)
  }

  /// `value[key]`: the item, or else the attribute of that name, or else undefined.
  func item(_ key: Value, environment: Environment) throws -> Value {
    switch self {
    case .dict(let box):
      if key.isHashable, let value = box.members[key] { return value }
    case .list(let box):
      if let index = key.int, let value = Value.element(box.elements, index) { return value }
    case .tuple(let elements):
      if let index = key.int, let value = Value.element(elements, index) { return value }
    case .range(let range):
      if let index = key.int, let offset = Value.offset(index, range.count) { return .int(range[offset]) }
    case .string(let text):
      if let index = key.int, let scalar = Value.scalar(text, index) { return .string(scalar) }
    case .markup(let text):
      if let index = key.int, let scalar = Value.scalar(text, index) { return .markup(scalar) }
    case .object(let object):
      if let value = try object.item(key) { return value }
    case .undefined(let undefined):
      guard undefined.kind == .chainable else { throw undefined.fault }
      if let name = key.text, name == "_undefined_name" { return try attribute(name, method: nil, environment: environment) }
      return self
    default: break
    }
    if let name = key.text {
      if case .dict = self, Method(rawValue: name) == nil { return missing(name, environment) }
      return try attribute(name, method: Method(rawValue: name), environment: environment)
    }
    return environment.undefined(
      try? key.str(), owner: typeName + " object", explanation: "\(typeName) object has no element \(key.representation)")
  }

  private func missing(_ name: String, _ environment: Environment) -> Value {
    let candidates: (@Sendable () -> [String])? =
      if case .dict(let box) = self { { box.members.keys.compactMap(\.text) } } else { nil }
    return .undefined(
      Undefined(name: name, owner: typeName + " object", kind: environment.options.undefined, candidates: candidates))
  }

  private func unsafe(_ name: String) -> Value {
    .undefined(
      Undefined(
        name: name, owner: typeName + " object", explanation: "access to attribute '\(name)' of '\(typeName)' object is unsafe",
        faultKind: .security))
  }

  /// Attributes of numbers that are not methods.
  private func dataAttribute(_ name: String) -> Value? {
    switch (self, name) {
    case (.int, "real"), (.bool, "real"), (.double, "real"), (.int, "numerator"): self
    case (.int, "imag"), (.bool, "imag"): .int(0)
    case (.double, "imag"): .double(0)
    case (.int, "denominator"): .int(1)
    case (.range(let range), "start"): .int(range.start)
    case (.range(let range), "stop"): .int(range.stop)
    case (.range(let range), "step"): .int(range.step)
    default: nil
    }
  }

  /// A method as a value: called later, it runs on this value.
  private func bound(_ method: Method, _ environment: Environment) -> Value {
    Value(function: method.rawValue) { call in
      try callMethod(method.rawValue, method, call, environment) ?? .none
    }
  }

  // MARK: Indices and slices

  static func offset(_ index: Int64, _ count: Int) -> Int? {
    let offset = index < 0 ? index &+ Int64(count) : index
    return offset >= 0 && offset < Int64(count) ? Int(offset) : nil
  }

  private static func element(_ elements: [Value], _ index: Int64) -> Value? { offset(index, elements.count).map { elements[$0] } }

  private static func scalar(_ text: String, _ index: Int64) -> String? {
    if text.isASCII {
      return offset(index, text.utf8.count).map {
        String(Unicode.Scalar(text.utf8[text.utf8.index(text.utf8.startIndex, offsetBy: $0)]))
      }
    }
    let scalars = text.unicodeScalars
    return offset(index, scalars.count).map { String(scalars[scalars.index(scalars.startIndex, offsetBy: $0)]) }
  }

  /// `value[start:stop:step]`
  func sliced(_ start: Value?, _ stop: Value?, _ step: Value?, environment: Environment) throws -> Value {
    func bound(_ value: Value?) throws -> Int64? {
      guard let value, !value.isNone else { return nil }
      if case .undefined(let undefined) = value { throw undefined.fault }
      guard let index = value.int else { throw Fault(.type, "slice indices must be integers or None") }
      return index
    }
    let step = try bound(step) ?? 1
    guard step != 0 else { throw Fault(.value, "slice step cannot be zero") }
    let (start, stop) = (try bound(start), try bound(stop))
    func offsets(_ count: Int) -> [Int] { Value.offsets(start, stop, step, Int64(count)) }
    switch self {
    case .list(let box): return Value(offsets(box.elements.count).map { box.elements[$0] })
    case .tuple(let elements): return .tuple(offsets(elements.count).map { elements[$0] })
    case .string(let text): return .string(Value.slice(text, offsets))
    case .markup(let text): return .markup(Value.slice(text, offsets))
    case .range(let range):
      let chosen = offsets(range.count)
      let first = chosen.first.map { range[$0] } ?? range.start
      return .range(
        RangeValue(start: first, stop: first &+ Int64(chosen.count) &* range.step &* step, step: range.step &* step))
    case .undefined(let undefined): throw undefined.fault
    case .object(let object):
      let key: [Value] = [start.map { .int($0) } ?? .none, stop.map { .int($0) } ?? .none, .int(step)]
      if let value = try object.item(.tuple(key)) { return value }
      if let iterator = try object.makeIterator() {
        let elements = try iterator.collect()
        return Value(offsets(elements.count).map { elements[$0] })
      }
    default: break
    }
    return environment.undefined(nil, explanation: "\(typeName) object cannot be sliced")
  }

  private static func slice(_ text: String, _ offsets: (Int) -> [Int]) -> String {
    if text.isASCII {
      let bytes = Array(text.utf8)
      return String(decoding: offsets(bytes.count).map { bytes[$0] }, as: UTF8.self)
    }
    let scalars = Array(text.unicodeScalars)
    var result = String.UnicodeScalarView()
    for offset in offsets(scalars.count) { result.append(scalars[offset]) }
    return String(result)
  }

  private static func offsets(_ start: Int64?, _ stop: Int64?, _ step: Int64, _ count: Int64) -> [Int] {
    func clamped(_ index: Int64, _ lowest: Int64, _ highest: Int64) -> Int64 {
      min(max(index < 0 ? index &+ count : index, lowest), highest)
    }
    var result: [Int] = []
    if step > 0 {
      let from = start.map { clamped($0, 0, count) } ?? 0
      let to = stop.map { clamped($0, 0, count) } ?? count
      var index = from
      while index < to {
        result.append(Int(index))
        let (next, overflow) = index.addingReportingOverflow(step)
        if overflow { break }
        index = next
      }
    } else {
      let from = start.map { clamped($0, -1, count - 1) } ?? count - 1
      let to = stop.map { clamped($0, -1, count - 1) } ?? -1
      var index = from
      while index > to {
        result.append(Int(index))
        let (next, overflow) = index.addingReportingOverflow(step)
        if overflow { break }
        index = next
      }
    }
    return result
  }
}

/// A type, as `__class__` gives it.
final class TypeObject: JinjaObject {
  private let name: String

  init(_ name: String) {
    self.name = name
  }

  let typeName = "type"
  func attribute(_ name: String) throws -> Value? { name == "__name__" ? .string(self.name) : nil }
  var representation: String { "<class '\(name)'>" }
  func isEqual(to other: Value) -> Bool {
    if case .object(let object as TypeObject) = other { object.name == name } else { false }
  }
  func hash(into hasher: inout Hasher) { hasher.combine(name) }
}
