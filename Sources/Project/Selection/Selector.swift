import DataFormats
import Diagnostics

/// Which tests come along when nodes are selected: `--indirect-selection`.
public enum IndirectSelection: String, Sendable, CaseIterable {
  /// Every test that touches a selected node.
  case eager
  /// Tests all of whose nodes are selected.
  case cautious
  /// Tests all of whose nodes are selected or are ancestors of selected ones.
  case buildable
  /// None.
  case empty
}

/// What to select, as an expression over criteria.
public indirect enum Selector: Sendable, Equatable {
  /// What one criterion matches, with the relatives that it asks for.
  case criterion(SelectionCriterion)
  /// What any of them selects.
  case union([Selector])
  /// What all of them select.
  case intersection([Selector])
  /// What the first selects and the second does not.
  case difference(Selector, Selector)

  /// The expression of `--select` or `--exclude` arguments: unions by blank or by argument, intersections by comma.
  ///
  /// - Throws: `Diagnostic` (`selection.malformed`, `selection.unknown-method`).
  public init(parsing arguments: [String], indirect: IndirectSelection = .eager) throws {
    var parts: [Selector] = []
    for argument in arguments {
      for word in argument.split(separator: " ") {
        let criteria = try word.split(separator: ",", omittingEmptySubsequences: false).map {
          Selector.criterion(try SelectionCriterion(parsing: String($0), indirect: indirect))
        }
        parts.append(.intersection(criteria))
      }
    }
    self = .union(parts)
  }
}

/// One term of a selection: a method, a value, and how much of the graph around it: `2+tag:nightly`, `@stg_orders`.
public struct SelectionCriterion: Sendable, Equatable {
  /// What the value is compared with.
  public enum Method: String, Sendable, CaseIterable {
    case fqn, tag, group, access, source, path, file, package, config
    case testName = "test_name"
    case testType = "test_type"
    case resourceType = "resource_type"
    case state, exposure, metric, result
    case sourceStatus = "source_status"
    case version
    case semanticModel = "semantic_model"
    case savedQuery = "saved_query"
    case unitTest = "unit_test"
    /// A selector of `selectors.yml`, by name.
    case selector
  }

  /// As written.
  public var raw: String
  /// What the value is compared with.
  public var method: Method
  /// What follows the method after a dot: `materialized` of `config.materialized`.
  public var arguments: [String]
  /// What to look for; `*`, `?` and `[…]` are wildcards.
  public var value: String
  /// `@`: also all descendants, and all ancestors of those.
  public var childrensParents = false
  /// `+` before: also ancestors.
  public var parents = false
  /// How far up; nil is all the way.
  public var parentsDepth: Int?
  /// `+` after: also descendants.
  public var children = false
  /// How far down; nil is all the way.
  public var childrenDepth: Int?
  /// Which tests come along.
  public var indirect: IndirectSelection

  /// A criterion without graph operators.
  public init(method: Method, arguments: [String] = [], value: String, raw: String? = nil, indirect: IndirectSelection = .eager) {
    self.raw = raw ?? ([method.rawValue] + arguments).joined(separator: ".") + ":" + value
    self.method = method
    self.arguments = arguments
    self.value = value
    self.indirect = indirect
  }

  /// Reads one term.
  ///
  /// - Throws: `Diagnostic` (`selection.malformed`, `selection.unknown-method`).
  public init(parsing raw: String, indirect: IndirectSelection = .eager) throws {
    var rest = raw[...]
    var at = false
    if rest.first == "@" {
      at = true
      rest = rest.dropFirst()
    }
    let digits = rest.prefix(while: { $0.isASCII && $0.isNumber })
    var up = false
    var upDepth: Int?
    if rest.dropFirst(digits.count).first == "+" {
      up = true
      upDepth = Int(digits)
      rest = rest.dropFirst(digits.count + 1)
    }
    var down = false
    var downDepth: Int?
    if let plus = rest.lastIndex(of: "+"), rest[rest.index(after: plus)...].allSatisfy({ $0.isASCII && $0.isNumber }) {
      down = true
      downDepth = Int(rest[rest.index(after: plus)...])
      rest = rest[..<plus]
    }
    if at && down {
      throw Diagnostic(
        .usage, "selection.malformed", "in '\(raw)' the '@' before and the '+' after contradict each other",
        hint: "'@' includes all descendants already: leave out the '+'")
    }
    let (name, value) = SelectionCriterion.split(rest)
    guard !value.isEmpty else {
      throw Diagnostic(
        .usage, "selection.malformed", "'\(raw)' selects nothing: a name or value is missing",
        hint: "write for example 'orders', 'tag:nightly' or '+path:models/marts'")
    }
    if let name {
      let parts = name.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
      self.init(
        method: try SelectionCriterion.method(named: parts[0], in: raw), arguments: Array(parts.dropFirst()), value: value, raw: raw,
        indirect: indirect)
    } else {
      self.init(method: SelectionCriterion.defaultMethod(for: value), value: value, raw: raw, indirect: indirect)
    }
    childrensParents = at
    parents = up
    parentsDepth = upDepth
    children = down
    childrenDepth = downDepth
  }

  /// Method and value of a term without graph operators; the method ends at the first colon and consists of word characters and dots.
  private static func split(_ text: Substring) -> (method: String?, value: String) {
    guard let colon = text.firstIndex(of: ":"), colon != text.startIndex,
      text[..<colon].allSatisfy({ $0.isLetter || $0.isNumber || $0 == "_" || $0 == "." })
    else { return (nil, String(text)) }
    return (String(text[..<colon]), String(text[text.index(after: colon)...]))
  }

  /// The method of that name.
  ///
  /// - Throws: `Diagnostic` (`selection.unknown-method`).
  static func method(named name: String, in raw: String) throws -> Method {
    if let method = Method(rawValue: name) { return method }
    let names = Method.allCases.map(\.rawValue)
    throw Diagnostic(
      .usage, "selection.unknown-method", "'\(name)' in '\(raw)' is not a valid method name",
      hint: Suggestion.didYouMean(name, among: names) ?? "methods are \(names.joined(separator: ", "))")
  }

  /// What a value without method is compared with: paths have a slash, files an extension, everything else is a name.
  static func defaultMethod(for value: String) -> Method {
    if value.contains("/") { return .path }
    let lowered = value.lowercased()
    return [".sql", ".py", ".csv"].contains { lowered.hasSuffix($0) } ? .file : .fqn
  }
}

/// A selector of `selectors.yml`.
public struct NamedSelector: Sendable, Equatable {
  /// Its name, for `--selector`.
  public var name: String
  /// The description.
  public var description: String
  /// Whether it applies where nothing is selected.
  public var isDefault: Bool
  /// What it selects.
  public var selector: Selector
  /// The definition as the file has it.
  public var definition: JSON

  /// Makes a selector; see the properties.
  public init(name: String, description: String = "", isDefault: Bool = false, selector: Selector, definition: JSON = .null) {
    self.name = name
    self.description = description
    self.isDefault = isDefault
    self.selector = selector
    self.definition = definition
  }
}
