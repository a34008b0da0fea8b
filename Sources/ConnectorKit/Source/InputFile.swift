import DataFormats
import Diagnostics
import Glibc

/// Files that a connector is given.
public enum InputFile {
  /// The JSON document in a file; `null` for an empty file.
  ///
  /// - Throws: `Diagnostic` (`file.unreadable`, `json.malformed`) with the file.
  public static func json(_ path: String) throws -> JSON {
    var bytes: [UInt8] = []
    try read(path) { bytes.append(contentsOf: $0) }
    if bytes.allSatisfy({ $0 == 0x20 || (0x09...0x0D).contains($0) }) { return .null }
    do {
      return try JSON.parse(bytes)
    } catch var problem as Diagnostic {
      // The lines of a configuration hold secrets: they are not shown.
      problem.window = nil
      problem.category = .configuration
      problem.location?.file = path
      throw problem
    }
  }

  /// Hands the bytes of a file to `sink`, piece by piece.
  ///
  /// - Throws: `Diagnostic` (`file.unreadable`), and what `sink` throws.
  public static func read(_ path: String, _ sink: (UnsafeRawBufferPointer) throws -> Void) throws {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw unreadable(path) }
    defer { close(file) }
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 512 << 10, alignment: 64)
    defer { buffer.deallocate() }
    while true {
      let count = Glibc.read(file, buffer.baseAddress, buffer.count)
      if count == 0 { return }
      if count > 0 {
        try sink(UnsafeRawBufferPointer(rebasing: buffer[0..<count]))
      } else if errno != EINTR {
        throw unreadable(path)
      }
    }
  }

  private static func unreadable(_ path: String) -> Diagnostic {
    let reason = String(cString: strerror(errno))
    return Diagnostic(
      .configuration, "file.unreadable", "cannot read '\(path)'", at: SourceLocation(file: path), hint: "check the path and its permissions", cause: reason)
  }
}
