import DataFormats
import Diagnostics
import Glibc
import OrderedCollections

/// Loads a project: configuration, profile, packages, files, manifest. Never opens a database.
///
///     let project = try ProjectLoader(options).load()
///     let selection = try project.manifest.select(request)
public struct ProjectLoader: Sendable {
  /// The dbt-core version whose language scv speaks.
  public static let dbtVersion = PureFunctions.dbtVersion

  private let options: LoadOptions
  private let root: String

  /// A loader for `options`.
  public init(_ options: LoadOptions) {
    self.options = options
    root = FileReader.resolved(options.projectDirectory)
  }

  /// The project with everything that it says.
  ///
  /// - Throws: `Diagnostic`, or `Diagnostics` with the first errors of the project.
  public func load() throws -> LoadedProject {
    let file = try ProjectFile(root: root)
    let profile = try profile(file)
    let context = ConfigurationContext(
      environment: options.environment, vars: options.vars, target: profile.target, name: "dbt_project.yml", globals: options.globals)
    var (configuration, warnings) = try file.configuration(context)
    let checksVersions = options.checksVersions && configuration.flags["version_check"]?.bool != false
    if checksVersions, let mismatch = file.versionMismatch(configuration) { throw mismatch }
    if let override = options.environment["DBT_PACKAGES_INSTALL_PATH"] { configuration.packagesInstallPath = override }
    let (packages, displayPaths) = try packages(configuration, context, &warnings)
    let files = packages.values.flatMap { FileDiscovery.files(of: $0, prefix: displayPaths[$0.name] ?? "") }
    let vars = variables(configuration, packages)
    let isMacro = { (file: PackageFile) in file.kind == .macro || file.kind == .genericTest }
    let macros = Parallel.map(files.filter(isMacro), width: options.parallelism) { Intake($0) }
    let cache = StateCache(options, configuration, packages, profile, vars, macros)
    let state = cache?.state
    let intakes = macros + Parallel.map(files.filter { !isMacro($0) }, width: options.parallelism) { Intake($0, state) }
    let builder = ManifestBuilder(root: configuration, packages: packages, profile: profile, options: options, vars: vars)
    let (built, moreWarnings) = try ProjectLoader.prefixing(warnings) { try builder.build(intakes) }
    cache?.update(intakes, builder)
    var manifest = built
    manifest.selectors = try SelectorsFile.read(root: root, context: context)
    return LoadedProject(
      configuration: configuration, packages: packages, profile: profile, manifest: manifest, warnings: warnings + moreWarnings, options: options)
  }

  /// What `body` gives; its errors come behind the warnings that are known already.
  private static func prefixing<Result>(_ warnings: [Diagnostic], _ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch let errors as Diagnostics {
      throw Diagnostics(warnings + errors.all, omitted: errors.omitted)
    } catch let error as Diagnostic where !warnings.isEmpty {
      throw Diagnostics(warnings + [error])
    }
  }

  /// The project file and the chosen profile alone: for commands that need no more.
  ///
  /// - Throws: `Diagnostic`.
  public func loadConfiguration() throws -> (configuration: ProjectConfiguration, profile: Profile, warnings: [Diagnostic]) {
    let file = try ProjectFile(root: root)
    let profile = try profile(file)
    let context = ConfigurationContext(
      environment: options.environment, vars: options.vars, target: profile.target, name: "dbt_project.yml", globals: options.globals)
    let (configuration, warnings) = try file.configuration(context)
    return (configuration, profile, warnings)
  }

  /// The chosen profile alone: for commands that look at nothing else of the project.
  ///
  /// - Throws: `Diagnostic`.
  public func loadProfile() throws -> Profile {
    guard options.profileName == nil else { return try ProfileFinder(options: options, root: root).find(nil) }
    return try profile(try ProjectFile(root: root))
  }

