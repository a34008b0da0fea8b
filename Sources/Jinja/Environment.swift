import Diagnostics
import Synchronization

/// How templates are written: the delimiters and what becomes of whitespace. The defaults are Jinja2's.
public struct Syntax: Sendable, Hashable {
  /// Begins a statement.
  public var blockStart = "{%"
  /// Ends a statement.
  public var blockEnd = "%}"
  /// Begins an expression that is printed.
  public var variableStart = "{{"
  /// Ends an expression that is printed.
  public var variableEnd = "}}"
  /// Begins a comment.
  public var commentStart = "{#"
  /// Ends a comment.
  public var commentEnd = "#}"
  /// Makes a line that begins with it a statement.
  public var lineStatementPrefix: String?
  /// Makes the rest of a line a comment.
  public var lineCommentPrefix: String?
  /// Whether the newline after a statement goes.
  public var trimBlocks = false
  /// Whether the blanks between the beginning of a line and a statement go.
  public var lstripBlocks = false
  /// Whether a newline at the end of a template stays.
  public var keepTrailingNewline = false
  /// What newlines of the source become.
  public var newlineSequence = "\n"

  /// Jinja2's defaults.
  public init() {}
}

/// How much a template may do to the values it is given.
public enum SandboxKind: Sendable {
  /// Underscored attributes do not exist, `format` reaches no further than templates do, `range` is bounded.
  case sandboxed
  /// As `sandboxed`, and methods that change lists, dicts and sets are refused.
  case immutable
}

/// A filter: gets the value to its left and the call with the other arguments.
public typealias Filter = @Sendable (_ value: Value, _ call: Call) throws -> Value

/// A test: gets the value to its left and the call with the other arguments.
public typealias ValueTest = @Sendable (_ value: Value, _ call: Call) throws -> Bool

/// A block statement of the host that defines something: `{% test name(parameters) %}…{% endtest %}`.
///
/// Its head is a name, then optionally parameters in parentheses as a macro has them, then optionally options:
/// `, default`, `, adapter='x', supported_languages=['sql']`. Executed, it prints nothing; the host finds it, parsed, in
/// `Template.definitions`.
public struct DefinitionTag: Sendable, Hashable {
  /// The name of the statement; `end<name>` ends it.
  public var name: String
  /// Whether the body is a text that is not parsed, as that of `{% docs %}`.
  public var isRaw: Bool

  /// A statement `name` … `end<name>`.
  public init(_ name: String, isRaw: Bool = false) {
    self.name = name
    self.isRaw = isRaw
  }
}

/// What templates are compiled with: syntax, filters, tests, globals, and where other templates come from.
///
/// Immutable, and shared by any number of threads. Templates that the loader gives are compiled once and kept.
public final class Environment: Sendable {
  /// The choices of an environment.
  public struct Options: Sendable {
    /// How templates are written.
    public var syntax = Syntax()
    /// What becomes of what does not exist.
    public var undefined = UndefinedKind.lenient
    /// Whether printed values are escaped for HTML, unless `{% autoescape %}` says otherwise.
    public var autoescape = false
    /// Whether templates and macros yield values instead of texts (Jinja2's NativeEnvironment).
    public var isNative = false
    /// Whether and how templates are confined.
    public var sandbox: SandboxKind?
    /// Whether `{% do %}` is a statement.
    public var allowsDo = true
    /// Whether `{% break %}` and `{% continue %}` are statements.
    public var allowsLoopControls = true
    /// Whether `{% trans %}` is a statement. Texts are translated by the functions `gettext` and `ngettext` of the
    /// context, or not at all.
    public var allowsTranslation = false
    /// Whether `{% trans %}` trims its text and joins its lines, unless it says `notrimmed`.
    public var trimsTranslations = false
    /// Whether the names of top-level macros are looked up in the context, where the host resolves them, instead of
    /// being bound in their own template. dbt has it so: a project overrides a macro of a package.
    public var resolvesMacrosThroughContext = false
    /// Block statements of the host.
    public var definitionTags: [DefinitionTag] = []
    /// Filters beside the built-in ones; the same name replaces.
    public var filters: [String: Filter] = [:]
    /// Tests beside the built-in ones; the same name replaces.
    public var tests: [String: ValueTest] = [:]
    /// Names that every template sees, beside the built-in functions; the same name replaces.
    public var globals: [String: Value] = [:]
    /// The source of a template for include, import, from and extends; nil if there is none of that name.
    public var loader: (@Sendable (_ name: String) throws -> String?)?

    /// Jinja2's defaults, with `do` and loop controls.
    public init() {}
  }

  /// The choices it was made with.
  public let options: Options
  let filters: [String: Filter]
  let tests: [String: ValueTest]
  let globals: [String: Value]
  let definitionTags: [String: DefinitionTag]
  let delimiters: Delimiters
  private let loaded = Mutex<[String: Template]>([:])

  /// An environment of `options`.
  public init(_ options: Options = Options()) {
    self.options = options
    self.filters = BuiltinFilters.all.merging(options.filters) { $1 }
    self.tests = BuiltinTests.all.merging(options.tests) { $1 }
    self.globals = BuiltinGlobals.all.merging(options.globals) { $1 }
    self.definitionTags = Dictionary(options.definitionTags.map { ($0.name, $0) }) { $1 }
    self.delimiters = Delimiters(options.syntax)
  }

  /// Compiles `source`; `name` is the file that errors speak of, and `firstLine` the line there on which the source begins.
  /// Throws `Diagnostic` (`jinja.syntax` and the like).
  public func template(_ source: String, name: String = "<template>", firstLine: Int = 1) throws -> Template {
    try Template(source, name: name, firstLine: firstLine, environment: self)
  }

  /// Compiles a single expression, as in `{{ … }}` without the braces. Throws `Diagnostic`.
  public func expression(_ source: String, name: String = "<expression>") throws -> CompiledExpression {
    try CompiledExpression(source, name: name, environment: self)
  }

  /// The template `name` of the loader, compiled once. Throws `jinja.template-not-found` as a `Fault`.
  func load(_ name: String) throws -> Template {
    if let template = loaded.withLock({ $0[name] }) { return template }
    guard let source = try options.loader?(name) else {
      throw Fault(.templateNotFound, "there is no template '\(name)'")
    }
    let template = try Template(source, name: name, environment: self)
    return loaded.withLock { cache in
      if let earlier = cache[name] { return earlier }
      cache[name] = template
      return template
    }
  }

  func undefined(_ name: String?, owner: String? = nil, explanation: String? = nil, hint: String? = nil) -> Value {
    .undefined(Undefined(name: name, owner: owner, kind: options.undefined, explanation: explanation, hint: hint))
  }
}
