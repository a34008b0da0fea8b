import Diagnostics
import FoundationEssentials
@preconcurrency import Glibc
import Project

/// Puts packages into the folder where the loader finds them: links to folders, clones of git repositories.
struct PackageInstaller {
  let root: String
  /// Where packages go, an absolute path.
  let folder: String
  let load: LoadOptions
  let log: EventLog

  /// Installs the packages of `requests`, and what they ask for themselves.
  ///
  /// - Throws: `Diagnostic` (`packages.unsupported`, `packages.not-found`, `packages.git`, `packages.cannot-write`).
  func install(_ requests: [PackageRequest], anew: Bool) throws {
    var pending = requests.map { (request: $0, root: root) }
    var seen: Set<PackageRequest.Source> = []
    try attempt(folder) { try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true) }
    while !pending.isEmpty {
      let (request, base) = pending.removeFirst()
      guard seen.insert(request.source).inserted else { continue }
      guard let path = try install(request, relativeTo: base, anew: anew) else { continue }
      var nested = load
      nested.projectDirectory = path
      pending += try ProjectLoader(nested).loadProjectFile().packages.map { ($0, path) }
    }
  }

  private func install(_ request: PackageRequest, relativeTo base: String, anew: Bool) throws -> String? {
    switch request.source {
    case .local(let path):
      let source = URL(filePath: path.hasPrefix("/") ? path : base + "/" + path).standardized.path(percentEncoded: false)
      let name = try name(ofPackageIn: source, named: path)
      let link = folder + "/" + name
      guard source != link else { return source }
      try attempt(link) {
        try? FileManager.default.removeItem(atPath: link)
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: source)
      }
      say("Installing \(path)", "Installed from <local @ \(path)>")
      return source
    case .git(let url, let revision, let subdirectory): return try clone(url, revision, subdirectory, anew: anew)
    case .project: return nil
    case .hub(let name, let versions):
      throw Diagnostic(
        .configuration, "packages.unsupported", "the package '\(name)' is on the package hub, which scv does not install from yet",
        at: SourceLocation(file: "packages.yml"),
        hint: "name its repository: - git: https://github.com/\(name.replacing("_", with: "-")).git with revision: \(versions.first ?? "main")")
    case .tarball(let url, _):
      throw Diagnostic(
        .configuration, "packages.unsupported", "scv does not install packages from archives yet", at: SourceLocation(file: "packages.yml", subject: url),
        hint: "unpack it into \(folder), or name its git repository")
    }
  }

  private func clone(_ url: String, _ revision: String?, _ subdirectory: String?, anew: Bool) throws -> String {
    let checkout = folder + "/.scv-checkout-\(getpid())"
    defer { try? FileManager.default.removeItem(atPath: checkout) }
    try? FileManager.default.removeItem(atPath: checkout)
    try git(["clone", "--quiet", url, checkout], url)
    if let revision { try git(["-C", checkout, "checkout", "--quiet", revision], url) }
    let source = subdirectory.map { checkout + "/" + $0 } ?? checkout
    let name = try name(ofPackageIn: source, named: url)
    let target = folder + "/" + name
    try attempt(target) {
      try? FileManager.default.removeItem(atPath: target)
      try FileManager.default.moveItem(atPath: source, toPath: target)
    }
    say("Installing \(url)", "Installed from \(revision.map { "revision \($0)" } ?? "HEAD")")
    return target
  }

  private func say(_ beginning: String, _ end: String) {
    log.emit(LogEvent(name: "DepsStartPackageInstall", code: "M014", message: beginning))
    log.emit(LogEvent(name: "DepsInstallInfo", code: "M015", message: end))
  }

  private func name(ofPackageIn path: String, named: String) throws -> String {
    guard FileManager.default.fileExists(atPath: path + "/dbt_project.yml") else {
      throw Diagnostic(
        .configuration, "packages.not-found", "the package '\(named)' has no dbt_project.yml", at: SourceLocation(file: "packages.yml"),
        hint: "a local path is relative to the project's folder; of a repository say subdirectory:")
    }
    var nested = load
    nested.projectDirectory = path
    return try ProjectLoader(nested).loadProjectFile().configuration.name
  }

  private func attempt(_ path: String, _ body: () throws -> Void) throws {
    do {
      try body()
    } catch {
      throw Diagnostic(
        .system, "packages.cannot-write", "a package cannot be installed", at: SourceLocation(file: path), hint: "check who may write there",
        cause: "\(error.localizedDescription)")
    }
  }

  /// Runs git, whose own words go to the standard error.
  private func git(_ arguments: [String], _ url: String) throws {
    var words: [UnsafeMutablePointer<CChar>?] = (["git"] + arguments).map { strdup($0) } + [nil]
    defer { for word in words { free(word) } }
    var child = pid_t()
    let code = posix_spawnp(&child, "git", nil, nil, &words, environ)
    var status: Int32 = 0
    while code == 0, waitpid(child, &status, 0) < 0, errno == EINTR {}
    guard code == 0, status == 0 else {
      throw Diagnostic(
        .system, "packages.git", "git could not get the package", at: SourceLocation(file: "packages.yml", subject: url),
        hint: code == 0 ? "check the address and the revision" : "install git", cause: code == 0 ? nil : String(cString: strerror(code)))
    }
  }
}
