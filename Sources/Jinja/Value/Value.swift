import Glibc
import OrderedCollections

/// A value of a template, with Python's semantics.
///
/// Lists, dicts, sets and iterators are references, as in Python: a template may change them in place and everyone who
/// holds them sees it. That makes the ownership rule: **a mutable value belongs to one render at a time.** A value that
/// several threads render with must not be changed by any of them; give each render its own `copy()` where a template may
/// do so, or `share()` it: then every change is seen by all, one at a time. Everything else is immutable and may be shared
/// freely, compiled templates and macros included.
public enum Value: Sendable {
  /// A name, attribute or item that does not exist.
  case undefined(Undefined)
  /// `none`.
  case none
  /// `true` or `false`; an integer too, as in Python.
  case bool(Bool)
  /// An integer of up to 64 bits.
  case int(Int64)
  /// An integer beyond 64 bits; results that fit 64 bits are always `int`.
  case bigInt(BigInt)
  /// A floating point number.
  case double(Double)
  /// A text.
  case string(String)
  /// A text that is safe to stand in HTML: autoescape leaves it alone.
  case markup(String)
  /// A list, by reference.
  case list(ListBox)
  /// A tuple.
  case tuple([Value])
  /// A dict, by reference, in the order of insertion.
  case dict(DictBox)
  /// A set, by reference.
  case set(SetBox)
  /// `range(…)`.
  case range(RangeValue)
  /// Something that is iterated once: what `map`, `select`, `batch` and their like give.
  case iterator(ValueIterator)
  /// A function of the host or of the language.
  case function(Function)
  /// A macro, bound to the context it was defined or bound in.
  case macro(Macro)
  /// An object of the host.
  case object(any JinjaObject)
}

/// A list. The box is `@unchecked Sendable` under the ownership rule of `Value`.
public final class ListBox: @unchecked Sendable {
  private var storage: [Value]
  fileprivate(set) var isShared = false

  /// The elements.
  public var elements: [Value] {
    get { isShared ? SharedValues.locked { storage } : storage }
    _modify {
      guard isShared else {
        yield &storage
        return
      }
      SharedValues.lock()
      defer { SharedValues.unlock(storage) }
      yield &storage
    }
  }

  /// A list of `elements`.
  public init(_ elements: [Value] = []) {
    storage = elements
  }

  deinit { Value.dismantle(&storage) }
}

/// A dict. The box is `@unchecked Sendable` under the ownership rule of `Value`.
public final class DictBox: @unchecked Sendable {
  private var storage: OrderedDictionary<Value, Value>
  fileprivate(set) var isShared = false

  /// The members, in the order of insertion. Keys are hashable values: see `Value.requireHashable()`.
  public var members: OrderedDictionary<Value, Value> {
    get { isShared ? SharedValues.locked { storage } : storage }
    _modify {
      guard isShared else {
        yield &storage
        return
      }
      SharedValues.lock()
      defer { SharedValues.unlock(storage.values.elements) }
      yield &storage
    }
  }

  /// A dict of `members`.
  public init(_ members: OrderedDictionary<Value, Value> = [:]) {
    storage = members
  }

  /// The member under a text key.
  public subscript(key: String) -> Value? {
    get { members[.string(key)] }
    set { members[.string(key)] = newValue }
  }

  deinit {
    guard storage.values.contains(where: \.isNested) else { return }
    var values = Array(storage.values)
    storage = [:]
    Value.dismantle(&values)
  }
}

extension Value {
  fileprivate var isNested: Bool {
    switch self {
    case .list, .dict, .tuple, .iterator, .object: true
    default: false
    }
  }

  /// Frees values inside of each other one after the other: a template can nest them deeper than the stack reaches. What is
  /// freed meanwhile on the same thread waits for its turn.
  static func dismantle(_ values: inout [Value]) {
    guard values.contains(where: \.isNested) else { return }
    let remains = Remains.ofThread
    remains.waiting += values
    values = []
    guard !remains.isBeingFreed else { return }
    remains.isBeingFreed = true
    while remains.waiting.popLast() != nil {}
    remains.isBeingFreed = false
  }

