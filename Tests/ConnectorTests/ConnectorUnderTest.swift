import ConnectorKit
import DataFormats
import Sandbox
import Testing

/// A connector and how to set it up against the sandbox.
struct ConnectorUnderTest: Sendable, CustomTestStringConvertible {
  let name: String
  /// The configuration, `{URL}` standing for the sandbox's address.
  let template: String
  /// What of the configuration must never be shown.
  let secrets: [String]
  /// Streams that read everything again when anything changes.
  var rereads: Set<String> = []

  var testDescription: String { name }

  /// What the truth calls the system.
  var system: String { name == "source-file" ? "files" : String(name.dropFirst("source-".count)) }

  /// The configuration for the sandbox at `url`.
  ///
  /// - Parameter days: which of the event files are read.
  func config(_ url: String, days: String = "*") throws -> JSON {
    try JSON.parse(template.replacing("{URL}", with: url).replacing("{DAYS}", with: days))
  }

  /// The configuration with wrong credentials, or, where there are none, with an address at which nothing is.
  func refused(_ url: String) throws -> JSON {
    let text = try config(url).text()
    return try JSON.parse(system == "files" ? text.replacing("/files/", with: "/nowhere/") : text.replacing(secrets[0], with: "wrong-\(secrets[0])"))
  }

  /// What the company of `options` says that the streams of the system hold.
  func truth(_ options: SandboxOptions, advance: Int64 = 0) throws -> [String: JSON] {
    var options = options
    options.advance = advance
    let folder = try RunFolder()
    try SandboxTruth.write(options, to: folder.path)
    var counts: [String: JSON] = [:]
    for (name, count) in try InputFile.json(folder.path + "/counts.json")["streams"]?.object ?? [:] {
      let parts = name.split(separator: ".")
      if parts.count == 2, parts[0] == system { counts[String(parts[1])] = count }
    }
    return counts
  }

  static let all = [
    ConnectorUnderTest(
      name: "source-salesforce",
      template: """
        {"login_url": "{URL}/salesforce", "client_id": "sandbox-client", "client_secret": "sandbox-secret", "refresh_token": "sandbox-refresh"}
        """, secrets: ["sandbox-secret", "sandbox-refresh"]),
    ConnectorUnderTest(
      name: "source-stripe", template: #"{"base_url": "{URL}/stripe", "client_secret": "sk_test_sandbox"}"#, secrets: ["sk_test_sandbox"]),
    ConnectorUnderTest(
      name: "source-zendesk", template: #"{"base_url": "{URL}/zendesk", "email": "agent@sandbox.test", "api_token": "sandbox-token"}"#,
      secrets: ["sandbox-token"]),
    ConnectorUnderTest(
      name: "source-shopify", template: #"{"base_url": "{URL}/shopify", "access_token": "shpat_sandbox"}"#, secrets: ["shpat_sandbox"]),
    ConnectorUnderTest(
      name: "source-file",
      template: """
        {"http_headers": {"Authorization": "Bearer file-secret"}, "streams": [
          {"name": "events", "path": "{URL}/files/events/events-{DAYS}.jsonl.gz"},
          {"name": "app_users", "path": "{URL}/files/exports/app_users.csv", "primary_key": ["user_id"]}]}
        """, secrets: ["file-secret"], rereads: ["app_users"]),
  ]
}
