import DataFormats
import Diagnostics

/// A message of the Airbyte protocol, one JSON object a line on a connector's standard output.
///
/// The shapes are those of https://docs.airbyte.com/understanding-airbyte/airbyte-protocol. An explicit `null` means the same
/// as an absent member, and members that are not known are ignored.
public enum Message: Sendable, Hashable {
  /// A record of a stream.
  case record(RecordMessage)
  /// A checkpoint.
  case state(StateMessage)
  /// A line of the connector's log.
  case log(LogMessage)
  /// What the source says about its work; the time is in milliseconds since 1970.
  case trace(TraceMessage, emittedAt: Int64)
  /// A new configuration to start the connector with from now on (`CONNECTOR_CONFIG`): a refresh token that can be used once.
  case control(config: JSON, emittedAt: Int64)
  /// The answer to `spec`.
  case spec(Specification)
  /// The answer to `check`.
  case connectionStatus(ConnectionStatus)
  /// The answer to `discover`.
  case catalog(Catalog)

  /// Reads a message; nil if it is none, or of a type that is not known: such lines are to be skipped.
  ///
  /// - Throws: `Diagnostic` (`protocol.missing-member`, `protocol.wrong-type`, `protocol.unknown-state`, `protocol.unknown-sync-mode`)
  ///   if it is of a known type but not of its shape.
  public init?(json: JSON) throws {
    guard let type = json.member("type")?.string, let name = Message.members[type] else { return nil }
    let body = try json.object(name, of: "a message of type \(type)")
    switch type {
    case "RECORD": self = .record(try RecordMessage(json: body))
    case "STATE": self = .state(try StateMessage(json: body))
    case "LOG": self = .log(try LogMessage(json: body))
    case "TRACE":
      guard let trace = try TraceMessage(json: body) else { return nil }
      self = .trace(trace, emittedAt: body.milliseconds("emitted_at"))
    case "CONTROL":
      guard body.member("type")?.string == "CONNECTOR_CONFIG" else { return nil }
      let config = try body.object("connectorConfig", of: "a control message").object("config", of: "a control message")
      self = .control(config: config, emittedAt: body.milliseconds("emitted_at"))
    case "SPEC": self = .spec(try Specification(json: body))
    case "CONNECTION_STATUS": self = .connectionStatus(try ConnectionStatus(json: body))
    case "CATALOG": self = .catalog(try Catalog(json: body))
    default: return nil
    }
  }

  /// Reads one line; nil if it is not JSON, not a message, or of a type that is not known.
  ///
  /// - Throws: as `init(json:)`.
  public init?(line: some Sequence<UInt8>) throws {
    guard let json = try? JSON.parse(line) else { return nil }
    try self.init(json: json)
  }

  /// The whole message.
  public var json: JSON {
    switch self {
    case .record(let record): ["type": "RECORD", "record": record.json]
    case .state(let state): ["type": "STATE", "state": state.json]
    case .log(let log): ["type": "LOG", "log": log.json]
    case .trace(let trace, let time): ["type": "TRACE", "trace": trace.json(emittedAt: time)]
    case .control(let config, let time):
      ["type": "CONTROL", "control": ["type": "CONNECTOR_CONFIG", "emitted_at": .double(Double(time)), "connectorConfig": ["config": config]]]
    case .spec(let spec): ["type": "SPEC", "spec": spec.json]
    case .connectionStatus(let status): ["type": "CONNECTION_STATUS", "connectionStatus": status.json]
    case .catalog(let catalog): ["type": "CATALOG", "catalog": catalog.json]
    }
  }

  /// Appends the message to `bytes` as one line, the line end included.
  public func writeLine(to bytes: inout [UInt8]) {
    if case .record(let record) = self { return record.writeLine(to: &bytes) }
    json.write(to: &bytes)
    bytes.append(UInt8(ascii: "\n"))
  }

  /// Which member of the envelope holds the body, by the message's type.
  private static let members = [
    "RECORD": "record", "STATE": "state", "LOG": "log", "TRACE": "trace", "CONTROL": "control", "SPEC": "spec",
    "CONNECTION_STATUS": "connectionStatus", "CATALOG": "catalog",
  ]
}
