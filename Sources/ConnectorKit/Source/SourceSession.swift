import AirbyteProtocol
import DataFormats
import Diagnostics
import HTTP

/// What the kit gives a source for one run: requests, a log, and a place for secrets and changed settings.
public final class SourceSession {
  /// Sends the source's requests; tries again and logs it, and hides secrets.
  public let client: HTTPClient
  private let writer: MessageWriter
  private var config: JSON
  private var secrets: [String]
  private(set) var redactor: Redactor

  init(_ writer: MessageWriter, client: HTTPClient, config: JSON = [:], secrets: [String] = []) {
    self.writer = writer
    self.client = client
    self.config = config
    self.secrets = secrets
    redactor = Redactor(secrets)
    client.redactor = redactor
    client.willWait = { try writer.flush() }
    client.willRetry = { [unowned self] failure, delay in
      let wait = Double(Int(delay * 10)) / 10
      try self.log(.warn, "\(failure.diagnostic.message); trying again in \(wait) s")
    }
  }

  /// Writes a line of the log; secrets are taken out.
  public func log(_ level: LogMessage.Level, _ message: String) throws {
    try writer.send(.log(LogMessage(level, redactor.redact(message))))
  }

  /// The time on this machine.
  public var now: Instant { Instant(microseconds: MessageWriter.now * 1_000) }

  /// Takes note of a text that no log, error or state may show, such as an access token.
  public func hide(_ secret: String) {
    guard !secrets.contains(secret) else { return }
    secrets.append(secret)
    redactor = Redactor(secrets)
    client.redactor = redactor
  }

  /// Changes a setting for this run and all to come: whoever runs the connector is asked to keep the changed configuration.
  /// For refresh tokens that can be used once.
  public func replaceSetting(_ name: String, with value: JSON) throws {
    if let secret = value.string { hide(secret) }
    config[name] = value
    try writer.send(.control(config: config, emittedAt: MessageWriter.now))
  }
}
