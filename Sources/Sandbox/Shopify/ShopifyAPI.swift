/// Shopify's REST Admin API (https://shopify.dev/docs/api/admin-rest/usage/pagination, …/rate-limits), read-only.
struct ShopifyAPI {
  /// The one access token that is accepted.
  static let accessToken = "shpat_sandbox"

  let world: World

  /// One page of a list: what is asked for, and where it begins.
  private struct Page {
    var order = World.Order.id
    var descending = false
    var limit = 50
    var updated: (from: Int64, to: Int64) = (.min, .max)
    var created: (from: Int64, to: Int64) = (.min, .max)
    var status = "open"
    /// The last entry of the page before; with `backwards`, the first of the page after.
    var after: Entry?
    var backwards = false
  }

  func respond(to request: SandboxRequest) -> SandboxResponse {
    answer(request)
      .with("x-shopify-shop-api-call-limit", "1/40")
      .with("x-shopify-api-version", version(request) ?? "2025-01")
  }

  private func version(_ request: SandboxRequest) -> String? {
    let parts = request.path.split(separator: "/")
    return parts.count > 2 && parts[0] == "admin" && parts[1] == "api" ? String(parts[2]) : nil
  }

  private func answer(_ request: SandboxRequest) -> SandboxResponse {
    guard request.headers["x-shopify-access-token"] == Self.accessToken else {
      return error(401, "[API] Invalid API key or access token (unrecognized login or wrong password)")
    }
    let parts = request.path.split(separator: "/").map(String.init)
    guard request.method == "GET", parts.count >= 4, parts[0] == "admin", parts[1] == "api" else { return error(404, "Not Found") }
    switch parts[3...].joined(separator: "/") {
    case "shop.json": return shop()
    case "customers.json": return list("customers", .shopifyCustomers, request)
    case "orders.json": return list("orders", .orders, request)
    case "products.json": return list("products", .products, request)
    case "customers/count.json": return count(.shopifyCustomers, request)
    case "orders/count.json": return count(.orders, request)
    case "products/count.json": return count(.products, request)
    default: return error(404, "Not Found")
    }
  }

  private func shop() -> SandboxResponse {
    .json { json in
      json.object { json in
        json.object("shop") {
          $0.field("id", 548_380_009)
          $0.field("name", "Sandbox Shop")
          $0.field("email", "owner@sandbox.test")
          $0.field("domain", "sandbox.test")
          $0.field("country_code", "DE")
          $0.field("currency", "EUR")
          $0.field("iana_timezone", "Africa/Lagos")
          $0.field("myshopify_domain", "sandbox.myshopify.com")
        }
      }
    }
  }

  // MARK: Lists

  private func list(_ name: StaticString, _ stream: Stream, _ request: SandboxRequest) -> SandboxResponse {
    let page: Page
    switch parse(request, stream) {
    case .success(let parsed): page = parsed
    case .failure(let refusal): return refusal.response
    }
    let list = world.list(stream, by: page.order)
    let ascending = page.descending == page.backwards
    var at: Int
    if let after = page.after {
      let index = list.firstIndex(notBefore: after)
      let isThere = index < list.count && list[index] == after
      at = ascending ? (isThere ? index + 1 : index) : index - 1
    } else if page.order == .updated {
      at = ascending ? list.firstIndex(notBefore: page.updated.from) : list.count - 1
    } else {
      at = ascending ? 0 : list.count - 1
    }
    var entries: [Entry] = []
    var hasMore = false
    while at >= 0, at < list.count {
      if passes(list[at], stream, page) {
        if entries.count == page.limit {
          hasMore = true
          break
        }
        entries.append(list[at])
      }
      at += ascending ? 1 : -1
    }
    if page.backwards { entries.reverse() }
    var response = SandboxResponse.json(capacity: 3_072 * (entries.count + 1)) { json in
      json.object { json in
        json.array(name) { json in
          for entry in entries { write(entry.ref, stream, to: &json) }
        }
      }
    }
    var links: [String] = []
    let url = "\(request.origin)/shopify\(request.path)"
    func link(_ after: Entry, backwards: Bool) -> String {
      var target = page
      target.after = after
      target.backwards = backwards
      return "<\(url)?limit=\(page.limit)&page_info=\(token(target))>; rel=\"\(backwards ? "previous" : "next")\""
    }
    if let first = entries.first, page.backwards ? hasMore : page.after != nil { links.append(link(first, backwards: true)) }
    if let last = entries.last, page.backwards || hasMore { links.append(link(last, backwards: false)) }
    if !links.isEmpty { response = response.with("link", links.joined(separator: ", ")) }
    return response
  }

  private func count(_ stream: Stream, _ request: SandboxRequest) -> SandboxResponse {
    switch parse(request, stream) {
    case .failure(let refusal): return refusal.response
    case .success(let page):
      let number = world.list(stream, by: .updated).count { passes($0, stream, page) }
      return .json { json in json.object { $0.field("count", number) } }
    }
  }

  private func passes(_ entry: Entry, _ stream: Stream, _ page: Page) -> Bool {
    if page.order == .updated, entry.time < page.updated.from || entry.time > page.updated.to { return false }
    let needsUpdated = page.order != .updated && (page.updated.from != .min || page.updated.to != .max)
    let needsCreated = page.created.from != .min || page.created.to != .max
    if needsUpdated || needsCreated {
      guard let times = times(entry.ref, stream) else { return false }
      if needsUpdated, times.updated < page.updated.from || times.updated > page.updated.to { return false }
      if needsCreated, times.created < page.created.from || times.created > page.created.to { return false }
    }
    if stream == .orders, page.status != "any" {
      let presence = Presence(entry.ref.owner, of: world.company)
      let order = OrderLife.find(
        person: entry.ref.owner, number: entry.ref.number, presence: presence, until: world.now, company: world.company)
      if order.map({ ShopifyOrder.status($0, at: world.now) }) != page.status { return false }
    }
    return true
  }

