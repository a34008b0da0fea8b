import Diagnostics
import FoundationEssentials
import Project

/// Removes the folders that `clean-targets` lists, and never the project's own sources.
struct ProjectCleaner {
  private let log: EventLog
  private let configuration: ProjectConfiguration

  /// Reads the project file; a profile is not needed.
  init(_ options: ProjectOptions) throws {
    let environment = ProcessInfo.processInfo.environment
    var load = try Workspace.loadOptions(options, command: "clean", environment)
    log = try options.log(Settings(environment: environment), folder: load.projectDirectory)
    load.vars = try options.variables()
    configuration = try ProjectLoader(load).loadProjectFile().configuration
  }

  /// Removes the folders.
  ///
  /// - Throws: `Diagnostic` (`clean.outside`, `clean.source-folder`, `clean.cannot-remove`).
  func clean(projectFilesOnly: Bool) throws {
    let root = configuration.root
    for target in configuration.cleanTargets {
      let path = URL(filePath: target.hasPrefix("/") ? target : root + "/" + target).standardized.path(percentEncoded: false)
      let folder = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
      if projectFilesOnly, !folder.hasPrefix(root + "/") {
        throw Diagnostic(
          .configuration, "clean.outside", "dbt will not clean the following directories outside the project: ['\(target)']",
          at: SourceLocation(file: "dbt_project.yml"), hint: "remove it from clean-targets, or say --no-clean-project-files-only")
      }
      let sources = configuration.modelPaths + configuration.testPaths + configuration.seedPaths + configuration.macroPaths + configuration.snapshotPaths
      guard !sources.contains(where: { root + "/" + $0 == folder || (root + "/" + $0).hasPrefix(folder + "/") }), folder != root else {
        throw Diagnostic(
          .configuration, "clean.source-folder", "'\(target)' holds the project's own files and is not removed", at: SourceLocation(file: "dbt_project.yml"),
          hint: "remove it from clean-targets")
      }
      guard FileManager.default.fileExists(atPath: folder) else { continue }
      do {
        try FileManager.default.removeItem(atPath: folder)
      } catch {
        throw Diagnostic(
          .system, "clean.cannot-remove", "a folder cannot be removed", at: SourceLocation(file: folder), hint: "check who may write there",
          cause: "\(error.localizedDescription)")
      }
      log.emit(LogEvent(name: "ConfirmCleanPath", code: "Z036", message: "Cleaned \(target)", data: ["path": .string(target)]))
    }
    log.emit(LogEvent(name: "FinishedCleanPaths", code: "Z039", message: "Finished cleaning all paths."))
  }
}