  /// Refuses tuples in tuples beyond reason: they are freed with what holds them. Whatever keeps values from one turn of a
  /// loop to the next asks here, since nothing else nests without an end.
  func checkNesting() throws {
    guard case .tuple = self, isDeeper(than: 1000) else { return }
    throw Fault(.recursion, "tuples are nested more than 1000 deep", hint: "does a loop put one into another without an end?")
  }

  private func isDeeper(than levels: Int) -> Bool {
    guard case .tuple(let elements) = self else { return false }
    return levels == 0 || elements.contains { $0.isDeeper(than: levels - 1) }
  }
}

/// What a thread has yet to free.
private final class Remains {
  var waiting: [Value] = []
  var isBeingFreed = false

  private static let key: pthread_key_t = {
    var key = pthread_key_t()
    pthread_key_create(&key) { if let remains = $0 { Unmanaged<Remains>.fromOpaque(remains).release() } }
    return key
  }()

  static var ofThread: Remains {
    if let known = pthread_getspecific(key) { return Unmanaged<Remains>.fromOpaque(known).takeUnretainedValue() }
    let remains = Remains()
    pthread_setspecific(key, Unmanaged.passRetained(remains).toOpaque())
    return remains
  }
}

/// A set. The box is `@unchecked Sendable` under the ownership rule of `Value`.
public final class SetBox: @unchecked Sendable {
  private var storage: OrderedSet<Value>
  fileprivate(set) var isShared = false

  /// The elements, in the order of insertion.
  public var elements: OrderedSet<Value> {
    get { isShared ? SharedValues.locked { storage } : storage }
    _modify {
      guard isShared else {
        yield &storage
        return
      }
      SharedValues.lock()
      defer { SharedValues.unlock([]) }
      yield &storage
    }
  }

  /// A set of `elements`.
  public init(_ elements: OrderedSet<Value> = []) {
    storage = elements
  }
}

extension Value {
  /// Gives a value to several threads: lists, dicts and sets in it, and what templates put into those later, are read and
  /// changed one at a time from now on. To be called before another thread holds it. Iterators and objects of the host are
  /// not covered.
  public func share() {
    var waiting = [self]
    while let value = waiting.popLast() {
      switch value {
      case .list(let box) where !box.isShared:
        waiting += box.elements
        box.isShared = true
      case .dict(let box) where !box.isShared:
        waiting += box.members.values
        box.isShared = true
      case .set(let box): box.isShared = true
      case .tuple(let elements): waiting += elements
      default: break
      }
    }
  }
}

/// The lock of values that several threads hold. One for all: they are few, and held for a moment. It may be taken again by
/// the thread that has it, since a change of one value may read another (sorting, comparing).
private enum SharedValues {
  private nonisolated(unsafe) static let mutex: UnsafeMutablePointer<pthread_mutex_t> = {
    let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    var attributes = pthread_mutexattr_t()
    pthread_mutexattr_init(&attributes)
    pthread_mutexattr_settype(&attributes, Int32(PTHREAD_MUTEX_RECURSIVE))
    pthread_mutex_init(mutex, &attributes)
    pthread_mutexattr_destroy(&attributes)
    return mutex
  }()

  static func lock() { pthread_mutex_lock(mutex) }

  /// Ends a change; what it left behind is shared, too.
  static func unlock(_ values: [Value]) {
    for value in values { value.share() }
    pthread_mutex_unlock(mutex)
  }

  static func locked<Result>(_ read: () -> Result) -> Result {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    return read()
  }
}

/// The numbers from `start` to `stop`, `stop` excluded, by `step`, which is not 0.
public struct RangeValue: Sendable, Hashable {
  /// The first number.
  public let start: Int64
  /// The number that is not reached.
  public let stop: Int64
  /// The distance.
  public let step: Int64

  /// How many numbers there are.
  public var count: Int {
    if step > 0 { return start < stop ? Int(clamping: (stop &- start &- 1).magnitude / step.magnitude) + 1 : 0 }
    return start > stop ? Int(clamping: (start &- stop &- 1).magnitude / step.magnitude) + 1 : 0
  }

