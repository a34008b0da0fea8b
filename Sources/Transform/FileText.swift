import Diagnostics
import Glibc

/// Texts to and from files, without the detours of Foundation's files: a run writes thousands of them.
enum FileText {
  /// Writes `text`, replacing what was there; a file that holds it already is left alone.
  ///
  /// Emptying a file and writing it again has ext4 wait for the disk (`auto_da_alloc`): what changed becomes a new file.
  ///
  /// - Throws: `Diagnostic` (`target.cannot-write`).
  static func write(_ text: String, to path: String) throws {
    switch state(of: path, comparedTo: text) {
    case .same: return
    case .different: unlink(path)
    case .missing: break
    }
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

  private enum State { case missing, same, different }

  private static func state(of path: String, comparedTo text: String) -> State {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return .missing }
    defer { close(descriptor) }
    let count = text.utf8.count
    // One byte more than it should have, to see whether it has more.
    let space = UnsafeMutableRawBufferPointer.allocate(byteCount: count + 1, alignment: 1)
    defer { space.deallocate() }
    var got = 0
    while got < count + 1 {
      let read = Glibc.read(descriptor, space.baseAddress?.advanced(by: got), count + 1 - got)
      if read < 0, errno == EINTR { continue }
      guard read > 0 else { break }
      got += read
    }
    var text = text
    guard got == count else { return .different }
    guard let start = space.baseAddress, count > 0 else { return .same }
    return text.withUTF8 { utf8 in utf8.baseAddress.map { memcmp($0, start, count) == 0 } ?? false } ? .same : .different
  }

  private static func failure(_ path: String) -> Diagnostic {
    Diagnostic(
      .system, "target.cannot-write", "a file cannot be written", at: SourceLocation(file: path),
      hint: "check who may write there and whether the disk is full, or choose another folder with --target-path",
      cause: String(cString: strerror(errno)))
  }
}
