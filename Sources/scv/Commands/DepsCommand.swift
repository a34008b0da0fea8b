import ArgumentParser
import Diagnostics
import FoundationEssentials
import Packages
import Project

/// `scv deps`: installs what packages.yml asks for.
struct DepsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "deps", abstract: "Install the packages that packages.yml and dependencies.yml ask for.",
    discussion: """
      Packages come from the package hub (DBT_PACKAGE_HUB_URL), git repositories, archives and folders. What was installed stands in \
      package-lock.yml, and is installed again as long as the requests are the same.
      """)

  @OptionGroup var options: ProjectOptions
  @Flag(help: "Settle the versions anew, whatever package-lock.yml says.") var upgrade = false
  @Flag(help: "Write package-lock.yml only.") var lock = false
  @Option(help: ArgumentHelp("Add a package to packages.yml first.", valueName: "name@version")) var addPackage: String?
  @Option(help: ArgumentHelp("Where the added package comes from: hub, git or local.", valueName: "source")) var source = "hub"

  func run() throws {
    let environment = ProcessInfo.processInfo.environment
    var load = try Workspace.loadOptions(options, command: "deps", environment)
    let log = try options.log(Settings(environment: environment), folder: load.projectDirectory)
    EventLog.current.withLock { $0 = log }
    load.vars = try options.variables()
    if let addPackage { try add(addPackage, load.projectDirectory, log) }
    let (configuration, requests) = try ProjectLoader(load).loadProjectFile()
    guard requests.contains(where: { if case .project = $0.source { false } else { true } }) else {
      return log.emit(
        LogEvent(name: "DepsNoPackagesFound", code: "M013", level: .warn, message: "Warning: No packages were found in packages.yml"))
    }
    var outdated: [String] = []
    try PackageInstaller(configuration: configuration, requests: requests, load: load) { event in
      switch event {
      case .installing(let package):
        log.emit(LogEvent(name: "DepsStartPackageInstall", code: "M014", message: "Installing \(package.shownName)"))
      case .installed(let package):
        log.emit(LogEvent(name: "DepsInstallInfo", code: "M015", message: "Installed from \(package.shownVersion)"))
        if case .git(_, _, let subdirectory?) = package.source {
          log.emit(LogEvent(name: "DepsListSubdirectory", code: "M018", message: "and subdirectory \(subdirectory)"))
        }
        guard case .hub(let name, let version) = package.source, let newest = package.newest else { return }
        if version == newest {
          log.emit(LogEvent(name: "DepsUpToDate", code: "M017", message: "Up to date!"))
        } else {
          outdated.append(name)
          log.emit(LogEvent(name: "DepsUpdateAvailable", code: "M016", message: "Updated version available: \(newest)"))
        }
      case .locked(let path): log.emit(LogEvent(name: "DepsLockUpdating", code: "M031", message: "Updating lock file in file path: \(path)"))
      case .warning(let warning):
        guard !log.isQuiet else { return }
        ErrorReport.show(warning)
        log.toFile(LogEvent(name: "DepsUnpinned", code: "M029", level: .warn, message: warning.description))
      }
    }.run(lock ? .lock : upgrade ? .upgrade : .install)
    guard !outdated.isEmpty else { return }
    log.emit(
      LogEvent(
        name: "DepsNotifyUpdatesAvailable", code: "M019",
        message: "Updates available for packages: \(outdated.joined(separator: ", ")). Update your versions in packages.yml, then run: scv deps"))
  }

  private func add(_ package: String, _ root: String, _ log: EventLog) throws {
    guard ["hub", "git", "local"].contains(source) else {
      throw Diagnostic(.usage, "usage.source", "packages do not come from '\(source)'", hint: "choose one of: hub, git, local")
    }
    let at = source == "local" ? nil : package.lastIndex(of: "@").flatMap { package[$0...].contains("/") ? nil : $0 }
    let name = at.map { String(package[..<$0]) } ?? package
    let version = at.map { String(package[package.index(after: $0)...]) }
    if source == "hub", version?.isEmpty ?? true {
      throw Diagnostic(.usage, "usage.add-package", "which version of '\(name)'?", hint: "--add-package \(name)@1.0.0")
    }
    for removed in try PackagesFileEditor(root: root).add(name, version: version, source: source) {
      log.emit(
        LogEvent(
          name: "DepsFoundDuplicatePackage", code: "M033", message: "Found duplicate package in packages.yml, removing: \(removed.text())"))
    }
    log.emit(
      LogEvent(name: "DepsAddPackage", code: "M032", message: "Added new package \(package) to packages.yml"))
  }
}
