import AirbyteProtocol
import DataFormats
import Diagnostics
import Glibc
import Warehouse

extension ConnectionSync {
  /// Loads the messages that come in at `descriptor` instead of those of a connector.
  ///
  /// - Parameters:
  ///   - catalog: the streams, of the Airbyte protocol; nil where each stream announces itself, as Singer's do.
  ///   - give: is given the states whose rows are durable.
  func write(_ catalog: ConfiguredCatalog?, from descriptor: Int32, acknowledging give: @escaping (JSON) -> Void) -> ConnectionResult {
    acknowledgement = Acknowledgement(give)
    announces = catalog == nil
    return guarded {
      _ = try prepare((catalog?.streams ?? []).map(StreamPlan.init(written:)))
      beginReading()
      emit(.reading(connection: connection.name, streams: loads.map(\.descriptor.description)))
      // The pipe closes what it reads, and standard input belongs to the process.
      let input = try LinePipe(reading: dup(descriptor))
      defer { input.close() }
      do {
        try load(from: input) { false }
      } catch {
        closeWriters()
        throw error
      }
      if ChildProcesses.isInterrupted { fatal = fatal ?? .interrupted }
      checkLines(of: input)
      try finish(.exit(0))
    }
  }

  /// Takes up a stream that a tap has just announced.
  func open(_ schema: SingerSchema, _ session: any Session) throws {
    let wish = connection.wish(StreamDescriptor(name: schema.stream))
    guard wish?.destinationSyncMode != .overwrite, wish?.replacesAndDedups != true else {
      throw Diagnostic(
        .configuration, "sync.unsupported-mode",
        "the rows of '\(schema.stream)' cannot be replaced: its tap does not say what streams it has before it is read",
        at: wish?.location ?? connection.location, hint: "choose append or append_dedup; to begin anew: scv sync --full-refresh")
    }
    let key = wish.map(\.primaryKey).flatMap { $0.isEmpty ? nil : $0 } ?? schema.keyProperties.map { [$0] }
    let deduplicates = !key.isEmpty && wish?.destinationSyncMode != .append
    var stream = CatalogStream(name: schema.stream, jsonSchema: schema.schema, supportedSyncModes: [.incremental])
    stream.sourceDefinedPrimaryKey = schema.keyProperties.map { [$0] }
    let configured = ConfiguredStream(
      stream: stream, syncMode: .incremental, destinationSyncMode: deduplicates ? .appendDedup : .append, primaryKey: key)
    let plan = StreamPlan(configured: configured, replaces: options.fullRefresh, deduplicates: deduplicates, versionField: [])
    _ = try open(plan, among: loads.map(\.plan), session)
  }

  /// Gives back the states whose rows are durable, and would be gone on with if the load broke off; at the end also those of streams
  /// whose rows have just been replaced.
  func acknowledge(isEnd: Bool = false) {
    acknowledgement?.release { state in
      let covered: [StreamLoad]
      if case .stream(let stream) = state.scope {
        covered = loads.filter { $0.descriptor == stream.descriptor }
      } else {
        covered = loads
      }
      return covered.allSatisfy { isEnd ? $0.failure == nil : !$0.plan.replaces || $0.isResumable }
    }
  }
}

/// The generations of a destination
/// (https://docs.airbyte.com/understanding-airbyte/airbyte-protocol, https://docs.airbyte.com/operator-guides/refreshes).
///
/// Airbyte's platform raises a stream's generation with every refresh, and starts the next attempt of a sync that broke off under
/// the same numbers, with the state that came back last: its rows must be there. PyAirbyte numbers everything 1. So, of rows whose
/// generation comes again:
///
/// - in `append` and `append_dedup` they stay, whether they were complete or not: the protocol says so.
/// - in `overwrite` they stay where the number of the sync is the same, and greater than 1: this is its next attempt.
/// - else they are replaced, and no state comes back before that.
extension StreamPlan {
  /// What a configured catalog asks of a destination
  /// (https://docs.airbyte.com/understanding-airbyte/airbyte-protocol, generations).
  init(written stream: ConfiguredStream) {
    var configured = stream
    // How the source reads is its own affair: every state counts.
    configured.syncMode = .incremental
    let key = stream.primaryKey.isEmpty ? stream.stream.sourceDefinedPrimaryKey : stream.primaryKey
    if stream.destinationSyncMode == .appendDedup { configured.primaryKey = key }
    let isRefresh = (stream.minimumGenerationID ?? 0) > 0 && stream.minimumGenerationID == stream.generationID
    self.init(
      configured: configured, replaces: stream.destinationSyncMode == .overwrite || isRefresh,
      deduplicates: stream.destinationSyncMode == .appendDedup && !key.isEmpty, versionField: stream.cursorField)
    if !replaces, let least = stream.minimumGenerationID, least > 0 { oldestGeneration = least }
  }

  /// Whether rows of the same generation may be from an attempt before this one, which `sync` was the number of.
  private func isNext(after sync: Int64?) -> Bool {
    configured.destinationSyncMode != .overwrite || isCounted && sync == configured.syncID
  }

  /// Whether whoever writes counts its syncs.
  private var isCounted: Bool { (configured.syncID ?? 0) > 1 }

  /// Whether rows of a replacement that breaks off stay for the next attempt.
  var staysForNextAttempt: Bool { replaces && configured.generationID != nil && (configured.destinationSyncMode != .overwrite || isCounted) }

  /// Whether this is the next attempt of `refresh`.
  func goesOn(with refresh: Refresh) -> Bool {
    refresh.generation != nil && refresh.generation == configured.generationID && isNext(after: refresh.syncID)
  }

  /// The plan for a destination where that is known of the stream.
  func next(after line: Ledger.StreamLine?) -> StreamPlan {
    guard let line, let generation = configured.generationID else { return self }
    var next = self
    if let refresh = line.refresh, goesOn(with: refresh) {
      // It goes on even if the platform, whose refresh has failed for good, only wants the rest.
      next.replaces = true
    } else if replaces, line.generation == generation, let before = line.configured, isNext(after: before.syncID) {
      next.replaces = false
      if before.minimumGenerationID != generation { next.oldestGeneration = generation }
    }
    return next
  }
}
