/// The slots of one function body being executed: a template, a macro, a block, a recursive loop.
///
/// Names are resolved to slots when a template is compiled; an unset slot lets the next candidate outwards, at last the
/// scope, answer for the name.
final class Frame {
  let run: Run
  let scope: Scope
  let parent: Frame?
  let slots: UnsafeMutablePointer<Value?>
  private let count: Int

  init(run: Run, scope: Scope, parent: Frame?, slots count: Int) {
    self.run = run
    self.scope = scope
    self.parent = parent
    self.count = count
    slots = UnsafeMutablePointer<Value?>.allocate(capacity: max(1, count))
    slots.initialize(repeating: nil, count: count)
  }

  deinit {
    slots.deinitialize(count: count)
    slots.deallocate()
  }

  var environment: Environment { scope.template.environment }

  @inline(__always)
  func reset(_ range: Range<Int>) {
    for slot in range { slots[slot] = nil }
  }
}
