/// Stripe's list and retrieve endpoints (https://docs.stripe.com/api/pagination, …/errors), read-only.
struct StripeAPI {
  /// The one secret key that is accepted.
  static let secretKey = "sk_test_sandbox"

  let world: World

  private struct Resource {
    let path: String
    let stream: Stream
    let prefix: String
    let kind: RecordKind
    let filters: Set<String>
  }

  private static let resources = [
    Resource(path: "/v1/customers", stream: .stripeCustomers, prefix: "cus_", kind: .stripeCustomer, filters: ["email"]),
    Resource(path: "/v1/charges", stream: .charges, prefix: "ch_3", kind: .charge, filters: ["customer"]),
    Resource(path: "/v1/refunds", stream: .refunds, prefix: "re_3", kind: .refund, filters: ["charge"]),
    Resource(path: "/v1/invoices", stream: .invoices, prefix: "in_1", kind: .invoice, filters: ["customer", "status", "subscription"]),
    Resource(path: "/v1/subscriptions", stream: .subscriptions, prefix: "sub_1", kind: .subscription, filters: ["customer", "status", "price"]),
    Resource(path: "/v1/events", stream: .stripeEvents, prefix: "evt_1", kind: .event, filters: ["type", "types", "delivery_success"]),
  ]

  func respond(to request: SandboxRequest) -> SandboxResponse {
    let key = request.bearerToken ?? request.basicCredentials?.user
    guard let key, !key.isEmpty else {
      return error(
        401, "You did not provide an API key. Provide it as Basic authentication's user name, or as 'Authorization: Bearer YOUR_SECRET_KEY'.")
    }
    guard key == Self.secretKey else {
      return error(401, "Invalid API Key provided: \(key.prefix(7))****\(key.suffix(min(4, max(0, key.count - 7))))")
    }
    guard request.method == "GET" else { return error(405, "The sandbox only lists and retrieves: \(request.method) \(request.path)") }
    if request.path == "/v1/account" { return account() }
    for resource in Self.resources {
      if request.path == resource.path { return list(resource, request) }
      if request.path.hasPrefix(resource.path + "/") {
        return retrieve(resource, String(request.path.dropFirst(resource.path.utf8.count + 1)))
      }
    }
    return error(404, "Unrecognized request URL (\(request.method): \(request.path)).")
  }

  private func account() -> SandboxResponse {
    .json { json in
      json.object {
        $0.field("id", "acct_sandbox")
        $0.field("object", "account")
        $0.field("country", "DE")
        $0.field("default_currency", "eur")
        $0.field("charges_enabled", true)
        $0.field("created", world.company.opening - Company.past)
      }
    }
  }

  // MARK: Lists

