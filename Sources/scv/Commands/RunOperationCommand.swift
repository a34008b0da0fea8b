import ArgumentParser
import Artifacts
import DataFormats
import Diagnostics
import FoundationEssentials
import OrderedCollections
import Project
import Transform

/// `scv run-operation`: calls a macro.
struct RunOperationCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "run-operation", abstract: "Call a macro of the project.")

  @Argument(help: "The macro, optionally with its package: dbt_utils.log_info.") var macro: String
  @Option(help: "Its arguments as YAML or JSON: '{\"name\": \"value\"}'.") var args: String?
  @OptionGroup var options: ProjectOptions

  func run() async throws {
    try await OperationCall(macro: macro, arguments: try arguments(), options: options).perform()
  }

  private func arguments() throws -> OrderedDictionary<String, JSON> {
    guard let args else { return [:] }
    let value = try YAMLDocument(parsing: args, file: "--args").value
    if value.isNull { return [:] }
    guard let members = value.object else {
      throw Diagnostic(.usage, "usage.args", "--args is not a mapping", hint: "write it as --args '{\"name\": \"value\"}'")
    }
    return members
  }
}

/// One call of a macro from the command line, with the artifacts that it leaves.
struct OperationCall {
  var macro: String
  var arguments: OrderedDictionary<String, JSON>
  var options: ProjectOptions

  /// Calls the macro.
  ///
  /// - Throws: what kept it from being called, and `ExitCode(1)` if it failed.
  func perform() async throws {
    let workspace = try Workspace(options, command: "run-operation")
    var transform = TransformOptions(targetPath: workspace.targetPath)
    transform.arguments = [
      "which": "run-operation", "macro": .string(macro), "args": .object(arguments), "vars": .object(workspace.project.options.vars),
      "project_dir": .string(workspace.project.options.projectDirectory),
    ]
    let session = TransformSession(
      project: workspace.project, adapter: try workspace.adapter(), options: transform, invocationID: workspace.log.invocationID,
      startedAt: workspace.startedAt)
    let view = RunView(workspace.project, log: workspace.log, prints: workspace.settings.flag("print", options.prints) ?? true)
    let result = try await session.runOperation(macro, arguments: arguments) { view.handle($0) }
    if workspace.writesArtifacts {
      let results = RunResults(
        results: [result], elapsedTime: Date().timeIntervalSince(workspace.startedAt), generatedAt: Date(), invocationID: session.invocationID)
      try ManifestArtifact(session).write(to: workspace.targetPath)
      try RunResultsArtifact(results, session).write(to: workspace.targetPath)
    }
    guard let diagnostic = result.diagnostic else { return }
    workspace.log.emit(diagnostic, name: "RunningOperationCaughtError", code: "Q001")
    throw ExitCode(1)
  }
}
