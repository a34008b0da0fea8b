import Glibc

extension Value {
  /// `self <operation> other`, as Python does it.
  func applying(_ operation: BinaryOperation, _ other: Value) throws -> Value {
    if case .int(let a) = self, case .int(let b) = other, let result = try Value.fast(a, operation, b) { return result }
    switch (self, other) {
    case (.undefined(let undefined), _), (_, .undefined(let undefined)): throw undefined.fault
    case (.object(let object), _):
      if let result = try object.apply(operation, other, reversed: false) { return result }
      if case .object(let right) = other, let result = try right.apply(operation, self, reversed: true) { return result }
    case (_, .object(let object)):
      if let result = try object.apply(operation, self, reversed: true) { return result }
    default: break
    }
    if let result = try numeric(operation, other) { return result }
    switch operation {
    case .add: if let result = try adding(other) { return result }
    case .multiply: if let result = try repeating(other) ?? other.repeating(self) { return result }
    case .modulo:
      if case .string(let format) = self { return .string(try PercentFormat.format(format, other)) }
      if case .markup(let format) = self { return .markup(try PercentFormat.format(format, try other.escapedArguments())) }
    case .subtract:
      if case .set(let a) = self, case .set(let b) = other { return .set(SetBox(a.elements.subtracting(b.elements))) }
    default: break
    }
    if operation == .add, let mine = text, other.text == nil {
      throw Fault(
        .type, "can only concatenate str (not \"\(other.typeName)\") to str",
        hint: mine.isEmpty ? nil : "use ~ to concatenate the texts of any values")
    }
    throw Fault(.type, "unsupported operand type(s) for \(operation.rawValue): '\(typeName)' and '\(other.typeName)'")
  }

  private static func fast(_ a: Int64, _ operation: BinaryOperation, _ b: Int64) throws -> Value? {
    switch operation {
    case .add:
      let (sum, overflow) = a.addingReportingOverflow(b)
      return overflow ? nil : .int(sum)
    case .subtract:
      let (difference, overflow) = a.subtractingReportingOverflow(b)
      return overflow ? nil : .int(difference)
    case .multiply:
      let (product, overflow) = a.multipliedReportingOverflow(by: b)
      return overflow ? nil : .int(product)
    case .divide:
      guard b != 0 else { throw Fault(.zeroDivision, "division by zero") }
      return .double(Double(a) / Double(b))
    case .floorDivide:
      guard b != 0 else { throw Fault(.zeroDivision, "integer division or modulo by zero") }
      guard b != -1 else { return nil }
      let quotient = a / b
      return .int(a % b != 0 && (a < 0) != (b < 0) ? quotient - 1 : quotient)
    case .modulo:
      guard b != 0 else { throw Fault(.zeroDivision, "integer division or modulo by zero") }
      guard b != -1 else { return .int(0) }
      let remainder = a % b
      return .int(remainder != 0 && (remainder < 0) != (b < 0) ? remainder + b : remainder)
    case .power: return nil
    }
  }

  private var bigInt: BigInt? {
    if case .bigInt(let value) = self { return value }
    return int.map { (number: Int64) in BigInt(number) }
  }

  private func numeric(_ operation: BinaryOperation, _ other: Value) throws -> Value? {
    if let a = bigInt, let b = other.bigInt { return try Value.integral(a, operation, b) }
    guard let a = double, let b = other.double else { return nil }
    switch operation {
    case .add: return .double(a + b)
    case .subtract: return .double(a - b)
    case .multiply: return .double(a * b)
    case .power:
      if a == 0, b < 0 { throw Fault(.zeroDivision, "0.0 cannot be raised to a negative power") }
      return .double(pow(a, b))
    case .divide, .floorDivide, .modulo:
      guard b != 0 else { throw Fault(.zeroDivision, "float \(operation == .divide ? "division" : "modulo") by zero") }
      if operation == .divide { return .double(a / b) }
      var remainder = fmod(a, b)
      if remainder != 0, (remainder < 0) != (b < 0) { remainder += b }
      return .double(operation == .modulo ? remainder : ((a - remainder) / b).rounded())
    }
  }

