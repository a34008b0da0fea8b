import DataFormats
import Diagnostics
import FoundationEssentials
import OrderedCollections
import Project

/// Settles which version of which package is installed: those that are asked for, and those that they ask for themselves.
///
/// As dbt does, it takes the newest version that all requests known so far allow, and then looks at what that version asks for.
struct PackageResolver {
  /// The project that asks.
  let root: ProjectConfiguration
  let load: LoadOptions
  let hub: PackageHub
  let downloads: PackageDownloads
  /// Takes warnings.
  let warn: (Diagnostic) -> Void

  /// What is asked for under one name, by whom.
  private struct Demand {
    var request: PackageRequest
    /// Versions of the hub, revisions of git: each with who asks for it.
    var versions: OrderedDictionary<String, String> = [:]
    var allowsPrerelease = false
    var warnsUnpinned = true
  }

  /// All packages, in the order in which they were asked for.
  ///
  /// - Throws: `Diagnostic` (`packages.version-conflict`, `packages.no-version`, `packages.unknown`, `packages.duplicate`, …).
  func resolve(_ requests: [PackageRequest]) throws -> [PinnedPackage] {
    var demands: OrderedDictionary<String, Demand> = [:]
    var pinned: [String: PinnedPackage] = [:]
    var pending = requests.map { (request: $0, asker: root.name, folder: root.root) }
    while !pending.isEmpty {
      var next: [(request: PackageRequest, asker: String, folder: String)] = []
      for (request, asker, folder) in pending {
        guard let key = key(request) else { continue }
        guard try add(request, asker, to: &demands[key]), let demand = demands[key] else { continue }
        let (package, asks, place) = try pin(demand, folder)
        pinned[key] = package
        next += asks.map { ($0, package.name, place) }
      }
      pending = next
    }
    let packages = demands.keys.compactMap { pinned[$0] }
    try check(packages)
    return packages
  }

  /// The packages of a lock file, which is complete.
  ///
  /// - Throws: `Diagnostic`.
  func locked(_ requests: [PackageRequest]) throws -> [PinnedPackage] {
    let packages = try requests.compactMap { request -> PinnedPackage? in
      var demand: Demand?
      guard key(request) != nil, try add(request, root.name, to: &demand), var demand else { return nil }
      demand.warnsUnpinned = false
      return try pin(demand, root.root).package
    }
    try check(packages)
    return packages
  }

  /// The name under which requests for the same package meet; nil for what is nothing to install.
  private func key(_ request: PackageRequest) -> String? {
    switch request.source {
    case .hub(let name, _): name
    case .git(let url, _, let subdirectory): (url.hasSuffix(".git") ? String(url.dropLast(4)) : url) + (subdirectory.map { "/" + $0 } ?? "")
    case .local(let path): path
    case .tarball(let url, _): url
    case .restricted: request.shownName
    case .project: nil
    }
  }

  /// Adds a request to what is asked for already.
  ///
  /// - Returns: whether it asks for anything new.
  private func add(_ request: PackageRequest, _ asker: String, to demand: inout Demand?) throws -> Bool {
    let isNew = demand == nil
    var changed = demand ?? Demand(request: request)
    switch request.source {
    case .hub(_, let versions):
      changed.allowsPrerelease = changed.allowsPrerelease || (request.entry["install_prerelease"] ?? request.entry["install-prerelease"])?.bool == true
      for version in versions where changed.versions[version] == nil { changed.versions[version] = asker }
    case .git(_, let revision, _):
      if let revision, changed.versions[revision] == nil { changed.versions[revision] = asker }
      if (request.entry["warn-unpinned"] ?? request.entry["warn_unpinned"])?.bool == false { changed.warnsUnpinned = false }
    case .restricted(let name):
      throw Diagnostic(
        .configuration, "packages.unsupported", "the private package '\(name)' is known to dbt's platform alone", at: SourceLocation(file: "packages.yml"),
        hint: "name its repository: - git: …, with revision: …")
    default: break
    }
    defer { demand = changed }
    return isNew || changed.versions.count != demand?.versions.count
  }

  private func pin(_ demand: Demand, _ folder: String) throws -> (package: PinnedPackage, asks: [PackageRequest], folder: String) {
    switch demand.request.source {
    case .hub(let name, _): return try release(name, demand)
    case .git(let url, _, let subdirectory):
      guard demand.versions.count < 2 else {
        throw Diagnostic(
          .configuration, "packages.version-conflict", "'\(demand.request.shownName)' is asked for at \(demand.versions.count) revisions: \(askers(demand))",
          at: SourceLocation(file: "packages.yml"), hint: "they must agree on one")
      }
      let revision = demand.versions.keys.first
      let repository = try downloads.clone(url, revision: revision, shown: demand.request.shownName)
      if demand.warnsUnpinned, revision.map({ ["HEAD", "main", "master"].contains($0) }) ?? true {
        warn(
          Diagnostic(
            .configuration, "packages.unpinned", "the package '\(demand.request.shownName)' is not pinned: whatever \(revision ?? "HEAD") is that day",
            at: SourceLocation(file: "packages.yml"), hint: "give it a revision: a tag or a commit", severity: .warning))
      }
      let path = subdirectory.map { repository.folder + "/" + $0 } ?? repository.folder
      let (configuration, asks) = try project(in: path, demand.request)
      let source = PinnedPackage.Source.git(url: url, revision: try repository.commit(), subdirectory: subdirectory)
      return (PinnedPackage(source: source, name: configuration.name, request: demand.request), asks, path)
    case .local(let path):
      // dbt takes it relative to the project that is worked on, whoever asks; a package's own neighbour is found too.
      let candidates = [root.root, folder].map { absolute(path, from: $0) }
      let place = candidates.first { FileManager.default.fileExists(atPath: $0 + "/dbt_project.yml") } ?? candidates[0]
      let (configuration, asks) = try project(in: place, demand.request)
      return (PinnedPackage(source: .local(place == candidates[0] ? path : place), name: configuration.name, request: demand.request), asks, place)
    case .tarball(let url, _):
      let path = try downloads.project(inArchive: url, shown: demand.request.shownName, sha256: demand.request.entry["sha256"]?.string)
      let (configuration, asks) = try project(in: path, demand.request)
      return (PinnedPackage(source: .tarball(url: url), name: configuration.name, request: demand.request), asks, path)
    case .project(let name), .restricted(let name):
      throw Diagnostic(.configuration, "packages.unsupported", "'\(name)' cannot be installed", at: SourceLocation(file: "packages.yml"))
    }
  }

