import DataFormats
import Diagnostics

/// A line of a connector's log: `AirbyteLogMessage`.
public struct LogMessage: Sendable, Hashable {
  /// How much it matters.
  public enum Level: String, Sendable, Hashable, CaseIterable {
    /// The connector cannot go on.
    case fatal = "FATAL"
    /// Something failed.
    case error = "ERROR"
    /// Something looks wrong.
    case warn = "WARN"
    /// What goes on.
    case info = "INFO"
    /// For the connector's author.
    case debug = "DEBUG"
    /// Everything.
    case trace = "TRACE"
  }

  /// How much it matters.
  public var level: Level
  /// The line.
  public var message: String
  /// Where in the connector's code.
  public var stackTrace: String?

  /// A line of a log.
  public init(_ level: Level, _ message: String, stackTrace: String? = nil) {
    self.level = level
    self.message = message
    self.stackTrace = stackTrace
  }

  /// Reads the member `log` of a message; a level that is not known counts as INFO.
  ///
  /// - Throws: `Diagnostic` (`protocol.missing-member`, `protocol.wrong-type`).
  public init(json: JSON) throws {
    self.init(
      json.member("level")?.string.flatMap { Level(rawValue: $0.uppercased()) } ?? .info, try json.text("message", of: "a log message"),
      stackTrace: json.member("stack_trace")?.string)
  }

  /// The member `log` of a message.
  public var json: JSON {
    .members([("level", .string(level.rawValue)), ("message", .string(message)), ("stack_trace", stackTrace.map { .string($0) })])
  }
}

/// The answer to `check`: `AirbyteConnectionStatus`.
public struct ConnectionStatus: Sendable, Hashable {
  /// Whether the connection works.
  public var succeeded: Bool
  /// Why not.
  public var message: String?

  /// An answer to `check`.
  public init(succeeded: Bool, message: String? = nil) {
    self.succeeded = succeeded
    self.message = message
  }

  /// Reads the member `connectionStatus` of a message.
  ///
  /// - Throws: `Diagnostic` (`protocol.missing-member`, `protocol.wrong-type`).
  public init(json: JSON) throws {
    self.init(succeeded: try json.text("status", of: "a connection status") == "SUCCEEDED", message: json.member("message")?.string)
  }

  /// The member `connectionStatus` of a message.
  public var json: JSON {
    .members([("status", succeeded ? "SUCCEEDED" : "FAILED"), ("message", message.map { .string($0) })])
  }
}
