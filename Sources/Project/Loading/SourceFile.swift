import Diagnostics
import Glibc
import Synchronization

/// A file of a package, found and perhaps read.
struct SourceFile: Sendable {
  /// Relative to the root of its package: `models/staging/a.sql`.
  var path: String
  /// The configured folder that it was found in: `models`.
  var searchPath: String
  /// Absolute.
  var absolutePath: String

  /// Relative to `searchPath`: `staging/a.sql`.
  var relativePath: String {
    let count = searchPath.utf8.count
    guard path.hasPrefix(searchPath), path.utf8.dropFirst(count).first == UInt8(ascii: "/") else { return path }
    return String(path[path.utf8.index(path.startIndex, offsetBy: count + 1)...])
  }

  /// The folders of `relativePath`, outermost first.
  var folders: [String] {
    let relative = relativePath
    return relative.utf8.contains(UInt8(ascii: "/")) ? relative.split(separator: "/").dropLast().map(String.init) : []
  }

  /// The name without folders.
  var fileName: Substring { path[(path.lastIndex(ofByte: "/").map { path.utf8.index(after: $0) } ?? path.startIndex)...] }

  /// The name without folders and extension.
  var stem: String {
    let name = fileName
    guard let dot = path.lastIndex(ofByte: "."), dot >= name.startIndex else { return String(name) }
    return String(name[..<dot])
  }

  /// The extension in lower case, with its point; empty if there is none.
  var suffix: String {
    guard let dot = path.lastIndex(ofByte: "."), dot >= fileName.startIndex else { return "" }
    return path[dot...].lowercased()
  }
}

extension String {
  /// Where an ASCII character stands last: by bytes, as paths are taken apart by the thousand.
  fileprivate func lastIndex(ofByte character: Unicode.Scalar) -> String.Index? {
    let byte = UInt8(ascii: character)
    let offset = utf8.withContiguousStorageIfAvailable { $0.lastIndex(of: byte) } ?? Array(utf8).lastIndex(of: byte)
    return offset.map { utf8.index(utf8.startIndex, offsetBy: $0) }
  }
}

/// Reading folders and files. POSIX calls: a project of thousands of small files is opened in milliseconds.
enum FileReader {
  /// The bytes of a file; nil if there is none.
  ///
  /// - Throws: `Diagnostic` (`file.unreadable`) if there is one that cannot be read.
  static func bytes(_ path: String) throws -> [UInt8]? {
    try read(path) { Array($0) }
  }

  /// What `body` makes of the bytes of a file; nil if there is none. Most files fit into the buffer.
  private static func read<Result>(_ path: String, _ body: (UnsafeBufferPointer<UInt8>) throws -> Result) throws -> Result? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      if errno == ENOENT || errno == ENOTDIR { return nil }
      throw failure(path)
    }
    defer { close(descriptor) }
    return try withUnsafeTemporaryAllocation(byteCount: 1 << 16, alignment: 16) { space -> Result? in
      let buffer = space.bindMemory(to: UInt8.self)
      var whole: [UInt8] = []
      var filled = 0
      while true {
        let count = Glibc.read(descriptor, buffer.baseAddress.map { $0 + filled }, buffer.count - filled)
        if count < 0, errno == EINTR { continue }
        if count < 0, errno == EISDIR { return nil }
        guard count >= 0 else { throw failure(path) }
        filled += count
        let part = UnsafeBufferPointer(rebasing: buffer[..<filled])
        if count == 0, whole.isEmpty { return try body(part) }
        guard count == 0 || filled == buffer.count else { continue }
        whole += part
        filled = 0
        if count == 0 { return try whole.withUnsafeBufferPointer(body) }
      }
    }
  }

  /// The text of a file, a byte order mark removed; nil if there is none.
  ///
  /// - Throws: `Diagnostic` (`file.unreadable`, `file.not-utf8`).
  static func text(_ path: String, name: String? = nil) throws -> String? {
    try read(path) { bytes in
      let text = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? UnsafeBufferPointer(rebasing: bytes[3...]) : bytes
      if let text = String(validating: text, as: UTF8.self) { return text }
      throw Diagnostic(
        .parsing, "file.not-utf8", "the file is not UTF-8 text", at: SourceLocation(file: name ?? path), hint: "save it in the encoding UTF-8")
    }
  }

  /// The size of a file in bytes; nil if there is none.
  static func size(_ path: String) -> Int? {
    var status = stat()
    return stat(path, &status) == 0 ? Int(status.st_size) : nil
  }

  /// What changes with a file: its size and the time of its last change.
  static func stamp(_ path: String) -> String {
    var status = stat()
    guard stat(path, &status) == 0 else { return "" }
    return "\(status.st_size) \(status.st_mtim.tv_sec) \(status.st_mtim.tv_nsec)"
  }

  /// Whether there is a folder.
  static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  /// Whether there is a file or folder.
  static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

  /// All files below `root/folder`, sorted by path; links are followed, hidden files and folders left out.
  static func files(below folder: String, root: String) -> [SourceFile] {
    var found: [SourceFile] = []
    collect(folder, root: root, searchPath: folder, depth: 0, into: &found)
    return found.sorted { $0.path < $1.path }
  }

  private static func collect(_ folder: String, root: String, searchPath: String, depth: Int, into found: inout [SourceFile]) {
    let path = folder == "." ? root : root + "/" + folder
    guard depth < 64, let stream = opendir(path) else { return }
    defer { closedir(stream) }
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name.utf8.first == UInt8(ascii: ".") { continue }
      let inner = folder == "." ? name : folder + "/" + name
      var kind = Int32(entry.pointee.d_type)
      if kind == Int32(DT_UNKNOWN) || kind == Int32(DT_LNK) { kind = isFolder(path + "/" + name) ? Int32(DT_DIR) : Int32(DT_REG) }
      if kind == Int32(DT_DIR) {
        collect(inner, root: root, searchPath: searchPath, depth: depth + 1, into: &found)
      } else {
        found.append(SourceFile(path: inner, searchPath: searchPath, absolutePath: path + "/" + name))
      }
    }
  }

  /// The names of the folders in a folder, sorted.
  static func folders(in path: String) -> [String] {
    guard let stream = opendir(path) else { return [] }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name.utf8.first != UInt8(ascii: "."), isFolder(path + "/" + name) { names.append(name) }
    }
    return names.sorted()
  }

  /// `path` below `folder`, unless it is absolute.
  static func join(_ folder: String, _ path: String) -> String {
    if path.hasPrefix("/") { return path }
    if path.isEmpty || path == "." { return folder }
    return folder.hasSuffix("/") ? folder + path : folder + "/" + path
  }

  /// The absolute path without links and dots; the path itself where there is nothing.
  static func resolved(_ path: String) -> String {
    guard let pointer = realpath(path, nil) else { return path }
    defer { free(pointer) }
    return String(cString: pointer)
  }

  private static func failure(_ path: String) -> Diagnostic {
    Diagnostic(
      .system, "file.unreadable", "the file cannot be read", at: SourceLocation(file: path), cause: String(cString: strerror(errno)))
  }
}
