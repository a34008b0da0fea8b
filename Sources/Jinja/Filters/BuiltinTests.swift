/// The tests of Jinja2, by the name that templates call them by.
enum BuiltinTests {
  static let all: [String: ValueTest] = types.merging(comparisons) { $1 }.merging(others) { $1 }

  private static let types: [String: ValueTest] = [
    "defined": { value, _ in !value.isUndefined },
    "undefined": { value, _ in value.isUndefined },
    "none": { value, _ in value.isNone },
    "boolean": { value, _ in if case .bool = value { true } else { false } },
    "true": { value, _ in if case .bool(true) = value { true } else { false } },
    "false": { value, _ in if case .bool(false) = value { true } else { false } },
    "integer": { value, _ in
      switch value {
      case .int, .bigInt: true
      default: false
      }
    },
    "float": { value, _ in if case .double = value { true } else { false } },
    "number": { value, _ in value.double != nil },
    "string": { value, _ in value.text != nil },
    "mapping": { value, _ in value.isMapping },
    "iterable": { value, _ in value.isIterable },
    "sequence": { value, _ in value.isSequence },
    "callable": { value, _ in value.isCallable },
    "escaped": { value, _ in value.isMarkup },
  ]

  private static func comparison(_ operation: ComparisonOperation) -> ValueTest {
    { value, call in try value.compares(operation, call.required(0, "other", of: operation.rawValue)) }
  }

  private static let comparisons: [String: ValueTest] = [
    "==": comparison(.equal), "eq": comparison(.equal), "equalto": comparison(.equal),
    "!=": comparison(.notEqual), "ne": comparison(.notEqual),
    "<": comparison(.less), "lt": comparison(.less), "lessthan": comparison(.less),
    "<=": comparison(.lessOrEqual), "le": comparison(.lessOrEqual),
    ">": comparison(.greater), "gt": comparison(.greater), "greaterthan": comparison(.greater),
    ">=": comparison(.greaterOrEqual), "ge": comparison(.greaterOrEqual),
    "in": comparison(.contained),
  ]

  private static let others: [String: ValueTest] = [
    "odd": { value, _ in try value.applying(.modulo, 2) == 1 },
    "even": { value, _ in try value.applying(.modulo, 2) == 0 },
    "divisibleby": { value, call in try value.applying(.modulo, call.required(0, "num", of: "divisibleby")) == 0 },
    "lower": { value, _ in
      let text = try value.str()
      return text == text.lowercased() && text.unicodeScalars.contains { $0.properties.isLowercase }
    },
    "upper": { value, _ in
      let text = try value.str()
      return text == text.uppercased() && text.unicodeScalars.contains { $0.properties.isUppercase }
    },
    "sameas": { value, call in value.isIdentical(to: try call.required(0, "other", of: "sameas")) },
    "filter": { value, call in call.scope.template.environment.filters[try value.str()] != nil },
    "test": { value, call in call.scope.template.environment.tests[try value.str()] != nil },
  ]
}

extension Value {
  fileprivate var isMapping: Bool {
    switch self {
    case .dict: true
    case .object(let object): object.isMapping
    default: false
    }
  }

  fileprivate var isIterable: Bool {
    switch self {
    case .list, .tuple, .dict, .set, .range, .iterator, .string, .markup: true
    case .undefined(let undefined): undefined.kind != .strict
    case .object(let object): (try? object.makeIterator()) != nil
    default: false
    }
  }

  /// Whether it has a length and items.
  fileprivate var isSequence: Bool {
    switch self {
    case .list, .tuple, .dict, .range, .string, .markup: true
    case .undefined(let undefined): undefined.kind != .strict
    case .object(let object): object.count != nil && !(object is DictView)
    default: false
    }
  }

  /// Python's `is`.
  fileprivate func isIdentical(to other: Value) -> Bool {
    switch (self, other) {
    case (.list(let a), .list(let b)): a === b
    case (.dict(let a), .dict(let b)): a === b
    case (.set(let a), .set(let b)): a === b
    case (.object(let a), .object(let b)): a === b
    case (.bool(let a), .bool(let b)): a == b
    case (.bool, _), (_, .bool), (.int, .double), (.double, .int): false
    default: self == other
    }
  }
}
