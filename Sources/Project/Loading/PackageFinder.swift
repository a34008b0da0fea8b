import DataFormats
import Diagnostics
import OrderedCollections

/// A package as `packages.yml` or `dependencies.yml` asks for it.
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
  }

  /// Where it comes from.
  public var source: Source

  /// Makes a request.
  public init(_ source: Source) {
    self.source = source
  }
}

/// Finds the packages of a project: those installed below `packages-install-path`.
struct PackageFinder {
  let root: String
  let context: ConfigurationContext

  /// What `packages.yml` and `dependencies.yml` ask for.
  ///
  /// - Throws: `Diagnostic` (`packages.malformed`, `yaml.malformed`).
  func requests() throws -> [PackageRequest] {
    var found: [PackageRequest] = []
    for name in ["packages.yml", "dependencies.yml"] {
      guard let text = try FileReader.text(FileReader.join(root, name), name: name) else { continue }
      let document = try YAMLDocument(parsing: text, file: name)
      let value = name == "packages.yml" ? try context.render(document.value, document: document) : document.value
      for (index, entry) in (value["packages"]?.array ?? []).enumerated() {
        found.append(try request(entry, document, ["packages", .index(index)]))
      }
      for project in value["projects"]?.array ?? [] { if let name = project["name"]?.string { found.append(PackageRequest(.project(name))) } }
    }
    return found
  }

  private func request(_ entry: JSON, _ document: YAMLDocument, _ path: [YAMLDocument.Step]) throws -> PackageRequest {
    if let name = entry["package"]?.string {
      let versions = entry["version"].map { $0.array?.map(\.plainText) ?? [$0.plainText] } ?? []
      return PackageRequest(.hub(name: name, versions: versions))
    }
    if let url = entry["git"]?.string {
      return PackageRequest(.git(url: url, revision: entry["revision"]?.plainText, subdirectory: entry["subdirectory"]?.string))
    }
    if let folder = entry["local"]?.string { return PackageRequest(.local(folder)) }
    if let url = entry["tarball"]?.string { return PackageRequest(.tarball(url: url, name: entry["name"]?.string)) }
    throw document.diagnostic(
      .configuration, "packages.malformed", "a package is given by package, git, local or tarball", at: path,
      hint: "write - package: dbt-labs/dbt_utils, and version: 1.3.0")
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
      if !installed.contains(path) { found.append((path, folder)) }
    }
    return found
  }
}
