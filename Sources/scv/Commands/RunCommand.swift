import ArgumentParser
import DataFormats
import OrderedCollections
import Transform

/// `scv run`: builds the models.
struct RunCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "run", abstract: "Build the models, parents before children.")

  @OptionGroup var options: ProjectOptions
  @OptionGroup var selected: SelectionOptions
  @OptionGroup var running: RunOptions

  func run() async throws {
    try await NodeCommand(.run, options, selected, running).perform()
  }
}

/// `scv seed`: loads the CSV files of the project.
struct SeedCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "seed", abstract: "Load the project's CSV files into the warehouse.")

  @OptionGroup var options: ProjectOptions
  @OptionGroup var selected: SelectionOptions
  @OptionGroup var running: RunOptions
  @Flag(help: "Show the first rows of what was loaded.") var show = false

  func run() async throws {
    var command = NodeCommand(.seed, options, selected, running)
    command.showsRows = show
    try await command.perform()
  }
}

/// `scv test`: asserts what the project says of its data.
struct TestCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "test", abstract: "Test the data in the warehouse.")

  @OptionGroup var options: ProjectOptions
  @OptionGroup var selected: SelectionOptions
  @OptionGroup var running: RunOptions

  func run() async throws {
    try await NodeCommand(.test, options, selected, running).perform()
  }
}

/// `scv build`: seeds, models and their tests in one go.
struct BuildCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "build", abstract: "Load seeds, build models and snapshots, and test each before what is built on it.")

  @OptionGroup var options: ProjectOptions
  @OptionGroup var selected: SelectionOptions
  @OptionGroup var running: RunOptions
  @Flag(help: "Show the first rows of the seeds that were loaded.") var show = false

  func run() async throws {
    var command = NodeCommand(.build, options, selected, running)
    command.showsRows = show
    try await command.perform()
  }
}

/// `scv snapshot`: keeps the history of tables that only know the present.
struct SnapshotCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "snapshot", abstract: "Record how tables have changed since the last time.")

  @OptionGroup var options: ProjectOptions
  @OptionGroup var selected: SelectionOptions
  @OptionGroup var running: RunOptions

  func run() async throws {
    try await NodeCommand(.snapshot, options, selected, running).perform()
  }
}

/// `scv clone`: makes the relations of an earlier run appear here, without building them.
struct CloneCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "clone", abstract: "Make views here that show the relations of an earlier run, named by --state.")

  @OptionGroup var options: ProjectOptions
  @OptionGroup var selected: SelectionOptions
  @OptionGroup var running: RunOptions

  func run() async throws {
    try await NodeCommand(.clone, options, selected, running).perform()
  }
}

/// The options of commands that run nodes, named as dbt names them.
struct RunOptions: ParsableArguments {
  @Flag(name: [.short, .long], inversion: .prefixedNo, help: "Build incremental models and load seeds from scratch.")
  var fullRefresh: Bool?

  @Flag(name: [.customShort("x"), .long], inversion: .prefixedNo, help: "Stop at the first failure.")
  var failFast: Bool?

  @Flag(inversion: .prefixedNo, help: "Keep in tables what tests find.")
  var storeFailures: Bool?

  @Flag(inversion: .prefixedNo, help: "Build with empty inputs: shows that the SQL holds, moves no data.")
  var empty: Bool?

  @Option(help: ArgumentHelp("Microbatch models: the first moment to build.", valueName: "time"))
  var eventTimeStart: String?

  @Option(help: ArgumentHelp("Microbatch models: the moment to build up to.", valueName: "time"))
  var eventTimeEnd: String?

  @Option(help: ArgumentHelp("Read only this much of inputs that have an event_time: \"3 days\".", valueName: "window"))
  var sample: String?
}

/// How nodes are run, once the environment and the project have had their say.
struct RunSettings: Sendable {
  var fullRefresh = false
  var failFast = false
  var storeFailures: Bool?
  var warnError = false
  var empty = false
  var eventTimeStart: String?
  var eventTimeEnd: String?
  var sample: String?
  /// Batches that failed in the run that is retried, by model.
  var failedBatches: [String: [(start: String, end: String)]] = [:]

  init() {}

  init(_ options: RunOptions, _ settings: Settings) {
    fullRefresh = settings.flag("full_refresh", options.fullRefresh) ?? false
    failFast = settings.flag("fail_fast", options.failFast) ?? false
    storeFailures = settings.flag("store_failures", options.storeFailures)
    empty = settings.flag("empty", options.empty) ?? false
    eventTimeStart = settings.text("event_time_start", options.eventTimeStart)
    eventTimeEnd = settings.text("event_time_end", options.eventTimeEnd)
    sample = settings.text("sample", options.sample)
  }

  /// The flags that templates see.
  var flags: OrderedDictionary<String, JSON> {
    [
      "FULL_REFRESH": .bool(fullRefresh), "STORE_FAILURES": .bool(storeFailures ?? false), "EMPTY": .bool(empty), "FAIL_FAST": .bool(failFast),
    ]
  }
}
