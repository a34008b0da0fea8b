/// The answer to a request.
public struct HTTPResponse: Sendable {
  /// The status code: 200, 404 …
  public var status: Int
  /// The header fields of the answer.
  public var headers: HTTPHeaders
  /// The body, content encoding undone; empty where it went to a sink.
  public var body: [UInt8]
  /// The URL that answered, after redirects.
  public var url: String

  /// An answer; see the properties for the parameters.
  public init(status: Int, headers: HTTPHeaders = [:], body: [UInt8] = [], url: String = "") {
    self.status = status
    self.headers = headers
    self.body = body
    self.url = url
  }

  /// Whether the status is 2xx.
  public var isSuccess: Bool { (200..<300).contains(status) }

  /// The target of the `Link` header's entry of a relation (RFC 8288), `next` as a rule.
  public func link(_ relation: String) -> String? {
    for value in headers.values("Link") {
      for entry in value.split(separator: ",") {
        guard let open = entry.firstIndex(of: "<"), let close = entry.firstIndex(of: ">"), open < close else { continue }
        let parameters = entry[close...].lowercased().filter { $0 != " " && $0 != "\"" }
        if parameters.split(separator: ";").contains("rel=\(relation)") { return String(entry[entry.index(after: open)..<close]) }
      }
    }
    return nil
  }
}
