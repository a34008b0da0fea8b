import Diagnostics

/// What an environment makes of names, attributes and items that do not exist.
public enum UndefinedKind: String, Sendable {
  /// Prints as nothing, iterates as nothing; an error as soon as more is asked of it.
  case lenient
  /// An error whatever is asked of it, except whether it is defined.
  case strict
  /// As `lenient`, and attributes and items of it are undefined too.
  case chainable
  /// As `lenient`, and prints as what was asked for: `{{ name }}`.
  case debug

  var typeName: String {
    switch self {
    case .lenient: "Undefined"
    case .strict: "StrictUndefined"
    case .chainable: "ChainableUndefined"
    case .debug: "DebugUndefined"
    }
  }
}

/// A name, attribute or item that does not exist, and what is known about it for the message.
public final class Undefined: Sendable {
  /// The name, attribute or item.
  public let name: String?
  /// The type of the value that lacks it, as Python describes it (`dict object`); nil for a plain name.
  public let owner: String?
  /// How it behaves.
  public let kind: UndefinedKind
  /// The message, where it is not simply that the name is undefined.
  public let explanation: String?
  private let givenHint: String?
  private let candidates: (@Sendable () -> [String])?
  private let faultKind: Fault.Kind

  /// Something undefined. `candidates` are the names that exist, asked for only when a message proposes one.
  public init(
    name: String?, owner: String? = nil, kind: UndefinedKind = .lenient, explanation: String? = nil, hint: String? = nil,
    faultKind: Fault.Kind = .undefined, candidates: (@Sendable () -> [String])? = nil
  ) {
    self.name = name
    self.owner = owner
    self.kind = kind
    self.explanation = explanation
    self.givenHint = hint
    self.faultKind = faultKind
    self.candidates = candidates
  }

  /// What is wrong with using it.
  public var message: String {
    if let explanation { return explanation }
    guard let name else { return "an undefined value was used" }
    guard let owner else { return "'\(name)' is undefined" }
    return "'\(owner)' has no attribute '\(name)'"
  }

  /// What to try instead: the given hint, or the nearest of the names that do exist.
  public var hint: String? {
    if let givenHint { return givenHint }
    guard let name, let candidates else { return nil }
    return Suggestion.didYouMean(name, among: candidates())
  }

  /// The error of using it.
  public var fault: Fault { Fault(faultKind, message, hint: hint) }

  /// How it prints; strict ones do not.
  func text() throws -> String {
    switch kind {
    case .lenient, .chainable: return ""
    case .strict: throw fault
    case .debug:
      if let explanation { return "{{ undefined value printed: \(explanation) }}" }
      guard let owner else { return "{{ \(name ?? "") }}" }
      return "{{ no such element: \(owner)['\(name ?? "")'] }}"
    }
  }
}
