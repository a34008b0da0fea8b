import AirbyteProtocol
import ArgumentParser
import DataFormats
import Diagnostics
import FoundationEssentials
@preconcurrency import Glibc
import Sync
import Warehouse

/// `scv destination`: the warehouse as an Airbyte destination, for PyAirbyte or a shell pipe.
struct DestinationCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "destination", abstract: "Load what an Airbyte source sends: the protocol's spec, check and write.",
    discussion: """
      Called as `destination-scv` (a link to scv), the words spec, check and write stand by themselves, as Airbyte's clients want it. \
      A configuration is {"path": "warehouse.db", "schema": "main"}.

      States come back once their rows are on the disk. A load that broke off goes on at the last of them: with one row a key (append_dedup) \
      and in a replacement (overwrite, a new generation) every row is there once; added rows (append) are there at least once, if the \
      client begins anew. A replacement goes on under the same generation_id and sync_id; a client that numbers everything 1, as PyAirbyte \
      does, begins its overwrite anew, and gets its states at the end.
      """, subcommands: [Spec.self, Check.self, Write.self])

  /// `spec`: what the configuration looks like.
  struct Spec: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Say what the configuration looks like.")

    func run() {
      var spec = Specification(
        connectionSpecification: PipedWarehouse.schema, protocolVersion: "0.2.0",
        supportedDestinationSyncModes: DestinationSyncMode.allCases)
      spec.members = ["supportsIncremental": true, "supportsNormalization": false, "supportsDBT": false]
      Terminal.say(Message.spec(spec).json.text())
    }
  }

  /// `check`: whether the warehouse can be written to.
  struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Say whether the warehouse can be written to.")
    @Option(help: "The file of the configuration.") var config: String

    func run() throws {
      do {
        let warehouse = try PipedWarehouse(configFile: config)
        let adapter = try warehouse.open()
        try adapter.write { session in
          try session.execute("CREATE TABLE _scv_check (ok INTEGER)")
          try session.execute("DROP TABLE _scv_check")
        }
        try adapter.close()
        Terminal.say(Message.connectionStatus(ConnectionStatus(succeeded: true)).json.text())
      } catch let error as Diagnostic {
        let message = [error.message, error.hint].compactMap { $0 }.joined(separator: "; ")
        Terminal.say(Message.connectionStatus(ConnectionStatus(succeeded: false, message: message)).json.text())
      }
    }
  }

  /// `write`: loads the messages on standard input, and gives states back when what they cover is durable.
  struct Write: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Load the messages on standard input.")
    @Option(help: "The file of the configuration.") var config: String
    @Option(help: "The file of the configured catalog.") var catalog: String

    func run() throws {
      let voice = MessageVoice()
      do {
        let warehouse = try PipedWarehouse(configFile: config)
        let streams = try ConfiguredCatalog(json: try PipedWarehouse.json(catalog, what: "catalog"))
        let adapter = try warehouse.open()
        ChildProcesses.stopOnSignals()
        let load = PipedLoad(adapter: adapter, options: warehouse.options, connection: warehouse.connection(.airbyte))
        let result = load.load(streams, acknowledge: { voice.say($0) }, onEvent: { voice.handle($0) })
        try adapter.close()
        guard !result.succeeded else { return }
        for stream in result.streams { if let error = stream.error { voice.fail(error, stream.stream) } }
        if let error = result.error { voice.fail(error) }
      } catch let error as Diagnostic {
        voice.fail(error)
      } catch let errors as Diagnostics {
        for error in errors.all { voice.fail(error) }
      }
      throw ExitCode(1)
    }
  }
}

/// `scv target`: the warehouse as a Singer target, for Meltano or a shell pipe.
struct TargetCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "target", abstract: "Load what a Singer tap sends.",
    discussion: """
      Reads SCHEMA, RECORD, STATE, ACTIVATE_VERSION and BATCH messages on standard input, and writes the value of each state to standard \
      output when everything before it is durable. `target-scv`, a link to scv, is the same command.
      """)

  @Option(name: [.short, .long], help: "The file of the configuration: {\"path\": \"warehouse.db\", \"schema\": \"main\"}.") var config: String

  func run() throws {
    let warehouse = try PipedWarehouse(configFile: config)
    let adapter = try warehouse.open()
    ChildProcesses.stopOnSignals()
    let load = PipedLoad(adapter: adapter, options: warehouse.options, connection: warehouse.connection(.singer))
    let result = load.load(
      nil, acknowledge: { MessageVoice.write($0) },
      onEvent: { if case .warning(_, let warning) = $0 { ErrorReport.show(warning) } })
    try adapter.close()
    for error in result.failures { ErrorReport.show(error) }
    guard result.succeeded else { throw ExitCode(1) }
  }
}
