import Diagnostics
import Glibc

/// One render: how deep it is, the way there, and whether printed values are escaped at the moment.
final class Run {
  struct Step {
    /// The macro that was entered; nil for a template.
    let macro: Macro?
    /// How the step is called in a trail.
    let label: String
    /// Where it was entered from.
    let caller: Template
    let position: SourcePosition
  }

  /// The macros and templates being executed, outermost first.
  var stack: [Step] = []
  var autoescape: Bool
  let isNative: Bool
  private let stackLimit = StackBounds.limit
  static let maximumDepth = 1000

  init(_ environment: Environment) {
    autoescape = environment.options.autoescape
    isNative = environment.options.isNative
  }

  /// Notes that a macro or template is entered. Throws `jinja.recursion` before the machine's stack ends.
  func enter(_ step: Step) throws {
    guard stack.count < Run.maximumDepth, StackBounds.isAbove(stackLimit) else {
      throw Fault(
        .recursion, "calls are nested too deep (\(stack.count)) at \(step.label)", hint: "does it call itself without an end?")
    }
    stack.append(step)
  }

  func leave() { stack.removeLast() }

  /// The way to `position` in the template of `frame`, for a diagnostic: outermost first.
  func trail(to position: SourcePosition, in template: Template) -> [String] {
    guard !stack.isEmpty else { return [] }
    var trail: [String] = []
    var label = "template"
    for step in stack {
      trail.append("\(label) (\(step.caller.name):\(step.position.line))")
      label = step.label
    }
    trail.append("\(label) (\(template.name):\(position.line))")
    guard trail.count > 24 else { return trail }
    return trail.prefix(8) + ["… \(trail.count - 20) more"] + trail.suffix(12)
  }

  /// Makes an error complete: a fault becomes a diagnostic at `position`, a diagnostic without place gets one.
  func located(_ error: any Error, at position: SourcePosition, in template: Template) -> any Error {
    switch error {
    case let fault as Fault:
      return fault.diagnostic(
        file: template.name, source: template.source, at: position, trail: trail(to: position, in: template))
    case var diagnostic as Diagnostic where diagnostic.location == nil:
      let line = Int(position.line)
      let column = Int(position.column)
      diagnostic.location = SourceLocation(file: template.name, line: line, column: column)
      diagnostic.window = diagnostic.window ?? SourceWindow(source: template.source, line: line, column: column)
      if diagnostic.trail.isEmpty { diagnostic.trail = trail(to: position, in: template) }
      return diagnostic
    default:
      return error
    }
  }
}

/// How much of the thread's stack is left. Recursion is bounded by this and not by a count alone, since threads differ.
enum StackBounds {
  /// The lowest address that code of this module lets the stack grow to, for the current thread.
  static var limit: UInt {
    if let known = pthread_getspecific(key) { return UInt(bitPattern: known) }
    var attributes = pthread_attr_t()
    var base: UnsafeMutableRawPointer?
    var size = 0
    guard let attributesOf, attributesOf(pthread_self(), &attributes) == 0 else { return 0 }
    defer { pthread_attr_destroy(&attributes) }
    guard pthread_attr_getstack(&attributes, &base, &size) == 0, let base else { return 0 }
    // A main thread's stack may be reported larger than it is allowed to grow; 8 MB is what it gets as a rule.
    let top = UInt(bitPattern: base) &+ UInt(size)
    let usable = min(UInt(size), 8 << 20)
    let limit = top &- usable &+ min(256 << 10, usable / 4)
    pthread_setspecific(key, UnsafeRawPointer(bitPattern: limit))
    return limit
  }

  /// Whether the stack pointer is still above `limit`.
  @inline(__always)
  static func isAbove(_ limit: UInt) -> Bool {
    var marker: UInt8 = 0
    return withUnsafeMutablePointer(to: &marker) { UInt(bitPattern: $0) } > limit
  }

  /// `pthread_getattr_np`, which the headers show to GNU sources alone; without it only the count of calls is bounded.
  private static let attributesOf: (@convention(c) (pthread_t, UnsafeMutablePointer<pthread_attr_t>) -> Int32)? =
    dlsym(nil, "pthread_getattr_np").map { unsafeBitCast($0, to: (@convention(c) (pthread_t, UnsafeMutablePointer<pthread_attr_t>) -> Int32).self) }

  private static let key: pthread_key_t = {
    var key = pthread_key_t()
    pthread_key_create(&key, nil)
    return key
  }()
}
