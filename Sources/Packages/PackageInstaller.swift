import DataFormats
import Diagnostics
import FoundationEssentials
@preconcurrency import Glibc
import HTTP
import Project

/// Installs the packages of a project where the loader finds them, and keeps `package-lock.yml`.
///
///     try PackageInstaller(configuration: configuration, requests: requests, load: load) { print($0) }.run(.install)
public struct PackageInstaller {
  /// What is to be done.
  public enum Mode: Sendable {
    /// Install what the lock file pins, or settle the versions first if it was made for other requests.
    case install
    /// Settle the versions anew, and install.
    case upgrade
    /// Settle the versions anew, and write the lock file only.
    case lock
  }

  /// What happens meanwhile.
  public enum Event: Sendable {
    case installing(PinnedPackage)
    case installed(PinnedPackage)
    case locked(path: String)
    case warning(Diagnostic)
  }

  private let configuration: ProjectConfiguration
  private let requests: [PackageRequest]
  private let load: LoadOptions
  private let report: (Event) -> Void

  /// An installer for the `requests` of a project.
  ///
  /// - Parameter load: how the project and its packages are read; its environment holds `DBT_PACKAGE_HUB_URL` and
  ///   `DBT_PACKAGES_INSTALL_PATH`.
  public init(configuration: ProjectConfiguration, requests: [PackageRequest], load: LoadOptions, report: @escaping (Event) -> Void) {
    self.configuration = configuration
    self.requests = requests
    self.load = load
    self.report = report
  }

  /// The folder where packages go, an absolute path.
  var folder: String {
    let folder = load.environment["DBT_PACKAGES_INSTALL_PATH"] ?? configuration.packagesInstallPath
    return folder.hasPrefix("/") ? folder : configuration.root + "/" + folder
  }

  private var lockPath: String { configuration.root + "/" + PackageLock.fileName }

  /// Does it. The packages that are installed are replaced all at once, when all new ones are there.
  ///
  /// - Throws: `Diagnostic` (all codes `packages.…`).
  public func run(_ mode: Mode) throws {
    let client = HTTPClient(retry: RetryPolicy(attempts: 5, totalTime: 120))
    let downloads = try PackageDownloads(folder: folder + ".scv-\(getpid())", client: client)
    defer { downloads.remove() }
    let hub = PackageHub(url: load.environment["DBT_PACKAGE_HUB_URL"], client: client)
    let resolver = PackageResolver(root: configuration, load: load, hub: hub, downloads: downloads) { report(.warning($0)) }
    var packages: [PinnedPackage]?
    if case .install = mode {
      var nested = load
      nested.projectDirectory = configuration.root
      if let lock = try ProjectLoader(nested).loadPackageLock(), lock.hash == PackageLock.hash(of: requests) {
        packages = try resolver.locked(lock.packages)
      }
    }
    let settled: [PinnedPackage]
    if let packages {
      settled = packages
    } else {
      settled = try resolver.resolve(requests)
      try write(PackageLock.text(settled, requests: requests, environment: load.environment))
    }
    if case .lock = mode { return }
    try install(settled, hub, downloads)
  }

  private func write(_ text: String) throws {
    try attempt(lockPath) { try text.write(toFile: lockPath, atomically: true, encoding: .utf8) }
    report(.locked(path: lockPath))
  }

  private func install(_ packages: [PinnedPackage], _ hub: PackageHub, _ downloads: PackageDownloads) throws {
    let staging = downloads.folder + "/installed"
    try attempt(staging) { try FileManager.default.createDirectory(atPath: staging, withIntermediateDirectories: true) }
    for package in packages {
      report(.installing(package))
      let target = staging + "/" + package.name
      let source: String
      switch package.source {
      case .hub(let name, let version):
        guard let release = try hub.releases(name).first(where: { $0.version.description == version }) else { continue }
        source = try downloads.project(inArchive: release.tarball, shown: "\(name) \(version)")
      case .git(let url, let revision, let subdirectory):
        let asked: String? = if case .git(_, let revision, _) = package.request.source { revision } else { revision }
        let repository = try downloads.clone(url, revision: asked, shown: package.request.shownName)
        source = subdirectory.map { repository.folder + "/" + $0 } ?? repository.folder
      case .tarball(let url): source = try downloads.project(inArchive: url, shown: package.request.shownName)
      case .local(let path):
        let place = URL(filePath: path.hasPrefix("/") ? path : configuration.root + "/" + path).standardized.path(percentEncoded: false)
        try attempt(target) { try FileManager.default.createSymbolicLink(atPath: target, withDestinationPath: place) }
        report(.installed(package))
        continue
      }
      try attempt(target) { try FileManager.default.moveItem(atPath: source, toPath: target) }
      report(.installed(package))
    }
    try replace(folder, with: staging, aside: downloads.folder + "/replaced")
  }

  private func replace(_ folder: String, with staging: String, aside: String) throws {
    if FileManager.default.fileExists(atPath: folder) {
      try attempt(folder) { try FileManager.default.moveItem(atPath: folder, toPath: aside) }
    }
    try attempt(folder) { try FileManager.default.moveItem(atPath: staging, toPath: folder) }
  }

  private func attempt(_ path: String, _ body: () throws -> Void) throws {
    do {
      try body()
    } catch {
      throw Diagnostic(
        .system, "packages.cannot-write", "packages cannot be installed", at: SourceLocation(file: path), hint: "check who may write there",
        cause: "\(error.localizedDescription)")
    }
  }
}
