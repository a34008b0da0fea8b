import ArgumentParser
import Diagnostics
import FoundationEssentials
import Project

/// `scv deps`: installs what packages.yml asks for.
struct DepsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "deps", abstract: "Install the packages that packages.yml and dependencies.yml ask for: folders and git repositories.")

  @OptionGroup var options: ProjectOptions
  @Flag(help: "Remove what is installed, and install it anew.") var upgrade = false

  func run() throws {
    let environment = ProcessInfo.processInfo.environment
    var load = try Workspace.loadOptions(options, command: "deps", environment)
    let log = try options.log(Settings(environment: environment), folder: load.projectDirectory)
    EventLog.current.withLock { $0 = log }
    load.vars = try options.variables()
    let (configuration, requests) = try ProjectLoader(load).loadProjectFile()
    guard !requests.isEmpty else {
      return log.emit(
        LogEvent(name: "DepsNoPackagesFound", code: "M013", level: .warn, message: "Warning: No packages were found in packages.yml"))
    }
    let folder = environment["DBT_PACKAGES_INSTALL_PATH"] ?? configuration.packagesInstallPath
    let installer = PackageInstaller(
      root: configuration.root, folder: folder.hasPrefix("/") ? folder : configuration.root + "/" + folder, load: load, log: log)
    try installer.install(requests, anew: upgrade)
  }
}