  /// The project file alone, read without a profile: for `clean` and `deps`.
  ///
  /// - Throws: `Diagnostic`.
  public func loadProjectFile() throws -> (configuration: ProjectConfiguration, packages: [PackageRequest]) {
    let file = try ProjectFile(root: root)
    let context = ConfigurationContext(environment: options.environment, vars: options.vars, target: [:], name: "dbt_project.yml", globals: options.globals)
    return (try file.configuration(context).0, try PackageFinder(root: root, context: context).requests())
  }

  /// What `package-lock.yml` pins, and the hash of the requests that it was made for; nil if there is no lock file.
  ///
  /// - Throws: `Diagnostic`.
  public func loadPackageLock() throws -> (packages: [PackageRequest], hash: String?)? {
    let context = ConfigurationContext(environment: options.environment, vars: options.vars, target: [:], name: PackageFinder.lockFile)
    return try PackageFinder(root: root, context: context).lock()
  }

  /// The chosen profile.
  private func profile(_ file: ProjectFile) throws -> Profile {
    let context = ConfigurationContext(environment: options.environment, vars: options.vars, target: nil, name: "dbt_project.yml", globals: options.globals)
    let finder = ProfileFinder(options: options, root: root)
    return try finder.find(options.profileName == nil ? try file.profileName(context) : nil)
  }

  /// The root project and the installed packages by name, and what the packages' folders are called in messages.
  private func packages(
    _ configuration: ProjectConfiguration, _ context: ConfigurationContext, _ warnings: inout [Diagnostic]
  ) throws -> (OrderedDictionary<String, ProjectConfiguration>, [String: String]) {
    var found: OrderedDictionary<String, ProjectConfiguration> = [configuration.name: configuration]
    var displayPaths: [String: String] = [:]
    let finder = PackageFinder(root: root, context: context)
    let requests = try finder.requests()
    for (path, display) in try finder.folders(installPath: configuration.packagesInstallPath, requests: requests) {
      let file = try ProjectFile(root: path, displayName: display + "/dbt_project.yml")
      let (package, _) = try file.configuration(context)
      let checksVersions = options.checksVersions && configuration.flags["version_check"]?.bool != false
      if checksVersions, let mismatch = file.versionMismatch(package) { throw mismatch }
      if let other = found[package.name] {
        // A local package is read from where it is installed: the link there may lead elsewhere, as in a project that was moved.
        let installPath = configuration.packagesInstallPath + "/"
        if !display.hasPrefix(installPath), displayPaths[package.name]?.hasPrefix(installPath) == true { continue }
        throw Diagnostic(
          .configuration, "packages.duplicate", "there are two packages named '\(package.name)'", at: SourceLocation(file: package.file),
          hint: "the other is in \(other.root): remove one of them")
      }
      found[package.name] = package
      displayPaths[package.name] = display
    }
    let missing = requests.contains { if case .local = $0.source { false } else if case .project = $0.source { false } else { true } }
    if missing, found.count == 1 {
      throw Diagnostic(
        .configuration, "packages.not-installed", "packages.yml asks for packages, and none is installed in \(configuration.packagesInstallPath)",
        at: SourceLocation(file: "packages.yml"), hint: "run: scv deps")
    }
    return (found, displayPaths)
  }

  /// What `var` finds in each package: the command line's before the root project's before the package's own, those of the
  /// package before those for all.
  private func variables(
    _ root: ProjectConfiguration, _ packages: OrderedDictionary<String, ProjectConfiguration>
  ) -> [String: OrderedDictionary<String, JSON>] {
    var result: [String: OrderedDictionary<String, JSON>] = [:]
    for package in packages.values {
      var values = package.vars
      values.merge(package.vars[package.name]?.object ?? [:]) { $1 }
      values.merge(root.vars) { $1 }
      values.merge(root.vars[package.name]?.object ?? [:]) { $1 }
      values.merge(options.vars) { $1 }
      result[package.name] = values
    }
    return result
  }
}
