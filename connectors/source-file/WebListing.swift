import ConnectorKit
import DataFormats
import Diagnostics
import HTTP

/// What a web server says is in a folder: JSON (a list of names, or of objects as nginx's autoindex writes them,
/// https://nginx.org/en/docs/http/ngx_http_autoindex_module.html), or a page of links.
struct WebListing {
  var files: [FileEntry] = []
  var folders: [String] = []

  /// The listing that an answer is; nil if it is none.
  ///
  /// - Throws: `DamagedBody` if the answer says that it is JSON, and is not.
  init?(_ response: HTTPResponse, folder: String) throws {
    if (response.headers["Content-Type"] ?? "").lowercased().contains("json") {
      let json: JSON
      do { json = try JSON.parse(response.body) } catch let problem as Diagnostic { throw DamagedBody(problem) }
      guard let entries = json.array ?? json["files"]?.array ?? json["entries"]?.array else { return nil }
      for entry in entries { take(entry, folder) }
    } else {
      let page = String(decoding: response.body, as: UTF8.self)
      guard (response.headers["Content-Type"] ?? "").lowercased().contains("html") || page.contains("<a") else { return nil }
      for link in WebListing.links(page) { take(link, folder) }
    }
  }

  private mutating func take(_ entry: JSON, _ folder: String) {
    if let name = entry.string { return take(name, folder) }
    guard let name = entry["url"]?.string ?? entry["path"]?.string ?? entry["name"]?.string ?? entry["key"]?.string else { return }
    if entry["type"]?.string == "directory" || entry["is_directory"]?.bool == true { return take(name.hasSuffix("/") ? name : name + "/", folder) }
    guard let url = WebListing.resolve(name, folder) else { return }
    let time = ["modified", "last_modified", "modified_at", "mtime"].lazy.compactMap { entry[$0] }.first
    let modified =
      time?.int.map { Instant(seconds: $0) }
      ?? time?.string.flatMap { text in
        Instant(text) ?? HTTPDate.seconds(text).map { Instant(seconds: Int64($0)) }
      }
    files.append(FileEntry(url: url, modified: modified, size: entry["size"]?.int, tag: entry["etag"]?.string))
  }

  private mutating func take(_ reference: String, _ folder: String) {
    guard let url = WebListing.resolve(reference, folder), url != folder else { return }
    if url.hasSuffix("/") {
      if !folders.contains(url) { folders.append(url) }
    } else if !files.contains(where: { $0.url == url }) {
      files.append(FileEntry(url: url))
    }
  }

  /// The address that a reference means; nil if it leads out of the folder.
  private static func resolve(_ reference: String, _ folder: String) -> String? {
    guard let scheme = folder.firstRange(of: "://") else { return nil }
    let slash = folder[scheme.upperBound...].firstIndex(of: "/") ?? folder.endIndex
    let url: String
    if reference.lowercased().hasPrefix("http://") || reference.lowercased().hasPrefix("https://") {
      url = reference
    } else if reference.hasPrefix("/") {
      url = folder[..<slash] + reference
    } else {
      var relative = Substring(reference)
      while relative.hasPrefix("./") { relative = relative.dropFirst(2) }
      if relative.isEmpty || relative.hasPrefix("?") || relative.hasPrefix("#") || relative.hasPrefix("..") || relative.contains(":") { return nil }
      url = folder + relative
    }
    return url.hasPrefix(folder) ? url : nil
  }

  /// The targets of the links of a page.
  private static func links(_ page: String) -> [String] {
    var found: [String] = []
    var rest = page[...]
    while let mark = rest.firstRange(of: "href=") ?? rest.firstRange(of: "HREF=") {
      rest = rest[mark.upperBound...]
      guard let quote = rest.first, quote == "\"" || quote == "'" else { continue }
      rest = rest.dropFirst()
      guard let close = rest.firstIndex(of: quote) else { break }
      found.append(String(rest[..<close].replacing("&amp;", with: "&")))
      rest = rest[close...]
    }
    return found
  }
}