  private func list(_ resource: Resource, _ request: SandboxRequest) -> SandboxResponse {
    var limit = 10
    var created: (from: Int64, to: Int64) = (.min, .max)
    var filters: [String: [String]] = [:]
    for (name, value) in request.query {
      switch name {
      case "limit":
        guard let number = Int(value) else { return error(400, "Invalid integer: \(value)", param: "limit") }
        guard (1...100).contains(number) else {
          return error(400, "This value must be \(number < 1 ? "greater than or equal to 1" : "less than or equal to 100").", param: "limit")
        }
        limit = number
      case "created", "created[gte]", "created[gt]", "created[lte]", "created[lt]":
        guard let time = Int64(value) else { return error(400, "Invalid integer: \(value)", param: name) }
        if name == "created" || name == "created[gte]" { created.from = max(created.from, time) }
        if name == "created[gt]" { created.from = max(created.from, time + 1) }
        if name == "created" || name == "created[lte]" { created.to = min(created.to, time) }
        if name == "created[lt]" { created.to = min(created.to, time - 1) }
      case "starting_after", "ending_before", "expand[]", "expand": break
      default:
        let plain = name.hasPrefix("expand[") ? "expand" : name.firstIndex(of: "[").map { String(name[..<$0]) } ?? name
        if plain == "expand" { continue }
        guard resource.filters.contains(plain) else {
          return error(400, "Received unknown parameter: \(name)", param: name, code: "parameter_unknown")
        }
        filters[plain, default: []].append(value)
      }
    }

    let list = world.list(resource.stream, by: .created)
    var newest = (created.to == .max ? list.count : list.firstIndex(notBefore: created.to + 1)) - 1
    var oldest = created.from == .min ? 0 : list.firstIndex(notBefore: created.from)
    let backwards = request.value("ending_before")
    for (name, id) in [("starting_after", request.value("starting_after")), ("ending_before", backwards)] {
      guard let id else { continue }
      guard let position = position(of: id, resource, in: list) else {
        return error(400, "No such \(resource.prefix.filter(\.isLetter)): '\(id)'", param: name, code: "resource_missing")
      }
      // A cursor may be an object that is not listed any more; its place is still known.
      if name == "starting_after" { newest = min(newest, position.isListed ? position.index - 1 : position.index - 1) }
      if name == "ending_before" { oldest = max(oldest, position.isListed ? position.index + 1 : position.index) }
    }

    var page: [Entry] = []
    var hasMore = false
    var at = backwards == nil ? newest : oldest
    let step = backwards == nil ? -1 : 1
    while at >= oldest, at <= newest {
      if passes(list[at], resource, filters) {
        if page.count == limit {
          hasMore = true
          break
        }
        page.append(list[at])
      }
      at += step
    }
    if backwards != nil { page.reverse() }
    return .json(capacity: 2_048 * (page.count + 1)) { json in
      json.object { json in
        json.field("object", "list")
        json.array("data") { json in
          for entry in page { write(resource, entry, to: &json) }
        }
        json.field("has_more", hasMore)
        json.field("url", resource.path)
      }
    }
  }

  /// Where the object called `id` stands in `list`, or would stand if it is not listed (any more).
  private func position(of id: String, _ resource: Resource, in list: [Entry]) -> (index: Int, isListed: Bool)? {
    guard let ref = world.company.identifiers.ref(resource.prefix, resource.kind, id), let created = created(resource, ref) else { return nil }
    let entry = Entry(time: created, ref: ref)
    let index = list.firstIndex(notBefore: entry)
    return (index, index < list.count && list[index] == entry)
  }

  /// When the object at `ref` was made; nil if there is none yet.
  private func created(_ resource: Resource, _ ref: Ref) -> Int64? {
    let company = world.company
    let time: Int64?
    guard resource.stream == .stripeEvents || ref.owner < world.population else { return nil }
    switch resource.stream {
    case .stripeCustomers: time = RecordLife(.stripe, person: ref.owner, copy: ref.number, of: company).created
    case .charges: time = StripeCharge(ref, at: world.now, company: company)?.created
    case .refunds: time = StripeCharge(ref, at: world.now, company: company)?.refunded
    case .invoices:
      time = Membership(ref.owner, presence: Presence(ref.owner, of: company), of: company)?.payment(ofInvoice: ref.number).created
    case .subscriptions: time = Membership(ref.owner, presence: Presence(ref.owner, of: company), of: company)?.started
    default: time = StripeEvent(ref).flatMap { eventTime($0) }
    }
    return time.flatMap { $0 <= world.now ? $0 : nil }
  }

  private func eventTime(_ event: StripeEvent) -> Int64? {
    world.list(.stripeEvents, by: .created).first { $0.ref == event.ref }?.time
  }

