/// A part of a compiled template. Nodes are read-only: a host walks them by `children`, or asks `Template.calls(to:)`.
public class Node: @unchecked Sendable {
  /// Where it stands.
  public let position: SourcePosition

  init(_ position: SourcePosition) {
    self.position = position
  }

  /// The parts of this part, in the order of the source.
  public var children: [Node] { [] }

  /// Runs `body`; what goes wrong in it is reported at this node.
  @inline(__always)
  func located<Result>(_ frame: Frame, _ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch {
      throw frame.run.located(error, at: position, in: frame.scope.template)
    }
  }

  /// Calls `visit` for this node and all below it, outer ones first; `visit` says whether to go below.
  public func walk(_ visit: (Node) -> Bool) {
    guard visit(self) else { return }
    for child in children { child.walk(visit) }
  }
}

/// A part of a template that has a value.
public class ExpressionNode: Node, @unchecked Sendable {
  /// The value, if it is the same always: literals, and lists, tuples and dicts of them, negative numbers.
  public var constant: Value? { nil }

  /// How many expressions are nested in it; set once, by the parser.
  final var height: Int32 = 1

  func evaluate(_ frame: Frame) throws -> Value { .none }
}

/// How a statement ended.
enum Flow {
  case normal
  case breakLoop
  case continueLoop
}

/// A part of a template that prints or does something.
public class StatementNode: Node, @unchecked Sendable {
  func execute(_ frame: Frame, _ output: Output) throws -> Flow { .normal }
}

/// Statements one after the other.
public struct Block: Sendable {
  /// The statements.
  public let statements: [StatementNode]

  func execute(_ frame: Frame, _ output: Output) throws -> Flow {
    for statement in statements {
      let flow = try statement.execute(frame, output)
      if flow != .normal { return flow }
    }
    return .normal
  }
}

/// The slots that one function body needs: a template, a macro, a block, a recursive loop.
final class FunctionScope: @unchecked Sendable {
  fileprivate(set) var slotCount = 0
  fileprivate(set) var names: [String] = []

  func allocate(_ name: String) -> Int {
    slotCount += 1
    names.append(name)
    return slotCount - 1
  }
}

/// A slot, seen from a place in the source: so many frames outwards, at that index.
struct SlotReference: Hashable {
  let depth: Int
  let index: Int

  @inline(__always)
  func value(_ frame: Frame) -> Value? {
    if depth == 0 { return frame.slots[index] }
    var current = frame
    for _ in 0..<depth {
      guard let parent = current.parent else { return nil }
      current = parent
    }
    return current.slots[index]
  }
}

/// The names that can be seen at a place, for includes and scoped blocks; filled in when the template is read to its end.
final class VisibleNames: @unchecked Sendable {
  fileprivate(set) var names: [(name: String, slots: [SlotReference])] = []

  func fill(_ names: [(name: String, slots: [SlotReference])]) { self.names = names }

  func capture(_ frame: Frame) -> [String: Value] {
    var values: [String: Value] = [:]
    for (name, slots) in names {
      for slot in slots {
        if let value = slot.value(frame) {
          values[name] = value
          break
        }
      }
    }
    return values
  }
}
