/// Salesforce's OAuth token endpoint and REST API (https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/), read-only.
struct SalesforceAPI {
  /// The one client and refresh token that are accepted.
  static let clientID = "sandbox-client"
  static let clientSecret = "sandbox-secret"
  static let refreshToken = "sandbox-refresh"

  let world: World
  let sessions: SalesforceSessions
  /// Whether the organization has no calls left today.
  let isQuotaSpent: Bool

  static let invalidSession = error(401, "INVALID_SESSION_ID", "Session expired or invalid")

  /// An error in the shape of the REST API: a list of one.
  static func error(_ status: Int, _ code: String, _ message: String) -> SandboxResponse {
    .json(status) { json in
      json.array { json in
        json.object {
          $0.field("message", message)
          $0.field("errorCode", code)
        }
      }
    }
  }

  func respond(to request: SandboxRequest) -> SandboxResponse {
    if request.path == "/services/oauth2/token" { return token(request) }
    let parts = request.path.split(separator: "/").map(String.init)
    guard parts.count >= 2, parts[0] == "services", parts[1] == "data" else {
      return Self.error(404, "NOT_FOUND", "The requested resource does not exist")
    }
    if parts.count == 2 { return versions() }
    let version = parts[2]
    guard version.hasPrefix("v"), Double(version.dropFirst()) != nil else {
      return Self.error(404, "NOT_FOUND", "The requested resource does not exist")
    }
    guard sessions.isValid(request.bearerToken) else { return Self.invalidSession }
    if isQuotaSpent { return Self.error(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.") }
    let calls = sessions.count()
    return answer(request, version, Array(parts.dropFirst(3))).with("sforce-limit-info", "api-usage=\(calls)/15000")
  }

  private func answer(_ request: SandboxRequest, _ version: String, _ parts: [String]) -> SandboxResponse {
    guard request.method == "GET" else { return Self.error(405, "METHOD_NOT_ALLOWED", "HTTP Method '\(request.method)' not allowed. Allowed are GET") }
    let base = "/services/data/\(version)"
    switch (parts.first ?? "", parts.count) {
    case ("query", 1), ("queryAll", 1):
      guard let text = request.value("q") else { return Self.error(400, "MALFORMED_QUERY", "A query string has to be specified") }
      do {
        let query = try SalesforceQuery(SOQL(text), in: world, withDeleted: parts[0] == "queryAll")
        return page(query, from: 0, locator: nil, "\(base)/\(parts[0])", request)
      } catch {
        return Self.error(400, error.code, error.message)
      }
    case ("query", 2), ("queryAll", 2):
      let pieces = parts[1].split(separator: "-")
      guard pieces.count == 2, let start = Int(pieces[1]), let query = sessions.query(String(pieces[0])), start <= query.refs.count else {
        return Self.error(400, "INVALID_QUERY_LOCATOR", "invalid query locator")
      }
      return page(query, from: start, locator: String(pieces[0]), "\(base)/\(parts[0])", request)
    case ("sobjects", 1):
      return .json { json in
        json.object { json in
          json.field("encoding", "UTF-8")
          json.field("maxBatchSize", 200)
          json.array("sobjects") { json in
            for object in SObject.allCases { describe(object, base, brief: true, to: &json) }
          }
        }
      }
    case ("sobjects", 3) where parts[2] == "describe":
      guard let object = SObject(named: parts[1]) else { return Self.error(404, "NOT_FOUND", "The requested resource does not exist") }
      return .json { describe(object, base, brief: false, to: &$0) }
    case ("sobjects", 3):
      guard let object = SObject(named: parts[1]), let ref = object.ref(parts[2]),
        world.list(object.stream, by: .id).contains(where: { $0.ref == ref }), let values = object.values(of: ref, in: world)
      else { return Self.error(404, "NOT_FOUND", "Provided external ID field does not exist or is not accessible: \(parts[2])") }
      return .json { write(object, ref, values, Array(values.indices), base, to: &$0) }
    case ("limits", 1):
      return .json { json in
        json.object { json in
          json.object("DailyApiRequests") {
            $0.field("Max", 15_000)
            $0.field("Remaining", 14_000)
          }
        }
      }
    default: return Self.error(404, "NOT_FOUND", "The requested resource does not exist")
    }
  }

  // MARK: Authentication

  private func token(_ request: SandboxRequest) -> SandboxResponse {
    func refuse(_ error: String, _ description: String) -> SandboxResponse {
      .json(400) { json in
        json.object {
          $0.field("error", error)
          $0.field("error_description", description)
        }
      }
    }
    guard request.method == "POST" else { return refuse("invalid_request", "must use HTTP POST") }
    let form = Dictionary((request.form + request.query).map { ($0.name, $0.value) }) { first, _ in first }
    let basic = request.basicCredentials
    guard form["client_id"] ?? basic?.user == Self.clientID else { return refuse("invalid_client_id", "client identifier invalid") }
    guard form["client_secret"] ?? basic?.password == Self.clientSecret else { return refuse("invalid_client", "invalid client credentials") }
    switch form["grant_type"] {
    case "client_credentials": break
    case "refresh_token":
      guard form["refresh_token"] == Self.refreshToken else { return refuse("invalid_grant", "expired access/refresh token") }
    default: return refuse("unsupported_grant_type", "grant type not supported")
    }
    let token = sessions.issue()
    return .json { json in
      json.object {
        $0.field("access_token", token)
        $0.field("signature", "c2FuZGJveA==")
        $0.field("scope", "refresh_token api")
        $0.field("instance_url", "\(request.origin)/salesforce")
        $0.field("id", "\(request.origin)/salesforce/id/00DSandbox/005000000000100AAA")
        $0.field("token_type", "Bearer")
        $0.field("issued_at", String(world.now * 1_000))
      }
    }
  }

  private func versions() -> SandboxResponse {
    .json { json in
      json.array { json in
        for (label, number) in [("Winter '25", 62), ("Spring '25", 63)] {
          json.object {
            $0.field("label", label)
            $0.field("url", "/services/data/v\(number).0")
            $0.field("version", "\(number).0")
          }
        }
      }
    }
  }

  // MARK: Records

  private func page(_ query: SalesforceQuery, from start: Int, locator: String?, _ base: String, _ request: SandboxRequest) -> SandboxResponse {
    // "Sforce-Query-Options: batchSize=500" asks for smaller pages, of 200 at least.
    let asked = request.headers["sforce-query-options"].flatMap { option in
      option.split(separator: "=").last.flatMap { Int($0.filter { $0 != " " }) }
    }
    let size = min(2_000, max(200, asked ?? 2_000))
    let end = min(query.refs.count, start + size)
    let isDone = query.isCount || end == query.refs.count
    let next = isDone ? nil : locator ?? sessions.keep(query)
    let path = base.split(separator: "/").dropLast().joined(separator: "/")
    return .json(capacity: 512 * (end - start + 1)) { json in
      json.object { json in
        json.field("totalSize", query.refs.count)
        json.field("done", isDone)
        if let next { json.field("nextRecordsUrl", "\(base)/\(next)-\(end)") }
        json.array("records") { json in
          guard !query.isCount else { return }
          for ref in query.refs[start..<end] {
            guard let values = query.object.values(of: ref, in: world) else { continue }
            write(query.object, ref, values, query.columns, "/" + path, to: &json)
          }
        }
      }
    }
  }

  private func write(
    _ object: SObject, _ ref: Ref, _ values: [SalesforceValue], _ columns: [Int], _ base: String, to json: inout JSONBytes
  ) {
    let fields = object.fields
    json.object { json in
      json.object("attributes") {
        $0.field("type", object.rawValue)
        $0.field("url", "\(base)/sobjects/\(object.rawValue)/\(object.identifier(ref, world.company))")
      }
      for column in columns {
        json.key(named: fields[column].name)
        write(values[column], to: &json)
      }
    }
  }

  private func write(_ value: SalesforceValue, to json: inout JSONBytes) {
    switch value {
    case .null: json.null()
    case .text(let text): json.string(text)
    case .int(let number): json.integer(number)
    case .cents(let cents): json.raw(cents % 100 == 0 ? "\(cents / 100).0" : Money.text(cents: cents))
    case .bool(let flag): json.bool(flag)
    case .time(let time): json.string(CivilTime.timestamp(time, suffix: ".000+0000"))
    case .date(let day): json.string(CivilTime.dateText(day: day))
    case .address(let address):
      json.object {
        $0.field("city", address.city)
        $0.field("country", address.country)
        $0.null("geocodeAccuracy")
        $0.null("latitude")
        $0.null("longitude")
        $0.field("postalCode", address.postalCode)
        $0.field("state", address.province)
        $0.field("street", address.street)
      }
    }
  }

  private func describe(_ object: SObject, _ base: String, brief: Bool, to json: inout JSONBytes) {
    json.object { json in
      json.field("name", object.rawValue)
      json.field("label", object.rawValue)
      json.field("labelPlural", object.rawValue + "s")
      json.field("keyPrefix", object.keyPrefix)
      json.field("custom", false)
      json.field("queryable", true)
      json.field("retrieveable", true)
      json.field("replicateable", true)
      json.field("createable", false)
      json.field("updateable", false)
      json.field("deletable", false)
      json.object("urls") {
        $0.field("sobject", "\(base)/sobjects/\(object.rawValue)")
        $0.field("describe", "\(base)/sobjects/\(object.rawValue)/describe")
      }
      guard !brief else { return }
      json.array("fields") { json in
        for field in object.fields { describe(field, to: &json) }
      }
    }
  }

  private func describe(_ field: SalesforceField, to json: inout JSONBytes) {
    let soap =
      switch field.type {
      case "id", "reference": "tns:ID"
      case "boolean": "xsd:boolean"
      case "datetime": "xsd:dateTime"
      case "date": "xsd:date"
      case "currency": "xsd:double"
      case "int": "xsd:int"
      case "address": "urn:address"
      default: "xsd:string"
      }
    json.object { json in
      json.field("name", field.name)
      json.field("label", field.name)
      json.field("type", field.type)
      json.field("soapType", soap)
      json.field("length", field.type == "id" || field.type == "reference" ? 18 : field.type == "textarea" ? 32_000 : 255)
      json.field("nillable", !["Id", "IsDeleted", "CreatedDate", "SystemModstamp", "LastModifiedDate"].contains(field.name))
      json.field("custom", false)
      json.field("filterable", field.type != "textarea" && field.type != "address")
      json.field("sortable", field.type != "textarea" && field.type != "address")
      json.array("referenceTo") { json in if let target = field.refersTo { json.string(target) } }
      json.field("relationshipName", field.refersTo)
    }
  }
}
