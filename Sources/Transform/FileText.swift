import Diagnostics
import Glibc

/// Texts to and from files, without the detours of Foundation's files: a run writes thousands of them.
enum FileText {
  /// Writes `text`, replacing what was there.
  ///
  /// - Throws: `Diagnostic` (`target.cannot-write`).
  static func write(_ text: String, to path: String) throws {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw failure(path) }
    defer { close(descriptor) }
    var text = text
    try text.withUTF8 { bytes in
      var rest = UnsafeRawBufferPointer(bytes)[...]
      while !rest.isEmpty {
        let written = Glibc.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
        if written < 0, errno == EINTR { continue }
        guard written > 0 else { throw failure(path) }
        rest = rest.dropFirst(written)
      }
    }
  }

  private static func failure(_ path: String) -> Diagnostic {
    Diagnostic(
      .system, "target.cannot-write", "a file cannot be written", at: SourceLocation(file: path),
      hint: "check who may write there and whether the disk is full, or choose another folder with --target-path",
      cause: String(cString: strerror(errno)))
  }
}
