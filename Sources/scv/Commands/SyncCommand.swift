import ArgumentParser
import DataFormats
import Diagnostics
import FoundationEssentials
import Glibc
import Project
import Sync

/// `scv sync`: moves what the connections say into the warehouse.
struct SyncCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sync", abstract: "Pull records from all sources into the warehouse.",
    discussion: """
      Reads connections.yml beside dbt_project.yml. Each connection's connector runs as a process of its own; rows and the place \
      where to go on are stored in one transaction, so that a sync that is interrupted goes on from there.
      """)

  @OptionGroup var options: ProjectOptions

  @Option(name: [.short, .long], parsing: .upToNextOption, help: "Connections to sync: names, or tag:WORD. Default: all that are enabled.")
  var select: [String] = []

  @Option(parsing: .upToNextOption, help: "Connections to leave out.")
  var exclude: [String] = []

  @Flag(name: [.customShort("f"), .long], help: "Read everything anew, and replace the rows once that has succeeded.")
  var fullRefresh = false

  @Option(help: ArgumentHelp("How long to wait for another sync of the same connection.", valueName: "seconds"))
  var wait: Double = 0

  @Option(help: ArgumentHelp("How long a source may be silent.", valueName: "seconds"))
  var heartbeat: Double = 1200

  @Flag(name: [.short, .long], help: "Show what the connectors log.")
  var verbose = false

  func run() throws {
    let environment = ProcessInfo.processInfo.environment
    var load = LoadOptions(projectDirectory: try Workspace.folder(options, environment), environment: environment, command: "sync")
    options.apply(to: &load)
    load.vars = try options.variables()
    let (_, profile, warnings) = try ProjectLoader(load).loadConfiguration()
    if !options.quiet {
      for warning in warnings { ErrorReport.show(warning) }
    }
    let text = FileManager.default.contents(atPath: profile.file).map { String(decoding: $0, as: UTF8.self) } ?? ""
    let profiles = try YAMLDocument(parsing: text.replacing("\t", with: profile.isYAML ? "\t" : " "), file: profile.file).value
    let file = try ConnectionsFile(projectFolder: load.projectDirectory, profiles: profiles, environment: environment)
    for warning in file.warnings { ErrorReport.show(warning) }
    let connections = try chosen(file.connections)

    var sync = SyncOptions(projectFolder: load.projectDirectory)
    sync.fullRefresh = fullRefresh
    sync.lockPatience = wait
    sync.heartbeat = heartbeat
    sync.threads = max(1, options.threads ?? max(2, profile.threads))
    ChildProcesses.stopOnSignals()
    let adapter = try Workspace.adapter(profile, folder: load.projectDirectory)
    let view = SyncView(quiet: options.quiet, verbose: verbose)
    let results = SyncRunner(adapter: adapter, options: sync).sync(connections) { view.handle($0) }
    view.summary(results)
    try adapter.close()
    guard results.allSatisfy(\.succeeded) else { throw ExitCode(1) }
  }

  private func chosen(_ connections: [Connection]) throws -> [Connection] {
    func matches(_ word: String, _ connection: Connection) -> Bool {
      word.hasPrefix("tag:") ? connection.tags.contains(String(word.dropFirst(4))) : connection.name == word
    }
    let words = select.flatMap { $0.split(whereSeparator: { $0 == "," || $0 == " " }).map(String.init) }
    let without = exclude.flatMap { $0.split(whereSeparator: { $0 == "," || $0 == " " }).map(String.init) }
    for word in words + without where !connections.contains(where: { matches(word, $0) }) {
      throw Diagnostic(
        .usage, "sync.unknown-connection", "connections.yml has no connection '\(word)'",
        hint: Suggestion.didYouMean(word, among: connections.map(\.name)) ?? "connections are: \(connections.map(\.name).joined(separator: ", "))")
    }
    return connections.filter { connection in
      (words.isEmpty ? connection.isEnabled : words.contains { matches($0, connection) }) && !without.contains { matches($0, connection) }
    }
  }
}
