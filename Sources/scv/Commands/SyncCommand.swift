import ArgumentParser
@preconcurrency import Glibc
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

  @Option(
    name: [.short, .long], parsing: .upToNextOption,
    help: "What to sync: names of connections, CONNECTION.STREAM, or tag:WORD. Default: all connections that are enabled.")
  var select: [String] = []

  @Option(parsing: .upToNextOption, help: "Connections or streams to leave out.")
  var exclude: [String] = []

  @Flag(name: [.customShort("f"), .long], help: "Read everything anew, and replace the rows once that has succeeded.")
  var fullRefresh = false

  @Option(help: ArgumentHelp("How long to wait for another sync of the same connection.", valueName: "seconds"))
  var wait: Double = 0

  @Option(
    help: ArgumentHelp("How many attempts in a row may bring nothing on; 1 tries nothing again. Default: `retry` of the connection, or 3.", valueName: "number")
  )
  var attempts: Int?

  @Option(help: ArgumentHelp("How long a source may be silent.", valueName: "seconds"))
  var heartbeat: Double = 1200

  @Flag(name: [.short, .long], help: "Show what the connectors log.")
  var verbose = false

  @Flag(help: "Say what would be done, and do nothing. The sources are asked what they have.")
  var plan = false

  @Flag(help: "Take over what has changed in the sources, whatever `schema_changes` say.")
  var approve = false

  @Flag(help: "Treat warnings of a sync as failures.")
  var strict = false

  func validate() throws {
    if let attempts, attempts < 1 { throw ValidationError("--attempts must be at least 1.") }
  }

  func run() throws {
    let settings = try ConnectionSettings(options, command: "sync")
    let connections = try ConnectionSelection(select: select, exclude: exclude).apply(to: settings.connections)
    var sync = SyncOptions(projectFolder: settings.folder)
    sync.fullRefresh = fullRefresh
    sync.approves = approve
    sync.lockPatience = wait
    sync.heartbeat = heartbeat
    sync.schemas = Dictionary(settings.connections.map { ($0.name, $0.schema) }) { first, _ in first }
    sync.attempts = attempts
    sync.threads = max(1, options.threads ?? max(2, settings.profile.threads))
    ChildProcesses.stopOnSignals()
    let adapter = plan ? try settings.adapterToLook() : try settings.adapter()
    if plan {
      let preview = SyncPreview(adapter: adapter, options: sync)
      let previews = connections.map { preview.preview($0) }
      SyncPlanView.show(previews)
      try adapter.close()
      guard previews.allSatisfy({ $0.error == nil }) else { throw ExitCode(1) }
      return
    }
    let view = SyncView(quiet: options.quiet, verbose: verbose)
    let results = SyncRunner(adapter: adapter, options: sync).sync(connections) { view.handle($0) }
    view.summary(results)
    try adapter.close()
    let isFine = results.allSatisfy { $0.succeeded && (!strict || $0.warnings.isEmpty) }
    if !isFine, results.allSatisfy(\.succeeded) { Terminal.write("There were warnings, and --strict makes them failures.\n", to: stderr) }
    guard isFine else { throw ExitCode(1) }
  }
}
