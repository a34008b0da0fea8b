import DataFormats
import Project

/// A package of which it is settled which version is installed.
public struct PinnedPackage: Sendable, Equatable {
  /// Where it comes from, to the letter.
  public enum Source: Sendable, Equatable {
    case hub(name: String, version: String)
    /// `revision` is a commit once the repository was asked; `url` may hold a secret.
    case git(url: String, revision: String, subdirectory: String?)
    case local(String)
    case tarball(url: String)
  }

  /// Where it comes from.
  public var source: Source
  /// The name of its project, by which its folder is called.
  public var name: String
  /// What asked for it.
  public var request: PackageRequest
  /// The newest version on the hub that could be installed.
  public var newest: String?

  /// Its entry in `package-lock.yml`.
  var lockEntry: JSON {
    switch source {
    case .hub(let package, let version): ["name": .string(name), "package": .string(package), "version": .string(version)]
    case .git(_, let revision, let subdirectory):
      if let subdirectory {
        ["git": request.unrendered["git"] ?? .null, "name": .string(name), "revision": .string(revision), "subdirectory": .string(subdirectory)]
      } else {
        ["git": request.unrendered["git"] ?? .null, "name": .string(name), "revision": .string(revision)]
      }
    case .local(let path): ["local": .string(path), "name": .string(name)]
    case .tarball: ["name": .string(name), "tarball": request.unrendered["tarball"] ?? .null]
    }
  }

  /// What it is called while it is installed, without secrets.
  public var shownName: String {
    if case .tarball = source { name } else { request.shownName }
  }

  /// What is said when it is installed: `version 1.3.0`.
  public var shownVersion: String {
    switch source {
    case .hub(_, let version): "version \(version)"
    case .git(_, let revision, _): "revision \(revision)"
    case .local(let path): "<local @ \(path)>"
    case .tarball: "tarball (url: \(request.shownName))"
    }
  }
}
