import DataFormats
import Testing

@testable import Sandbox

/// Asks a playground in-process, as a client of each system would.
struct Visitor {
  let playground: Playground
  static let origin = "http://127.0.0.1:8484"

  init(customers: Int = 150, seed: UInt64 = 7, advance: Int64 = 0, faults: [Fault] = []) {
    playground = Playground(SandboxOptions(customers: customers, seed: seed, advance: advance).world(), faults: faults)
  }

  /// A request with the credentials of the system that the path names.
  func get(_ target: String, method: String = "GET", headers extra: [String: String] = [:], body: String = "", signedIn: Bool = true) -> SandboxResponse {
    let path = target.split(separator: "?", maxSplits: 1)
    var headers = extra
    if signedIn {
      switch target.split(separator: "/").first {
      case "stripe": headers["authorization"] = "Bearer \(StripeAPI.secretKey)"
      case "shopify": headers["x-shopify-access-token"] = ShopifyAPI.accessToken
      case "zendesk": headers["authorization"] = "Bearer \(ZendeskAPI.token)"
      case "salesforce": headers["authorization"] = "Bearer \(playground.salesforce.issue())"
      default: break
      }
    }
    let request = SandboxRequest(
      method: method, path: String(path[0]), query: SandboxRequest.parse(query: path.count > 1 ? path[1] : ""), headers: headers,
      body: Array(body.utf8), origin: Self.origin)
    return playground.respond(to: request).response
  }

  func json(_ target: String) throws -> JSON {
    let response = get(target)
    #expect(response.status == 200, "\(target): \(String(decoding: response.body, as: UTF8.self))")
    return try JSON.parse(response.body)
  }

  /// The path and query of an absolute URL of the sandbox.
  static func target(_ url: String) -> String {
    String(url.dropFirst(origin.utf8.count))
  }

  // MARK: Whole streams

  func stripe(_ name: String, _ query: String = "", limit: Int = 100) throws -> [JSON] {
    var records: [JSON] = []
    var cursor = ""
    while true {
      let page = try json("/stripe/v1/\(name)?limit=\(limit)\(query)\(cursor)")
      records += page["data"]?.array ?? []
      guard page["has_more"]?.bool == true, let last = records.last?["id"]?.string else { return records }
      cursor = "&starting_after=\(last)"
    }
  }

  func shopify(_ name: String, _ query: String = "order=updated_at+asc&status=any", limit: Int = 250) throws -> [JSON] {
    var records: [JSON] = []
    var target: String? = "/shopify/admin/api/2025-01/\(name).json?limit=\(limit)&\(query)"
    while let current = target {
      let response = get(current)
      #expect(response.status == 200)
      records += try JSON.parse(response.body)[name]?.array ?? []
      target = Self.link(response, "next")
    }
    return records
  }

  /// The target of a `Link` header's relation.
  static func link(_ response: SandboxResponse, _ relation: String) -> String? {
    let header = response.headers.first { $0.name == "link" }?.value ?? ""
    let part = header.split(separator: ",").first { $0.contains("rel=\"\(relation)\"") }
    guard let part, let start = part.firstIndex(of: "<"), let end = part.firstIndex(of: ">") else { return nil }
    return Self.target(String(part[part.index(after: start)..<end]))
  }

  func zendesk(_ name: String, since: Int64 = 0, size: Int = 1_000) throws -> [JSON] {
    var records: [JSON] = []
    var query = "start_time=\(since)"
    while true {
      let page = try json("/zendesk/api/v2/incremental/\(name)/cursor.json?per_page=\(size)&\(query)")
      records += page[name]?.array ?? []
      if page["end_of_stream"]?.bool != false { return records }
      query = "cursor=" + (page["after_cursor"]?.string ?? "")
    }
  }

  func organizations(size: Int = 100) throws -> [JSON] {
    var records: [JSON] = []
    var target: String? = "/zendesk/api/v2/organizations.json?page%5Bsize%5D=\(size)"
    while let current = target {
      let page = try json(current)
      records += page["organizations"]?.array ?? []
      target = page["links"]?["next"]?.string.map(Self.target)
    }
    return records
  }

  func salesforce(_ object: String, _ rest: String = "", all: Bool = true, size: Int = 2_000) throws -> [JSON] {
    let query = "SELECT FIELDS(STANDARD) FROM \(object) \(rest)"
    var records: [JSON] = []
    var target: String? = "/services/data/v62.0/\(all ? "queryAll" : "query")?q=\(SandboxRequest.encode(query))"
    while let current = target {
      let response = get("/salesforce" + current, headers: ["sforce-query-options": "batchSize=\(size)"])
      let page = try JSON.parse(response.body)
      #expect(response.status == 200, "\(String(decoding: response.body, as: UTF8.self))")
      records += page["records"]?.array ?? []
      target = page["nextRecordsUrl"]?.string
      #expect((page["done"]?.bool ?? false) == (target == nil))
    }
    return records
  }

  /// All records of a stream, by the API that serves it; the files are read by `FilesTests`.
  func all(_ stream: Stream) throws -> [JSON] {
    let name = String(stream.rawValue.split(separator: ".")[1])
    return switch stream {
    case .account, .contact, .lead, .opportunity, .supportCase: try salesforce(name, "ORDER BY SystemModstamp ASC, Id ASC", size: 200)
    case .subscriptions: try stripe(name, "&status=all", limit: 7)
    case .stripeCustomers, .charges, .refunds, .invoices, .stripeEvents: try stripe(name, limit: 33)
    case .tickets, .zendeskUsers: try zendesk(name, size: 17)
    case .organizations: try organizations(size: 2)
    case .shopifyCustomers, .orders, .products: try shopify(name, limit: 49)
    case .logEvents, .appUsers: []
    }
  }

  func count(_ stream: Stream) -> Truth.Count {
    Truth(playground.world).count(stream, archive: playground.files)
  }

  static let paged = Stream.allCases.filter { $0 != .logEvents && $0 != .appUsers }
}

/// The identifier of a record as text, however its system writes it.
func identifier(_ record: JSON) -> String {
  if let id = record["Id"]?.string ?? record["id"]?.string { return id }
  return record["id"]?.int.map(String.init) ?? ""
}
