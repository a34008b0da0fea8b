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
      checkLines(of: input)
      try finish(.exit(0))
    }
  }

  /// Takes up a stream that a tap has just announced.
  func open(_ schema: SingerSchema, _ session: any Session) throws {
    var stream = CatalogStream(name: schema.stream, jsonSchema: schema.schema, supportedSyncModes: [.incremental])
    stream.sourceDefinedPrimaryKey = schema.keyProperties.map { [$0] }
    let configured = ConfiguredStream(
      stream: stream, syncMode: .incremental, destinationSyncMode: schema.keyProperties.isEmpty ? .append : .appendDedup,
      primaryKey: stream.sourceDefinedPrimaryKey)
    let plan = StreamPlan(configured: configured, replaces: false, deduplicates: !schema.keyProperties.isEmpty, versionField: [])
    _ = try open(plan, among: loads.map(\.plan), session)
  }

  /// Gives back the states whose rows are durable: at the end also those of streams whose rows have been replaced.
  func acknowledge(isEnd: Bool = false) {
    acknowledgement?.release { state in
      let covered: [StreamLoad]
      if case .stream(let stream) = state.scope {
        covered = loads.filter { $0.descriptor == stream.descriptor }
      } else {
        covered = loads
      }
      return covered.allSatisfy { isEnd ? $0.failure == nil : !$0.plan.replaces }
    }
  }
}

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
  }
}
