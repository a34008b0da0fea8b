import ConnectorKit
import DataFormats
import Diagnostics
import HTTP

/// Reads Zendesk Support over its incremental exports
/// (https://developer.zendesk.com/api-reference/ticketing/ticket-management/incremental_exports/).
struct ZendeskSource: Source {
  static let specification = ConfigSpecification(
    name: "source-zendesk", title: "Zendesk Support", summary: "Tickets, users and organizations of a Zendesk account.",
    documentationURL: "https://developer.zendesk.com/api-reference/",
    fields: [
      ConfigField(
        "subdomain", title: "Subdomain", "What stands before .zendesk.com. Needed unless base_url is set.", examples: ["my-company"]),
      ConfigField(
        "email", title: "E-mail", "The e-mail address of the agent whose API token is used.", examples: ["agent@example.com"]),
      ConfigField("api_token", title: "API token", "An API token, from Admin Center > Apps and integrations. Goes with email.", isSecret: true),
      ConfigField("access_token", title: "Access token", "An OAuth access token with the scope read; instead of email and api_token.", isSecret: true),
      ConfigField(
        "start_date", .dateTime, title: "Start date", "Only records that changed since then are read. Not set, everything is.", examples: ["2024-01-01"]),
      ConfigField(
        "base_url", .url, title: "Base URL", "Where the account is, if not at https://SUBDOMAIN.zendesk.com.",
        examples: ["http://127.0.0.1:8484/zendesk"]),
      ConfigField.requestRate,
    ])

  private let api: API
  private let startDate: Instant?

  init(_ config: Config, _ session: SourceSession) throws {
    let base = try config.string("base_url") ?? "https://\(config.required("subdomain", because: "unless base_url is set")).zendesk.com"
    let authenticator: HeaderAuthenticator
    if let token = config.string("access_token") {
      authenticator = .bearer(token)
    } else {
      let email = try config.required("email", because: "unless access_token is set")
      authenticator = .basic(user: "\(email)/token", password: try config.required("api_token", because: "with email"))
    }
    session.limitRequests(config)
    api = API(session, baseURL: URLText.joined(base, "api/v2"), authenticator: authenticator)
    startDate = config.instant("start_date")
  }

  func check() throws {
    try api.get("incremental/users/cursor.json", query: [("start_time", "0"), ("per_page", "1")]) { _ = try $0.records("users") }
  }

  func streams() -> [any SourceStream] {
    [
      ZendeskExport(api: api, resource: "tickets", schema: ZendeskSchemas.tickets, cursorField: "generated_timestamp", startDate: startDate),
      ZendeskExport(api: api, resource: "users", schema: ZendeskSchemas.users, cursorField: "updated_at", startDate: startDate),
      ZendeskOrganizations(api: api, startDate: startDate),
    ]
  }
}