  private static func integral(_ a: BigInt, _ operation: BinaryOperation, _ b: BigInt) throws -> Value {
    switch operation {
    case .add: return (a + b).value
    case .subtract: return (a - b).value
    case .multiply:
      guard a.magnitude.count + b.magnitude.count < 10_000 else { throw Fault(.overflow, "the product is too large") }
      return (a * b).value
    case .divide:
      guard !b.magnitude.isEmpty else { throw Fault(.zeroDivision, "division by zero") }
      return .double(a.double / b.double)
    case .floorDivide, .modulo:
      guard !b.magnitude.isEmpty else { throw Fault(.zeroDivision, "integer division or modulo by zero") }
      let (quotient, remainder) = a.dividedFloor(by: b)
      return operation == .modulo ? remainder.value : quotient.value
    case .power:
      if b.isNegative {
        guard !a.magnitude.isEmpty else { throw Fault(.zeroDivision, "0.0 cannot be raised to a negative power") }
        return .double(pow(a.double, b.double))
      }
      guard case .int(var exponent) = b.value, exponent < 100_000, Int64(a.magnitude.count) * exponent < 10_000 else {
        if a.magnitude.isEmpty || a == BigInt(1) { return a.value }
        throw Fault(.overflow, "the power is too large")
      }
      var result = BigInt(1)
      var square = a
      while exponent > 0 {
        if exponent & 1 == 1 { result = result * square }
        exponent >>= 1
        if exponent > 0 { square = square * square }
      }
      return result.value
    }
  }

  private func adding(_ other: Value) throws -> Value? {
    if let a = text, let b = other.text { try Limits.check(text: a.utf8.count + b.utf8.count) }
    return switch (self, other) {
    case (.string(let a), .string(let b)): .string(a + b)
    case (.markup(let a), .string), (.markup(let a), .markup): .markup(a + (try other.escaped()))
    case (.string, .markup(let b)): .markup(try escaped() + b)
    case (.list(let a), .list(let b)): try Value.joined(a.elements, b.elements)
    case (.tuple(let a), .tuple(let b)): .tuple(a + b)
    default: nil
    }
  }

  private static func joined(_ a: [Value], _ b: [Value]) throws -> Value {
    try Limits.check(list: a.count + b.count)
    return Value(a + b)
  }

  private func repeating(_ times: Value) throws -> Value? {
    guard let count = times.int else { return nil }
    let length = try self.count() ?? 0
    let limit = text == nil ? Limits.listLength : Limits.textLength / 4
    guard count <= 0 || length == 0 || count <= Int64(limit / length) else { throw Fault(.overflow, "the repetition is too long") }
    switch self {
    case .string(let text): return .string(text.repeated(count))
    case .markup(let text): return .markup(text.repeated(count))
    case .list(let box): return Value(Array([[Value]](repeating: box.elements, count: Int(max(0, count))).joined()))
    case .tuple(let elements): return .tuple(Array([[Value]](repeating: elements, count: Int(max(0, count))).joined()))
    default: return nil
    }
  }

  /// `-value`
  func negated() throws -> Value {
    switch self {
    case .int(let value): return value == .min ? (-BigInt(value)).value : .int(-value)
    case .bool(let value): return .int(value ? -1 : 0)
    case .double(let value): return .double(-value)
    case .bigInt(let value): return (-value).value
    case .undefined(let undefined): throw undefined.fault
    default: throw Fault(.type, "bad operand type for unary -: '\(typeName)'")
    }
  }

  /// `+value`
  func asNumber() throws -> Value {
    switch self {
    case .int, .double, .bigInt: return self
    case .bool(let value): return .int(value ? 1 : 0)
    case .undefined(let undefined): throw undefined.fault
    default: throw Fault(.type, "bad operand type for unary +: '\(typeName)'")
    }
  }

  /// The arguments of a markup text's `%`, escaped.
  private func escapedArguments() throws -> Value {
    switch self {
    case .tuple(let elements): .tuple(try elements.map { try $0.escapedArguments() })
    case .dict(let box): .dict(DictBox(try box.members.mapValues { try $0.escapedArguments() }))
    case .string(let text): .markup(text.htmlEscaped)
    default: self
    }
  }
}
