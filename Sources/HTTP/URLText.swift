import Diagnostics

/// URLs as texts (RFC 3986): just what a client of JSON APIs needs.
public enum URLText {
  /// `text` with every byte that is not unreserved percent-encoded.
  public static func encoded(_ text: String) -> String { text.percentEncoded }

  /// `text` with its percent-encodings undone; malformed ones stay as they are.
  public static func decoded(_ text: some StringProtocol) -> String {
    let source = Array(text.utf8)
    var bytes: [UInt8] = []
    var at = 0
    while at < source.count {
      if source[at] == UInt8(ascii: "%"), at + 2 < source.count,
        let value = UInt8(String(decoding: source[(at + 1)...(at + 2)], as: UTF8.self), radix: 16)
      {
        bytes.append(value)
        at += 3
      } else {
        bytes.append(source[at])
        at += 1
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// `a=1&b=2`, encoded.
  public static func query(_ fields: [(String, String)]) -> String {
    fields.map { encoded($0.0) + "=" + encoded($0.1) }.joined(separator: "&")
  }

  /// `url` with `fields` behind what query it has.
  public static func appending(_ fields: [(String, String)], to url: String) -> String {
    guard !fields.isEmpty else { return url }
    return url + (url.contains("?") ? "&" : "?") + query(fields)
  }

  /// `base` and `path` with one slash between.
  public static func joined(_ base: String, _ path: String) -> String {
    var base = Substring(base)
    while base.last == "/" { base = base.dropLast() }
    return base + "/" + path.drop { $0 == "/" }
  }

  /// `https://host:port` of a URL, in lower case and with the port spelt out; nil if it is not an http(s) URL.
  public static func origin(_ url: String) -> String? {
    guard let scheme = url.firstRange(of: "://") else { return nil }
    let name = url[..<scheme.lowerBound].lowercased()
    guard name == "http" || name == "https" else { return nil }
    var authority = url[scheme.upperBound...].prefix { $0 != "/" && $0 != "?" && $0 != "#" }
    if let at = authority.lastIndex(of: "@") { authority = authority[authority.index(after: at)...] }
    guard !authority.isEmpty else { return nil }
    let afterBracket = authority.lastIndex(of: "]").map { authority[$0...] } ?? authority
    let hasPort = afterBracket.contains(":")
    return name + "://" + authority.lowercased() + (hasPort ? "" : name == "https" ? ":443" : ":80")
  }

  /// What follows the origin of a URL: path, query and fragment, beginning with a slash; a path comes back as it is.
  public static func target(_ url: String) -> String {
    guard let scheme = url.firstRange(of: "://") else { return url }
    let rest = url[scheme.upperBound...].drop { $0 != "/" && $0 != "?" && $0 != "#" }
    return rest.first == "/" ? String(rest) : "/" + rest
  }

  /// `url` as it may be shown: without user and password, with the values of query fields that carry secrets masked, and cut where
  /// it is longer than anybody reads.
  public static func shown(_ url: String) -> String {
    let text = masked(url)
    return text.utf8.count > 200 ? text.prefix(180) + "…" : text
  }

  private static func masked(_ url: String) -> String {
    var text = url
    if let scheme = text.firstRange(of: "://") {
      let authority = text[scheme.upperBound...].prefix { $0 != "/" && $0 != "?" && $0 != "#" }
      if let at = authority.lastIndex(of: "@") { text.removeSubrange(scheme.upperBound...at) }
    }
    guard let mark = text.firstIndex(of: "?") else { return text }
    let fields = text[text.index(after: mark)...].split(separator: "&", omittingEmptySubsequences: false).map { field in
      guard let sign = field.firstIndex(of: "=") else { return String(field) }
      let name = field[..<sign].lowercased()
      let isSecret =
        ["token", "secret", "password", "signature", "api_key", "apikey", "credential", "auth", "code"].contains { name.contains($0) }
        || name == "key" || name == "sig"
      return isSecret ? field[...sign] + "****" : String(field)
    }
    return text[...mark] + fields.joined(separator: "&")
  }
}
