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
    commandName: "docs", abstract: "Write what the project says and the warehouse holds, for documentation.",
    subcommands: [DocsGenerateCommand.self, DocsServeCommand.self])
}

/// `scv docs generate`: writes manifest.json, catalog.json and a page over both.
struct DocsGenerateCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "generate", abstract: "Write target/manifest.json, target/catalog.json, and target/index.html to look at.")

  @OptionGroup var options: ProjectOptions
  @OptionGroup var selected: SelectionOptions
  @Flag(inversion: .prefixedNo, help: "Whether the SQL of nodes is compiled first.") var compile = true
  @Flag(help: "Do not look into the warehouse: the catalog is empty.") var emptyCatalog = false
  @Flag(name: .customLong("static"), help: "Also write the page as target/static_index.html, as dbt calls it.") var isStatic = false

  func run() async throws {
    var session: TransformSession
    var results: RunResults?
    var writes = true
    if compile {
      var command = NodeCommand(.compile, options, selected)
      command.isSilent = true
      let (compiled, made) = try await command.results()
      session = made
      results = compiled
      writes = Settings(environment: made.project.options.environment).flag("write_json", options.writeJson) ?? true
    } else {
      let workspace = try Workspace(options, command: "generate")
      session = TransformSession(
        project: workspace.project, adapter: try workspace.adapter(), options: TransformOptions(targetPath: workspace.targetPath),
        invocationID: workspace.log.invocationID, startedAt: workspace.startedAt)
      writes = workspace.writesArtifacts
    }
    let folder = session.options.targetPath
    let catalog = CatalogArtifact(try catalog(session), session)
    if writes {
      try copyAssets(session.project.configuration, to: folder)
      try catalog.write(to: folder)
      let manifest = try JSON.parse(ManifestArtifact(session, results: results).utf8)
      let page = DocumentationPage(manifest: manifest, catalog: catalog.json, isWhole: !emptyCatalog && !isSelecting)
      try page.write(to: folder)
      if isStatic { try page.write(to: folder, name: "static_index.html") }
    }
    EventLog.current.withLock { $0 }?.emit(
      LogEvent(name: "CatalogWritten", code: "E044", message: "Catalog written to \(folder)/catalog.json", data: ["path": .string(folder + "/catalog.json")]))
    guard results?.isSuccess ?? true else { throw ExitCode(1) }
  }

  private var isSelecting: Bool { !selected.criteria.isEmpty || !selected.exclude.isEmpty || selected.selector != nil }

  /// What the warehouse holds: of everything, or of what is selected.
  private func catalog(_ session: TransformSession) throws -> Catalog {
    guard !emptyCatalog else { return Catalog() }
    var catalog = try session.catalog()
    guard isSelecting else { return catalog }
    var request = SelectionRequest()
    request.select = selected.criteria
    request.exclude = selected.exclude
    request.selectorName = selected.selector
    let ids = Set(try session.project.manifest.select(request).ids)
    catalog.nodes.removeAll { !ids.contains($0.uniqueID) }
    catalog.sources.removeAll { !ids.contains($0.uniqueID) }
    return catalog
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
