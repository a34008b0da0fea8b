import ArgumentParser

/// `scv run`: builds the models.
struct RunCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "run", abstract: "Build the models, parents before children.")

  @OptionGroup var options: ProjectOptions
  @OptionGroup var selected: SelectionOptions
  @OptionGroup var running: RunOptions

  func run() async throws {
    try await NodeCommand(command: .run, options: options, selected: selected, running: running).perform()
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
    try await NodeCommand(command: .seed, options: options, selected: selected, running: running, showsRows: show).perform()
  }
}

/// `scv test`: asserts what the project says of its data.
struct TestCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "test", abstract: "Test the data in the warehouse.")

  @OptionGroup var options: ProjectOptions
  @OptionGroup var selected: SelectionOptions
  @OptionGroup var running: RunOptions

  func run() async throws {
    try await NodeCommand(command: .test, options: options, selected: selected, running: running).perform()
  }
}

/// `scv build`: seeds, models and their tests in one go.
struct BuildCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "build", abstract: "Load seeds, build models and snapshots, and test each before what is built on it.")

  @OptionGroup var options: ProjectOptions
  @OptionGroup var selected: SelectionOptions
  @OptionGroup var running: RunOptions

  func run() async throws {
    try await NodeCommand(command: .build, options: options, selected: selected, running: running).perform()
  }
}

/// `scv snapshot`: keeps the history of tables that only know the present.
struct SnapshotCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "snapshot", abstract: "Record how tables have changed since the last time.")

  @OptionGroup var options: ProjectOptions
  @OptionGroup var selected: SelectionOptions
  @OptionGroup var running: RunOptions

  func run() async throws {
    try await NodeCommand(command: .snapshot, options: options, selected: selected, running: running).perform()
  }
}

/// The options of commands that run nodes, named as dbt names them.
struct RunOptions: ParsableArguments {
  @Flag(name: [.short, .long], help: "Build incremental models and load seeds from scratch.")
  var fullRefresh = false

  @Flag(name: [.customShort("x"), .long], help: "Stop at the first failure.")
  var failFast = false

  @Flag(inversion: .prefixedNo, help: "Keep in tables what tests find.")
  var storeFailures: Bool?

  @Flag(help: "Treat the warnings of tests as errors.")
  var warnError = false

  @Flag(help: "Build with empty inputs: shows that the SQL holds, moves no data.")
  var empty = false
}
