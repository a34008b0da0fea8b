import ArgumentParser
import Artifacts
import DataFormats
import Diagnostics
import FoundationEssentials
import Project
import Transform

/// `scv source`: about the tables that the project reads.
struct SourceCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "source", abstract: "Look at the tables that the project reads and does not build.", subcommands: [FreshnessCommand.self])
}

/// `scv source freshness`: tells how old the source tables are.
struct FreshnessCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "freshness", abstract: "Tell how old the source tables are, and fail if one is too old.", aliases: ["snapshot-freshness"])

  @OptionGroup var options: ProjectOptions
  @OptionGroup var selected: SelectionOptions
  @Option(name: [.short, .long], help: ArgumentHelp("Where to write the results. Default: target/sources.json.", valueName: "file")) var output: String?

  func run() async throws {
    let workspace = try Workspace(options, command: "freshness")
    let settings = SelectionSettings(selected, workspace.settings)
    let ids = try workspace.selection(settings, types: [.source]).ids
    var transform = TransformOptions(targetPath: workspace.targetPath)
    transform.threads = workspace.threads
    transform.arguments = ["which": "freshness", "select": .array(settings.select.map { .string($0) })]
    let session = TransformSession(
      project: workspace.project, adapter: try workspace.adapter(), options: transform, invocationID: workspace.log.invocationID,
      startedAt: workspace.startedAt)
    let view = RunView(workspace.project, log: workspace.log, prints: workspace.settings.flag("print", options.prints) ?? true)
    workspace.log.emit(LogEvent(name: "FoundStats", code: "W006", message: RunView.found(workspace.project.manifest)))
    let results = try await session.freshness(ids) { view.handle($0) }
    if results.isEmpty { workspace.log.emit(nothingToDo(workspace.project.manifest, ids)) }
    for (index, result) in results.enumerated() { show(result, index + 1, of: results.count, workspace) }
    if workspace.writesArtifacts {
      let file = output.map { $0.hasPrefix("/") ? $0 : workspace.project.options.projectDirectory + "/" + $0 } ?? workspace.targetPath + "/sources.json"
      let slash = file.lastIndex(of: "/") ?? file.startIndex
      try SourcesArtifact(results, elapsedTime: Date().timeIntervalSince(workspace.startedAt), session)
        .write(to: String(file[..<slash]), name: String(file[file.index(after: slash)...]))
      try ManifestArtifact(session).write(to: workspace.targetPath)
    }
    workspace.log.emit(LogEvent(name: "FreshnessCheckComplete", code: "Q006", message: "Done."))
    guard !results.contains(where: { $0.status.isFailure }) else { throw ExitCode(1) }
  }

  /// Why no table was looked at, and what to do about it.
  private func nothingToDo(_ manifest: Manifest, _ ids: [String]) -> LogEvent {
    let reason =
      manifest.sources.isEmpty
      ? "the project declares no sources: list the tables that it reads under sources: in a property file"
      : ids.isEmpty
        ? "no source is selected" : "no source says how fresh it must be: give it loaded_at_field: and freshness: {warn_after: {count: 1, period: day}}"
    return LogEvent(
      name: "NothingToDo", code: "Q035", level: .warn,
      message: "Nothing to do. Try checking your model configs and model specification args (\(reason))")
  }

  private func show(_ result: FreshnessResult, _ index: Int, of total: Int, _ workspace: Workspace) {
    let source = workspace.project.manifest.sources[result.uniqueID]
    let (word, level): (String, LogEvent.Level) =
      switch result.status {
      case .pass: ("PASS", .info)
      case .warn: ("WARN", .warn)
      case .error: ("ERROR STALE", .error)
      default: ("ERROR", .error)
      }
    let left = "\(index) of \(total) \(word) freshness of \(source?.searchName ?? result.uniqueID) "
    let dots = String(repeating: ".", count: max(3, 79 - left.count))
    workspace.log.emit(
      LogEvent(
        name: "LogFreshnessResult", code: "Q018", level: level, message: "\(left)\(dots) [\(word) in \(Numbers.decimal(result.executionTime, 2))s]",
        data: [
          "status": .string(word.lowercased()), "index": .int(Int64(index)), "total": .int(Int64(total)), "execution_time": .double(result.executionTime),
          "source_name": .string(source?.sourceName ?? ""), "table_name": .string(source?.name ?? ""),
          "node_info": ["unique_id": .string(result.uniqueID), "node_name": .string(source?.name ?? ""), "resource_type": "source"],
        ]))
    if let diagnostic = result.diagnostic { workspace.log.emit(diagnostic, name: "RunResultError", code: "Z024") }
  }
}
