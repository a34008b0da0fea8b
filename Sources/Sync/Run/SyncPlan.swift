import AirbyteProtocol
import DataFormats
import Diagnostics

/// What one sync does with one stream.
struct StreamPlan: Sendable {
  /// What the source is asked for.
  var configured: ConfiguredStream
  /// Whether the records replace the rows.
  var replaces: Bool
  /// Whether there is one row a key.
  var deduplicates: Bool
  /// The path of the field that tells later versions of a row from earlier ones; empty if there is none.
  var versionField: [String]
  /// Rows of older generations go at the end, and the others stay; nil if all stay, or go.
  var oldestGeneration: Int64?
  /// Why the stream is not synced; the others are.
  var refusal: Diagnostic?
  /// Why what is wished for all streams is not done with this one.
  var shortfall: String?

  /// Whether the stream's states count for the next sync.
  var isIncremental: Bool { configured.syncMode == .incremental }
  /// Whether rows may be there twice once they are read twice.
  var appends: Bool { !replaces && !deduplicates }
  /// The generation whose elders go at the end, where some stay; most platforms let all stay, or none.
  var leastGeneration: Int64? { replaces ? nil : configured.minimumGenerationID.flatMap { $0 > 1 ? $0 : nil } }
  /// Where the rows of a refresh stand until it is complete.
  var place: Refresh.Place { replaces ? .beside : deduplicates ? .merged : .among }
}

extension StreamPlan {
  /// A stream that is left as it is.
  init(paused configured: ConfiguredStream, _ refusal: Diagnostic) {
    self.init(configured: configured, replaces: false, deduplicates: false, versionField: [], refusal: refusal)
  }
}

/// Chooses the streams and their modes: what the user wishes, and where there is no wish, what the source can do.
///
/// Without a wish a stream is read incrementally where it can be, with one row a key where it has a key, and added to otherwise;
/// what cannot be read incrementally replaces the rows of the sync before.
struct SyncPlanner {
  let connection: Connection
  let catalog: Catalog
  let fullRefresh: Bool
  /// Streams that the source has and cannot describe.
  var undescribed: Set<String> = []

  /// The plans, in the order of the catalog.
  ///
  /// - Parameter known: what the warehouse knows of the streams; one whose key or cursor the source has lost since is refused.
  /// - Throws: `Diagnostic` (`sync.unknown-stream`, `sync.unsupported-mode`, `sync.missing-cursor`, `sync.missing-primary-key`).
  func plans(known: [StreamDescriptor: Ledger.StreamLine] = [:]) throws -> [StreamPlan] {
    var gone: [StreamPlan] = []
    let offered = Set(catalog.streams.flatMap { [$0.name, $0.descriptor.description] })
    for wish in connection.streams ?? [] where wish.isWanted && !offered.contains(wish.name) && !undescribed.contains(wish.name) {
      // One that was there is no slip of the pen, and no reason to leave the others alone.
      if let configured = known.values.lazy.compactMap(\.configured).first(where: { [$0.stream.name, $0.descriptor.description].contains(wish.name) }) {
        gone.append(StreamPlan(paused: configured, absence(of: wish)))
        continue
      }
      let names = catalog.streams.map(\.descriptor.description)
      throw Diagnostic(
        .configuration, "sync.unknown-stream", "the connection '\(connection.name)' has no stream '\(wish.name)'", at: wish.location ?? connection.location,
        hint: Suggestion.didYouMean(wish.name, among: names)
          ?? (names.isEmpty ? "it has none: check what its credentials may read" : "it has: \(names.prefix(20).joined(separator: ", "))"))
    }
    return try gone
      + catalog.streams.compactMap { stream throws -> StreamPlan? in
        guard let wish = connection.wish(stream.descriptor) else { return nil }
        if let refusal = loss(stream, wish, known[stream.descriptor]) {
          return StreamPlan(
            paused: known[stream.descriptor]?.configured ?? ConfiguredStream(stream: stream, syncMode: .fullRefresh, destinationSyncMode: .append), refusal)
        }
        guard wish.isForAll else { return try plan(stream, wish) }
        // What is wished for all others is done where it can be.
        do { return try plan(stream, wish) } catch let error as Diagnostic {
          var other = try plan(stream, .init(name: stream.name))
          other.shortfall = error.message.replacing(subject(stream) + " ", with: "")
          return other
        }
      }
  }

