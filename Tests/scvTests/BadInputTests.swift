import Foundation
import Testing

/// Something a user can get wrong, and what they are told.
struct BadInput: CustomTestStringConvertible, Sendable {
  var name: String
  var files: [String: String] = [:]
  var arguments: [String]
  var environment: [String: String] = [:]
  var code: Int
  /// What the message must hold: the code, the place, the hint.
  var says: [String]

  var testDescription: String { name }
}

/// A connection to a system on a port where nothing listens.
private let closedPort = """
  connections:
    - name: payments
      connector: source-stripe
      config: {client_secret: sk_test_sandbox_secret, start_date: "2020-01-01T00:00:00Z", base_url: "http://127.0.0.1:1/stripe"}
  """

@Suite struct BadInputTests {
  static let inputs: [BadInput] = [
    BadInput(name: "no project", files: ["dbt_project.yml": ""], arguments: ["run"], code: 2, says: ["dbt_project.yml", "Try:"]),
    BadInput(name: "an unknown command", arguments: ["rnu"], code: 2, says: ["rnu", "run"]),
    BadInput(name: "an unknown option", arguments: ["run", "--ful-refresh"], code: 2, says: ["--ful-refresh", "--full-refresh"]),
    BadInput(name: "help of a command", arguments: ["run", "--help"], code: 0, says: ["USAGE: scv run <options>"]),
    BadInput(name: "the options of a misused command", arguments: ["ls", "--output", "tree"], code: 2, says: ["scv ls --help"]),
    BadInput(name: "no profile", files: ["profiles.json": ""], arguments: ["run"], code: 2, says: ["profile", "profiles.json", "Try:"]),
    BadInput(name: "an unknown target", arguments: ["run", "--target", "prd"], code: 2, says: ["prd", "dev"]),
    BadInput(
      name: "a malformed profiles.json", files: ["profiles.json": "{\"scv\": {\n  \"target\" \"dev\"}}"], arguments: ["run"], code: 2,
      says: ["profiles.json:2"]),
    BadInput(
      name: "a malformed dbt_project.yml", files: ["dbt_project.yml": "name: shop\nmodels: [\nprofile: scv\n"], arguments: ["run"], code: 2,
      says: ["dbt_project.yml:"]),
    BadInput(
      name: "malformed properties", files: ["models/a.sql": "select 1 as id", "models/schema.yml": "models:\n  - name: a\n   columns: []\n"],
      arguments: ["run"], code: 2, says: ["models/schema.yml:3"]),
    BadInput(
      name: "an unknown ref",
      files: ["models/orders.sql": "select 1 as id", "models/customers.sql": "select *\nfrom {{ ref('order') }}"], arguments: ["run"], code: 2,
      says: ["'order'", "models/customers.sql:2", "did you mean 'orders'?"]),
    BadInput(
      name: "a cycle",
      files: ["models/a.sql": "select * from {{ ref('b') }}", "models/b.sql": "select * from {{ ref('a') }}"], arguments: ["run"], code: 2,
      says: ["a", "b", "ycle"]),
    BadInput(
      name: "two models of one name", files: ["models/x/a.sql": "select 1", "models/y/a.sql": "select 2"], arguments: ["run"], code: 2,
      says: ["models/x/a.sql", "models/y/a.sql"]),
    BadInput(
      name: "a mistake in a template", files: ["models/a.sql": "select 1\n{% if true %}\n"], arguments: ["run"], code: 2, says: ["models/a.sql:"]),
    BadInput(
      name: "a missing environment variable", files: ["models/a.sql": "select '{{ env_var('NOWHERE') }}'"], arguments: ["run"], code: 2,
      says: ["NOWHERE", "models/a.sql:1"]),
    BadInput(
      name: "a mistake in SQL", files: ["models/a.sql": "select\n  nope\nfrom sqlite_master"], arguments: ["run"], code: 1,
      says: ["nope", "models/a.sql", "1"]),
    BadInput(
      name: "a malformed seed", files: ["seeds/s.csv": "id,name\n1,\"open\n2,b\n"], arguments: ["seed"], code: 1, says: ["seeds/s.csv"]),
    BadInput(
      name: "an unknown selector method", files: ["models/a.sql": "select 1"], arguments: ["run", "--select", "tga:nightly"], code: 2,
      says: ["tga", "tag"]),
    BadInput(
      name: "a warehouse that is no database",
      files: ["models/a.sql": "select 1", "warehouse.db": String(repeating: "not a database ", count: 100)], arguments: ["run"], code: 1,
      says: ["warehouse.db", "not a SQLite database"]),
    BadInput(
      name: "a warehouse where nobody may write",
      files: ["models/a.sql": "select 1", "profiles.json": #"{"scv": {"target": "dev", "outputs": {"dev": {"type": "sqlite", "path": "/proc/scv.db"}}}}"#],
      arguments: ["run"], code: 1, says: ["/proc", "Try:"]),
    BadInput(name: "no connections", arguments: ["sync"], code: 2, says: ["connections.yml"]),
    BadInput(
      name: "a malformed connections.yml", files: ["connections.yml": "connections:\n  - name: a\n   connector: b\n"], arguments: ["sync"], code: 2,
      says: ["connections.yml:3"]),
    BadInput(
      name: "an unknown connector", files: ["connections.yml": "connections:\n  - {name: a, connector: source-strype, config: {}}\n"],
      arguments: ["sync"], code: 2, says: ["source-strype", "source-stripe"]),
    BadInput(
      name: "an unknown connection", files: ["connections.yml": closedPort], arguments: ["sync", "--select", "paymnets"], code: 2,
      says: ["paymnets", "payments"]),
    BadInput(
      name: "a secret that is not there",
      files: ["connections.yml": "connections:\n  - name: a\n    connector: source-stripe\n    config: {client_secret: \"{{ env_var('STRIPE_KEY') }}\"}\n"],
      arguments: ["sync"], code: 2, says: ["STRIPE_KEY", "connections.yml"]),
    BadInput(name: "a closed port", files: ["connections.yml": closedPort], arguments: ["sync"], code: 1, says: ["payments", "127.0.0.1:1"]),
  ]

  @Test(arguments: inputs) func isToldWithPlaceAndHintAndTheRightExitCode(input: BadInput) async throws {
    let project = try TemporaryProject(input.files)
    let outcome = try await Program.run("scv", input.arguments, in: project.path, environment: input.environment)
    #expect(outcome.code == input.code, "\(outcome.text)")
    for words in input.says { #expect(outcome.text.contains(words), "\(words) is missing in:\n\(outcome.text)") }
    #expect(!outcome.text.contains("Fatal error") && !outcome.text.contains("Swift."), "\(outcome.text)")
    #expect(!outcome.text.contains("sk_test_sandbox_secret"))
  }
}
