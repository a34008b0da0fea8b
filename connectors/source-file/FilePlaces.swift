import ConnectorKit
import Diagnostics
import HTTP

/// A file that a stream consists of.
struct FileEntry {
  /// Its path or address.
  var url: String
  /// When it changed last; nil if nobody says.
  var modified: Instant?
  /// How many bytes it has; nil if nobody says.
  var size: Int64?
  /// What else tells two versions apart: an entity tag.
  var tag: String?

  /// What must be the same for a file to count as unchanged; nil if nothing tells.
  var version: String? {
    guard modified != nil || tag != nil else { return nil }
    return "\(modified?.microseconds ?? 0)/\(size ?? -1)/\(modified == nil ? tag ?? "" : "")"
  }
}

/// Where files are: on this machine or behind an address.
struct FilePlaces {
  private let local = LocalFiles()
  private let web: WebFiles

  init(_ client: HTTPClient, headers: HTTPHeaders) {
    web = WebFiles(client, headers: headers)
  }

  /// The files of a stream, oldest first.
  ///
  /// - Throws: `Diagnostic` (`file.none`, `file.unreadable`), `HTTPFailure`.
  func list(_ options: FileStreamOptions) throws -> [FileEntry] {
    let found = try isWeb(options.path) ? web.list(options) : local.list(options)
    guard !found.isEmpty else {
      throw Diagnostic(
        .configuration, "file.none", "no file matches '\(options.path)'" + (options.pattern.map { " and '\($0)'" } ?? ""),
        at: SourceLocation(subject: "stream \(options.name)"),
        hint: isWeb(options.path)
          ? "check the address and the pattern against what the server lists" : "check the path; it is relative to the folder that the connector runs in")
    }
    return found.sorted { ($0.modified?.microseconds ?? 0, $0.url) < ($1.modified?.microseconds ?? 0, $1.url) }
  }

  /// Hands the bytes of a file to `sink`, piece by piece, as they lie there.
  func read(_ entry: FileEntry, _ sink: (UnsafeRawBufferPointer) throws -> Void) throws {
    if isWeb(entry.url) { try web.read(entry, sink) } else { try InputFile.read(entry.url, sink) }
  }

  private func isWeb(_ path: String) -> Bool {
    let lower = path.lowercased()
    return lower.hasPrefix("http://") || lower.hasPrefix("https://")
  }
}
