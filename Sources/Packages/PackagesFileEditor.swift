import DataFormats
import Diagnostics
import FoundationEssentials

/// Adds a package to `packages.yml`: `scv deps --add-package`.
public struct PackagesFileEditor {
  /// The project's folder.
  private let root: String

  /// An editor of the file in the project's folder `root`.
  public init(root: String) {
    self.root = root
  }

  /// Writes an entry at the end of the list of packages; entries that mean the same package go. As with dbt, the file is
  /// written anew, without its comments.
  ///
  /// - Parameters:
  ///   - source: `hub`, `git` or `local`.
  ///   - version: a version, several between commas, or a revision.
  /// - Returns: the entries that were removed.
  /// - Throws: `Diagnostic` (`yaml.malformed`, `packages.cannot-write`).
  @discardableResult
  public func add(_ name: String, version: String?, source: String) throws -> [JSON] {
    let file = usesDependencies ? "dependencies.yml" : "packages.yml"
    let path = root + "/" + file
    var value: JSON = [:]
    if let text = try? String(contentsOfFile: path, encoding: .utf8) { value = try YAMLDocument(parsing: text, file: file).value }
    if value.object == nil { value = [:] }
    var entries = value["packages"]?.array ?? []
    let removed = entries.filter { isSame($0, name) }
    entries.removeAll { isSame($0, name) }
    var entry: JSON = [(source == "hub" ? "package" : source): .string(name)]
    if let version {
      let versions = version.split(separator: ",").map { JSON.string(String($0)) }
      entry[source == "git" ? "revision" : "version"] = versions.count > 1 ? .array(versions) : .string(version)
    }
    value["packages"] = .array(entries + [entry])
    do {
      try value.yaml().write(toFile: path, atomically: true, encoding: .utf8)
    } catch {
      throw Diagnostic(
        .system, "packages.cannot-write", "packages.yml cannot be written", at: SourceLocation(file: path), hint: "check who may write there",
        cause: "\(error.localizedDescription)")
    }
    return removed
  }

  /// Whether the packages stand in `dependencies.yml`.
  private var usesDependencies: Bool {
    guard !FileManager.default.fileExists(atPath: root + "/packages.yml"),
      let text = try? String(contentsOfFile: root + "/dependencies.yml", encoding: .utf8)
    else { return false }
    return (try? YAMLDocument(parsing: text, file: "dependencies.yml").value)?["packages"] != nil
  }

  /// Whether an entry names the package: `dbt-labs/dbt_utils` and `https://github.com/dbt-labs/dbt-utils.git` are one.
  private func isSame(_ entry: JSON, _ name: String) -> Bool {
    guard let other = ["package", "git", "local", "tarball", "private"].lazy.compactMap({ entry[$0]?.string }).first else { return false }
    func plain(_ text: String) -> [Substring] {
      text.replacing("_", with: "-").split { $0 == "/" || $0 == "." || $0 == ":" || $0 == "@" }
    }
    guard let wanted = plain(name).last(where: { $0 != "git" }) else { return false }
    return plain(other).contains(wanted)
  }
}
