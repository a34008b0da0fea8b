import Crypto
import DataFormats
import Diagnostics
import FoundationEssentials
import HTTP
import Project

/// What was fetched of packages, each once, in a folder that is gone afterwards.
final class PackageDownloads {
  let folder: String
  private let client: HTTPClient
  private var clones: [PackageRequest.Source: GitRepository] = [:]
  private var archives: [String: String] = [:]

  /// - Parameter folder: a folder that does not exist yet, beside the one where packages go.
  init(folder: String, client: HTTPClient) throws {
    self.folder = folder
    self.client = client
    do {
      try? FileManager.default.removeItem(atPath: folder)
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    } catch {
      throw Diagnostic(
        .system, "packages.cannot-write", "packages cannot be installed", at: SourceLocation(file: folder), hint: "check who may write there",
        cause: "\(error.localizedDescription)")
    }
  }

  /// Removes everything that is still there.
  func remove() {
    try? FileManager.default.removeItem(atPath: folder)
  }

  /// The clone of a repository at a revision.
  func clone(_ url: String, revision: String?, shown: String) throws -> GitRepository {
    let key = PackageRequest.Source.git(url: url, revision: revision, subdirectory: nil)
    if let known = clones[key] { return known }
    let repository = try GitRepository.clone(url, revision: revision, into: folder + "/git-\(clones.count)", shown: shown)
    clones[key] = repository
    return repository
  }

  /// The project's folder in the archive behind a URL: of a web server, or of this machine (`file:`).
  ///
  /// - Parameters:
  ///   - shown: what is shown of the URL.
  ///   - sha256: the checksum that the archive must have, if it is known.
  /// - Throws: `Diagnostic` (`packages.download`, `packages.checksum`, `packages.not-found`, `packages.unsafe-archive`, …).
  func project(inArchive url: String, shown: String, sha256: String? = nil) throws -> String {
    if let known = archives[url] { return known }
    let bytes = try bytes(url, shown)
    if let sha256 {
      let found = SHA256.hash(data: bytes).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
      guard found == sha256.lowercased() else {
        throw Diagnostic(
          .system, "packages.checksum", "the archive '\(shown)' is not the one that packages.yml means", at: SourceLocation(file: "packages.yml"),
          hint: "its SHA-256 is \(found); if that is right, write it there")
      }
    }
    let target = folder + "/archive-\(archives.count)"
    do {
      try ArchiveUnpacker.unpack(bytes, into: target)
    } catch var problem as Diagnostic {
      if problem.location == nil { problem.location = SourceLocation(file: shown) }
      throw problem
    }
    var project = target
    if !FileManager.default.fileExists(atPath: target + "/dbt_project.yml") {
      let inside = ((try? FileManager.default.contentsOfDirectory(atPath: target)) ?? []).filter {
        FileManager.default.fileExists(atPath: target + "/" + $0 + "/dbt_project.yml")
      }
      guard inside.count == 1 else {
        throw Diagnostic(
          .configuration, "packages.not-found", "the archive '\(shown)' does not hold one folder with a dbt_project.yml",
          at: SourceLocation(file: "packages.yml"), hint: "pack the project's folder as a whole")
      }
      project += "/" + inside[0]
    }
    archives[url] = project
    return project
  }

  private func bytes(_ url: String, _ shown: String) throws -> [UInt8] {
    if url.hasPrefix("file:"), let path = URL(string: url)?.path(percentEncoded: false) {
      guard let data = FileManager.default.contents(atPath: path) else {
        throw Diagnostic(
          .configuration, "packages.download", "there is no archive '\(shown)'", at: SourceLocation(file: "packages.yml"), hint: "check the path")
      }
      return [UInt8](data)
    }
    guard url.hasPrefix("http://") || url.hasPrefix("https://") else {
      throw Diagnostic(
        .configuration, "packages.download", "'\(shown)' is not the URL of an archive", at: SourceLocation(file: "packages.yml"),
        hint: "it begins with https:, http: or file:")
    }
    do {
      return try client.send(.get(url)).body
    } catch let failure as HTTPFailure {
      throw Diagnostic(
        .system, "packages.download", "the archive '\(shown)' cannot be downloaded", at: SourceLocation(file: "packages.yml"),
        hint: "check the address and the network", cause: failure.diagnostic.message.replacing(url, with: shown))
    }
  }
}
