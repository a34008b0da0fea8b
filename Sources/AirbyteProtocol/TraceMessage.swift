import DataFormats
import Diagnostics

/// What a source says about its own work: `AirbyteTraceMessage`.
public enum TraceMessage: Sendable, Hashable {
  /// Something failed.
  case error(SourceError)
  /// How much is to come.
  case estimate(Estimate)
  /// Where a stream stands.
  case streamStatus(StreamStatus)
  /// A measurement for the platform; type and value.
  case analytics(type: String, value: String?)

  /// An error of a source: `AirbyteErrorTraceMessage`.
  public struct SourceError: Sendable, Hashable, Error {
    /// Who has to act.
    public enum FailureType: String, Sendable, Hashable {
      /// The connector or the platform is broken.
      case system = "system_error"
      /// The user's configuration is wrong.
      case config = "config_error"
      /// It may work the next time.
      case transient = "transient_error"
    }

    /// The sentence for the user.
    public var message: String
    /// The details for the connector's author.
    public var internalMessage: String?
    /// Where in the connector's code.
    public var stackTrace: String?
    /// Who has to act; nil if the source does not say.
    public var failureType: FailureType?
    /// The stream that failed; nil if it is the whole source.
    public var stream: StreamDescriptor?

    /// An error; see the properties for the parameters.
    public init(
      message: String, internalMessage: String? = nil, stackTrace: String? = nil, failureType: FailureType? = nil, stream: StreamDescriptor? = nil
    ) {
      self.message = message
      self.internalMessage = internalMessage
      self.stackTrace = stackTrace
      self.failureType = failureType
      self.stream = stream
    }
  }

  /// How much is to come: `AirbyteEstimateTraceMessage`.
  public struct Estimate: Sendable, Hashable {
    /// The stream, or the source's name for the whole sync.
    public var stream: StreamDescriptor
    /// Whether it is about the whole sync.
    public var wholeSync: Bool
    /// How many records.
    public var rows: Int64?
    /// How many bytes.
    public var bytes: Int64?

    /// An estimate; see the properties for the parameters.
    public init(stream: StreamDescriptor, wholeSync: Bool = false, rows: Int64? = nil, bytes: Int64? = nil) {
      self.stream = stream
      self.wholeSync = wholeSync
      self.rows = rows
      self.bytes = bytes
    }
  }

  /// Where a stream stands: `AirbyteStreamStatusTraceMessage`.
  public struct StreamStatus: Sendable, Hashable {
    /// The states of a stream's reading.
    public enum Status: String, Sendable, Hashable {
      /// Reading began.
      case started = "STARTED"
      /// The first record came; or, with a reason, reading waits.
      case running = "RUNNING"
      /// Everything was read.
      case complete = "COMPLETE"
      /// Reading failed.
      case incomplete = "INCOMPLETE"
    }

    /// Which stream.
    public var stream: StreamDescriptor
    /// Where it stands.
    public var status: Status
    /// Until when the source's system wants no more requests, in milliseconds since 1970, if it is why the stream waits.
    public var quotaReset: Int64?

    /// A status; see the properties for the parameters.
    public init(stream: StreamDescriptor, status: Status, quotaReset: Int64? = nil) {
      self.stream = stream
      self.status = status
      self.quotaReset = quotaReset
    }
  }

  /// Reads the member `trace` of a message; nil if it is of a kind that is not known.
  ///
  /// - Throws: `Diagnostic` (`protocol.missing-member`, `protocol.wrong-type`).
  public init?(json: JSON) throws {
    switch try json.text("type", of: "a trace") {
    case "ERROR":
      let error = try json.object("error", of: "a trace of type ERROR")
      self = .error(
        SourceError(
          message: error.member("message")?.string ?? "the source reports an error without a message",
          internalMessage: error.member("internal_message")?.string, stackTrace: error.member("stack_trace")?.string,
          failureType: error.member("failure_type")?.string.flatMap(SourceError.FailureType.init(rawValue:)),
          stream: try error.member("stream_descriptor").map(StreamDescriptor.init(json:))))
    case "ESTIMATE":
      let estimate = try json.object("estimate", of: "a trace of type ESTIMATE")
      let stream = StreamDescriptor(name: try estimate.text("name", of: "an estimate"), namespace: estimate.namespace)
      self = .estimate(
        Estimate(
          stream: stream, wholeSync: estimate.member("type")?.string == "SYNC", rows: estimate.member("row_estimate")?.int,
          bytes: estimate.member("byte_estimate")?.int))
    case "STREAM_STATUS":
      let status = try json.object("stream_status", of: "a trace of type STREAM_STATUS")
      guard let value = StreamStatus.Status(rawValue: try status.text("status", of: "a stream status")) else { return nil }
      let reset = (status.member("reasons")?.array ?? []).lazy.compactMap { $0.member("rate_limited")?.member("quota_reset")?.double }.first
      self = .streamStatus(
        StreamStatus(
          stream: try StreamDescriptor(json: try status.object("stream_descriptor", of: "a stream status")), status: value,
          quotaReset: reset.flatMap { Int64(exactly: $0.rounded()) }))
    case "ANALYTICS":
      let analytics = json.member("analytics")
      self = .analytics(type: analytics?.member("type")?.string ?? "", value: analytics?.member("value")?.string)
    default: return nil
    }
  }

  /// The member `trace` of a message.
  ///
  /// - Parameter emittedAt: the time, in milliseconds since 1970.
  public func json(emittedAt: Int64) -> JSON {
    let time = JSON.double(Double(emittedAt))
    switch self {
    case .error(let error):
      let body = JSON.members([
        ("message", .string(error.message)), ("internal_message", error.internalMessage.map { .string($0) }),
        ("stack_trace", error.stackTrace.map { .string($0) }), ("failure_type", error.failureType.map { .string($0.rawValue) }),
        ("stream_descriptor", error.stream?.json),
      ])
      return ["type": "ERROR", "emitted_at": time, "error": body]
    case .estimate(let estimate):
      let body = JSON.members([
        ("name", .string(estimate.stream.name)), ("namespace", estimate.stream.namespace.map { .string($0) }),
        ("type", estimate.wholeSync ? "SYNC" : "STREAM"), ("row_estimate", estimate.rows.map { .int($0) }),
        ("byte_estimate", estimate.bytes.map { .int($0) }),
      ])
      return ["type": "ESTIMATE", "emitted_at": time, "estimate": body]
    case .streamStatus(let status):
      let reasons: JSON? = status.quotaReset.map { [["type": "RATE_LIMITED", "rate_limited": ["quota_reset": .int($0)]]] }
      let body = JSON.members([
        ("stream_descriptor", status.stream.json), ("status", .string(status.status.rawValue)), ("reasons", reasons),
      ])
      return ["type": "STREAM_STATUS", "emitted_at": time, "stream_status": body]
    case .analytics(let type, let value):
      return ["type": "ANALYTICS", "emitted_at": time, "analytics": .members([("type", .string(type)), ("value", value.map { .string($0) })])]
    }
  }
}
