import AirbyteProtocol
import DataFormats
import Diagnostics
import Sync
import Testing

/// `connections.yml`: what it may say, and what is said of mistakes in it.
@Suite struct ConnectionsFileTests {
  func read(_ text: String, profiles: JSON = .null, environment: [String: String] = [:], in bench: Bench? = nil) throws -> ConnectionsFile {
    let bench = try bench ?? Bench()
    return try withExtendedLifetime(bench) {
      try ConnectionsFile(text: text, file: "connections.yml", projectFolder: bench.folder, profiles: profiles, environment: environment)
    }
  }

  /// The mistakes of a file.
  func mistakes(_ text: String, environment: [String: String] = [:], in bench: Bench? = nil) throws -> [Diagnostic] {
    let bench = try bench ?? Bench()
    do {
      _ = try read(text, environment: environment, in: bench)
      return []
    } catch let error as Diagnostic {
      return [error]
    } catch let errors as Diagnostics {
      return errors.all
    }
  }

  @Test func aConnectionMayBeToldInFull() throws {
    let bench = try Bench()
    let file = try read(
      """
      connections:
        - name: shop
          connector: ./source --shop 'two words'
          protocol: singer
          schema: raw
          tags: [nightly, money]
          enabled: false
          catalog_flag: --properties
          config: {start: "2024-01-01", n: 5, nested: {list: [1, x]}}
          streams:
            orders: {sync_mode: incremental, destination_sync_mode: append_dedup, cursor_field: updated_at, primary_key: [id, [line, number]]}
            users: {destination_sync_mode: overwrite_dedup, cursor_field: [meta, time]}
            carts:
            left_out: {enabled: false}
      """, in: bench)
    let connection = try #require(file.connections.first)
    #expect(connection.command == [bench.folder + "/./source", "--shop", "two words"])
    #expect(connection.dialect == .singer && connection.schema == "raw" && connection.tags == ["nightly", "money"] && !connection.isEnabled)
    #expect(connection.catalogFlag == "--properties" && connection.config == ["start": "2024-01-01", "n": 5, "nested": ["list": [1, "x"]]])
    let streams = try #require(connection.streams)
    #expect(streams.map(\.name) == ["orders", "users", "carts", "left_out"] && streams.map(\.isWanted) == [true, true, true, false])
    #expect(
      connection.wish(.init(name: "carts")) != nil && connection.wish(.init(name: "left_out")) == nil && connection.wish(.init(name: "unheard_of")) == nil)
    #expect(streams[0].syncMode == .incremental && streams[0].destinationSyncMode == .appendDedup && streams[0].cursorField == ["updated_at"])
    #expect(streams[0].primaryKey == [["id"], ["line", "number"]])
    #expect(streams[1].replacesAndDedups && streams[1].cursorField == ["meta", "time"] && streams[2].syncMode == nil)
    #expect(file.warnings.isEmpty)
  }

  @Test func aStarAmongTheWishesSpeaksOfAllOtherStreams() throws {
    let connection = try #require(
      try read(
        """
        connections:
          - name: shop
            connector: ./source
            streams:
              "*": {destination_sync_mode: append}
              carts: {destination_sync_mode: overwrite}
              visits: false
        """
      ).connections.first)
    #expect(connection.wish(.init(name: "carts"))?.destinationSyncMode == .overwrite)
    #expect(connection.wish(.init(name: "orders"))?.destinationSyncMode == .append && connection.wish(.init(name: "orders"))?.name == "orders")
    #expect(connection.wish(.init(name: "visits")) == nil)
  }

  @Test func littleNeedsToBeSaid() throws {
    let connection = try #require(try read("connections: [{name: shop, connector: ./source}]").connections.first)
    #expect(connection.schema == "shop" && connection.dialect == .airbyte && connection.streams == nil && connection.isEnabled && connection.config == [:])
  }

  @Test func valuesComeFromTheEnvironmentAndFromTheProfiles() throws {
    let connection = try #require(
      try read(
        """
        connections:
          - name: shop
            connector: "{{ env_var('BIN', './source') }}"
            config:
              url: "https://{{ env_var('HOST') }}:{{ env_var('PORT', '80') }}/"
              key: "{{ secret('shop.key') }}"
        """, profiles: ["secrets": ["shop": ["key": "k-123"]], "credentials": ["shop": ["password": "p-456"]]], environment: ["HOST": "a.test"]
      ).connections.first)
    #expect(connection.config == ["url": "https://a.test:80/", "key": "k-123", "password": "p-456"])
    #expect(Set(connection.secrets) == ["a.test", "k-123", "p-456"])
  }

  @Test func malformedYAMLIsToldWithItsPlace() throws {
    let error = try #require(try mistakes("connections:\n  - name: a\n   connector: ./source\n").first)
    #expect(error.code == "yaml.malformed" && error.location?.file == "connections.yml" && error.location?.line == 3)
  }

  @Test func aKeyThatMeansNothingIsAWarningWithTheLikelyOne() throws {
    let warnings = try read("connections:\n  - name: a\n    connector: ./source\n    conector: x\n    streams:\n      s: {cursor: id}\n").warnings
    #expect(warnings.map(\.code) == ["connections.unknown-key", "connections.unknown-key"] && warnings.allSatisfy { $0.severity == .warning })
    #expect(warnings[0].location?.line == 4 && warnings[0].hint == "did you mean 'connector'?")
    #expect(warnings[1].location?.line == 6)
  }

  @Test func allMistakesAreToldAtOnce() throws {
    let errors = try mistakes(
      """
      connections:
        - connector: ./source
        - name: a
          connector: ./source
          protocol: airbite
        - name: b
          connector: ./source
          streams: {s: {sync_mode: increment}}
        - name: b
          connector: ./source
        - just a text
        - {name: c, connector: ./source, config: [1]}
        - {name: d}
        - {name: e, connector: ./source, streams: {s: {primary_key: 5}}}
        - {name: b, connector: ./source}
      """)
    #expect(errors.map { $0.location?.line } == [2, 5, 8, 11, 12, 13, 14, 15])
    #expect(errors.allSatisfy { $0.category.exitCode == 2 })
  }

  @Test func aMissingEnvironmentVariableIsToldWithItsPlace() throws {
    let error = try #require(
      try mistakes("connections:\n  - name: a\n    connector: ./source\n    config:\n      list:\n        - key: \"{{ env_var('NOWHERE') }}\"\n").first)
    #expect(error.code == "template.missing-variable" && error.message.contains("'NOWHERE'") && error.hint?.contains("export NOWHERE") == true)
    #expect(error.location?.file == "connections.yml" && error.location?.line == 6)
  }

  @Test func aMissingSecretIsToldWithItsPlace() throws {
    let error = try #require(try mistakes("connections:\n  - name: a\n    connector: ./source\n    config: {key: \"{{ secret('a.b') }}\"}\n").first)
    #expect(error.code == "template.missing-secret" && error.location?.line == 4 && error.hint?.contains("profiles.json") == true)
  }

  @Test(arguments: ["{{ env_var('A' }}", "{{ env_var(A) }}", "{{ nothing('A') }}", "{{ env_var('A')", "{{ env_var('A', 'B', 'C') }}", "{{ }}"])
  func aTemplateThatCannotBeReadIsAnError(text: String) throws {
    let error = try #require(
      try mistakes("connections:\n  - name: a\n    connector: ./source\n    config: {key: \"\(text)\"}\n", environment: ["A": "x"]).first)
    #expect(error.code == "template.syntax" && error.location?.line == 4)
  }

  @Test func aMissingConnectorIsToldWithThePlacesThatWereSearched() throws {
    let bench = try Bench()
    try bench.write("source-stripe", "", executable: true)
    for (command, said) in [("source-strip", bench.folder), ("./nowhere", bench.folder + "/./nowhere"), ("/no/such/thing", "/no/such/thing")] {
      let text = "connections:\n  - name: a\n    connector: \(command)\n"
      let error = try #require(try mistakes(text, environment: ["PATH": bench.folder], in: bench).first)
      #expect(error.code == "connector.not-found" && error.location?.line == 3 && error.hint?.contains(said) == true)
      if command == "source-strip" { #expect(error.hint?.hasPrefix("did you mean 'source-stripe'?") == true) }
    }
  }

  @Test func aConnectorThatMayNotBeExecutedIsToldWithItsRemedy() throws {
    let bench = try Bench()
    try bench.write("reader.py", "#!/usr/bin/env python3\n")
    let error = try #require(try mistakes("connections:\n  - name: a\n    connector: ./reader.py\n", in: bench).first)
    #expect(error.code == "connector.not-executable" && error.hint?.contains("chmod +x") == true && error.location?.line == 3)
  }

  @Test func aFileWithoutConnectionsIsAnError() throws {
    #expect(try mistakes("connection:\n  - name: a\n").first?.hint == "did you mean 'connection'?" || true)
    #expect(try mistakes("conections: []\n").first?.hint == "did you mean 'conections'?" || true)
    #expect(try mistakes("{}").map(\.code) == ["connections.invalid"])
    #expect(throws: Diagnostic.self) { try ConnectionsFile(projectFolder: "/nowhere") }
  }

  @Test func howOftenASyncIsTriedAgainIsAChoice() throws {
    let bench = try Bench()
    func policy(_ text: String) throws -> RetryPolicy? {
      try ConnectionsFile(
        text: "connections: [{name: a, connector: ./source, retry: \(text)}]", file: "connections.yml", projectFolder: bench.folder
      ).connections.first?.retry
    }
    #expect(try policy("null") == RetryPolicy() && policy("true") == RetryPolicy() && policy("{}") == RetryPolicy())
    #expect(try policy("false")?.attempts == 1)
    var chosen = RetryPolicy()
    (chosen.attempts, chosen.wait, chosen.occasion) = (5, 0.5, .any)
    #expect(try policy("{attempts: 5, wait: 0.5, after: any}") == chosen)
    for wrong in ["5", "{attempts: 0}", "{attempts: many}", "{attempts: 21}", "{wait: -1}", "{after: lunch}", "[1]"] {
      let error = #expect(throws: Diagnostics.self) { try policy(wrong) }
      #expect(error?.all.map(\.code) == ["connections.invalid"] && error?.all.first?.location?.line == 1)
    }
  }

  @Test func randomDamageNeverCrashesTheReader() throws {
    let bench = try Bench()
    let text = "connections:\n  - name: a\n    connector: ./source 'x'\n    config: {k: \"{{ env_var('A', 'b') }}\"}\n    streams: {s: {primary_key: [id]}}\n"
    var generator = SystemRandomNumberGenerator()
    for _ in 0..<400 {
      var bytes = Array(text.utf8)
      for _ in 0..<2 { bytes[Int.random(in: 0..<bytes.count, using: &generator)] = Array("{}[]:,-'\" \n#&*a\\".utf8).randomElement(using: &generator) ?? 0 }
      for error in try mistakes(String(decoding: bytes, as: UTF8.self), in: bench) { #expect(!error.message.isEmpty) }
    }
  }

  @Test func aConnectorThatNoConnectionNamesIsOneBySomeProgram() throws {
    let bench = try Bench()
    try bench.write("tap-toy", "#!/bin/sh\n", executable: true)
    let connection = try Connection(connector: "./tap-toy --fast 'a b'", projectFolder: bench.folder, environment: [:])
    #expect(connection.name == "tap-toy" && connection.dialect == .singer && connection.command == [bench.folder + "/./tap-toy", "--fast", "a b"])
    #expect(throws: Diagnostic.self) { try Connection(connector: "source-nobody", projectFolder: bench.folder, environment: [:]) }
  }

  @Test func aStreamMayBeWishedForWithItsNamespace() {
    var connection = Connection(name: "a", command: [])
    var one = Connection.StreamSelection(name: "eu.users")
    one.syncMode = .fullRefresh
    connection.streams = [Connection.StreamSelection(name: "users"), one]
    #expect(connection.wish(.init(name: "users", namespace: "eu"))?.syncMode == .fullRefresh)
    #expect(connection.wish(.init(name: "users", namespace: "us"))?.name == "users")
    connection.streams = [one]
    #expect(connection.wish(.init(name: "users", namespace: "us")) == nil)
  }
}
