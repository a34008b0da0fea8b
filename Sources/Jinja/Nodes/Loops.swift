/// `{% for target in iterable if test recursive %}…{% else %}…{% endfor %}`
public final class ForStatement: StatementNode, @unchecked Sendable {
  /// What is iterated.
  public let iterable: ExpressionNode
  /// Which elements are taken; all of them without.
  public let test: ExpressionNode?
  /// What is executed for each element.
  public let body: Block
  /// What is executed if there was no element.
  public let otherwise: Block?
  /// Whether the body may call `loop(…)`.
  public let isRecursive: Bool
  let layout: Layout

  /// Where the variables of the loop are kept.
  struct Layout: Sendable {
    /// The target as the body sees it.
    let target: Target
    /// The target as the test sees it, since the test runs ahead of the body.
    let testTarget: Target?
    /// The slot of `loop`, if the body mentions it.
    let loopSlot: Int?
    /// What the body assigns beside; fresh in each iteration.
    let bodySlots: Range<Int>
    /// What the else part assigns.
    let elseSlots: Range<Int>
    /// The frame of a recursive loop.
    let function: FunctionScope?
  }

  init(
    iterable: ExpressionNode, test: ExpressionNode?, body: Block, otherwise: Block?, isRecursive: Bool, layout: Layout,
    _ position: SourcePosition
  ) {
    self.iterable = iterable
    self.test = test
    self.body = body
    self.otherwise = otherwise
    self.isRecursive = isRecursive
    self.layout = layout
    super.init(position)
  }

  public override var children: [Node] {
    [iterable] + (test.map { [$0] } ?? []) + body.statements + (otherwise?.statements ?? [])
  }

  override func execute(_ frame: Frame, _ output: Output) throws -> Flow {
    let values = try iterable.evaluate(frame)
    guard let function = layout.function else { return try run(values, frame, output, depth: 0, recursion: nil) }
    let inner = Frame(run: frame.run, scope: frame.scope, parent: frame, slots: function.slotCount)
    return try run(values, inner, output, depth: 0, recursion: frame)
  }

  /// `loop(values)`: the text of the loop over `values`, one level deeper.
  func recurse(_ values: Value, from parent: Frame, depth: Int, call: Call) throws -> Value {
    guard let function = layout.function else { throw Fault(.type, "this loop is not recursive", hint: "write 'recursive' after its iterable") }
    try call.run.enter(Run.Step(macro: nil, label: "recursive loop", caller: call.scope.template, position: call.position))
    defer { call.run.leave() }
    let inner = Frame(run: call.run, scope: parent.scope, parent: parent, slots: function.slotCount)
    let output = Output(isNative: call.run.isNative)
    _ = try run(values, inner, output, depth: depth, recursion: parent)
    return try output.result(escaping: call.run.autoescape)
  }

  private func run(_ values: Value, _ frame: Frame, _ output: Output, depth: Int, recursion: Frame?) throws -> Flow {
    var iterator = try located(frame) { try values.makeIterator() }
    if let test, let target = layout.testTarget {
      let source = iterator
      iterator = ValueIterator {
        while let value = try source.next() {
          try target.assign(value, frame)
          if try test.evaluate(frame).isTrue { return value }
        }
        return nil
      }
    }
    var hasElements = false
    if let loopSlot = layout.loopSlot {
      let loop = LoopObject(iterator, statement: self, parent: recursion, depth: depth)
      while let value = try located(frame, { try loop.advance() }) {
        hasElements = true
        frame.reset(layout.bodySlots)
        frame.slots[loopSlot] = .object(loop)
        try located(frame) { try layout.target.assign(value, frame) }
        if try body.execute(frame, output) == .breakLoop { break }
      }
    } else {
      while let value = try located(frame, { try iterator.next() }) {
        hasElements = true
        frame.reset(layout.bodySlots)
        try located(frame) { try layout.target.assign(value, frame) }
        if try body.execute(frame, output) == .breakLoop { break }
      }
    }
    if !hasElements, let otherwise {
      frame.reset(layout.elseSlots)
      return try otherwise.execute(frame, output)
    }
    return .normal
  }
}

/// `{% break %}`
public final class BreakStatement: StatementNode, @unchecked Sendable {
  override func execute(_ frame: Frame, _ output: Output) throws -> Flow { .breakLoop }
}

/// `{% continue %}`
public final class ContinueStatement: StatementNode, @unchecked Sendable {
  override func execute(_ frame: Frame, _ output: Output) throws -> Flow { .continueLoop }
}

/// What a value is assigned to: a name, several names, an attribute of a namespace.
indirect enum Target: Sendable {
  case name(slot: Int, exported: String?)
  case tuple([Target])
  case attribute(NameExpression, String)

  @inline(__always)
  func assign(_ value: Value, _ frame: Frame) throws {
    if case .name(let slot, nil) = self { frame.slots[slot] = value } else { try assignOther(value, frame) }
  }

  private func assignOther(_ value: Value, _ frame: Frame) throws {
    switch self {
    case .name(let slot, let exported):
      frame.slots[slot] = value
      if let exported, frame.scope.names.keepsExports { frame.scope.names.exported[exported] = value }
    case .tuple(let targets):
      let values: [Value]
      do {
        values = try value.collect()
      } catch let fault as Fault where fault.kind == .type {
        throw Fault(.type, "cannot unpack non-iterable \(value.typeName) object")
      }
      guard values.count == targets.count else {
        let problem = values.count < targets.count ? "not enough" : "too many"
        throw Fault(.value, "\(problem) values to unpack (expected \(targets.count), got \(values.count))")
      }
      for (target, value) in zip(targets, values) { try target.assign(value, frame) }
    case .attribute(let name, let attribute):
      guard case .object(let object) = try name.evaluate(frame), try object.setAttribute(attribute, to: value) else {
        throw Fault(.runtime, "cannot assign attribute on non-namespace object", hint: "make it by namespace(…)")
      }
    }
  }
}
