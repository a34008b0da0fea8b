/// One HTTP request.
public struct HTTPRequest: Sendable, Equatable {
  /// `GET`, `POST` …
  public var method: String
  /// The whole URL, query included, percent-encoded.
  public var url: String
  /// The headers, in order.
  public var headers: HTTPHeaders
  /// The body; nil sends none.
  public var body: [UInt8]?

  /// A request; see the properties for the parameters.
  public init(_ method: String = "GET", _ url: String, headers: HTTPHeaders = [:], body: [UInt8]? = nil) {
    self.method = method
    self.url = url
    self.headers = headers
    self.body = body
  }

  /// A request for `url` with `query` appended to what query it has.
  public static func get(_ url: String, query: [(String, String)] = []) -> HTTPRequest {
    HTTPRequest("GET", URLText.appending(query, to: url))
  }

  /// A form that is posted, as OAuth's token endpoints want it (`application/x-www-form-urlencoded`).
  public static func form(_ url: String, _ fields: [(String, String)]) -> HTTPRequest {
    HTTPRequest(
      "POST", url, headers: ["Content-Type": "application/x-www-form-urlencoded"], body: Array(URLText.query(fields).utf8))
  }
}

/// Header fields, in order; names are compared without case (RFC 9110, section 5.1).
public struct HTTPHeaders: Sendable, Equatable, ExpressibleByDictionaryLiteral {
  /// The fields, in order.
  public var fields: [(name: String, value: String)]

  /// Header fields in order.
  public init(dictionaryLiteral elements: (String, String)...) {
    fields = elements.map { (name: $0.0, value: $0.1) }
  }

  /// The first value of `name`; setting replaces all of them, nil removes them.
  public subscript(name: String) -> String? {
    get { fields.first { HTTPHeaders.isSame($0.name, name) }?.value }
    set {
      fields.removeAll { HTTPHeaders.isSame($0.name, name) }
      if let newValue { fields.append((name, newValue)) }
    }
  }

  /// Every value of `name`.
  public func values(_ name: String) -> [String] {
    fields.filter { HTTPHeaders.isSame($0.name, name) }.map(\.value)
  }

  /// Whether two lists of fields are the same, order included.
  public static func == (left: HTTPHeaders, right: HTTPHeaders) -> Bool {
    left.fields.elementsEqual(right.fields) { $0 == $1 }
  }

  static func isSame(_ left: String, _ right: String) -> Bool {
    left.utf8.count == right.utf8.count && left.lowercased() == right.lowercased()
  }
}