  /// What is said of wishes for all streams that some streams cannot fulfil: which, why, and what is done with them instead; nil
  /// where all can.
  func unfulfilled(_ plans: [StreamPlan]) -> Diagnostic? {
    var groups: [(fate: String, names: [String])] = []
    for plan in plans {
      guard let reason = plan.shortfall else { continue }
      let mode = plan.configured
      let fate = "\(reason); instead: \(mode.syncMode.rawValue), \(mode.destinationSyncMode.rawValue)"
      if let index = groups.firstIndex(where: { $0.fate == fate }) {
        groups[index].names.append(mode.stream.name)
      } else {
        groups.append((fate, [mode.stream.name]))
      }
    }
    guard !groups.isEmpty else { return nil }
    let text = groups.map { group in
      let names = group.names.prefix(10).map { "'\($0)'" }.joined(separator: ", ")
      return names + (group.names.count > 10 ? " and \(group.names.count - 10) more" : "") + " (\(group.fate))"
    }
    return Diagnostic(
      .configuration, "sync.unfulfilled-wish", "not every stream can do what is wished for all: \(text.joined(separator: "; "))",
      at: connection.otherStreams?.location ?? connection.location, hint: "give these streams wishes of their own, or take them as they are", severity: .warning
    )
  }

  private func absence(of wish: Connection.StreamSelection) -> Diagnostic {
    var place = wish.location ?? connection.location
    place?.subject = "stream \(connection.name).\(wish.name)"
    return Diagnostic(
      .connector, "sync.lost-stream", "the source no longer has the stream '\(wish.name)': its table stays as it is", at: place,
      hint: "check what the credentials may read; if the stream is gone for good, take it out of connections.yml or write `\(wish.name): false`")
  }

  /// Whether the source has lost what told this stream's rows apart or in order: the field, or that it says which it is. Going on
  /// without would do damage.
  private func loss(_ stream: CatalogStream, _ wish: Connection.StreamSelection, _ line: Ledger.StreamLine?) -> Diagnostic? {
    guard let before = line?.configured else { return nil }
    let isKeyed = before.destinationSyncMode == .appendDedup
    if let properties = stream.jsonSchema["properties"]?.object, !properties.isEmpty {
      let old = before.stream.jsonSchema["properties"]?.object ?? [:]
      func isLost(_ path: [String]) -> Bool { path.first.map { old[$0] != nil && properties[$0] == nil } ?? false }
      if isKeyed, let field = before.primaryKey.first(where: isLost) {
        return loss(stream, "has '\(field.joined(separator: "."))', the primary key", "primary_key")
      }
      if before.syncMode == .incremental && isLost(before.cursorField) {
        return loss(stream, "has '\(before.cursorField.joined(separator: "."))', the cursor field", "cursor_field")
      }
    }
    let key = wish.primaryKey.isEmpty ? stream.sourceDefinedPrimaryKey : wish.primaryKey
    if isKeyed, !before.primaryKey.isEmpty, key.isEmpty, (wish.destinationSyncMode ?? .appendDedup) == .appendDedup {
      return loss(stream, "names a primary key", "primary_key")
    }
    let hasCursor = !wish.cursorField.isEmpty || !stream.defaultCursorField.isEmpty || stream.sourceDefinedCursor || connection.dialect == .singer
    let wantsIncrements = (wish.syncMode ?? .incremental) == .incremental && wish.destinationSyncMode != .overwrite && !wish.replacesAndDedups
    if before.syncMode == .incremental, wantsIncrements {
      if !stream.supportedSyncModes.contains(.incremental) { return loss(stream, "offers incremental reading", "sync_mode") }
      if !hasCursor { return loss(stream, "names a cursor field", "cursor_field") }
    }
    return nil
  }

  private func loss(_ stream: CatalogStream, _ what: String, _ option: String) -> Diagnostic {
    Diagnostic(
      .connector, "sync.lost-field", "the source no longer \(what) of '\(stream.name)': the stream is paused",
      at: connection.wish(stream.descriptor)?.location ?? connection.location,
      hint: "give the stream another \(option) in connections.yml, or take it as it is now, and load it anew: "
        + "scv sync --select \(connection.name).\(stream.name) --full-refresh --approve")
  }

  private func subject(_ stream: CatalogStream) -> String { "the stream '\(stream.name)' of the connection '\(connection.name)'" }

