import ArgumentParser
import Diagnostics

/// Words on the command line that are no options: told with what they may have been meant as.
enum StrayArgument {
  /// Commands that choose nodes by --select.
  private static let selecting: Set<String> = ["run", "test", "build", "seed", "snapshot", "compile", "clone", "ls", "list", "show", "sync"]

  /// The diagnostic for the parser's message about words that it did not expect; nil if the message is about something else.
  ///
  /// - Parameter words: the words of the command line.
  static func diagnostic(_ message: String, _ words: [String]) -> Diagnostic? {
    let first = message.split(separator: "\n").first ?? ""
    guard first.lowercased().contains("unexpected argument") else { return nil }
    let quoted = first.split(separator: "'", omittingEmptySubsequences: false)
    let strays = quoted.indices.filter { $0 % 2 == 1 }.map { String(quoted[$0]) }
    guard let stray = strays.first, let name = ArgumentOrder.commandFirst(words).first(where: { !$0.hasPrefix("-") }) else { return nil }
    guard let command = Scv.configuration.subcommands.first(where: { $0.configuration.commandName == name || $0.configuration.aliases.contains(name) })
    else { return nil }
    let inner = command.configuration.subcommands.flatMap { [$0.configuration.commandName ?? ""] + $0.configuration.aliases }
    let wrote = ([name] + (inner.contains { words.contains($0) } ? words.filter(inner.contains).prefix(1) : [])).joined(separator: " ")
    if !inner.isEmpty, !words.contains(where: inner.contains) {
      return Diagnostic(
        .usage, "usage.unknown-command", "there is no command '\(name) \(stray)'",
        hint: Suggestion.didYouMean(stray, among: inner).map { $0.replacing("'", with: "") }
          ?? "commands are \(inner.map { "\(name) \($0)" }.joined(separator: ", "))")
    }
    let hint =
      selecting.contains(name)
      ? "choose by --select: scv \(name) --select \(strays.joined(separator: " "))" : "scv \(wrote) --help tells what it takes"
    return Diagnostic(
      .usage, "usage.unexpected-argument", "scv \(wrote) takes no argument \(strays.map { "'\($0)'" }.joined(separator: ", "))", hint: hint)
  }
}
