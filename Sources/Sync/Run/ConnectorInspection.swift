import AirbyteProtocol
import DataFormats
import Diagnostics

/// What a connection's connector says of itself, outside of a sync: `scv connectors spec`, `check` and `discover`.
public struct ConnectorInspection: Sendable {
  private let connection: Connection
  private let options: SyncOptions

  /// Questions to the connector of `connection`, which is installed if need be.
  ///
  /// - Parameter tell: is told if that is done.
  /// - Throws: `Diagnostic` (`connector.install`).
  public init(_ connection: Connection, options: SyncOptions, tell: (String) -> Void = { _ in }) throws {
    self.connection = try connection.installed(options, tell: tell)
    self.options = options
  }

  /// What the connector wants to be told. Of a tap it is what it says about itself (`--about --format=json`).
  ///
  /// - Throws: `Diagnostic` (`connector.spec` and those of starting a process).
  public func specification() throws -> Specification {
    switch connection.dialect {
    case .airbyte:
      let answer = try ask(["spec"])
      for case .spec(let spec) in answer.messages.reversed() { return spec }
      throw failure("connector.spec", "the connector does not say what it wants to be told (\(answer.ending))", answer)
    case .singer:
      let answer = try ask(["--about", "--format=json"])
      let text = answer.output.drop { $0 != UInt8(ascii: "{") }
      guard answer.ending.isSuccess, let about = try? JSON.parse(text), let settings = about["settings"] else {
        throw failure("connector.spec", "the tap does not say what it wants to be told (\(answer.ending))", answer)
      }
      return Specification(connectionSpecification: settings)
    }
  }

  /// Whether the connector gets along with its configuration. A tap that can say what streams it has does.
  ///
  /// - Throws: `Diagnostic` (`connector.check` and those of starting a process).
  public func check() throws -> ConnectionStatus {
    guard connection.dialect == .airbyte else {
      do {
        _ = try catalog()
        return ConnectionStatus(succeeded: true)
      } catch let error as Diagnostic where error.code == "connector.discover" {
        return ConnectionStatus(succeeded: false, message: error.cause ?? error.message)
      }
    }
    return try withConfig { file, redactor in
      let answer = try ask(["check", "--config", file])
      try keepControls(answer)
      for case .connectionStatus(let status) in answer.messages.reversed() {
        return ConnectionStatus(succeeded: status.succeeded, message: status.message.map(redactor.redact))
      }
      throw redactor.redact(failure("connector.check", "the connector does not say whether it works (\(answer.ending))", answer))
    }
  }

  /// The streams that the source has.
  ///
  /// - Throws: `Diagnostic` (`connector.discover` and those of starting a process).
  public func catalog() throws -> Catalog {
    try withConfig { file, redactor in
      do {
        let described = try SourceDescription(connection, configFile: file, options: options).describe { _ in }
        for config in described.configs { try keep(config) }
        guard !described.announces else {
          throw Diagnostic(
            .connector, "connector.discover", "the tap of '\(connection.name)' knows no --discover, and says what streams it has when it is read",
            at: connection.location)
        }
        return described.catalog
      } catch let error as Diagnostic {
        throw redactor.redact(located(error))
      }
    }
  }

  /// `failure` at the member of the configuration that it is about, as far as the connector lets know.
  public func located(_ failure: Diagnostic) -> Diagnostic {
    let config = (try? stored.merged(into: connection.config)) ?? connection.config
    return connection.located(failure, config: config, by: connection.dialect == .airbyte ? try? specification() : nil)
  }

  private func ask(_ arguments: [String]) throws -> ConnectorQuestion.Answer {
    try ConnectorQuestion.ask(connection.command + arguments, in: options.projectFolder, patience: options.heartbeat)
  }

  private func withConfig<Answer>(_ body: (String, Redactor) throws -> Answer) throws -> Answer {
    let scratch = try ScratchFolder()
    let config = try stored.merged(into: connection.config)
    var whole = connection
    whole.config = config
    let marked = (try? specification())?.secrets(in: config) ?? []
    return try body(try scratch.write("config.json", config), Redactor(connection.secrets + connection.suspectedSecrets + whole.suspectedSecrets + marked))
  }

  private var stored: StoredConfiguration { StoredConfiguration(connection: connection.name, projectFolder: options.projectFolder) }

  /// A refresh token that can be used once may have been used for the answer.
  private func keepControls(_ answer: ConnectorQuestion.Answer) throws {
    for case .control(let config, _) in answer.messages { try keep(config) }
  }

  private func keep(_ config: JSON) throws { try stored.store(config, given: connection.config) }

  private func failure(_ code: String, _ message: String, _ answer: ConnectorQuestion.Answer) -> Diagnostic {
    Diagnostic(
      .connector, code, message, at: connection.location, hint: "run it by hand: \(connection.command.joined(separator: " ")) --help", cause: answer.complaint)
  }
}
