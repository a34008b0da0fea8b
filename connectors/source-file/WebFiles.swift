import ConnectorKit
import DataFormats
import Diagnostics
import HTTP

/// Files behind http(s) addresses: single ones, and folders whose server lists them, as JSON or as a page of links.
struct WebFiles {
  private let client: HTTPClient
  private let headers: HTTPHeaders

  init(_ client: HTTPClient, headers: HTTPHeaders) {
    self.client = client
    self.headers = headers
  }

  func list(_ options: FileStreamOptions) throws -> [FileEntry] {
    let address = options.path
    let path = String(address.prefix { $0 != "?" && $0 != "#" })
    // A star cannot stand in an address, a question mark begins its query.
    if path.contains("*") {
      let folder = Glob.folder(of: path)
      let glob = Glob(path)
      return try walk(folder + "/", options.pattern, depth: path.contains("**") ? 8 : 0).filter { glob.matches($0.url) }
    }
    let name = path.split(separator: "/").last.map(String.init) ?? ""
    let isFile = !path.hasSuffix("/") && (FileStreamOptions.format(byName: name) != nil || (options.format != .auto && options.pattern == nil))
    if isFile { return [try describe(FileEntry(url: address))] }
    return try walk(path.hasSuffix("/") ? path : path + "/", options.pattern, depth: 8).filter {
      options.pattern != nil || options.format != .auto || FileStreamOptions.format(byName: $0.url) != nil
    }
  }

  func read(_ entry: FileEntry, _ sink: (UnsafeRawBufferPointer) throws -> Void) throws {
    try client.download(HTTPRequest("GET", entry.url, headers: headers), expecting: entry.size, to: sink)
  }

  /// The files that a folder lists, and those of the folders in it.
  private func walk(_ folder: String, _ pattern: String?, depth: Int) throws -> [FileEntry] {
    var request = HTTPRequest.get(folder, query: [("format", "json")])
    request.headers = headers
    request.headers["Accept"] = "application/json, text/html;q=0.9"
    let listing = try client.send(request) { try WebListing($0, folder: folder) }
    guard let listing else {
      throw Diagnostic(
        .connector, "file.no-listing", "\(URLText.shown(folder)) lists no files",
        hint: "give the address of a file, or of a folder whose server lists its files")
    }
    let glob = pattern.map { Glob($0) }
    var found: [FileEntry] = []
    for entry in listing.files {
      let name = URLText.decoded(entry.url.prefix { $0 != "?" }.split(separator: "/").last ?? "")
      if let glob, !glob.matches(name) { continue }
      if glob == nil, FileStreamOptions.format(byName: name) == nil { continue }
      found.append(entry.modified == nil ? try describe(entry) : entry)
    }
    if depth > 0 {
      for folder in listing.folders { found += try walk(folder, pattern, depth: depth - 1) }
    }
    return found
  }

  /// The entry with what the server says about the file; where it does not answer `HEAD`, nothing.
  private func describe(_ entry: FileEntry) throws -> FileEntry {
    var entry = entry
    do {
      let response = try client.send(HTTPRequest("HEAD", entry.url, headers: headers))
      entry.modified = response.headers["Last-Modified"].flatMap(HTTPDate.seconds).map { Instant(seconds: Int64($0)) }
      entry.size = response.headers["Content-Length"].flatMap { Int64($0) } ?? entry.size
      entry.tag = response.headers["ETag"]
    } catch let failure as HTTPFailure where [.status(405), .status(501), .status(403)].contains(failure.kind) {
      // Some servers allow GET only: then reading shows what is there.
    }
    return entry
  }
}
