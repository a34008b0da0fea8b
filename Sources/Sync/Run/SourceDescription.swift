import AirbyteProtocol
import DataFormats
import Diagnostics
import Synchronization

/// What a source says about itself before it is read.
struct SourceDescription {
  /// The answers.
  struct Answer {
    /// The streams.
    var catalog: Catalog
    /// A tap's own catalog, to be given back to it; nil for Airbyte sources and taps without discovery.
    var tap: SingerCatalog?
    /// What it logged.
    var log: [LogMessage]
    /// Streams that the source has and cannot describe, and why.
    var failures: [TraceMessage.SourceError] = []
    /// Whether it does not say what streams it has, and announces each with its records, as taps without discovery do.
    var announces = false
    /// The configurations that it wants to be started with from now on.
    var configs: [JSON] = []
  }

  private let connection: Connection
  private let configFile: String
  private let options: SyncOptions

  init(_ connection: Connection, configFile: String, options: SyncOptions) {
    self.connection = connection
    self.configFile = configFile
    self.options = options
  }

  /// Asks for the streams, and at the same time which members of the configuration are secret.
  ///
  /// - Parameter specified: is given the specification before anything that the source said goes anywhere; nil if there is none.
  /// - Throws: `Diagnostic` (`connector.discover`, `connector.no-catalog` and those of starting a process).
  func describe(_ specified: (Specification?) -> Void) throws -> Answer {
    connection.dialect == .airbyte ? try describeSource(specified) : try describeTap()
  }

  private func ask(_ arguments: [String]) throws -> ConnectorQuestion.Answer {
    try ConnectorQuestion.ask(connection.command + arguments, in: options.projectFolder, patience: options.heartbeat)
  }

  private func describeSource(_ tell: (Specification?) -> Void) throws -> Answer {
    let specified = Mutex<Specification?>(nil)
    let thread = try NativeThread.start { [self] in
      for case .spec(let spec) in (try? ask(["spec"]))?.messages ?? [] { specified.withLock { $0 = spec } }
    }
    let discovered = Result { try ask(["discover", "--config", configFile]) }
    thread.join()
    tell(specified.withLock { $0 })
    let answer = try discovered.get()
    let messages = answer.messages
    let log = messages.compactMap { message -> LogMessage? in if case .log(let log) = message { log } else { nil } }
    let configs = messages.compactMap { message -> JSON? in if case .control(let config, _) = message { config } else { nil } }
    let failures = messages.compactMap { message -> TraceMessage.SourceError? in
      if case .trace(.error(let error), _) = message, error.stream != nil { error } else { nil }
    }
    for case .catalog(let catalog) in messages.reversed() { return Answer(catalog: catalog, log: log, failures: failures, configs: configs) }
    throw failure(answer)
  }

  private func describeTap() throws -> Answer {
    let answer = try ask(["--config", configFile, "--discover"])
    if cannotDiscover(answer) { return Answer(catalog: Catalog(streams: []), log: [], announces: true) }
    guard answer.ending.isSuccess else { throw failure(answer) }
    let text = answer.output.drop { $0 != UInt8(ascii: "{") }
    guard !text.isEmpty, let json = try? JSON.parse(text) else { throw failure(answer) }
    let tap = try SingerCatalog(json: json)
    return Answer(catalog: try tap.catalog, tap: tap, log: [])
  }

  /// Whether a tap is one of those that know no `--discover`: it complains of the flag, or reads instead.
  private func cannotDiscover(_ answer: ConnectorQuestion.Answer) -> Bool {
    guard answer.ending.isSuccess else {
      let complaint = answer.errors.joined(separator: " ").lowercased()
      return complaint.contains("--discover")
        && ["unrecogni", "no such option", "unknown", "unexpected", "invalid option", "illegal option"].contains { complaint.contains($0) }
    }
    let first = answer.output.split(separator: 10, maxSplits: 1).first.flatMap { try? JSON.parse($0) }
    return ["SCHEMA", "RECORD", "STATE"].contains(first?["type"]?.string ?? "")
  }

  private func failure(_ answer: ConnectorQuestion.Answer) -> Diagnostic {
    let said = answer.failureType
    let question = connection.dialect == .airbyte ? "discover --config FILE" : "--config FILE --discover"
    return Diagnostic(
      .connector, said == .config ? "connector.config-error" : said == .transient ? "connector.transient-error" : "connector.discover",
      "the source of '\(connection.name)' does not say what streams it has (\(answer.ending))", at: connection.location,
      hint: said == .transient
        ? "it may work the next time" : "check its `config`; run it by hand: \(connection.command.joined(separator: " ")) \(question)",
      cause: answer.complaint ?? answer.misshapen?.message)
  }

  /// Writes catalog and state into `scratch`, and gives the arguments to read them.
  func readArguments(_ configured: [ConfiguredStream], states: [StateMessage], tap: SingerCatalog?, _ scratch: ScratchFolder) throws -> [String] {
    switch connection.dialect {
    case .airbyte:
      let catalog = try scratch.write("catalog.json", ConfiguredCatalog(streams: configured).json)
      var arguments = ["read", "--config", configFile, "--catalog", catalog]
      if !states.isEmpty { arguments += ["--state", try scratch.write("state.json", .array(states.map(\.json)))] }
      return arguments
    case .singer:
      var arguments = ["--config", configFile]
      if let tap { arguments += [connection.catalogFlag, try scratch.write("catalog.json", tap.selecting(configured))] }
      for case .legacy(let data) in states.map(\.scope) { arguments += ["--state", try scratch.write("state.json", data)] }
      return arguments
    }
  }
}
