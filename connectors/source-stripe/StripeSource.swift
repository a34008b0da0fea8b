import ConnectorKit
import DataFormats
import Diagnostics
import HTTP

/// Reads Stripe (https://docs.stripe.com/api).
struct StripeSource: Source {
  /// The version that the schemas describe; records look the same whatever the account's own version is.
  static let apiVersion = "2022-11-15"

  static let specification = ConfigSpecification(
    name: "source-stripe", title: "Stripe", summary: "Customers, charges, refunds, invoices, subscriptions and events of a Stripe account.",
    documentationURL: "https://docs.stripe.com/api",
    fields: [
      ConfigField(
        "client_secret", title: "Secret key", "A secret or restricted key that may read customers, charges, refunds, invoices, subscriptions and events.",
        isRequired: true, isSecret: true, examples: ["rk_live_…"]),
      ConfigField("account_id", title: "Account ID", "The connected account to read, if not the key's own.", examples: ["acct_…"]),
      ConfigField(
        "start_date", .dateTime, title: "Start date", "Only records made since then are read. Not set, everything is.", examples: ["2024-01-01"]),
      ConfigField(
        "base_url", .url, title: "Base URL", "Where the API is.", standard: "https://api.stripe.com", examples: ["http://127.0.0.1:8484/stripe"]),
      ConfigField.requestRate,
    ])

  private let api: API
  private let session: SourceSession
  private let startDate: Instant?

  init(_ config: Config, _ session: SourceSession) throws {
    self.session = session
    session.limitRequests(config)
    // Stripe knows best whether a try helps (https://docs.stripe.com/error-low-level#should-retry).
    session.client.isWorthRetrying = { $0.response?.headers["Stripe-Should-Retry"].flatMap { $0 == "false" ? false : nil } }
    api = API(
      session, baseURL: URLText.joined(config.string("base_url") ?? "https://api.stripe.com", "v1"),
      authenticator: HeaderAuthenticator.bearer(try config.required("client_secret")))
    api.headers = ["Stripe-Version": StripeSource.apiVersion]
    if let account = config.string("account_id") { api.headers["Stripe-Account"] = account }
    startDate = config.instant("start_date")
  }

  func check() throws {
    try api.get("customers", query: [("limit", "1")]) { _ = try $0.records("data") }
  }

  func streams() -> [any SourceStream] {
    StripeObject.all.map { StripeStream(api: api, session: session, object: $0, startDate: startDate) }
      + [StripeEvents(api: api, startDate: startDate)]
  }
}