  subscript(index: Int) -> Int64 { start &+ Int64(index) &* step }
}

// MARK: - Making values

extension Value {
  /// A list of `elements`.
  public init(_ elements: [Value]) {
    self = .list(ListBox(elements))
  }

  /// A dict of `members`.
  public init(_ members: OrderedDictionary<Value, Value>) {
    self = .dict(DictBox(members))
  }

  /// A dict with text keys.
  public init(_ members: OrderedDictionary<String, Value>) {
    let box = DictBox()
    box.members.reserveCapacity(members.count)
    for (key, value) in members { box.members[.string(key)] = value }
    self = .dict(box)
  }

  /// A function of the host.
  public init(function name: String, _ body: @escaping @Sendable (Call) throws -> Value) {
    self = .function(Function(name, body))
  }

  /// The value that stands for nothing at all: undefined, without a name.
  public static var missing: Value { .undefined(Undefined(name: nil)) }
}

extension Value: ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
  ExpressibleByStringLiteral, ExpressibleByStringInterpolation, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  /// A literal of a boolean.
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  /// A literal of an integer.
  public init(integerLiteral value: Int64) { self = .int(value) }
  /// A literal of a float.
  public init(floatLiteral value: Double) { self = .double(value) }
  /// A literal of a text.
  public init(stringLiteral value: String) { self = .string(value) }
  /// A literal of a list.
  public init(arrayLiteral elements: Value...) { self = .list(ListBox(elements)) }
  /// A literal of a dict.
  public init(dictionaryLiteral elements: (Value, Value)...) {
    self = .dict(DictBox(OrderedDictionary(elements, uniquingKeysWith: { $1 })))
  }
}

// MARK: - Looking into values

extension Value {
  /// The text of a string, safe or not; nil for other values.
  public var text: String? {
    switch self {
    case .string(let text), .markup(let text): text
    default: nil
    }
  }

  /// The number as a 64-bit integer, if it is one; truth values count as 0 and 1.
  public var int: Int64? {
    switch self {
    case .int(let value): value
    case .bool(let value): value ? 1 : 0
    default: nil
    }
  }

  /// Any number as a `Double`.
  public var double: Double? {
    switch self {
    case .int(let value): Double(value)
    case .bool(let value): value ? 1 : 0
    case .double(let value): value
    case .bigInt(let value): value.double
    default: nil
    }
  }

  /// The elements of a list or tuple; nil for other values.
  public var elements: [Value]? {
    switch self {
    case .list(let box): box.elements
    case .tuple(let elements): elements
    default: nil
    }
  }

  /// The dict, if it is one.
  public var dict: DictBox? {
    if case .dict(let box) = self { box } else { nil }
  }

  /// Whether this is undefined.
  public var isUndefined: Bool {
    if case .undefined = self { true } else { false }
  }

  /// Whether this is `none`.
  public var isNone: Bool {
    if case .none = self { true } else { false }
  }

  /// A copy that shares no mutable part with this value: lists, dicts and sets are copied all the way down; iterators and
  /// objects of the host stay what they are.
  public func copy() -> Value {
    switch self {
    case .list(let box): Value(box.elements.map { $0.copy() })
    case .tuple(let elements): .tuple(elements.map { $0.copy() })
    case .dict(let box): .dict(DictBox(box.members.mapValues { $0.copy() }))
    case .set(let box): .set(SetBox(box.elements))
    default: self
    }
  }

  /// The name of the type, as Python has it: `int`, `str`, `list`.
  public var typeName: String {
    switch self {
    case .undefined(let undefined): undefined.kind.typeName
    case .none: "NoneType"
    case .bool: "bool"
    case .int, .bigInt: "int"
    case .double: "float"
    case .string: "str"
    case .markup: "Markup"
    case .list: "list"
    case .tuple: "tuple"
    case .dict: "dict"
    case .set: "set"
    case .range: "range"
    case .iterator: "generator"
    case .function: "function"
    case .macro: "Macro"
    case .object(let object): object.typeName
    }
  }
}
