import ArgumentParser
import Artifacts
import Diagnostics
import Project
import Transform
import Warehouse

/// `scv parse`: reads the project, and tells what is wrong with it; needs no warehouse.
struct ParseCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "parse", abstract: "Read and check the project, and write target/manifest.json.")

  @OptionGroup var options: ProjectOptions

  func run() throws {
    let workspace = try Workspace(options, command: "parse")
    workspace.log.emit(LogEvent(name: "FoundStats", code: "W006", message: RunView.found(workspace.project.manifest)))
    guard workspace.writesArtifacts else { return }
    try ManifestArtifact(workspace.project, metadata: workspace.metadata, targetPath: workspace.targetPath).write(to: workspace.targetPath)
  }
}

/// `scv clean`: removes what commands have written into the project.
struct CleanCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "clean", abstract: "Remove the folders that dbt_project.yml lists under clean-targets.")

  @OptionGroup var options: ProjectOptions
  @Flag(inversion: .prefixedNo, help: "Whether only folders inside of the project are removed.")
  var cleanProjectFilesOnly = true

  func run() throws {
    try ProjectCleaner(options).clean(projectFilesOnly: cleanProjectFilesOnly)
  }
}
