import DataFormats
import Diagnostics
import FoundationEssentials
import Glibc

/// Writes what a tar archive holds into a folder, and nothing anywhere else.
struct ArchiveUnpacker {
  /// How much an archive may unpack to.
  static let largest = 1 << 30

  /// The files of an archive, which may be packed with gzip, below `folder`.
  ///
  /// - Throws: `Diagnostic` (`packages.unsafe-archive` for a path or a link that leads out of the folder, `gzip.malformed`,
  ///   `tar.malformed`, …).
  static func unpack(_ archive: [UInt8], into folder: String) throws {
    var links: Set<String> = []
    try makeFolder(folder)
    for entry in try TarReader.entries(try unpacked(archive)) {
      guard let parts = components(entry.path) else { throw unsafe(entry.path, "leads out of the package") }
      guard !parts.isEmpty else { continue }
      let path = parts.joined(separator: "/")
      for length in 1..<parts.count + 1 where links.contains(parts.prefix(length).joined(separator: "/")) {
        throw unsafe(entry.path, "lies behind a link")
      }
      let target = folder + "/" + path
      try makeFolder(folder + "/" + parts.dropLast().joined(separator: "/"))
      switch entry.kind {
      case .directory: try makeFolder(target)
      case .file: try write(entry.contents, to: target, mode: entry.mode)
      case .symbolicLink(let destination):
        guard staysInside(destination, from: parts.count - 1) else { throw unsafe(entry.path, "links out of the package") }
        try? FileManager.default.removeItem(atPath: target)
        guard symlink(destination, target) == 0 else { throw unwritable(target) }
        links.insert(path)
      case .hardLink(let other):
        guard let source = components(other)?.joined(separator: "/"), !links.contains(source) else { throw unsafe(entry.path, "links out of the package") }
        guard let data = FileManager.default.contents(atPath: folder + "/" + source) else { throw unsafe(entry.path, "links to nothing") }
        try write([UInt8](data)[...], to: target, mode: entry.mode)
      }
    }
  }

  /// The components of a path inside of the archive; nil if it is absolute, or climbs.
  private static func components(_ path: String) -> [String]? {
    guard !path.hasPrefix("/"), !path.utf8.contains(0) else { return nil }
    let parts = path.split(separator: "/").filter { $0 != "." }.map(String.init)
    return parts.contains("..") ? nil : parts
  }

  /// Whether a link that stands `depth` folders deep stays inside: it climbs at its beginning only, and no further than that.
  private static func staysInside(_ destination: String, from depth: Int) -> Bool {
    guard !destination.hasPrefix("/"), !destination.isEmpty else { return false }
    let parts = destination.split(separator: "/").filter { $0 != "." }
    let climbs = parts.prefix { $0 == ".." }.count
    return climbs <= depth && !parts.dropFirst(climbs).contains("..")
  }

  private static func unpacked(_ archive: [UInt8]) throws -> [UInt8] {
    guard GzipReader.isGzip(archive) else { return archive }
    let reader = GzipReader()
    var bytes: [UInt8] = []
    try archive.withUnsafeBytes { all in
      try reader.read(all) { piece in
        bytes += piece
        guard bytes.count <= largest else {
          throw Diagnostic(.system, "packages.too-large", "the archive unpacks to more than a gibibyte", hint: "is it a dbt package at all?")
        }
      }
    }
    try reader.finish()
    return bytes
  }

  private static func write(_ contents: ArraySlice<UInt8>, to path: String, mode: UInt32) throws {
    unlink(path)
    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode & 0o111 != 0 ? 0o755 : 0o644)
    guard descriptor >= 0 else { throw unwritable(path) }
    defer { close(descriptor) }
    try contents.withUnsafeBytes { bytes in
      var at = 0
      while at < bytes.count {
        let wrote = Glibc.write(descriptor, bytes.baseAddress?.advanced(by: at), bytes.count - at)
        if wrote < 0 && errno == EINTR { continue }
        guard wrote > 0 else { throw unwritable(path) }
        at += wrote
      }
    }
  }

  private static func makeFolder(_ path: String) throws {
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    } catch {
      throw unwritable(path)
    }
  }

  private static func unwritable(_ path: String) -> Diagnostic {
    Diagnostic(
      .system, "packages.cannot-write", "a package cannot be installed", at: SourceLocation(file: path), hint: "check who may write there",
      cause: String(cString: strerror(errno)))
  }

  private static func unsafe(_ path: String, _ why: String) -> Diagnostic {
    Diagnostic(
      .system, "packages.unsafe-archive", "the archive is refused: '\(path)' \(why)", hint: "a package that is in order holds nothing like this")
  }
}
