/// A plain file server: an index, the files, HEAD, ranges and conditional requests (RFC 9110).
struct FilesAPI {
  let world: World
  let archive: FileArchive

  func respond(to request: SandboxRequest) -> SandboxResponse {
    guard request.method == "GET" || request.method == "HEAD" else { return .text(405, "only GET and HEAD\n").with("allow", "GET, HEAD") }
    let path = request.path.split(separator: "/").joined(separator: "/")
    let files = archive.files(in: world)
    do {
      if let file = files.first(where: { $0.name == path }) { return try serve(file, request) }
      let folder = path.isEmpty ? "" : path + "/"
      let inside = files.filter { $0.name.hasPrefix(folder) }
      guard !inside.isEmpty else { return .text(404, "no such file: /files/\(path)\n") }
      return try index(of: inside, folder: folder, request)
    } catch {
      return .text(500, "\(error)\n")
    }
  }

  private func index(of files: [FileArchive.File], folder: String, _ request: SandboxRequest) throws -> SandboxResponse {
    let sizes = try files.map { try archive.size(of: $0, in: world) }
    if request.value("format") == "json" {
      return .json { json in
        json.array { json in
          for (file, size) in zip(files, sizes) {
            json.object { json in
              json.field("name", String(file.name.dropFirst(folder.utf8.count)))
              json.field("size", size)
              json.time("modified", file.modified)
              json.field("url", "\(request.origin)/files/\(file.name)")
            }
          }
        }
      }
    }
    let rows = zip(files, sizes).map { file, size in
      let name = file.name.dropFirst(folder.utf8.count)
      return "<tr><td><a href=\"/files/\(file.name)\">\(name)</a></td><td>\(CivilTime.timestamp(file.modified))</td><td>\(size)</td></tr>"
    }
    return .text(
      type: "text/html; charset=utf-8",
      """
      <!DOCTYPE html>
      <html><head><title>Index of /files/\(folder)</title></head><body><h1>Index of /files/\(folder)</h1>
      <table><tr><th>Name</th><th>Last modified</th><th>Size</th></tr>
      \(rows.joined(separator: "\n"))
      </table></body></html>

      """)
  }

  private func serve(_ file: FileArchive.File, _ request: SandboxRequest) throws -> SandboxResponse {
    let content = try archive.content(of: file, in: world)
    let headers = [
      ("content-type", file.day == nil ? "text/csv; charset=utf-8" : "application/gzip"), ("last-modified", CivilTime.httpDate(file.modified)),
      ("etag", content.tag), ("accept-ranges", "bytes"),
    ]
    let isUnchanged =
      request.headers["if-none-match"].map { $0 == "*" || $0.contains(content.tag) }
      ?? request.headers["if-modified-since"].map { $0 == CivilTime.httpDate(file.modified) } ?? false
    if isUnchanged { return SandboxResponse(status: 304, headers: headers) }
    let isRangeStale = request.headers["if-range"].map { $0 != content.tag && $0 != CivilTime.httpDate(file.modified) } ?? false
    guard let asked = request.headers["range"], !isRangeStale, let range = Self.range(asked, of: content.bytes.count) else {
      return SandboxResponse(headers: headers, body: content.bytes)
    }
    guard !range.isEmpty else {
      return SandboxResponse(status: 416, headers: [("content-range", "bytes */\(content.bytes.count)")])
    }
    let place = ("content-range", "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(content.bytes.count)")
    return SandboxResponse(status: 206, headers: headers + [place], body: Array(content.bytes[range]))
  }

  /// The bytes that `bytes=100-199`, `bytes=100-` or `bytes=-100` asks for; empty if they lie outside, nil if it is no single range.
  static func range(_ text: String, of size: Int) -> Range<Int>? {
    guard text.hasPrefix("bytes=") else { return nil }
    let parts = text.dropFirst(6).split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2 else { return nil }
    if parts[0].isEmpty {
      guard let count = Int(parts[1]), count >= 0 else { return nil }
      return max(0, size - count)..<size
    }
    guard let first = Int(parts[0]), first >= 0 else { return nil }
    guard first < size else { return 0..<0 }
    guard !parts[1].isEmpty else { return first..<size }
    guard let last = Int(parts[1]), last >= first else { return nil }
    return first..<min(size, last + 1)
  }
}
