/// Zendesk's cursor-based incremental exports and lists
/// (https://developer.zendesk.com/api-reference/ticketing/ticket-management/incremental_exports/), read-only.
struct ZendeskAPI {
  /// The one agent and token that are accepted; the token is also good as a Bearer token.
  static let email = "agent@sandbox.test"
  static let token = "sandbox-token"

  let world: World

  func respond(to request: SandboxRequest) -> SandboxResponse {
    let basic = request.basicCredentials
    let isKnown = basic.map { $0.user == "\(Self.email)/token" && $0.password == Self.token } ?? (request.bearerToken == Self.token)
    guard isKnown else { return .json(401) { json in json.object { $0.field("error", "Couldn't authenticate you") } } }
    guard request.method == "GET" else { return missing() }
    switch request.path {
    case "/api/v2/incremental/tickets/cursor.json", "/api/v2/incremental/tickets/cursor": return export("tickets", .tickets, request)
    case "/api/v2/incremental/users/cursor.json", "/api/v2/incremental/users/cursor": return export("users", .zendeskUsers, request)
    case "/api/v2/organizations.json", "/api/v2/organizations": return list("organizations", .organizations, request)
    case "/api/v2/users.json", "/api/v2/users": return list("users", .zendeskUsers, request)
    case "/api/v2/users/me.json", "/api/v2/users/me":
      return .json { json in
        json.object { json in
          json.key("user")
          ZendeskObjects.write(user: Ref(Agent.base), in: world, origin: request.origin, to: &json)
        }
      }
    default: return missing()
    }
  }

  // MARK: Incremental exports

  private func export(_ name: StaticString, _ stream: Stream, _ request: SandboxRequest) -> SandboxResponse {
    var size = 1_000
    if let text = request.value("per_page") {
      guard let number = Int(text), (1...1_000).contains(number) else { return invalid("per_page must be between 1 and 1000") }
      size = number
    }
    let list = world.list(stream, by: .updated)
    var start: Int
    var cursor: Entry
    if let text = request.value("cursor") {
      guard let parsed = Self.entry(text) else { return invalid("cursor is invalid") }
      cursor = parsed
      start = list.firstIndex(notBefore: parsed)
      if start < list.count, list[start] == parsed { start += 1 }
    } else if let text = request.value("start_time") {
      guard let time = Int64(text), time >= 0 else { return invalid("start_time must be a Unix time in seconds") }
      cursor = Entry(time: max(0, time - 1), ref: Ref(raw: UInt64(Int64.max)))
      start = list.firstIndex(notBefore: time)
    } else {
      return invalid("start_time or cursor is required")
    }
    let excludesDeleted = request.value("exclude_deleted") == "true"
    let end = min(list.count, start + size)
    let page = list[start..<end]
    if let last = page.last { cursor = last }
    let after = Self.token(cursor)
    let url = "\(request.origin)/zendesk\(request.path)?cursor=\(SandboxRequest.encode(after))&per_page=\(size)"
    return .json(capacity: 1_536 * (page.count + 1)) { json in
      json.object { json in
        json.array(name) { json in
          for entry in page {
            if excludesDeleted, stream == .tickets,
              Ticket.find(entry.ref, until: world.now, company: world.company)?.status(at: world.now) == "deleted"
            {
              continue
            }
            write(stream, entry.ref, request.origin, to: &json)
          }
        }
        json.field("after_url", url)
        json.null("before_url")
        json.field("after_cursor", after)
        json.null("before_cursor")
        json.field("end_of_stream", end == list.count)
      }
    }
  }

  // MARK: Lists with cursor pagination

  private func list(_ name: StaticString, _ stream: Stream, _ request: SandboxRequest) -> SandboxResponse {
    var size = 100
    if let text = request.value("page[size]") ?? request.value("per_page") {
      guard let number = Int(text), (1...100).contains(number) else { return invalid("page[size] must be between 1 and 100") }
      size = number
    }
    let list = world.list(stream, by: .id)
    var start = 0
    if let text = request.value("page[after]") {
      guard let entry = Self.entry(text) else { return invalid("page[after] is invalid") }
      start = list.firstIndex(notBefore: entry)
      if start < list.count, list[start] == entry { start += 1 }
    }
    let page = list[start..<min(list.count, start + size)]
    let hasMore = start + size < list.count
    let after = page.last.map(Self.token)
    return .json(capacity: 1_024 * (page.count + 1)) { json in
      json.object { json in
        json.array(name) { json in
          for entry in page { write(stream, entry.ref, request.origin, to: &json) }
        }
        json.object("meta") { json in
          json.field("has_more", hasMore)
          json.field("after_cursor", after)
          json.null("before_cursor")
        }
        json.object("links") { json in
          let next = after.map { "\(request.origin)/zendesk\(request.path)?page%5Bafter%5D=\(SandboxRequest.encode($0))&page%5Bsize%5D=\(size)" }
          json.field("next", hasMore ? next : nil)
          json.null("prev")
        }
      }
    }
  }

  private func write(_ stream: Stream, _ ref: Ref, _ origin: String, to json: inout JSONBytes) {
    switch stream {
    case .tickets: ZendeskObjects.write(ticket: ref, in: world, origin: origin, to: &json)
    case .zendeskUsers: ZendeskObjects.write(user: ref, in: world, origin: origin, to: &json)
    default: ZendeskObjects.write(organization: ref, in: world, origin: origin, to: &json)
    }
  }

  private static func token(_ entry: Entry) -> String {
    Base64.encode("\(entry.time)|\(entry.ref.raw)".utf8)
  }

  private static func entry(_ token: String) -> Entry? {
    guard let bytes = Base64.decode(token) else { return nil }
    let parts = String(decoding: bytes, as: UTF8.self).split(separator: "|")
    guard parts.count == 2, let time = Int64(parts[0]), let raw = UInt64(parts[1]) else { return nil }
    return Entry(time: time, ref: Ref(raw: raw))
  }

  private func missing() -> SandboxResponse {
    .json(404) { json in
      json.object {
        $0.field("error", "InvalidEndpoint")
        $0.field("description", "Not found")
      }
    }
  }

  private func invalid(_ description: String) -> SandboxResponse {
    .json(422) { json in
      json.object {
        $0.field("error", "InvalidValue")
        $0.field("description", description)
      }
    }
  }
}
