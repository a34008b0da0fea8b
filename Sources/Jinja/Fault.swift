import Diagnostics

/// A place in a template: line and column in characters, both counted from 1.
public struct SourcePosition: Sendable, Hashable {
  /// The line.
  public let line: Int32
  /// The column.
  public let column: Int32

  package init(line: Int, column: Int) {
    self.line = Int32(clamping: line)
    self.column = Int32(clamping: column)
  }
}

/// What went wrong, before it is known where: thrown by operations on values and by host functions that have no position
/// at hand, and made a `Diagnostic` with position, window and trail by the node that ran the operation.
public struct Fault: Error, Sendable {
  /// The kinds of error, after the exceptions that Jinja2 and Python raise in the same place.
  public enum Kind: String, Sendable, CaseIterable {
    /// A template cannot be read (`TemplateSyntaxError`).
    case syntax
    /// A filter that does not exist (`TemplateAssertionError`).
    case unknownFilter = "unknown-filter"
    /// A test that does not exist (`TemplateAssertionError`).
    case unknownTest = "unknown-test"
    /// A template that reads well and means nothing (`TemplateAssertionError`).
    case assertion
    /// Something undefined was used (`UndefinedError`).
    case undefined
    /// Something else that only shows while rendering (`TemplateRuntimeError`).
    case runtime
    /// The sandbox forbids it (`SecurityError`).
    case security
    /// A template to include, import or extend does not exist (`TemplateNotFound`).
    case templateNotFound = "template-not-found"
    /// None of several templates exists (`TemplatesNotFound`).
    case templatesNotFound = "templates-not-found"
    /// A value is of the wrong type (`TypeError`).
    case type
    /// A value is of the right type and out of bounds (`ValueError`).
    case value
    /// A key that a dict does not have (`KeyError`).
    case key
    /// An index beyond the end (`IndexError`).
    case index
    /// An attribute that a value does not have (`AttributeError`).
    case attribute
    /// A division by zero (`ZeroDivisionError`).
    case zeroDivision = "zero-division"
    /// A number too large for its type (`OverflowError`).
    case overflow
    /// Calls, includes or nested syntax go too deep (`RecursionError`).
    case recursion
  }

  /// What kind of error.
  public var kind: Kind
  /// One sentence.
  public var message: String
  /// What to try.
  public var hint: String?

  /// An error of `kind`.
  public init(_ kind: Kind, _ message: String, hint: String? = nil) {
    self.kind = kind
    self.message = message
    self.hint = hint
  }

  /// The fault as a diagnostic `jinja.<kind>` at a place of a source.
  package func diagnostic(file: String, source: String, at position: SourcePosition, trail: [String] = []) -> Diagnostic {
    let line = Int(position.line)
    let column = Int(position.column)
    return Diagnostic(
      .compilation, "jinja.\(kind.rawValue)", message, at: SourceLocation(file: file, line: line, column: column),
      window: SourceWindow(source: source, line: line, column: column), trail: trail, hint: hint)
  }
}

/// Thrown by a host function to end the macro it is called in with a value instead of its text, as dbt's `return` does.
///
/// The innermost macro call (or render, or expression) on the way out takes the value.
public struct MacroReturn: Error {
  /// The value that the macro call yields.
  public let value: Value

  /// Ends the macro with `value`.
  public init(_ value: Value) {
    self.value = value
  }
}
