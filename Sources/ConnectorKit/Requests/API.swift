import DataFormats
import Diagnostics
import HTTP

/// A JSON API behind one base URL and one set of credentials.
public final class API {
  /// What all addresses begin with.
  public var baseURL: String
  /// Headers on every request.
  public var headers: HTTPHeaders = [:]
  private let client: HTTPClient
  private let authenticator: any Authenticator
  private var spareParser: JSONParser?

  /// An API; nothing is sent yet.
  public init(_ session: SourceSession, baseURL: String, authenticator: any Authenticator) {
    client = session.client
    self.baseURL = baseURL
    self.authenticator = authenticator
  }

  /// Gets a page and hands it to `body`; an answer that is no JSON is got again.
  ///
  /// - Parameter reference: a path below the base URL, or an absolute URL or path that the API itself has given: of that only
  ///   path and query count, credentials go to the base URL's host only.
  /// - Throws: `HTTPFailure`, and what `body` throws.
  public func get<Result>(_ reference: String, query: [(String, String)] = [], _ body: (Page) throws -> Result) throws -> Result {
    var renewals = 0
    while true {
      var request = HTTPRequest.get(resolve(reference), query: query)
      request.headers = headers
      request.headers["Accept"] = "application/json"
      try authenticator.authorize(&request)
      do {
        return try send(request, body).get()
      } catch let failure as HTTPFailure where failure.kind == .status(401) && renewals < 5 {
        renewals += 1
        guard try authenticator.renew() else { throw failure }
      }
    }
  }

  /// Gets page after page, from the one at `reference` on, and hands each to `body`.
  ///
  /// - Throws: `Diagnostic` (`connector.endless-paging`) if a page leads to itself; else as `get`.
  public func getPages(
    _ reference: String, query: [(String, String)] = [], paginator: some Paginator, _ body: (Page) throws -> Void
  ) throws {
    var next: PageReference? = PageReference(reference, query: query)
    while let current = next {
      next = try get(current.reference, query: current.query) { page in
        try body(page)
        return try paginator.next(after: page, at: current)
      }
      if next == current {
        throw Diagnostic(
          .connector, "connector.endless-paging", "the page \(URLText.shown(resolve(current.reference))) names itself as the next one")
      }
    }
  }

  /// What `body` made of the answer: its errors are no reason to send the request again, so they come as a value.
  private func send<Value>(_ request: HTTPRequest, _ body: (Page) throws -> Value) throws -> Result<Value, any Error> {
    let parser = spareParser ?? JSONParser()
    spareParser = nil
    defer { spareParser = parser }
    return try client.send(request) { response in
      var isParsed = false
      do {
        return try response.body.withUnsafeBytes { bytes in
          try parser.withTokens(of: bytes) { tokens in
            isParsed = true
            return Result { try body(Page(tokens: tokens, response: response)) }
          }
        }
      } catch let problem as Diagnostic where !isParsed {
        throw DamagedBody(problem)
      }
    }
  }

  func resolve(_ reference: String) -> String {
    let target = URLText.target(reference)
    let prefix = URLText.target(baseURL).split(separator: "?")[0]
    let isBelow = prefix != "/" && target.hasPrefix(prefix.hasSuffix("/") ? prefix : prefix + "/")
    guard isBelow, let scheme = baseURL.firstRange(of: "://") else { return URLText.joined(baseURL, target) }
    let origin = baseURL[..<(baseURL[scheme.upperBound...].firstIndex(of: "/") ?? baseURL.endIndex)]
    return origin + target
  }
}
