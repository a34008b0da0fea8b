import Diagnostics
import FoundationEssentials

/// Writes the files of the company, product logs and user export, to a folder.
public enum SandboxFiles {
  /// Writes the same files that a server with `options` serves under `/files`; folders are made as needed, modification times are set.
  ///
  /// - Throws: a `Diagnostic` of the code `sandbox.cannot-write`.
  public static func write(_ options: SandboxOptions, to folder: String) throws {
    let world = options.world()
    let archive = FileArchive()
    for file in archive.files(in: world) {
      let content = try archive.content(of: file, in: world)
      try OutputFile.write(content.bytes, to: "\(folder)/\(file.name)", modified: file.modified)
    }
  }
}

/// Writes whole files.
enum OutputFile {
  /// Writes `bytes` to `path`, making the folders above it.
  static func write(_ bytes: [UInt8], to path: String, modified: Int64? = nil) throws {
    let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? ""
    do {
      if !folder.isEmpty { try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true) }
      try Data(bytes).write(to: URL(filePath: path), options: .atomic)
      if let modified {
        try FileManager.default.setAttributes([.modificationDate: Date(timeIntervalSince1970: Double(modified))], ofItemAtPath: path)
      }
    } catch {
      throw Diagnostic(
        .system, "sandbox.cannot-write", "cannot write '\(path)'", hint: "check that the folder can be written and that the disk has room",
        cause: "\(error)")
    }
  }
}
