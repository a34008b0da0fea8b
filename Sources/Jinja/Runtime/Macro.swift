import Diagnostics
import OrderedCollections

/// A macro, bound to the frame it was defined in or the context it was bound to; callable like a function.
public final class Macro: @unchecked Sendable {
  /// The definition: name, parameters, place.
  public let definition: MacroDefinition
  /// The template it was defined in.
  public var template: Template { frame.scope.template }
  let frame: Frame
  private let autoescape: Bool

  init(_ definition: MacroDefinition, frame: Frame, autoescape: Bool) {
    self.definition = definition
    self.frame = frame
    self.autoescape = autoescape
  }

  /// The name; empty for the body of a call block.
  public var name: String { definition.name }

  /// Renders the macro on its own, outside of any template.
  public func callAsFunction(_ positional: [Value] = [], keywords: [KeywordArgument] = []) throws -> Value {
    let run = Run(template.environment)
    let call = Call(
      positional: positional, keywords: keywords, run: run, scope: frame.scope, position: definition.position)
    do {
      return try invoke(call)
    } catch {
      throw run.located(error, at: definition.position, in: template)
    }
  }

  func invoke(_ call: Call) throws -> Value {
    let run = call.run
    try run.enter(
      Run.Step(macro: self, label: definition.label, caller: call.scope.template, position: call.position))
    let inner = Frame(run: run, scope: frame.scope, parent: frame, slots: definition.function.slotCount)
    let callerEscapes = run.autoescape
    run.autoescape = autoescape
    defer {
      run.autoescape = callerEscapes
      run.leave()
    }
    let output = Output(isNative: run.isNative)
    do {
      try bind(call, in: inner)
      _ = try definition.block.execute(inner, output)
    } catch let signal as MacroReturn {
      return signal.value
    } catch let fault as Fault {
      throw run.located(fault, at: definition.position, in: template)
    }
    return try output.result(escaping: callerEscapes)
  }

  private func bind(_ call: Call, in inner: Frame) throws {
    let parameters = definition.parameters
    let slots = inner.slots
    var keywords = call.keywords
    let given = min(call.positional.count, parameters.count)
    for index in 0..<given { slots[parameters[index].slot] = call.positional[index] }
    if !keywords.isEmpty {
      keywords.removeAll { keyword in
        guard let index = definition.parameterIndex[keyword.name], index >= given else { return false }
        slots[parameters[index].slot] = keyword.value
        return true
      }
    }
    for index in given..<max(given, parameters.count) where slots[parameters[index].slot] == nil {
      let parameter = parameters[index]
      if let expression = parameter.defaultValue {
        slots[parameter.slot] = try expression.evaluate(inner)
      } else {
        slots[parameter.slot] = inner.environment.undefined(
          parameter.name, explanation: "parameter '\(parameter.name)' was not provided")
      }
    }
    if let slot = definition.callerSlot {
      if let index = keywords.firstIndex(where: { $0.name == "caller" }) {
        slots[slot] = keywords.remove(at: index).value
      } else if !definition.isCallBlock {
        slots[slot] = inner.environment.undefined("caller", explanation: "No caller defined")
      }
    }
    if let slot = definition.keywordsSlot {
      let rest = DictBox()
      for keyword in keywords { rest.members[.string(keyword.name)] = keyword.value }
      slots[slot] = .dict(rest)
    } else if let keyword = keywords.first {
      if keyword.name == "caller" {
        throw Fault(.type, "\(definition.label) was called by a call block and does not use its caller")
      }
      throw Fault(
        .type, "\(definition.label) takes no keyword argument '\(keyword.name)'",
        hint: Suggestion.didYouMean(keyword.name, among: parameters.map(\.name)))
    }
    if let slot = definition.positionalsSlot {
      slots[slot] = .tuple(Array(call.positional.dropFirst(parameters.count)))
    } else if call.positional.count > parameters.count {
      throw Fault(
        .type, "\(definition.label) takes at most \(parameters.count) arguments (\(call.positional.count) given)")
    }
  }

  func attribute(_ name: String) -> Value? {
    switch name {
    case "name": .string(self.name)
    case "arguments": .tuple(definition.parameters.map { .string($0.name) })
    case "catch_kwargs": .bool(definition.keywordsSlot != nil)
    case "catch_varargs": .bool(definition.positionalsSlot != nil)
    case "caller": .bool(definition.usesCaller)
    default: nil
    }
  }
}
