import DataFormats
import Diagnostics

/// The state of one stream: a blob that only the source understands.
public struct StreamState: Sendable, Hashable {
  /// Whose state it is.
  public var descriptor: StreamDescriptor
  /// The blob; nil resets the stream.
  public var state: JSON?

  /// A stream's state.
  public init(_ descriptor: StreamDescriptor, state: JSON?) {
    self.descriptor = descriptor
    self.state = state
  }

  /// Reads `{"stream_descriptor": …, "stream_state": …}`.
  ///
  /// - Throws: `Diagnostic` (`protocol.missing-member`, `protocol.wrong-type`).
  public init(json: JSON) throws {
    self.init(try StreamDescriptor(json: try json.object("stream_descriptor", of: "a stream state")), state: json.member("stream_state"))
  }

  /// `{"stream_descriptor": …, "stream_state": …}`.
  public var json: JSON { .members([("stream_descriptor", descriptor.json), ("stream_state", state)]) }
}

/// A checkpoint: when everything that was emitted before is durable, the source may be started with it again.
/// `AirbyteStateMessage`; also the elements of the file behind `--state`.
public struct StateMessage: Sendable, Hashable {
  /// What the checkpoint covers.
  public enum Scope: Sendable, Hashable {
    /// `STREAM`: one stream.
    case stream(StreamState)
    /// `GLOBAL`: the whole source, as a shared state and one a stream.
    case global(shared: JSON?, streams: [StreamState])
    /// `LEGACY`: the whole source, as one blob; the only one that Singer knows.
    case legacy(JSON)
  }

  /// What the checkpoint covers, and the state.
  public var scope: Scope
  /// How many records the source emitted since its last state for the same scope, if it says so.
  public var recordCount: Double?

  /// A checkpoint.
  public init(_ scope: Scope, recordCount: Double? = nil) {
    self.scope = scope
    self.recordCount = recordCount
  }

  /// The checkpoint of one stream.
  public init(stream: String, namespace: String? = nil, state: JSON?, recordCount: Double? = nil) {
    self.init(.stream(StreamState(StreamDescriptor(name: stream, namespace: namespace), state: state)), recordCount: recordCount)
  }

  /// Reads the member `state` of a message, or an element of a state file. Without a type it is legacy; an object that has no
  /// member of this protocol at all is a legacy blob itself.
  ///
  /// - Throws: `Diagnostic` (`protocol.missing-member`, `protocol.wrong-type`, `protocol.unknown-state`).
  public init(json: JSON) throws {
    let count = json.member("sourceStats")?.member("recordCount")?.double
    let stream = json.member("stream")
    let global = json.member("global")
    switch json.member("type")?.string {
    case nil where stream?.member("stream_descriptor") != nil, "STREAM":
      guard let stream else { throw JSON.missing("stream", of: "a state of type STREAM") }
      self.init(.stream(try StreamState(json: stream)), recordCount: count)
    case nil where global?.member("stream_states")?.array != nil, "GLOBAL":
      guard let global else { throw JSON.missing("global", of: "a state of type GLOBAL") }
      let streams = try (global.member("stream_states")?.array ?? []).map(StreamState.init(json:))
      self.init(.global(shared: global.member("shared_state"), streams: streams), recordCount: count)
    case "LEGACY": self.init(.legacy(json.member("data") ?? [:]), recordCount: count)
    case nil:
      guard json.object != nil else { throw Diagnostic(.connector, "protocol.wrong-type", "a state is not an object") }
      self.init(.legacy(json["data"].map { $0.isNull ? [:] : $0 } ?? json), recordCount: count)
    case let type?: throw Diagnostic(.connector, "protocol.unknown-state", "'\(type)' is not a type of state")
    }
  }

  /// The member `state` of a message, or an element of a state file.
  public var json: JSON {
    let stats: JSON? = recordCount.map { ["recordCount": .double($0)] }
    switch scope {
    case .stream(let stream): return .members([("type", "STREAM"), ("stream", stream.json), ("sourceStats", stats)])
    case .global(let shared, let streams):
      let global = JSON.members([("shared_state", shared), ("stream_states", .array(streams.map(\.json)))])
      return .members([("type", "GLOBAL"), ("global", global), ("sourceStats", stats)])
    case .legacy(let data): return .members([("type", "LEGACY"), ("data", data), ("sourceStats", stats)])
    }
  }

  /// Whether both are states of the same stream.
  public func isOfSameStream(as other: StateMessage) -> Bool {
    guard case .stream(let own) = scope, case .stream(let others) = other.scope else { return false }
    return own.descriptor == others.descriptor
  }

  /// Whether it says where all streams are, and not only one.
  public var isShared: Bool { if case .stream = scope { false } else { true } }

  /// Reads the content of a state file: a list of states, a single one, or (old sources) one legacy blob.
  ///
  /// - Throws: `Diagnostic` (`protocol.missing-member`, `protocol.wrong-type`, `protocol.unknown-state`).
  public static func list(fromFile json: JSON) throws -> [StateMessage] {
    if json.isNull { return [] }
    if let array = json.array { return try array.map(StateMessage.init(json:)) }
    if let members = json.object, members.isEmpty { return [] }
    return [try StateMessage(json: json)]
  }

  /// The state of one stream in a list of states: its own, or the one in a global state; nil if there is none.
  public static func state(of stream: String, namespace: String? = nil, in states: [StateMessage]) -> JSON? {
    let wanted = StreamDescriptor(name: stream, namespace: namespace)
    for message in states.reversed() {
      switch message.scope {
      case .stream(let state) where state.descriptor == wanted: return state.state
      case .global(_, let streams):
        if let state = streams.first(where: { $0.descriptor == wanted }) { return state.state }
      case .legacy(let data):
        if let state = data.member(stream) { return state }
      default: continue
      }
    }
    return nil
  }
}