  private func release(_ name: String, _ demand: Demand) throws -> (package: PinnedPackage, asks: [PackageRequest], folder: String) {
    guard let range = VersionRange(Array(demand.versions.keys)) else {
      throw Diagnostic(
        .configuration, "packages.malformed-version", "'\(name)' is asked for in a version that is none: \(askers(demand))",
        at: SourceLocation(file: "packages.yml"), hint: "versions have three numbers: 1.3.0, \">=1.0.0\"")
    }
    guard range.isSatisfiable else {
      throw Diagnostic(
        .configuration, "packages.version-conflict", "no version of '\(name)' can be all of: \(askers(demand))",
        at: SourceLocation(file: "packages.yml"), hint: "widen one of the ranges, or take another version of the package that asks for it")
    }
    let releases = try hub.releases(name).filter { demand.allowsPrerelease || range.namesPrerelease || $0.version.prerelease.isEmpty }
    let language = SemanticVersion(ProjectLoader.dbtVersion)
    let fitting = releases.filter { release in
      guard load.checksVersions, let language, let required = VersionRange(release.requireDbtVersion) else { return true }
      return required.contains(language)
    }
    guard let release = fitting.last(where: { range.contains($0.version) }) else {
      let isTooNew = releases.contains { range.contains($0.version) }
      throw Diagnostic(
        .configuration, "packages.no-version",
        "the hub has no version of '\(name)' that is \(range)\(isTooNew ? " and works with dbt \(ProjectLoader.dbtVersion)" : "")",
        at: SourceLocation(file: "packages.yml"),
        hint: isTooNew
          ? "--no-version-check installs it all the same" : fitting.last.map { "the newest is \($0.version), the oldest \(fitting[0].version)" })
    }
    var package = PinnedPackage(source: .hub(name: name, version: release.version.description), name: release.name, request: demand.request)
    package.newest = fitting.last?.version.description
    return (package, release.packages, root.root)
  }

  private func askers(_ demand: Demand) -> String {
    demand.versions.map { "\($0) (\($1))" }.joined(separator: ", ")
  }

  private func absolute(_ path: String, from base: String) -> String {
    let text = URL(filePath: path.hasPrefix("/") ? path : base + "/" + path).standardized.path(percentEncoded: false)
    return text.count > 1 && text.hasSuffix("/") ? String(text.dropLast()) : text
  }

  private func project(in path: String, _ request: PackageRequest) throws -> (ProjectConfiguration, [PackageRequest]) {
    guard FileManager.default.fileExists(atPath: path + "/dbt_project.yml") else {
      throw Diagnostic(
        .configuration, "packages.not-found", "the package '\(request.shownName)' has no dbt_project.yml", at: SourceLocation(file: "packages.yml"),
        hint: "a local path is relative to the project's folder; of a repository say subdirectory:")
    }
    var nested = load
    nested.projectDirectory = path
    let (configuration, packages) = try ProjectLoader(nested).loadProjectFile()
    return (configuration, packages)
  }

  /// Two packages of one name would lie in one folder.
  private func check(_ packages: [PinnedPackage]) throws {
    var seen: [String: PinnedPackage] = [:]
    for package in packages {
      guard !package.name.isEmpty, package.name.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "_" || $0 == "-" }) else {
        throw Diagnostic(
          .configuration, "packages.malformed", "'\(package.request.shownName)' calls itself '\(package.name)', which is no name for a folder",
          at: SourceLocation(file: "packages.yml"))
      }
      if package.name == root.name {
        throw Diagnostic(
          .configuration, "packages.duplicate", "the package '\(package.request.shownName)' bears the name of the project itself: '\(package.name)'",
          at: SourceLocation(file: "packages.yml"), hint: "rename the project")
      }
      if let other = seen.updateValue(package, forKey: package.name) {
        throw Diagnostic(
          .configuration, "packages.duplicate",
          "'\(other.request.shownName)' and '\(package.request.shownName)' are both called '\(package.name)'", at: SourceLocation(file: "packages.yml"),
          hint: "ask for it in one way only")
      }
    }
  }
}
