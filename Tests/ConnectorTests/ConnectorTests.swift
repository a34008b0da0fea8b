import AirbyteProtocol
import ConnectorKit
import DataFormats
import Sandbox
import Testing

/// What holds for every connector, shown by its executable against the sandbox, over HTTP.
@Suite struct ConnectorTests {
  private let options = SandboxOptions(customers: 80, port: 0)

  private func withSandbox(customers: Int? = nil, _ body: (SandboxServer) async throws -> Void) async throws {
    var options = options
    options.customers = customers ?? options.customers
    let server = try await SandboxServer.start(options)
    do { try await body(server) } catch {
      await server.stop()
      throw error
    }
    await server.stop()
  }

  private func catalog(_ connector: ConnectorUnderTest, _ config: JSON) async throws -> ConfiguredCatalog {
    ConnectorRun.configured(try #require(try await ConnectorRun(connector.name, "discover", config: config).catalog))
  }

  private func key(_ record: JSON, _ stream: ConfiguredStream) -> String {
    stream.primaryKey.map { record[$0]?.text() ?? "?" }.joined(separator: "|")
  }

  /// A connector, and one way in which the sandbox misbehaves towards it.
  struct Mishap: Sendable, CustomTestStringConvertible {
    let connector: ConnectorUnderTest
    let fault: Fault

    var testDescription: String { "\(connector.name), \(fault.rawValue)" }

    static let all = ConnectorUnderTest.all.flatMap { connector in
      // Tokens expire with Salesforce only; the spent quota, which does not pass, has a test of its own.
      Fault.allCases.filter { $0 != .quota && ($0 != .expiredToken || connector.system == "salesforce") }.map { Mishap(connector: connector, fault: $0) }
    }
  }

  @Test(arguments: ConnectorUnderTest.all)
  func describesEverySettingAndMarksItsSecrets(connector: ConnectorUnderTest) async throws {
    let run = try await ConnectorRun(connector.name, "spec")
    guard case .spec(let spec) = try #require(run.messages.first) else { return #expect(Bool(false), "no SPEC") }
    #expect(run.code == 0)
    #expect(spec.documentationURL?.hasPrefix("https://") == true)
    let properties = try #require(spec.connectionSpecification["properties"]?.object)
    for (name, property) in properties {
      #expect(property["title"]?.string?.isEmpty == false, "\(name)")
      #expect(property["description"]?.string?.isEmpty == false, "\(name)")
      let sounds = ["secret", "token", "password"].contains { name.contains($0) }
      #expect(!sounds || property["airbyte_secret"] == true, "\(name)")
    }
    for name in spec.connectionSpecification["required"]?.array ?? [] { #expect(properties[name.string ?? ""] != nil) }
    let config = try connector.config("http://127.0.0.1:1")
    #expect(Set(spec.secrets(in: config)).isSuperset(of: connector.secrets.filter { !$0.hasPrefix("file-") }))
  }

  @Test(arguments: ConnectorUnderTest.all)
  func aCheckTellsRightFromWrongAndShowsNoSecret(connector: ConnectorUnderTest) async throws {
    try await withSandbox { server in
      let fine = try await ConnectorRun(connector.name, "check", config: try connector.config(server.url))
      #expect(fine.status?.succeeded == true, "\(fine.output)")
      for wrong in [try connector.config("http://127.0.0.1:1"), try connector.refused(server.url), [:], [1]] {
        let run = try await ConnectorRun(connector.name, "check", config: wrong)
        #expect(run.code == 0)
        #expect(run.status?.succeeded == false)
        #expect(run.status?.message?.isEmpty == false)
        for secret in connector.secrets { #expect(!(run.output + run.error).contains(secret)) }
      }
    }
  }

  @Test(arguments: ConnectorUnderTest.all)
  func aReadThatCannotSucceedSaysWhyAndWhoHasToAct(connector: ConnectorUnderTest) async throws {
    try await withSandbox { server in
      let all = try #require(try await ConnectorRun(connector.name, "discover", config: try connector.config(server.url)).catalog)
      let name = try #require(all.streams.first?.name)
      let catalog = ConnectorRun.configured(all, only: [name])
      let wrongs: [(config: JSON, type: TraceMessage.SourceError.FailureType, words: String)] = [
        (try connector.config("http://127.0.0.1:1"), .transient, "no connection to http://127.0.0.1:1"),
        (try connector.refused(server.url), .config, connector.system == "files" ? "404" : "check"), ([:], .config, "is missing"),
      ]
      for wrong in wrongs {
        let run = try await ConnectorRun(connector.name, "read", config: wrong.config, catalog: catalog)
        #expect(run.code == 1)
        #expect(run.complete.isEmpty && run.records.isEmpty)
        #expect(run.errors.map(\.failureType) == [wrong.type], "\(run.output)")
        #expect(run.errors.first?.message.contains(wrong.words) == true, "\(run.output)")
        for secret in connector.secrets { #expect(!(run.output + run.error).contains(secret)) }
      }
    }
  }

  @Test(arguments: ConnectorUnderTest.all)
  func aStateThatIsNoneStopsTheStream(connector: ConnectorUnderTest) async throws {
    try await withSandbox { server in
      let config = try connector.config(server.url, days: "2026-02-28*")
      let catalog = try await catalog(connector, config)
      let nonsense: JSON = ["SystemModstamp": "soon", "updated_at": "soon", "created": "soon", "updated": .int(.min), "cursor": 5, "files": 5]
      let states = catalog.streams.map { StateMessage(stream: $0.stream.name, state: nonsense) }
      let run = try await ConnectorRun(connector.name, "read", config: config, catalog: catalog, states: states)
      #expect(run.code == 1)
      #expect(run.records.isEmpty)
      #expect(run.errors.count == catalog.streams.count)
      for error in run.errors {
        #expect(error.failureType == .config)
        #expect(error.message.contains("the state says that"))
      }
    }
  }

  @Test(arguments: ConnectorUnderTest.all)
  func readsEverythingOnceAndThenOnlyWhatIsNew(connector: ConnectorUnderTest) async throws {
    try await withSandbox { server in
      let config = try connector.config(server.url)
      let catalog = try await catalog(connector, config)
      let first = try await ConnectorRun(connector.name, "read", config: config, catalog: catalog)
      #expect(first.code == 0, "\(first.error)")
      let names = Set(catalog.streams.map(\.stream.name))
      #expect(first.complete == names)
      let before = try connector.truth(options)
      #expect(names == Set(before.keys))
      for stream in catalog.streams {
        let name = stream.stream.name
        let records = first.records[name] ?? []
        #expect(Set(records.map { key($0, stream) }).count == records.count, "\(name)")
        #expect(Int64(records.count) == before[name]?["records"]?.int, "\(name)")
        for record in records { expectSchema(record, stream) }
      }
      let second = try await ConnectorRun(connector.name, "read", config: config, catalog: catalog, states: first.states)
      #expect(second.code == 0)
      #expect(second.records == [:])
      #expect(second.states.count == names.count)

      server.advance(by: 86_400)
      let after = try connector.truth(options, advance: 86_400)
      let third = try await ConnectorRun(connector.name, "read", config: config, catalog: catalog, states: second.states)
      #expect(third.code == 0)
      for name in names {
        let wanted = connector.rereads.contains(name) ? after[name]?["records"]?.int : after[name]?["changed"]?.int
        #expect(Int64(third.records[name]?.count ?? 0) == wanted, "\(name)")
      }
      for run in [first, second, third] {
        for secret in connector.secrets { #expect(!(run.output + run.error).contains(secret)) }
      }
    }
  }

  @Test(arguments: Mishap.all)
  func everyFaultCostsTimeAndNoRecord(mishap: Mishap) async throws {
    let connector = mishap.connector
    try await withSandbox(customers: 30) { server in
      let config = try connector.config(server.url, days: "2026-02-28*")
      let catalog = try await catalog(connector, config)
      server.set(faults: [mishap.fault])
      let rough = try await ConnectorRun(connector.name, "read", config: config, catalog: catalog)
      #expect(server.playedFaults[mishap.fault] ?? 0 > 0)
      server.set(faults: [])
      let calm = try await ConnectorRun(connector.name, "read", config: config, catalog: catalog)
      #expect(rough.code == 0, "\(rough.error)")
      #expect(rough.complete.count == catalog.streams.count)
      #expect(rough.records == calm.records)
      for secret in connector.secrets { #expect(!(rough.output + rough.error).contains(secret)) }
    }
  }

  @Test(arguments: ConnectorUnderTest.all)
  func whateverItWasStoppedAtItGoesOnFromItsLastState(connector: ConnectorUnderTest) async throws {
    try await withSandbox { server in
      let config = try connector.config(server.url, days: "2026-02-2*")
      let catalog = try await catalog(connector, config)
      let whole = try await ConnectorRun(connector.name, "read", config: config, catalog: catalog)
      let lines = whole.messages.count
      for stop in [lines / 5, lines / 2, lines - 3] {
        let broken = try await ConnectorRun(connector.name, "read", config: config, catalog: catalog, lines: stop)
        let rest = try await ConnectorRun(connector.name, "read", config: config, catalog: catalog, states: broken.states)
        #expect(rest.code == 0)
        for stream in catalog.streams {
          let name = stream.stream.name
          let all = Set((whole.records[name] ?? []).map { key($0, stream) })
          let got = Set(((broken.records[name] ?? []) + (rest.records[name] ?? [])).map { key($0, stream) })
          #expect(got == all, "\(name) stopped after \(stop) of \(lines) lines")
        }
      }
    }
  }

  /// Whether every member of a record is of the schema, and of its type.
  private func expectSchema(_ record: JSON, _ stream: ConfiguredStream) {
    let properties = stream.stream.jsonSchema["properties"]
    for (name, value) in record.object ?? [:] {
      let types = properties?[name]?["type"]?.array?.compactMap(\.string) ?? []
      let fits =
        switch value {
        case .null: types.contains("null")
        case .bool: types.contains("boolean")
        case .int: types.contains("integer") || types.contains("number")
        case .double, .number: types.contains("number")
        case .string: types.contains("string")
        case .array: types.contains("array")
        case .object: types.contains("object")
        }
      if !fits { Issue.record("\(stream.stream.name).\(name) is \(value.text().prefix(60)), not of \(types)") }
    }
  }
}