  private func passes(_ entry: Entry, _ resource: Resource, _ filters: [String: [String]]) -> Bool {
    let company = world.company
    if resource.stream == .subscriptions {
      let status = filters["status"]?.last
      let membership = Membership(entry.ref.owner, presence: Presence(entry.ref.owner, of: company), of: company)
      let isOver = membership.map { $0.cancelled <= world.now } ?? false
      // Without a status Stripe lists what is not cancelled.
      let actual = isOver ? "canceled" : membership?.isPastDue(at: world.now) ?? false ? "past_due" : "active"
      if status == nil, isOver { return false }
      if let status, status != "all", status == "ended" ? !isOver : status != actual { return false }
    }
    for (name, values) in filters where !values.isEmpty {
      switch name {
      case "type", "types":
        guard let type = StripeEvent(entry.ref)?.type else { return false }
        let matches = values.contains { $0 == type || $0 == "*" || ($0.hasSuffix(".*") && type.hasPrefix($0.dropLast())) }
        if !matches { return false }
      case "customer":
        let owner = company.identifiers.ref("cus_", .stripeCustomer, values.last ?? "")
        if resource.stream == .charges {
          if StripeCharge(entry.ref, at: world.now, company: company)?.customer(company) != owner || owner == nil { return false }
        } else if owner != Ref(entry.ref.owner) {
          return false
        }
      case "charge": if StripeCharge.identifier(entry.ref, company) != values.last { return false }
      case "subscription": if StripeSubscription.identifier(entry.ref.owner, company) != values.last { return false }
      case "email":
        let life = RecordLife(.stripe, person: entry.ref.owner, copy: entry.ref.number, of: company)
        if life.state(at: world.now).flatMap({ CustomerRecord(life, $0, of: company).mail }) != values.last { return false }
      case "status" where resource.stream == .invoices:
        let membership = Membership(entry.ref.owner, presence: Presence(entry.ref.owner, of: company), of: company)
        guard let payment = membership?.payment(ofInvoice: entry.ref.number) else { return false }
        let isPaid = payment.paid.map { $0 <= world.now } ?? false
        let isLost = payment.writtenOff.map { $0 <= world.now } ?? false
        if (isPaid ? "paid" : isLost ? "uncollectible" : "open") != values.last { return false }
      default: break
      }
    }
    return true
  }

  private func write(_ resource: Resource, _ entry: Entry, to json: inout JSONBytes) {
    let company = world.company
    switch resource.stream {
    case .stripeCustomers: StripeCustomer.write(entry.ref, at: world.now, company: company, to: &json)
    case .charges: StripeCharge(entry.ref, at: world.now, company: company)?.write(at: world.now, company: company, to: &json)
    case .refunds: StripeRefund.write(entry.ref, at: world.now, company: company, to: &json)
    case .invoices: StripeInvoice.write(entry.ref, at: world.now, company: company, to: &json)
    case .subscriptions: StripeSubscription.write(entry.ref.owner, at: world.now, company: company, to: &json)
    default: StripeEvent(entry.ref)?.write(at: entry.time, company: company, to: &json)
    }
  }

  // MARK: Single objects and errors

  private func retrieve(_ resource: Resource, _ id: String) -> SandboxResponse {
    let missing = error(404, "No such \(resource.path.dropFirst(4).dropLast()): '\(id)'", param: "id", code: "resource_missing")
    guard let ref = world.company.identifiers.ref(resource.prefix, resource.kind, id), let created = created(resource, ref) else { return missing }
    if resource.stream == .stripeCustomers {
      let life = RecordLife(.stripe, person: ref.owner, copy: ref.number, of: world.company)
      guard ref.number < Presence(ref.owner, of: world.company).count(.stripe) else { return missing }
      if life.state(at: world.now)?.isDeleted ?? false {
        return .json { json in
          json.object {
            $0.field("id", id)
            $0.field("object", "customer")
            $0.field("deleted", true)
          }
        }
      }
    }
    return .json { write(resource, Entry(time: created, ref: ref), to: &$0) }
  }

  private func error(_ status: Int, _ message: String, param: String? = nil, code: String? = nil) -> SandboxResponse {
    .json(status) { json in
      json.object { json in
        json.object("error") { json in
          if let code { json.field("code", code) }
          json.field("message", message)
          if let param { json.field("param", param) }
          json.field("type", "invalid_request_error")
        }
      }
    }
  }
}
