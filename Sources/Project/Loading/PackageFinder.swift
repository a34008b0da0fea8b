import DataFormats
import Diagnostics
import OrderedCollections

/// A package as `packages.yml` or `dependencies.yml` asks for it (docs.getdbt.com/docs/build/packages).
public struct PackageRequest: Sendable, Hashable {
  /// Where a package comes from.
  public enum Source: Sendable, Hashable {
    /// A name on the package hub, with version ranges.
    case hub(name: String, versions: [String])
    /// A git repository, with revision and folder.
    case git(url: String, revision: String?, subdirectory: String?)
    /// A folder.
    case local(String)
    /// An archive behind a URL.
    case tarball(url: String, name: String?)
    /// Another project of the same owner, by name: `projects:` of `dependencies.yml`.
    case project(String)
    /// A repository that only dbt's own platform gets at.
    case restricted(String)
  }

  /// Where it comes from.
  public var source: Source
  /// The entry of the file, rendered.
  public var entry: JSON
  /// The entry as it was written: what may be shown, since what is rendered may hold a secret of the environment.
  public var unrendered: JSON

  /// Makes a request.
  public init(_ source: Source, entry: JSON = [:], unrendered: JSON? = nil) {
    self.source = source
    self.entry = entry
    self.unrendered = unrendered ?? entry
  }

  /// The request that an entry of a list of packages makes; nil if it names no source.
  public init?(entry: JSON, unrendered: JSON) {
    if let name = entry["package"]?.string {
      source = .hub(name: name, versions: entry["version"].map { $0.array?.map(\.plainText) ?? [$0.plainText] } ?? [])
    } else if let url = entry["git"]?.string {
      source = .git(url: url, revision: entry["revision"].flatMap { $0.isNull ? nil : $0.plainText }, subdirectory: entry["subdirectory"]?.string)
    } else if let folder = entry["local"]?.string {
      source = .local(folder)
    } else if let url = entry["tarball"]?.string {
      source = .tarball(url: url, name: entry["name"]?.string)
    } else if let name = entry["private"]?.string {
      source = .restricted(name)
    } else {
      return nil
    }
    self.entry = entry
    self.unrendered = unrendered
  }

  /// What it is called in messages, without secrets.
  public var shownName: String {
    for key in ["package", "git", "local", "tarball", "private"] { if let text = unrendered[key]?.string { return text } }
    if case .project(let name) = source { return name }
    return "package"
  }
}

/// Finds the packages of a project: those installed below `packages-install-path`.
struct PackageFinder {
  static let lockFile = "package-lock.yml"

  let root: String
  let context: ConfigurationContext

  /// What `packages.yml` and `dependencies.yml` ask for.
  ///
  /// - Throws: `Diagnostic` (`packages.malformed`, `yaml.malformed`).
  func requests() throws -> [PackageRequest] {
    var found: [PackageRequest] = []
    for name in ["packages.yml", "dependencies.yml"] {
      guard let document = try document(name) else { continue }
      if name == "dependencies.yml", !found.isEmpty, document.value["packages"] != nil {
        throw document.diagnostic(
          .configuration, "packages.malformed", "packages stand in packages.yml and in dependencies.yml", at: ["packages"], onKey: true,
          hint: "keep them in one of the two")
      }
      found += try requests(document, isRendered: name == "packages.yml")
      for project in document.value["projects"]?.array ?? [] { if let name = project["name"]?.string { found.append(PackageRequest(.project(name))) } }
    }
    return found
  }

  /// What `package-lock.yml` pins, and the hash that it bears.
  func lock() throws -> (packages: [PackageRequest], hash: String?)? {
    guard let document = try document(PackageFinder.lockFile) else { return nil }
    return (try requests(document, isRendered: true), document.value["sha1_hash"]?.string)
  }

  private func document(_ name: String) throws -> YAMLDocument? {
    try FileReader.text(FileReader.join(root, name), name: name).map { try YAMLDocument(parsing: $0, file: name) }
  }

  private func requests(_ document: YAMLDocument, isRendered: Bool) throws -> [PackageRequest] {
    let value = isRendered ? try context.render(document.value, document: document) : document.value
    let written = document.value["packages"]?.array ?? []
    return try (value["packages"]?.array ?? []).enumerated().map { index, entry in
      try request(entry, written.indices.contains(index) ? written[index] : entry, document, ["packages", .index(index)])
    }
  }

  /// The keys that an entry may have, by the key that says where the package comes from.
  private static let knownKeys: [String: Set<String>] = [
    "package": ["version", "install_prerelease", "install-prerelease", "name"],
    "git": ["revision", "warn-unpinned", "warn_unpinned", "subdirectory", "name"],
    "local": ["name"], "tarball": ["name", "sha256"],
    "private": ["provider", "revision", "warn-unpinned", "warn_unpinned", "subdirectory", "name"],
  ]

  private func request(_ entry: JSON, _ unrendered: JSON, _ document: YAMLDocument, _ path: [YAMLDocument.Step]) throws -> PackageRequest {
    guard let request = PackageRequest(entry: entry, unrendered: unrendered) else {
      throw document.diagnostic(
        .configuration, "packages.malformed", "a package is given by package, git, local or tarball", at: path,
        hint: "write - package: dbt-labs/dbt_utils, and version: 1.3.0")
    }
    guard let members = entry.object, let kind = PackageFinder.knownKeys.first(where: { members[$0.key] != nil }) else { return request }
    if let key = members.keys.first(where: { $0 != kind.key && !kind.value.contains($0) }) {
      throw document.diagnostic(
        .configuration, "packages.malformed", "an entry with \(kind.key): knows no key '\(key)'", at: path + [.key(key)], onKey: true,
        hint: Suggestion.didYouMean(key, among: kind.value.sorted()))
    }
    if kind.key == "package", members["version"] == nil {
      throw document.diagnostic(
        .configuration, "packages.malformed", "'\(request.shownName)' has no version", at: path,
        hint: "a package of the hub is given with one, or with a range: version: [\">=1.0.0\", \"<2.0.0\"]")
    }
    return request
  }

  /// The folders of installed packages: every folder below `installPath` with a `dbt_project.yml`, and folders that
  /// `packages.yml` names as local where none is installed.
  func folders(installPath: String, requests: [PackageRequest]) throws -> [(path: String, display: String)] {
    let install = FileReader.join(root, installPath)
    var found: [(path: String, display: String)] = []
    for name in FileReader.folders(in: install) {
      let path = FileReader.join(install, name)
      if FileReader.exists(FileReader.join(path, "dbt_project.yml")) { found.append((path, installPath + "/" + name)) }
    }
    let installed = Set(found.map { FileReader.resolved($0.path) })
    for request in requests {
      guard case .local(let folder) = request.source else { continue }
      let path = FileReader.resolved(FileReader.join(root, folder))
      guard FileReader.exists(FileReader.join(path, "dbt_project.yml")) else {
        throw Diagnostic(
          .configuration, "packages.not-found", "the local package '\(folder)' has no dbt_project.yml", at: SourceLocation(file: "packages.yml"),
          hint: "the path is relative to the project's folder")
      }
      if !installed.contains(path) { found.append((path, folder.hasSuffix("/") ? String(folder.dropLast()) : folder)) }
    }
    return found
  }
}
