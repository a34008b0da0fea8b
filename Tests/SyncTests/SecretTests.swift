import AirbyteProtocol
import DataFormats
import Diagnostics
import Sync
import Synchronization
import Testing
import Warehouse

/// Secrets go to the connector and nowhere else.
@Suite struct SecretTests {
  static let secret = "hunter2-of-the-API"

  /// Everything that a sync shows of a source which shouts its secret from wherever it can.
  func shown(_ connection: Connection, in bench: Bench) throws -> String {
    let events = Mutex("")
    let result = bench.sync(connection) { event in events.withLock { $0 += "\(event)\n" } }
    #expect(!result.succeeded)
    let stored = try bench.rows("SELECT error FROM _scv_sync_runs")
    return events.withLock { $0 } + "\(result) \(stored)"
  }

  func shout(_ secret: String, in bench: Bench) throws {
    try bench.offer()
    try bench.say(
      [
        "plain words: \(secret)", Message.log(LogMessage(.info, "using \(secret)")).json.text(), Message.log(LogMessage(.error, "\(secret)?")).json.text(),
        Message.trace(.error(.init(message: "401 for \(secret)", internalMessage: "GET ?key=\(secret)", stackTrace: "at \(secret)")), emittedAt: 1).json.text(),
        Message.trace(.error(.init(message: "users: \(secret)", stream: .init(name: "users"))), emittedAt: 1).json.text(),
      ], exit: 1)
    try bench.write("errors.txt", "curl -H 'Authorization: \(secret)'\n")
  }

  @Test func aSecretThatTheSpecificationMarksIsNeverShown() throws {
    let bench = try Bench()
    try shout(SecretTests.secret, in: bench)
    try bench.write("spec.jsonl", #"{"type":"SPEC","spec":{"connectionSpecification":{"properties":{"pin":{"airbyte_secret":true}}}}}"#)
    let text = try shown(bench.connection(config: ["pin": .string(SecretTests.secret)]), in: bench)
    #expect(!text.contains(SecretTests.secret) && text.contains("****"))
    #expect(bench.read("given-config.json")?.contains(SecretTests.secret) == true)
  }

  @Test func aSecretIsKnownByItsName() throws {
    let bench = try Bench()
    try shout(SecretTests.secret, in: bench)
    #expect(!(try shown(bench.connection(config: ["auth": ["api_token": .string(SecretTests.secret)]]), in: bench)).contains(SecretTests.secret))
  }

  @Test func whatCameFromTheEnvironmentIsASecret() throws {
    let bench = try Bench()
    try shout(SecretTests.secret, in: bench)
    let text = "connections: [{name: toy, connector: ./source, config: {x: \"{{ env_var('X') }}\"}}]"
    let file = try ConnectionsFile(text: text, file: "connections.yml", projectFolder: bench.folder, environment: ["X": SecretTests.secret])
    #expect(!(try shown(file.connections[0], in: bench)).contains(SecretTests.secret))
  }

  @Test func aSecretThatTheSourceRenewsIsKeptForTheNextSyncAndNotShown() throws {
    let bench = try Bench()
    try bench.offer()
    let renewed = "renewed-token-0002"
    try bench.say([Message.control(config: ["refresh_token": .string(renewed)], emittedAt: 1).json.text(), Message.log(LogMessage(.info, renewed)).json.text()])
    // The source says it on its standard error, too, once it has said it to us.
    try bench.write("play.sh", "cat \"$here/messages.jsonl\"; echo \"now \(renewed)\" >&2; exit 1")
    let connection = bench.connection(config: ["refresh_token": "first-token-0001", "start": "2024"])
    #expect(!(try shown(connection, in: bench)).contains(renewed))
    #expect(!bench.sync(connection).succeeded)
    #expect(try JSON.parse(bench.read("given-config.json") ?? "") == ["refresh_token": .string(renewed), "start": "2024"])
    var changed = connection
    changed.config = ["refresh_token": "typed-anew-0003", "start": "2025"]
    bench.sync(changed)
    #expect(try JSON.parse(bench.read("given-config.json") ?? "") == ["refresh_token": "typed-anew-0003", "start": "2025"])
  }

  @Test func theLinesThatAMistakeInTheFileShowsHaveNoSecrets() throws {
    let secret = SecretTests.secret
    let files = [
      "connections:\n  - name: toy\n    connector: nowhere\n    config: {api_key: \(secret), mode: x, \"password\": '\(secret)'}\n",
      "connections:\n  - name: toy\n    config:\n      client_secret: \(secret)\n     broken: [\n",
      "connections:\n  - name: toy\n    connector: ./source\n    conifg:\n      token: \(secret)\n",
    ]
    let bench = try Bench()
    for text in files {
      var shown = ""
      do {
        shown = try ConnectionsFile(text: text, file: "connections.yml", projectFolder: bench.folder).warnings.map(\.description).joined()
      } catch let error as Diagnostics { shown = error.description } catch let error as Diagnostic { shown = error.description }
      #expect(!shown.contains(secret) && shown.contains("****"), "\(shown)")
      if text.contains("mode") { #expect(shown.contains("mode: x")) }
    }
  }

  @Test func aBrokenLineThatIsPutAsideKeepsNoSecret() throws {
    let bench = try Bench()
    try bench.offer()
    try bench.say([#"{"type":"RECORD","record":{"stream":"users","data":\#(SecretTests.secret)}}"#])
    #expect(bench.sync(bench.connection(config: ["api_token": .string(SecretTests.secret)])).succeeded)
    #expect(try bench.texts("SELECT record FROM _scv_rejected")[0]?.contains("****") == true)
  }
}
