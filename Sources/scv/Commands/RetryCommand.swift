import ArgumentParser
import DataFormats
import Diagnostics
import FoundationEssentials
import OrderedCollections
import Project
import Transform

/// `scv retry`: does again what failed the last time, and what was skipped because of it.
struct RetryCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "retry", abstract: "Run the last command again for the nodes that failed or were skipped.")

  @OptionGroup var options: ProjectOptions
  @Option(help: ArgumentHelp("Where the run_results.json of the last run is. Default: target.", valueName: "dir")) var state: String?
  @Flag(name: [.short, .long], inversion: .prefixedNo, help: "Build incremental models and load seeds from scratch.") var fullRefresh: Bool?

  private static let retryable: Set<String> = ["error", "fail", "skipped", "runtime error", "partial success"]

  func run() async throws {
    let environment = ProcessInfo.processInfo.environment
    let folder = try Workspace.folder(options, environment)
    let target = state ?? Settings(environment: environment).text("target_path", options.targetPath) ?? "target"
    let path = target.hasPrefix("/") ? target : folder + "/" + target
    guard let previous = try LastRun.results(in: path) else {
      throw Diagnostic(
        .configuration, "retry.no-results", "Could not find previous run in '\(target)' target directory", at: SourceLocation(file: path + "/run_results.json"),
        hint: "there is something to retry after run, build, test, seed or snapshot")
    }
    let args = previous["args"] ?? [:]
    var options = options
    if options.vars == nil, let vars = args["vars"], vars.object?.isEmpty == false { options.vars = vars.text() }
    if options.target == nil { options.target = args["target"]?.string }
    if options.profile == nil { options.profile = args["profile"]?.string }
    if options.profilesDir == nil { options.profilesDir = args["profiles_dir"]?.string }
    if options.threads == nil { options.threads = args["threads"]?.int.map { Int($0) } }
    // Where warnings are errors, what warned failed.
    let retryable = RetryCommand.retryable.union(Settings(environment: environment).flag("warn_error", options.warnError) == true ? ["warn"] : [])
    let failed = (previous["results"]?.array ?? []).filter { retryable.contains($0["status"]?.string ?? "") }
    let name = args["which"]?.string ?? ""
    if name == "run-operation" {
      guard !failed.isEmpty else { return nothingToDo() }
      return try await OperationCall(macro: args["macro"]?.string ?? "", arguments: args["args"]?.object ?? [:], options: options).perform()
    }
    guard let command = TransformCommand(rawValue: name) else {
      throw Diagnostic(
        .configuration, "retry.unknown-command", "the last command was '\(name)', which cannot be retried",
        at: SourceLocation(file: path + "/run_results.json"),
        hint: "there is something to retry after run, build, test, seed or snapshot")
    }
    var selected = SelectionSettings()
    selected.only = Set(failed.compactMap { $0["unique_id"]?.string })
    selected.state = args["state"]?.string
    selected.deferState = args["defer_state"]?.string
    selected.defers = args["defer"]?.bool ?? false
    selected.favorState = args["favor_state"]?.bool ?? false
    var running = RunSettings()
    running.fullRefresh = fullRefresh ?? args["full_refresh"]?.bool ?? false
    running.failFast = args["fail_fast"]?.bool ?? false
    running.empty = args["empty"]?.bool ?? false
    running.storeFailures = args["store_failures"]?.bool
    running.eventTimeStart = args["event_time_start"]?.string
    running.eventTimeEnd = args["event_time_end"]?.string
    running.sample = args["sample"]?.string
    for result in failed {
      guard let id = result["unique_id"]?.string, let batches = result["batch_results"]?["failed"]?.array,
        result["batch_results"]?["successful"]?.array?.isEmpty == false
      else { continue }
      running.failedBatches[id] = batches.compactMap { batch in
        batch.array.flatMap { bounds in bounds.count == 2 ? (bounds[0].string ?? "", bounds[1].string ?? "") : nil }
      }
    }
    try await NodeCommand(command, options, selected, running).perform()
  }

  private func nothingToDo() {
    if !options.quiet { Terminal.say(RunView.stamp() + "Nothing to do: the last command succeeded.") }
  }
}