  private func times(_ ref: Ref, _ stream: Stream) -> (created: Int64, updated: Int64)? {
    let company = world.company
    switch stream {
    case .orders:
      let presence = Presence(ref.owner, of: company)
      return OrderLife.find(person: ref.owner, number: ref.number, presence: presence, until: world.now, company: company)
        .map { ($0.placed, $0.updated(at: world.now)) }
    case .products:
      let product = Product(ref.owner, of: company)
      return (product.created, product.updated(at: world.now))
    default:
      let life = RecordLife(.shopify, person: ref.owner, copy: ref.number, of: company)
      guard let state = life.state(at: world.now) else { return nil }
      var updated = state.updated
      OrderLife.forEach(of: ref.owner, presence: Presence(ref.owner, of: company), until: world.now, company: company) { order in
        if order.copy == ref.number { updated = max(updated, order.updated(at: world.now)) }
      }
      return (life.created, updated)
    }
  }

  private func write(_ ref: Ref, _ stream: Stream, to json: inout JSONBytes) {
    switch stream {
    case .orders: ShopifyOrder.write(ref, in: world, to: &json)
    case .products: ShopifyProduct.write(ref, in: world, to: &json)
    default: ShopifyCustomer.write(ref, at: world.now, full: true, company: world.company, to: &json)
    }
  }

  // MARK: Parameters

  private struct Refusal: Error {
    let response: SandboxResponse
  }

  private func parse(_ request: SandboxRequest, _ stream: Stream) -> Result<Page, Refusal> {
    var page = Page()
    if let info = request.value("page_info") {
      for (name, _) in request.query where !["page_info", "limit", "fields"].contains(name) {
        return .failure(
          Refusal(response: error(400, "\(name): Invalid parameters: page_info may only be used with limit and fields", key: name)))
      }
      guard let parsed = self.page(token: info) else {
        return .failure(Refusal(response: error(400, "Invalid value.", key: "page_info")))
      }
      page = parsed
    }
    for (name, value) in request.query {
      switch name {
      case "limit":
        guard let limit = Int(value), (1...250).contains(limit) else {
          return .failure(Refusal(response: error(400, "limit must be between 1 and 250", key: "limit")))
        }
        page.limit = limit
      case "updated_at_min", "updated_at_max", "created_at_min", "created_at_max":
        guard let time = CivilTime.parse(value) else { return .failure(Refusal(response: error(400, "is not a valid date", key: name))) }
        switch name {
        case "updated_at_min": page.updated.from = time
        case "updated_at_max": page.updated.to = time
        case "created_at_min": page.created.from = time
        default: page.created.to = time
        }
      case "status": page.status = value
      case "order":
        let words = value.lowercased().split(separator: " ")
        switch words.first {
        case "updated_at": page.order = .updated
        case "created_at", "processed_at": page.order = .created
        case "id": page.order = .id
        default: return .failure(Refusal(response: error(400, "unknown order '\(value)'", key: "order")))
        }
        page.descending = words.last == "desc"
      default: break
      }
    }
    if let since = request.value("since_id").flatMap({ Int64($0) }) {
      page.order = .id
      page.descending = false
      page.after = ref(notAfter: since, stream).map { Entry(time: 0, ref: $0) }
    }
    return .success(page)
  }

  /// The last place whose identifier is not above `id`, if there is one; identifiers grow with their places.
  private func ref(notAfter id: Int64, _ stream: Stream) -> Ref? {
    let company = world.company
    let list = world.list(stream, by: .id)
    var (low, high) = (0, list.count)
    while low < high {
      let middle = (low + high) / 2
      let ref = list[middle].ref
      let value =
        switch stream {
        case .orders: ShopifyOrder.identifier(ref, company)
        case .products: ShopifyProduct.identifier(ref.owner)
        default: ShopifyCustomer.identifier(ref, company)
        }
      if value <= id { low = middle + 1 } else { high = middle }
    }
    return low == 0 ? nil : list[low - 1].ref
  }

  private func token(_ page: Page) -> String {
    let order = page.order == .updated ? "u" : page.order == .created ? "c" : "i"
    let after = page.after ?? Entry(time: 0, ref: Ref(raw: 0))
    let numbers = [page.updated.from, page.updated.to, page.created.from, page.created.to, after.time, Int64(bitPattern: after.ref.raw)]
    let text = "\(order)|\(page.descending ? "d" : "a")|\(page.backwards ? "b" : "f")|\(page.status)|" + numbers.map(String.init).joined(separator: "|")
    return Base64.encode(text.utf8)
  }

  private func page(token: String) -> Page? {
    guard let bytes = Base64.decode(token) else { return nil }
    let parts = String(decoding: bytes, as: UTF8.self).split(separator: "|", omittingEmptySubsequences: false)
    let numbers = parts.dropFirst(4).compactMap { Int64($0) }
    guard parts.count == 10, numbers.count == 6 else { return nil }
    return Page(
      order: parts[0] == "u" ? .updated : parts[0] == "c" ? .created : .id, descending: parts[1] == "d", updated: (numbers[0], numbers[1]),
      created: (numbers[2], numbers[3]), status: String(parts[3]), after: Entry(time: numbers[4], ref: Ref(raw: UInt64(bitPattern: numbers[5]))),
      backwards: parts[2] == "b")
  }

  private func error(_ status: Int, _ message: String, key: String? = nil) -> SandboxResponse {
    .json(status) { json in
      json.object { json in
        guard let key else { return json.field("errors", message) }
        json.object("errors") { json in
          json.key(named: key)
          json.string(message)
        }
      }
    }
  }
}
