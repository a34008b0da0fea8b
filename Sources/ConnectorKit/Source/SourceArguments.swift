import Diagnostics

/// The command line of a source: a verb and the files that it works with.
struct SourceArguments {
  /// What a source can be asked to do.
  enum Verb: String, CaseIterable {
    case spec
    case check
    case discover
    case read
    case help
  }

  private static let flags = ["--config", "--catalog", "--state"]

  var verb: Verb
  var config: String?
  var catalog: String?
  var state: String?

  /// Reads a command line without the program's name. Flags of later versions of the protocol that take no value are ignored.
  ///
  /// - Throws: `Diagnostic` of category `.usage`.
  init(_ arguments: some Sequence<String>) throws {
    var words = Array(arguments)[...]
    if words.contains("--help") || words.contains("-h") || words.isEmpty { words = ["help"] }
    let name = words.removeFirst()
    guard let verb = Verb(rawValue: name) else {
      throw Diagnostic(
        .usage, "usage.unknown-command", "'\(name)' is not a command of a source",
        hint: Suggestion.didYouMean(name, among: Verb.allCases.map(\.rawValue)) ?? "one of spec, check, discover, read")
    }
    self.verb = verb
    while let word = words.popFirst() {
      let parts = word.split(separator: "=", maxSplits: 1)
      guard let flag = parts.first.map(String.init), SourceArguments.flags.contains(flag) else {
        if word.hasPrefix("--") {
          guard let hint = Suggestion.didYouMean(String(parts.first ?? ""), among: SourceArguments.flags) else { continue }
          throw Diagnostic(.usage, "usage.unknown-flag", "'\(word)' is not a flag of a source", hint: hint)
        }
        throw Diagnostic(.usage, "usage.unexpected-argument", "'\(word)' is not expected here", hint: "files are given as --config, --catalog and --state")
      }
      guard let value = parts.count == 2 ? String(parts[1]) : words.popFirst() else {
        throw Diagnostic(.usage, "usage.missing-value", "\(flag) needs a file")
      }
      switch flag {
      case "--config": config = value
      case "--catalog": catalog = value
      default: state = value
      }
    }
  }

  /// The file of a flag that the verb cannot do without.
  func required(_ path: String?, _ flag: String) throws -> String {
    if let path { return path }
    throw Diagnostic(.usage, "usage.missing-flag", "\(verb.rawValue) needs \(flag)", hint: "\(verb.rawValue) … \(flag) FILE")
  }
}
