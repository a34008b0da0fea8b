import DataFormats
import Diagnostics
import HTTP
import Project

/// The package hub: which versions there are of a package, what they ask for, and where they lie (hub.getdbt.com/api/v1).
final class PackageHub {
  /// What the hub says about one version.
  struct Release {
    var version: SemanticVersion
    /// The name of the project in it.
    var name: String
    /// Where its archive is.
    var tarball: String
    var packages: [PackageRequest]
    var requireDbtVersion: [String]
  }

  private let url: String
  private let client: HTTPClient
  private var known: [String: [Release]] = [:]

  /// - Parameter url: the hub's address: `DBT_PACKAGE_HUB_URL`.
  init(url: String?, client: HTTPClient) {
    let address = url.flatMap { $0.isEmpty ? nil : $0 } ?? "https://hub.getdbt.com/"
    self.url = address.hasSuffix("/") ? address : address + "/"
    self.client = client
  }

  /// The versions of a package, ascending.
  ///
  /// - Throws: `Diagnostic` (`packages.unknown`, `packages.hub`).
  func releases(_ package: String) throws -> [Release] {
    if let found = known[package] { return found }
    let parts = package.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, parts.allSatisfy({ !$0.isEmpty && $0.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "_-.".contains($0)) } }),
      !parts.contains(".."), !parts.contains(".")
    else {
      throw Diagnostic(
        .configuration, "packages.unknown", "'\(package)' is not the name of a package on the hub", at: SourceLocation(file: "packages.yml"),
        hint: "names there are those of an owner and a package: dbt-labs/dbt_utils")
    }
    let document = try get("api/v1/\(package).json", package)
    guard let versions = document["versions"]?.object else { throw malformed(package) }
    var releases: [Release] = []
    for (text, value) in versions {
      guard let version = SemanticVersion(text), let tarball = value["downloads"]?["tarball"]?.string, let name = value["name"]?.string else { continue }
      let required = value["require_dbt_version"].map { $0.array?.map(\.plainText) ?? ($0.isNull ? [] : [$0.plainText]) } ?? []
      releases.append(
        Release(
          version: version, name: name, tarball: tarball,
          packages: (value["packages"]?.array ?? []).compactMap { PackageRequest(entry: $0, unrendered: $0) }, requireDbtVersion: required))
    }
    releases.sort { $0.version < $1.version }
    known[package] = releases
    return releases
  }

  private func get(_ path: String, _ package: String) throws -> JSON {
    do {
      return try client.send(.get(url + path)) { response in
        do { return try JSON.parse(response.body) } catch let problem as Diagnostic { throw DamagedBody(problem) }
      }
    } catch let failure as HTTPFailure {
      if case .status(404) = failure.kind {
        throw Diagnostic(
          .configuration, "packages.unknown", "the package hub has no package '\(package)'",
          at: SourceLocation(file: "packages.yml"), hint: try suggestion(package))
      }
      throw Diagnostic(
        .system, "packages.hub", "the package hub cannot be asked for '\(package)'", at: SourceLocation(file: url),
        hint: "check the network, and DBT_PACKAGE_HUB_URL if it is set", cause: failure.diagnostic.message)
    }
  }

  private func suggestion(_ package: String) throws -> String? {
    let index = try? client.send(.get(url + "api/v1/index.json")) { try JSON.parse($0.body) }
    return Suggestion.didYouMean(package, among: index?.array?.compactMap(\.string) ?? []) ?? "look it up on hub.getdbt.com"
  }

  private func malformed(_ package: String) -> Diagnostic {
    Diagnostic(
      .system, "packages.hub", "the package hub's answer for '\(package)' names no versions", at: SourceLocation(file: url),
      hint: "check DBT_PACKAGE_HUB_URL if it is set")
  }
}
