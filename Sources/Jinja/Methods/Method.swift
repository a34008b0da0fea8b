/// The methods of Python's built-in types that templates may call. Names are matched when a template is compiled, so that
/// a call is a switch.
enum Method: String {
  // Of texts.
  case capitalize, casefold, center, count, encode, endswith, expandtabs, find, format, formatMap = "format_map", index, isalnum
  case isalpha, isascii, isdecimal, isdigit, isidentifier, islower, isnumeric, isprintable, isspace, istitle, isupper, join
  case ljust, lower, lstrip, partition, removeprefix, removesuffix, replace, rfind, rindex, rjust, rpartition, rsplit, rstrip
  case split, splitlines, startswith, strip, swapcase, title, translate, maketrans, upper, zfill
  // Of markup.
  case unescape, striptags, html = "__html__"
  // Of lists.
  case append, clear, copy, extend, insert, pop, remove, reverse, sort
  // Of dicts.
  case fromkeys, get, items, keys, popitem, setdefault, update, values, getItem = "__getitem__", setItem = "__setitem__"
  case contains = "__contains__", length = "__len__"
  // Of sets.
  case add, difference, differenceUpdate = "difference_update", discard, intersection, intersectionUpdate = "intersection_update"
  case isdisjoint, issubset, issuperset, symmetricDifference = "symmetric_difference"
  case symmetricDifferenceUpdate = "symmetric_difference_update", union
  // Of numbers.
  case bitLength = "bit_length", conjugate, isInteger = "is_integer", asIntegerRatio = "as_integer_ratio", hex

  static let ofTexts: Set<Method> = [
    .capitalize, .casefold, .center, .count, .encode, .endswith, .expandtabs, .find, .format, .formatMap, .index, .isalnum,
    .isalpha, .isascii, .isdecimal, .isdigit, .isidentifier, .islower, .isnumeric, .isprintable, .isspace, .istitle, .isupper,
    .join, .ljust, .lower, .lstrip, .partition, .removeprefix, .removesuffix, .replace, .rfind, .rindex, .rjust, .rpartition,
    .rsplit, .rstrip, .split, .splitlines, .startswith, .strip, .swapcase, .title, .translate, .maketrans, .upper, .zfill,
    .getItem, .contains, .length,
  ]
  static let ofMarkup: Set<Method> = ofTexts.union([.unescape, .striptags, .html])
  static let ofLists: Set<Method> = [
    .append, .clear, .copy, .count, .extend, .index, .insert, .pop, .remove, .reverse, .sort, .getItem, .setItem, .contains,
    .length,
  ]
  static let ofTuples: Set<Method> = [.count, .index, .getItem, .contains, .length]
  static let ofDicts: Set<Method> = [
    .clear, .copy, .fromkeys, .get, .items, .keys, .pop, .popitem, .setdefault, .update, .values, .getItem, .setItem, .contains,
    .length,
  ]
  static let ofSets: Set<Method> = [
    .add, .clear, .copy, .difference, .differenceUpdate, .discard, .intersection, .intersectionUpdate, .isdisjoint, .issubset,
    .issuperset, .pop, .remove, .symmetricDifference, .symmetricDifferenceUpdate, .union, .update, .contains, .length,
  ]
  static let ofIntegers: Set<Method> = [.bitLength, .conjugate, .isInteger, .asIntegerRatio]
  static let ofDoubles: Set<Method> = [.conjugate, .isInteger, .asIntegerRatio, .hex]

  /// The methods that change the value they are called on.
  static let mutating: Set<Method> = [
    .append, .clear, .extend, .insert, .pop, .remove, .reverse, .sort, .popitem, .setdefault, .update, .setItem, .add,
    .differenceUpdate, .discard, .intersectionUpdate, .symmetricDifferenceUpdate,
  ]
}

extension Value {
  func hasMethod(_ method: Method) -> Bool {
    switch self {
    case .string: Method.ofTexts.contains(method)
    case .markup: Method.ofMarkup.contains(method)
    case .list: Method.ofLists.contains(method)
    case .tuple, .range: Method.ofTuples.contains(method)
    case .dict: Method.ofDicts.contains(method)
    case .set: Method.ofSets.contains(method)
    case .int, .bool, .bigInt: Method.ofIntegers.contains(method)
    case .double: Method.ofDoubles.contains(method)
    default: false
    }
  }

  /// `value.name(…)`; nil if the value has no such method (its attribute of that name may be callable).
  func callMethod(_ name: String, _ method: Method?, _ call: Call, _ environment: Environment) throws -> Value? {
    if case .object(let object) = self {
      if environment.options.sandbox != nil, name.hasPrefix("_") { return nil }
      return try object.callMethod(name, call)
    }
    guard let method, hasMethod(method) else { return nil }
    if let sandbox = environment.options.sandbox {
      if name.hasPrefix("_") { return nil }
      if case .immutable = sandbox, Method.mutating.contains(method), !isText { throw Value.refused(method, self) }
    }
    switch self {
    case .string(let text): return try TextMethods.call(method, on: text, isMarkup: false, call)
    case .markup(let text): return try TextMethods.call(method, on: text, isMarkup: true, call)
    case .list(let box): return try ListMethods.call(method, on: box, call)
    case .tuple(let elements): return try ListMethods.call(method, on: elements, call)
    case .range: return try ListMethods.call(method, on: try collect(), call)
    case .dict(let box): return try DictMethods.call(method, on: box, call)
    case .set(let box): return try SetMethods.call(method, on: box, call)
    default: return try NumberMethods.call(method, on: self)
    }
  }

  private var isText: Bool { text != nil }

  private static func refused(_ method: Method, _ value: Value) -> Fault {
    Fault(.security, "\(value.typeName).\(method.rawValue) would change the value, which is not allowed here")
  }
}

extension Call {
  /// The argument at `index` or of the keyword `name` as an integer.
  func integer(_ index: Int, _ name: String) throws -> Int64? {
    guard let value = argument(index, name), !value.isNone else { return nil }
    guard let number = value.int else {
      if case .undefined(let undefined) = value { throw undefined.fault }
      throw Fault(.type, "'\(value.typeName)' object cannot be interpreted as an integer")
    }
    return number
  }

  /// The argument at `index` or of the keyword `name` as a text.
  func string(_ index: Int, _ name: String) throws -> String? {
    guard let value = argument(index, name), !value.isNone else { return nil }
    guard let text = value.text else {
      if case .undefined(let undefined) = value { throw undefined.fault }
      throw Fault(.type, "argument '\(name)' must be str, not \(value.typeName)")
    }
    return text
  }

  /// The argument at `index` or of the keyword `name`, which must be given.
  func required(_ index: Int, _ name: String, of function: String) throws -> Value {
    guard let value = argument(index, name) else { throw Fault(.type, "\(function)() missing required argument '\(name)'") }
    return value
  }

  /// Whether the argument is given and true.
  func flag(_ index: Int, _ name: String, default isTrue: Bool = false) throws -> Bool {
    try argument(index, name)?.isTrue ?? isTrue
  }
}
