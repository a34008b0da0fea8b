import AirbyteProtocol
import Diagnostics
import Warehouse

/// What a sync would do: `scv sync --plan`. Sources are asked what they have; nothing is read and nothing is changed.
public struct SyncPreview: Sendable {
  /// What would become of one stream.
  public struct Stream: Sendable {
    /// The stream.
    public var stream: StreamDescriptor
    /// The table, as it stands in SQL.
    public var table: String
    /// How it would be read.
    public var syncMode: SyncMode
    /// What would become of its records.
    public var destination: DestinationSyncMode
    /// Whether its rows would be replaced.
    public var replaces: Bool
    /// The paths of the fields that identify a record.
    public var primaryKey: [[String]]
    /// The path of the field that tells new records from old ones.
    public var cursorField: [String]
    /// Whether the table is not there yet.
    public var isNew: Bool
    /// Whether reading would go on from a state.
    public var hasState: Bool
    /// How many records a refresh that broke off has already, if it would be gone on with.
    public var resumedAfter: Int?
    /// Why it would not be synced.
    public var refusal: Diagnostic?
  }

  /// What would become of a connection.
  public struct Connection: Sendable {
    /// Its name.
    public var name: String
    /// Its streams.
    public var streams: [Stream] = []
    /// What the source offers otherwise than at the last sync.
    public var changes: [SchemaChange] = []
    /// Streams that the source has and that would be left alone.
    public var leftAlone: [StreamDescriptor] = []
    /// Whether the source only says what it has when it is read.
    public var announces = false
    /// What is wished for all streams and cannot be done with some.
    public var unfulfilled: Diagnostic?
    /// Why nothing would be synced.
    public var error: Diagnostic?
  }

  private let adapter: SQLiteAdapter
  private let options: SyncOptions

  /// A preview of syncs into `adapter`.
  public init(adapter: SQLiteAdapter, options: SyncOptions) {
    self.adapter = adapter
    self.options = options
  }

  /// What the sync of a connection would do. What goes wrong is in the answer.
  public func preview(_ connection: Sync.Connection) -> Connection {
    var preview = Connection(name: connection.name)
    let sync = ConnectionSync(connection, adapter: adapter, options: options) { _ in }
    do { try sync.preview(&preview) } catch let error as Diagnostic { preview.error = sync.redactor.redact(error) } catch {
      preview.error = Diagnostic(.system, "sync.failed", "the source of '\(connection.name)' cannot be looked at", at: connection.location, cause: "\(error)")
    }
    return preview
  }
}

extension ConnectionSync {
  func preview(_ preview: inout SyncPreview.Connection) throws {
    let scratch = try ScratchFolder()
    let (described, _) = try describe(scratch)
    preview.announces = described.announces
    guard !described.announces else { return }
    let known = try adapter.read { session in try ledger.exists(session) ? ledger.lines(session) : [:] }
    storedStates = try adapter.read { session in try ledger.exists(session) ? ledger.states(session) : [] }
    let undescribed = Set(described.failures.compactMap { $0.stream?.name })
    // Whatever the policy makes of them, the changes are what was asked for.
    let review = try SchemaReview(connection, described.catalog, known: known, undescribed: undescribed, approves: true)
    preview.changes = review.changes
    do {
      _ = try SchemaReview(connection, described.catalog, known: known, undescribed: undescribed, approves: options.approves)
    } catch let error as Diagnostic { preview.error = error }
    let planner = SyncPlanner(connection: connection, catalog: review.catalog, fullRefresh: options.fullRefresh, undescribed: undescribed)
    let plans = try planner.plans(known: known)
    preview.unfulfilled = planner.unfulfilled(plans)
    let planned = Set(plans.map(\.configured.descriptor))
    preview.leftAlone = described.catalog.streams.map(\.descriptor).filter { !planned.contains($0) }
    preview.streams = try plans.map { planned in
      let descriptor = planned.configured.descriptor
      let target = Relation(schema: schema(of: descriptor), identifier: known[descriptor]?.table ?? descriptor.name)
      let plan = try adapter.read { try goingOn(planned, known[descriptor], target, $0) }
      let hasState = storedStates.contains { state in if case .stream(let stream) = state.scope { stream.descriptor == descriptor } else { true } }
      let refresh = try known[descriptor].flatMap { line in try adapter.read { try unfinished(line, plan, target, $0) } }
      return SyncPreview.Stream(
        stream: descriptor, table: adapter.render(target), syncMode: plan.configured.syncMode, destination: plan.configured.destinationSyncMode,
        replaces: plan.replaces, primaryKey: plan.configured.primaryKey, cursorField: plan.configured.cursorField,
        isNew: try adapter.read { try $0.find(target) } == nil, hasState: hasState && plan.isIncremental && !options.fullRefresh,
        resumedAfter: (refresh?.rowsRead).map { Int($0) }, refusal: plan.refusal)
    }
  }
}
