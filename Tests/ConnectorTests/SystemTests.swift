import AirbyteProtocol
import DataFormats
import Sandbox
import Testing

/// What holds for single systems.
@Suite struct SystemTests {
  private func connector(_ name: String) throws -> ConnectorUnderTest {
    try #require(ConnectorUnderTest.all.first { $0.name == name })
  }

  private func read(_ name: String, _ config: JSON, only streams: Set<String>, states: [StateMessage]? = nil) async throws -> ConnectorRun {
    let catalog = try #require(try await ConnectorRun(name, "discover", config: config).catalog)
    return try await ConnectorRun(name, "read", config: config, catalog: ConnectorRun.configured(catalog, only: streams), states: states)
  }

  @Test func stripeReadsEverythingAgainWhenItsEventsNoLongerReachBack() async throws {
    let server = try await SandboxServer.start(SandboxOptions(customers: 200, port: 0))
    let config = try connector("source-stripe").config(server.url)
    let first = try await read("source-stripe", config, only: ["customers"])
    server.advance(by: 45 * 86_400)
    let second = try await read("source-stripe", config, only: ["customers"], states: first.states)
    let full = try await read("source-stripe", config, only: ["customers"])
    await server.stop()
    #expect(second.code == 0)
    let again = Set((second.records["customers"] ?? []).compactMap { $0["id"] })
    #expect(again.isSuperset(of: (full.records["customers"] ?? []).compactMap { $0["id"] }))
    // Rows of the first reading must not win over what has been read again.
    let newest = (first.records["customers"] ?? []).compactMap { $0["updated"]?.int }.max() ?? 0
    #expect((second.records["customers"] ?? []).allSatisfy { ($0["updated"]?.int ?? 0) >= newest })
  }

  @Test func stripeFlagsDeletedCustomers() async throws {
    let server = try await SandboxServer.start(SandboxOptions(customers: 600, port: 0))
    let config = try connector("source-stripe").config(server.url)
    var states = try await read("source-stripe", config, only: ["customers"]).states
    var deleted = 0
    for _ in 0..<8 {
      server.advance(by: 5 * 86_400)
      let run = try await read("source-stripe", config, only: ["customers"], states: states)
      states = run.states
      deleted += (run.records["customers"] ?? []).count { $0["is_deleted"] == true }
    }
    await server.stop()
    #expect(deleted > 0)
  }

  @Test func salesforceReadsPageAfterPage() async throws {
    let server = try await SandboxServer.start(SandboxOptions(customers: 1_500, port: 0))
    var config = try connector("source-salesforce").config(server.url)
    config["batch_size"] = 200
    let run = try await read("source-salesforce", config, only: ["Contact"])
    let counts = try JSON.parse(server.counts())
    await server.stop()
    #expect(run.code == 0, "\(run.output.suffix(500))")
    let contacts = run.records["Contact"] ?? []
    #expect(contacts.count > 400)
    #expect(contacts.count == counts["streams"]?["salesforce.Contact"]?["records"]?.int.map(Int.init))
    #expect(Set(contacts.compactMap { $0["Id"] }).count == contacts.count)
  }

  @Test(
    arguments: [
      ("source-salesforce", "Contact", "IsDeleted", true), ("source-salesforce", "Case", "IsDeleted", true),
      ("source-zendesk", "tickets", "status", "deleted"), ("source-zendesk", "users", "active", false),
    ] as [(String, String, String, JSON)])
  func whatWasDeletedComesWithAFlag(name: String, stream: String, field: String, value: JSON) async throws {
    let connector = try connector(name)
    let options = SandboxOptions(customers: 600, port: 0)
    let server = try await SandboxServer.start(options)
    let run = try await read(name, try connector.config(server.url), only: [stream])
    await server.stop()
    let flagged = (run.records[stream] ?? []).count { $0[field] == value }
    #expect(flagged > 0)
    #expect(Int64(flagged) == (try connector.truth(options)[stream]?["flagged_deleted"]?.int))
  }

  @Test func salesforceSaysThatItsQuotaIsUsedUp() async throws {
    let server = try await SandboxServer.start(SandboxOptions(customers: 50, port: 0))
    let config = try connector("source-salesforce").config(server.url)
    let catalog = try #require(try await ConnectorRun("source-salesforce", "discover", config: config).catalog)
    server.set(faults: [.quota])
    let run = try await ConnectorRun(
      "source-salesforce", "read", config: config, catalog: ConnectorRun.configured(catalog, only: ["Account"]))
    await server.stop()
    #expect(run.code == 1)
    #expect(run.errors.first?.failureType == .transient)
    #expect(run.errors.first?.message.contains("quota of API requests is used up") == true)
  }

  @Test func salesforceSaysWhyALoginIsRefused() async throws {
    let server = try await SandboxServer.start(SandboxOptions(customers: 50, port: 0))
    var config = try connector("source-salesforce").config(server.url)
    config["refresh_token"] = "revoked-token"
    let run = try await ConnectorRun("source-salesforce", "check", config: config)
    await server.stop()
    #expect(run.status?.message?.contains("was refused") == true)
    #expect(run.status?.message?.contains("authorize the connector again") == true)
    #expect(!run.output.contains("revoked-token"))
  }
}
