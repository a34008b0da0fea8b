import ConnectorKit
import DataFormats
import Diagnostics
import HTTP

/// Reads Salesforce over the REST API (https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/).
struct SalesforceSource: Source {
  static let root = "services/data/v62.0/"

  static let specification = ConfigSpecification(
    name: "source-salesforce", title: "Salesforce",
    summary: "Accounts, contacts, leads, opportunities and cases of a Salesforce organization, deleted ones flagged.",
    documentationURL: "https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/",
    fields: [
      ConfigField("client_id", title: "Client ID", "The consumer key of the connected app.", isRequired: true),
      ConfigField("client_secret", title: "Client secret", "The consumer secret of the connected app.", isRequired: true, isSecret: true),
      ConfigField(
        "refresh_token", title: "Refresh token",
        "The refresh token of a user who has authorized the app. Not set, the connector signs in as the app itself (client credentials).",
        isSecret: true),
      ConfigField(
        "login_url", .url, title: "Login URL",
        "Where tokens come from: https://login.salesforce.com, https://test.salesforce.com for a Salesforce sandbox, or the organization's own domain, which client credentials need.",
        standard: "https://login.salesforce.com", examples: ["https://my-company.my.salesforce.com", "http://127.0.0.1:8484/salesforce"]),
      ConfigField(
        "start_date", .dateTime, title: "Start date", "Only records that changed since then are read. Not set, everything is.", examples: ["2024-01-01"]),
      ConfigField(
        "lookback_seconds", .integer(0...604_800), title: "Lookback",
        "How many seconds before the last change seen a sync begins, since changes become visible late. Unchanged records are not sent again.",
        standard: 600),
      ConfigField(
        "batch_size", .integer(200...2_000), title: "Batch size", "How many records a page may hold at most: fewer where records are wide.", standard: 2_000),
      ConfigField(
        "custom_objects", .list(.string), title: "Further objects", "The API names of objects to read beside the five.", standard: [],
        examples: [["Task", "Invoice__c"]]),
      ConfigField.requestRate,
    ])

  private let login: SalesforceLogin
  private let config: Config

  init(_ config: Config, _ session: SourceSession) throws {
    session.limitRequests(config)
    self.config = config
    login = SalesforceLogin(
      session, loginURL: config.string("login_url") ?? "https://login.salesforce.com", clientID: try config.required("client_id"),
      clientSecret: try config.required("client_secret"), refreshToken: config.string("refresh_token"),
      batchSize: config.int("batch_size") ?? 2_000)
  }

  func check() throws {
    try login.api().get(SalesforceSource.root + "query", query: [("q", "SELECT Id FROM Account LIMIT 1")]) { _ = try $0.records("records") }
    for name in config.strings("custom_objects") { _ = try SalesforceFields.describe(name, otherwise: nil, try login.api()) }
  }

  func streams() throws -> [any SourceStream] {
    let api = try login.api()
    var objects = SalesforceFields.standard.map { ($0.name, Optional($0.fields)) }
    for name in config.strings("custom_objects") where !objects.contains(where: { $0.0 == name }) { objects.append((name, nil)) }
    return try objects.map { name, fields in
      SalesforceStream(
        api: api, name: name, schema: try SalesforceFields.describe(name, otherwise: fields, api), startDate: config.instant("start_date"),
        lookback: Double(config.int("lookback_seconds") ?? 0))
    }
  }
}
