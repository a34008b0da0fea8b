/// The variable `loop` inside a for loop. It looks one element ahead only when it is asked about it.
final class LoopObject: JinjaObject, @unchecked Sendable {
  private let source: ValueIterator
  private let statement: ForStatement
  /// The frame that a recursive loop's frames begin from; nil if the loop is not recursive.
  private let parent: Frame?
  private let depth0: Int
  private var ahead: [Value] = []
  private var aheadStart = 0
  private var index0: Int64 = -1
  private var previous: Value?
  private var current: Value?
  private var lastChanged: [Value]?

  init(_ source: ValueIterator, statement: ForStatement, parent: Frame?, depth: Int) {
    self.source = source
    self.statement = statement
    self.parent = parent
    self.depth0 = depth
  }

  let typeName = "LoopContext"

  func advance() throws -> Value? {
    let next: Value?
    if aheadStart < ahead.count {
      next = ahead[aheadStart]
      aheadStart += 1
    } else {
      next = try source.next()
    }
    guard let next else { return nil }
    index0 += 1
    previous = current
    current = next
    return next
  }

  private func peek() throws -> Value? {
    if aheadStart < ahead.count { return ahead[aheadStart] }
    guard let next = try source.next() else { return nil }
    ahead = [next]
    aheadStart = 0
    return next
  }

  private func length() throws -> Int64 {
    if source.remaining == nil {
      ahead = Array(ahead[aheadStart...]) + (try source.collect())
      aheadStart = 0
    }
    return index0 + 1 + Int64(ahead.count - aheadStart) + Int64(source.remaining ?? 0)
  }

  func attribute(_ name: String) throws -> Value? {
    switch name {
    case "index": .int(index0 + 1)
    case "index0": .int(index0)
    case "first": .bool(index0 == 0)
    case "last": .bool(try peek() == nil)
    case "length": .int(try length())
    case "revindex": .int(try length() - index0)
    case "revindex0": .int(try length() - index0 - 1)
    case "depth": .int(Int64(depth0) + 1)
    case "depth0": .int(Int64(depth0))
    case "previtem": previous ?? .undefined(Undefined(name: nil, explanation: "there is no previous item"))
    case "nextitem": try peek() ?? .undefined(Undefined(name: nil, explanation: "there is no next item"))
    case "cycle", "changed":
      Value(function: name) { [self] call in try callMethod(name, call) ?? .none }
    default: nil
    }
  }

  func callMethod(_ name: String, _ call: Call) throws -> Value? {
    switch name {
    case "cycle":
      guard !call.positional.isEmpty else { throw Fault(.type, "no items for cycling given") }
      return call.positional[Int(index0) % call.positional.count]
    case "changed":
      let isSame = lastChanged.map { $0.count == call.positional.count && zip($0, call.positional).allSatisfy { $0 == $1 } } ?? false
      lastChanged = call.positional
      return .bool(!isSame)
    default:
      return nil
    }
  }

  var isCallable: Bool { true }

  func call(_ call: Call) throws -> Value {
    guard let parent else {
      throw Fault(.type, "the loop must be recursive to be called", hint: "write {% for … in … recursive %}")
    }
    guard let values = call.positional.first else { throw Fault(.type, "loop() takes the values to iterate") }
    return try statement.recurse(values, from: parent, depth: depth0 + 1, call: call)
  }

  var isTrue: Bool { true }
  var count: Int? { try? Int(length()) }
  var representation: String { "<LoopContext \(index0 + 1)/\((try? length()) ?? 0)>" }
}
