import Synchronization

/// The company behind all of its systems: sends each request to the system that is meant.
final class Playground: Sendable {
  private let current: Mutex<World>
  let faults: FaultPlan
  let salesforce = SalesforceSessions()
  let files = FileArchive()

  init(_ world: World, faults: [Fault]) {
    current = Mutex(world)
    self.faults = FaultPlan(faults)
  }

  /// The company as it shows now.
  var world: World { current.withLock { $0 } }

  /// Moves the clock on.
  func advance(by seconds: Int64) -> World {
    current.withLock { world in
      world = world.advanced(by: seconds)
      return world
    }
  }

  /// The answer to a request for `path`, whose first part names the system; and the fault that is to be played with it.
  func respond(to request: SandboxRequest) -> (response: SandboxResponse, fault: Fault?) {
    let parts = request.path.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: true)
    guard let system = parts.first else { return (index(), nil) }
    let below = "/" + (parts.count > 1 ? parts[1] : "")
    let inner = SandboxRequest(
      method: request.method, path: below, query: request.query, headers: request.headers, body: request.body, origin: request.origin)
    if system == "_sandbox" { return (ControlAPI(playground: self).respond(to: inner), nil) }

    let played = PlayedSystem(rawValue: String(system))
    guard let played else { return (.text(404, "no such system: /\(system)\n"), nil) }
    let fault = faults.next("\(system)\(kind(of: below))", among: possible(played, inner))
    switch fault {
    case .rateLimit: return (played.refusal(429, request).with("retry-after", "1"), fault)
    case .serverError: return (played.refusal(500, request), fault)
    case .expiredToken:
      salesforce.expireAll()
      return (SalesforceAPI.invalidSession, fault)
    default: break
    }
    let world = self.world
    let response =
      switch played {
      case .salesforce: SalesforceAPI(world: world, sessions: salesforce, isQuotaSpent: faults.faults.contains(.quota)).respond(to: inner)
      case .stripe: StripeAPI(world: world).respond(to: inner)
      case .zendesk: ZendeskAPI(world: world).respond(to: inner)
      case .shopify: ShopifyAPI(world: world).respond(to: inner)
      case .files: FilesAPI(world: world, archive: files).respond(to: inner)
      }
    return (response, fault)
  }

  /// Requests are of one kind when their paths differ only in the place of a cursor.
  private func kind(of path: String) -> String {
    path.hasPrefix("/services/data/") ? path.split(separator: "/").prefix(4).joined(separator: "/") : path
  }

  private func possible(_ system: PlayedSystem, _ request: SandboxRequest) -> [Fault] {
    // A token endpoint that dies in mid-body has no vendor: there, only refusals are played.
    if request.path.hasSuffix("/oauth2/token") || request.method == "HEAD" { return [.rateLimit, .serverError] }
    return system == .salesforce ? Fault.allCases : Fault.allCases.filter { $0 != .expiredToken }
  }

  private func index() -> SandboxResponse {
    .json { json in
      json.object { json in
        json.field("company", "Sandbox Shop")
        json.time("now", world.now)
        json.array("systems") { json in PlayedSystem.allCases.forEach { json.string("/" + $0.rawValue) } }
      }
    }
  }

  /// A played system, named by the first part of the path.
  enum PlayedSystem: String, CaseIterable {
    case salesforce, stripe, zendesk, shopify, files

    /// A refusal in the system's own words.
    func refusal(_ status: Int, _ request: SandboxRequest) -> SandboxResponse {
      let limited = status == 429
      let message = limited ? "Too many requests" : "Something went wrong on our end"
      switch self {
      case .salesforce:
        return SalesforceAPI.error(limited ? 429 : 500, limited ? "TOO_MANY_REQUESTS" : "UNKNOWN_EXCEPTION", message)
      case .stripe:
        return .json(status) { json in
          json.object { json in
            json.object("error") { json in
              if limited { json.field("code", "rate_limit") }
              json.field("message", message)
              json.field("type", limited ? "invalid_request_error" : "api_error")
            }
          }
        }.with("stripe-should-retry", "true")
      case .zendesk:
        return .json(status) { json in
          json.object {
            $0.field("error", limited ? "APIRateLimitExceeded" : "InternalError"); $0.field("description", message)
          }
        }
      case .shopify:
        return .json(status) { json in json.object { $0.field("errors", message) } }
      case .files: return .text(status, message + "\n")
      }
    }
  }
}