  private func plan(_ stream: CatalogStream, _ wish: Connection.StreamSelection) throws -> StreamPlan {
    let key = wish.primaryKey.isEmpty ? stream.sourceDefinedPrimaryKey : wish.primaryKey
    let cursor = wish.cursorField.isEmpty ? stream.defaultCursorField : wish.cursorField
    let hasCursor = !cursor.isEmpty || stream.sourceDefinedCursor
    let canBeIncremental = stream.supportedSyncModes.contains(.incremental) && hasCursor
    let mode =
      wish.syncMode
      ?? (canBeIncremental && wish.destinationSyncMode != .overwrite && !wish.replacesAndDedups
        ? .incremental : stream.supportedSyncModes.first { $0 == .fullRefresh } ?? .incremental)
    let isSinger = connection.dialect == .singer
    var replaces = wish.replacesAndDedups
    let destination: DestinationSyncMode
    if let wished = wish.destinationSyncMode {
      destination = wished
    } else if mode == .incremental {
      destination = key.isEmpty ? .append : .appendDedup
    } else {
      destination = .overwrite
      // A tap's key is a promise of one row a key; an Airbyte source's full refresh is taken as it comes.
      replaces = isSinger && !key.isEmpty
    }
    try check(stream, wish, mode, destination, key, hasCursor)
    var configured = ConfiguredStream(
      stream: stream, syncMode: mode, destinationSyncMode: destination, cursorField: cursor, primaryKey: key)
    if replaces { configured.destinationSyncMode = .overwrite }
    let deduplicates = (destination == .appendDedup || replaces) && !key.isEmpty
    // A history that every sync adds a whole copy to is not thrown away by asking for everything once more.
    let isHistory = mode == .fullRefresh && destination == .append
    return StreamPlan(
      configured: configured, replaces: replaces || destination == .overwrite || (fullRefresh && !isHistory), deduplicates: deduplicates,
      versionField: isSinger && wish.cursorField.isEmpty ? [] : cursor)
  }

  private func check(
    _ stream: CatalogStream, _ wish: Connection.StreamSelection, _ mode: SyncMode, _ destination: DestinationSyncMode, _ key: [[String]], _ hasCursor: Bool
  ) throws {
    let name = subject(stream)
    let place = wish.location ?? connection.location
    guard stream.supportedSyncModes.contains(mode) else {
      throw Diagnostic(
        .configuration, "sync.unsupported-mode", "\(name) cannot be read by \(mode.rawValue)", at: place,
        hint: "the source offers: \(stream.supportedSyncModes.map(\.rawValue).joined(separator: ", "))")
    }
    if mode == .incremental && (destination == .overwrite || wish.replacesAndDedups) {
      throw Diagnostic(
        .configuration, "sync.unsupported-mode",
        "\(name) would lose its old rows: an incremental sync reads only what is new, and \(wish.replacesAndDedups ? "overwrite_dedup" : "overwrite") drops the rest",
        at: place, hint: "choose append or append_dedup, or sync_mode full_refresh")
    }
    if mode == .incremental && !hasCursor && connection.dialect == .airbyte {
      throw Diagnostic(
        .configuration, "sync.missing-cursor", "\(name) cannot be read incrementally without a cursor field", at: place,
        hint: "name one, e.g. cursor_field: updated_at; its properties are: \(properties(stream))")
    }
    if (destination == .appendDedup || wish.replacesAndDedups) && key.isEmpty && connection.dialect == .airbyte {
      throw Diagnostic(
        .configuration, "sync.missing-primary-key", "\(name) cannot be deduplicated without a primary key", at: place,
        hint: "name one, e.g. primary_key: id; its properties are: \(properties(stream))")
    }
    let known = stream.jsonSchema["properties"]?.object ?? [:]
    guard !known.isEmpty else { return }
    for path in wish.primaryKey + (wish.cursorField.isEmpty ? [] : [wish.cursorField]) {
      guard let field = path.first, known[field] == nil else { continue }
      throw Diagnostic(
        .configuration, "sync.unknown-field", "\(name) has no property '\(field)'", at: place,
        hint: Suggestion.didYouMean(field, among: known.keys) ?? "its properties are: \(properties(stream))")
    }
  }

  private func properties(_ stream: CatalogStream) -> String {
    let names = (stream.jsonSchema["properties"]?.object ?? [:]).keys
    return names.prefix(12).joined(separator: ", ") + (names.count > 12 ? ", …" : "")
  }
}
