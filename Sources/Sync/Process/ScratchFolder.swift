import DataFormats
import Diagnostics
import FoundationEssentials
import Glibc

/// A folder that only this user may look into, for what connectors are given as files: configuration, catalog, state.
///
/// It is gone when the sync ends. One that a killed process left behind is removed by the next sync of the same user: its name
/// holds the process's number.
final class ScratchFolder: Sendable {
  /// Where it is.
  let path: String

  private static let prefix = "scv-sync-"

  private static var parent: String {
    let folder = ProcessInfo.processInfo.environment["TMPDIR"] ?? "/tmp"
    return folder.hasSuffix("/") && folder.count > 1 ? String(folder.dropLast()) : folder
  }

  /// Makes the folder.
  ///
  /// - Throws: `Diagnostic` (`system.no-temporary-folder`).
  init() throws {
    ScratchFolder.sweep()
    var template = Array("\(ScratchFolder.parent)/\(ScratchFolder.prefix)\(getpid())-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else {
      throw Diagnostic(
        .system, "system.no-temporary-folder", "no temporary folder can be made", at: SourceLocation(file: ScratchFolder.parent),
        hint: "set TMPDIR to a folder that may be written to", cause: String(cString: strerror(errno)))
    }
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit {
    ScratchFolder.remove(path)
  }

  /// Writes a JSON file into the folder, readable by this user only.
  ///
  /// - Returns: its path.
  /// - Throws: `Diagnostic` (`system.cannot-write`).
  func write(_ name: String, _ value: JSON) throws -> String {
    let file = path + "/" + name
    try PrivateFile.write(value.utf8(), to: file)
    return file
  }

  private static func remove(_ path: String) {
    for name in (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? [] { unlink(path + "/" + name) }
    rmdir(path)
  }

  private static func sweep() {
    for name in (try? FileManager.default.contentsOfDirectory(atPath: parent)) ?? [] where name.hasPrefix(prefix) {
      let rest = name.dropFirst(prefix.count)
      guard let pid = rest.split(separator: "-").first.flatMap({ pid_t($0) }), kill(pid, 0) != 0, errno == ESRCH else { continue }
      var status = stat()
      if lstat(parent + "/" + name, &status) == 0, status.st_uid == getuid(), status.st_mode & S_IFMT == S_IFDIR { remove(parent + "/" + name) }
    }
  }
}

/// Files that hold secrets: mode 0600, never half written, and on the disk when written: a token that can be used once must outlive a power cut.
enum PrivateFile {
  /// Replaces the file `path` by `bytes`.
  ///
  /// - Throws: `Diagnostic` (`system.cannot-write`).
  static func write(_ bytes: [UInt8], to path: String) throws {
    let draft = path + ".new"
    unlink(draft)
    let descriptor = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    var good = descriptor >= 0
    var at = 0
    while good && at < bytes.count {
      let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress.map { $0 + at }, bytes.count - at) }
      if count < 0 && errno == EINTR { continue }
      good = count > 0
      at += max(0, count)
    }
    good = good && fsync(descriptor) == 0
    let code = errno
    if descriptor >= 0 { close(descriptor) }
    guard good, rename(draft, path) == 0 else {
      let reason = String(cString: strerror(good ? errno : code))
      unlink(draft)
      throw Diagnostic(.system, "system.cannot-write", "the file cannot be written", at: SourceLocation(file: path), cause: reason)
    }
    // The new name is on the disk when the folder is; where a folder cannot be synced, nothing more can be done.
    let name = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
    let folder = open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard folder >= 0 else { return }
    fsync(folder)
    close(folder)
  }
}
