import ArgumentParser
import Artifacts
import DataFormats
import Diagnostics
import FoundationEssentials
import Project
import Transform

/// `scv docs`: documentation of the project and of what the warehouse holds of it.
struct DocsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "docs", abstract: "Write what the project says and the warehouse holds, for documentation.", subcommands: [DocsGenerateCommand.self])
}

/// `scv docs generate`: writes manifest.json and catalog.json.
struct DocsGenerateCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "generate", abstract: "Write target/manifest.json and target/catalog.json.")

  @OptionGroup var options: ProjectOptions
  @OptionGroup var selected: SelectionOptions
  @Flag(inversion: .prefixedNo, help: "Whether the SQL of nodes is compiled first.") var compile = true
  @Flag(help: "Do not look into the warehouse: the catalog is empty.") var emptyCatalog = false
  @Flag(name: .customLong("static"), help: ArgumentHelp("One file for all.", visibility: .hidden)) var isStatic = false

  func run() async throws {
    var session: TransformSession
    var isSuccess = true
    var writes = true
    if compile {
      var command = NodeCommand(.compile, options, selected)
      command.isSilent = true
      let (results, made) = try await command.results()
      session = made
      isSuccess = results.isSuccess
      writes = Settings(environment: made.project.options.environment).flag("write_json", options.writeJson) ?? true
    } else {
      let workspace = try Workspace(options, command: "generate")
      session = TransformSession(
        project: workspace.project, adapter: try workspace.adapter(), options: TransformOptions(targetPath: workspace.targetPath),
        invocationID: workspace.log.invocationID, startedAt: workspace.startedAt)
      writes = workspace.writesArtifacts
    }
    let folder = session.options.targetPath
    if writes { try copyAssets(session.project.configuration, to: folder) }
    let catalog = emptyCatalog ? Catalog() : try session.catalog()
    if writes { try CatalogArtifact(catalog, session).write(to: folder) }
    EventLog.current.withLock { $0 }?.emit(
      LogEvent(name: "CatalogWritten", code: "E044", message: "Catalog written to \(folder)/catalog.json", data: ["path": .string(folder + "/catalog.json")]))
    guard isSuccess else { throw ExitCode(1) }
  }

  /// Pictures and the like that descriptions show: folders of `asset-paths` that exist.
  private func copyAssets(_ configuration: ProjectConfiguration, to folder: String) throws {
    let files = FileManager.default
    for path in configuration.assetPaths {
      let source = configuration.root + "/" + path
      guard files.fileExists(atPath: source) else { continue }
      let target = folder + "/" + path
      do {
        try? files.removeItem(atPath: target)
        try files.createDirectory(atPath: String(target[..<(target.lastIndex(of: "/") ?? target.startIndex)]), withIntermediateDirectories: true)
        try files.copyItem(atPath: source, toPath: target)
      } catch {
        throw Diagnostic(
          .system, "target.cannot-write", "assets of the documentation cannot be copied", at: SourceLocation(file: target),
          hint: "check who may write there and whether the disk is full", cause: "\(error.localizedDescription)")
      }
    }
  }
}
