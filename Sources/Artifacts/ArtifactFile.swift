import DataFormats
import Diagnostics
import Glibc

/// Writes an artifact so that a reader finds the old one or the new one, and never half of one.
enum ArtifactFile {
  /// Puts `bytes` into the file `name` of `folder`: written beside it, then renamed.
  ///
  /// - Throws: `Diagnostic` (`target.cannot-write`).
  static func write(_ bytes: [UInt8], _ name: String, in folder: String) throws {
    try write(name, in: folder) { give in give(bytes) }
  }

  /// Puts what `body` gives, part by part, into the file `name` of `folder`: written beside it, then renamed.
  ///
  /// - Throws: `Diagnostic` (`target.cannot-write`).
  static func write(_ name: String, in folder: String, _ body: (_ give: ([UInt8]) -> Void) -> Void) throws {
    try makeFolder(folder)
    let path = folder + "/" + name
    let temporary = folder + "/." + name + ".\(getpid())"
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw failure(path) }
    var error: Diagnostic?
    body { bytes in if error == nil, !append(bytes, to: descriptor) { error = failure(path) } }
    if close(descriptor) != 0, error == nil { error = failure(path) }
    if error == nil, rename(temporary, path) != 0 { error = failure(path) }
    guard let error else { return }
    unlink(temporary)
    throw error
  }

  private static func append(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
    bytes.withUnsafeBytes { buffer in
      var rest = buffer[...]
      while !rest.isEmpty {
        let count = Glibc.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { return false }
        rest = rest.dropFirst(count)
      }
      return true
    }
  }

  private static func makeFolder(_ folder: String) throws {
    var status = stat()
    if stat(folder, &status) == 0 { return }
    if let slash = folder.lastIndex(of: "/"), slash > folder.startIndex { try makeFolder(String(folder[..<slash])) }
    guard mkdir(folder, 0o755) == 0 || errno == EEXIST else { throw failure(folder) }
  }

  private static func failure(_ path: String) -> Diagnostic {
    Diagnostic(
      .system, "target.cannot-write", "an artifact cannot be written", at: SourceLocation(file: path),
      hint: "check who may write there and whether the disk is full, or choose another folder with --target-path",
      cause: String(cString: strerror(errno)))
  }
}
