import ConnectorKit
import Diagnostics
import Glibc

/// Files on this machine.
struct LocalFiles {
  func list(_ options: FileStreamOptions) throws -> [FileEntry] {
    var path = options.path
    if path.hasPrefix("file://") { path.removeFirst(7) }
    let isPattern = Glob.isPattern(path)
    let base = isPattern ? Glob.folder(of: path) : path
    guard let status = LocalFiles.status(base) else {
      if isPattern { return [] }
      throw Diagnostic(
        .configuration, "file.unreadable", "cannot read '\(path)'", at: SourceLocation(file: path), hint: "check the path and its permissions",
        cause: String(cString: strerror(errno)))
    }
    if status.st_mode & S_IFMT != S_IFDIR { return [entry(base, status)] }
    let name = options.pattern.map { Glob($0) }
    let whole = isPattern ? Glob(path) : nil
    var found: [FileEntry] = []
    try walk(base == "" ? "." : base) { file, status in
      let shown = base == "" ? String(file.dropFirst(2)) : file
      if let whole, !whole.matches(shown) { return }
      if let name, !name.matches(String(shown.split(separator: "/").last ?? "")) { return }
      // A folder may hold other things too, unless the user says which files and how they are written.
      if whole == nil, name == nil, options.format == .auto, FileStreamOptions.format(byName: shown) == nil { return }
      found.append(entry(shown, status))
    }
    return found
  }

  private func entry(_ path: String, _ status: stat) -> FileEntry {
    let time = Int64(status.st_mtim.tv_sec) * 1_000_000 + Int64(status.st_mtim.tv_nsec) / 1_000
    return FileEntry(url: path, modified: Instant(microseconds: time), size: Int64(status.st_size))
  }

  /// Calls `body` with every file below a folder; hidden ones are left out.
  private func walk(_ folder: String, _ body: (String, stat) -> Void) throws {
    guard let handle = opendir(folder) else {
      throw Diagnostic(
        .configuration, "file.unreadable", "cannot read the folder '\(folder)'", at: SourceLocation(file: folder),
        hint: "check its permissions", cause: String(cString: strerror(errno)))
    }
    var names: [String] = []
    while let next = readdir(handle) {
      let name = withUnsafePointer(to: next.pointee.d_name) { tuple in
        tuple.withMemoryRebound(to: CChar.self, capacity: MemoryLayout.size(ofValue: tuple.pointee)) { String(cString: $0) }
      }
      if !name.hasPrefix(".") { names.append(name) }
    }
    closedir(handle)
    for name in names.sorted() {
      let path = folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)"
      guard let status = LocalFiles.status(path) else { continue }
      if status.st_mode & S_IFMT == S_IFDIR {
        try walk(path, body)
      } else if status.st_mode & S_IFMT == S_IFREG {
        body(path, status)
      }
    }
  }

  private static func status(_ path: String) -> stat? {
    var status = stat()
    return stat(path == "" ? "." : path, &status) == 0 ? status : nil
  }
}
