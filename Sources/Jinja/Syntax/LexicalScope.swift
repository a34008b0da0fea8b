/// While a template is read: a region of the source in which names are assigned.
///
/// Each function body (template, macro, block, recursive loop) has its own frame; the scopes inside it share the frame's
/// slots. Which slots a name may mean is settled when the template has been read to its end, since a macro sees what is
/// assigned after it.
final class LexicalScope {
  enum Kind {
    case template
    case macro
    case callBlock
    case block
    case recursiveLoop
    case nested
  }

  let kind: Kind
  let parent: LexicalScope?
  let function: FunctionScope
  let firstSlot: Int
  /// The slots set aside for the names that every macro may use without declaring them.
  private var specialSlots: [String: Int] = [:]
  private(set) var slots: [String: Int] = [:]
  /// Whether something inside reads the variable `loop` of this scope, so that it must be made.
  var usesLoop = false

  init(_ kind: Kind, parent: LexicalScope?) {
    self.kind = kind
    self.parent = parent
    if kind == .nested, let parent { function = parent.function } else { function = FunctionScope() }
    firstSlot = function.slotCount
    if kind == .macro || kind == .callBlock {
      for name in ["caller", "varargs", "kwargs"] { specialSlots[name] = function.allocate(name) }
    }
  }

  /// The slots of this scope and those inside it so far.
  var slotRange: Range<Int> { firstSlot..<function.slotCount }

  @discardableResult
  func declare(_ name: String) -> Int {
    if let slot = slots[name] { return slot }
    let slot = specialSlots[name] ?? function.allocate(name)
    slots[name] = slot
    return slot
  }

  func slot(_ name: String) -> Int? { slots[name] }

  /// Notes that `loop` is read here.
  func noteLoop() {
    var current: LexicalScope? = self
    while let scope = current {
      if scope.slots["loop"] != nil { scope.usesLoop = true }
      current = scope.parent
    }
  }

  /// The slots that `name` may mean here, innermost first.
  func candidates(_ name: String) -> [SlotReference] {
    var found: [SlotReference] = []
    forEachOutwards { scope, depth in
      if let slot = scope.slots[name] { found.append(SlotReference(depth: depth, index: slot)) }
    }
    return found
  }

  /// Every name that can be seen here.
  func visibleNames() -> [(name: String, slots: [SlotReference])] {
    var order: [String] = []
    var found: [String: [SlotReference]] = [:]
    forEachOutwards { scope, depth in
      for (name, slot) in scope.slots {
        if found[name] == nil { order.append(name) }
        found[name, default: []].append(SlotReference(depth: depth, index: slot))
      }
    }
    return order.map { ($0, found[$0] ?? []) }
  }

  private func forEachOutwards(_ visit: (LexicalScope, Int) -> Void) {
    var depth = 0
    var current: LexicalScope? = self
    while let scope = current {
      visit(scope, depth)
      if scope.kind == .block || scope.kind == .template { return }
      if scope.kind != .nested { depth += 1 }
      current = scope.parent
    }
  }
}
