import ArgumentParser
import Diagnostics
@preconcurrency import Glibc

/// The command `scv`: parses the words, runs the subcommand, turns what it throws into a message and an exit code.
@main
struct Scv: AsyncParsableCommand {
  static let version = "0.1.0"

  static let configuration = CommandConfiguration(
    commandName: "scv",
    abstract: "Airbyte and dbt in one native binary: from scattered sources to a single customer view.",
    discussion: """
      scv pulls customers' records from everywhere into a warehouse, resolves who is who, and builds tables with tests that \
      assert them. A project is a folder with dbt_project.yml; `scv sync` also reads connections.yml.

      Exit codes: 0 fine, 1 something failed in the run, 2 wrong usage or a broken project.
      """,
    version: version,
    groupedSubcommands: [
      CommandGroup(
        name: "Load",
        subcommands: [
          SyncCommand.self, ConnectorsCommand.self, RejectedCommand.self, SeedCommand.self, DestinationCommand.self, TargetCommand.self,
        ]),
      CommandGroup(
        name: "Transform",
        subcommands: [
          RunCommand.self, TestCommand.self, BuildCommand.self, SnapshotCommand.self, CompileCommand.self, RunOperationCommand.self, RetryCommand.self,
          CloneCommand.self,
        ]),
      CommandGroup(
        name: "Look",
        subcommands: [ListCommand.self, ShowCommand.self, CustomerCommand.self, SourceCommand.self, DocsCommand.self, ParseCommand.self, DebugCommand.self]),
      CommandGroup(name: "Project", subcommands: [InitCommand.self, DepsCommand.self, CleanCommand.self]),
    ])

  /// A misspelt command is told as such.
  private static func check(_ word: String?) throws {
    guard let word, !word.hasPrefix("-") else { return }
    let names = Set(configuration.subcommands.flatMap { [$0.configuration.commandName ?? ""] + $0.configuration.aliases })
    guard word != "help", !names.contains(word) else { return }
    throw Diagnostic(
      .usage, "usage.unknown-command", "there is no command '\(word)'",
      hint: Suggestion.didYouMean(word, among: names) ?? "commands are \(names.sorted().joined(separator: ", ")); scv --help tells what they do")
  }

  /// The command that `words` mean.
  ///
  /// A command without commands below it is parsed on its own: to look at all the others takes as long as to read a small
  /// project. What is wrong, and questions for help, go the long way, so that messages name the whole command.
  private static func command(_ words: [String]) throws -> any ParsableCommand {
    if let name = words.first,
      let only = configuration.subcommands.first(where: { $0.configuration.commandName == name || $0.configuration.aliases.contains(name) }),
      only.configuration.subcommands.isEmpty, let command = try? only.parseAsRoot(Array(words.dropFirst())), type(of: command) == only
    {
      return command
    }
    return try parseAsRoot(words)
  }

  static func main() async {
    setvbuf(stdout, nil, _IOFBF, 1 << 16)
    signal(SIGPIPE, SIG_IGN)
    do {
      let words = ArgumentOrder.words(of: CommandLine.arguments)
      try check(words.first)
      var command = try command(words)
      if var command = command as? any AsyncParsableCommand {
        try await command.run()
      } else {
        try command.run()
      }
      EventLog.current.withLock { $0?.flush() }
      fflush(stdout)
    } catch {
      EventLog.current.withLock { $0?.flush() }
      fflush(stdout)
      ErrorReport.leave(error)
    }
  }
}
