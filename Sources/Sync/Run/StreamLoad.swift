import AirbyteProtocol
import CSimdJSON
import DataFormats
import Diagnostics
import Warehouse

/// One stream while it is being loaded.
final class StreamLoad {
  let plan: StreamPlan
  let descriptor: StreamDescriptor
  var table: StreamTable
  var line: Ledger.StreamLine
  var result: StreamResult
  /// The generation of the rows to come.
  var generation: Int64
  /// Whether the source has said what the records look like; Airbyte sources did so before.
  var hasSchema: Bool
  /// The names in bytes, to be compared with what stands in the line.
  let name: [UInt8]
  let namespace: [UInt8]

  /// How many records came since the last state.
  var recordsSinceState = 0
  /// The counter of the first row that came after the last checkpoint, if there is one.
  var openFrom: UInt64?
  /// Rows written after the last checkpoint.
  var openRows = 0
  /// The counter of the last row that the last checkpoint covers.
  private(set) var covered: UInt64 = 0
  /// The last state, if it has to wait until the rows are in place.
  var heldState: StateMessage?
  /// How far the refresh has come, if it could go on from there.
  private(set) var refresh: Refresh?
  /// The state with which the refresh goes on.
  private var resumedState: StateMessage?
  /// Whether a refresh that breaks off could go on.
  var isResumable = false
  /// How many records came in the attempts before this one.
  private(set) var rowsBefore: Int64 = 0
  /// A version that takes the place of the older ones at the next checkpoint, and the counter of the last row before it was said (Singer).
  var activation: (version: Int64, counter: UInt64)?
  /// Whether a state has come since.
  var isActivationDue = false
  var status: TraceMessage.StreamStatus.Status?
  var failure: Diagnostic?
  var firstMessage: Double?
  var lastMessage = 0.0
  /// Whether the sync broke off without an end: only what was committed counts.
  var isBroken = false
  /// What of the result is there to stay, whatever happens.
  private(set) var committed: StreamResult?
  private var writer: RecordWriter?
  private var refused: [RecordWriter.Refusal] = []
  private let ledger: Ledger

  init(_ plan: StreamPlan, _ ledger: Ledger, table: StreamTable, line: Ledger.StreamLine, rendered: String, generation: Int64, hasSchema: Bool) {
    self.plan = plan
    self.ledger = ledger
    self.table = table
    self.line = line
    self.generation = generation
    self.hasSchema = hasSchema
    descriptor = plan.configured.descriptor
    result = StreamResult(stream: descriptor, table: rendered)
    name = Array(descriptor.name.utf8)
    namespace = Array((descriptor.namespace ?? "").utf8)
  }

  /// Takes a record, to be written by `flush` at the latest; what the table lacks for it is made first.
  ///
  /// - Parameter stable: the bytes that stay where they are until `flush`.
  /// - Returns: why the record has no place; nil if it is taken.
  func write(
    _ tokens: UnsafePointer<scv_json_token>, at index: Int, milliseconds: Int64, generation: Int64, changes: [RecordChange], _ raw: RawIdentifier,
    stable: UnsafeRawBufferPointer, _ session: SQLiteSession
  ) throws -> String? {
    for _ in 0..<3 {
      let writer = try self.writer ?? makeWriter(raw, session)
      writer.stable = stable
      switch try writer.write(
        tokens, at: index, counter: raw.counter, milliseconds: milliseconds, generation: generation, sourceChanges: changes)
      {
      case .taken:
        if openFrom == nil && tracksRows { openFrom = raw.counter }
        openRows += 1
        return nil
      case .rejected(let reason): return reason
      case .unfitting(let fields, let slots):
        try finishWriter()
        try table.addUndeclared(session, fields)
        try table.widen(session, slots: slots)
        line.names = table.names
        try saveLine(session)
      }
    }
    return "its properties cannot be stored"
  }

  /// Writes down what is known of the stream.
  func saveLine(_ session: any Session) throws { try ledger.save(line, of: descriptor, session) }

  private func makeWriter(_ raw: RawIdentifier, _ session: SQLiteSession) throws -> RecordWriter {
    let writer = try RecordWriter(
      try session.handle, sql: table.insertSQL(rows:), columns: table.columns, keys: plan.deduplicates ? table.keys : [], ignored: table.ignored,
      overflowing: table.overflows ? table.overflowing : nil, rawIdentifier: raw)
    self.writer = writer
    return writer
  }

  /// Writes what was taken.
  ///
  /// - Returns: the records that the warehouse refused.
  func flush() throws -> [RecordWriter.Refusal] {
    try writer?.flush()
    guard !refused.isEmpty || writer?.refused.isEmpty == false else { return [] }
    let all = refused + (writer?.refused ?? [])
    refused = []
    writer?.refused = []
    return all
  }

  /// Writes what was taken, and frees the prepared statements: the table is about to change.
  func finishWriter() throws {
    try writer?.flush()
    closeWriter()
  }

  /// Frees the prepared statements; inside a session only. What is not written by now is lost with its transaction.
  func closeWriter() {
    guard let writer else { return }
    refused += writer.refused
    result.nulled += writer.nulled
    result.rowsWritten += writer.written
    self.writer = nil
  }

  /// Whether rows that no state covers must go before they are read again.
  var tracksRows: Bool { plan.appends || isResumable && !plan.deduplicates }

  /// What the source is asked for.
  func request(syncID: Int64) -> ConfiguredStream {
    var configured = plan.configured
    configured.generationID = generation
    configured.minimumGenerationID = plan.replaces ? generation : 0
    configured.syncID = refresh?.syncID ?? syncID
    return configured
  }

  /// Whether a refresh has come further than it was.
  var isFurther: Bool { line.refresh != nil && line.refresh?.state != resumedState }

  /// Goes on with a refresh that broke off.
  func resume(_ refresh: Refresh?) {
    self.refresh = refresh
    resumedState = refresh?.state
    rowsBefore = refresh?.rowsRead ?? 0
    if plan.isIncremental { heldState = refresh?.state }
  }

  /// The refresh has come to a state.
  ///
  /// - Parameters:
  ///   - attempt: the row number at which this attempt began.
  ///   - source: what the rows come from.
  func advance(to state: StateMessage, syncID: Int64, attempt: String, source: String) {
    var next = refresh ?? Refresh(state: state, syncID: syncID, startedAt: syncID, rowsRead: 0, place: plan.place)
    next.state = state
    next.state.recordCount = nil
    next.rowsRead = rowsBefore + Int64(result.rowsRead)
    next.generation = generation
    next.source = source
    if next.attempts.last != attempt { next.attempts.append(attempt) }
    refresh = next
  }

  /// The counts of this moment.
  var snapshot: StreamResult {
    var snapshot = result
    snapshot.nulled += writer?.nulled ?? 0
    snapshot.rowsWritten += writer?.written ?? 0
    snapshot.seconds = firstMessage.map { lastMessage - $0 } ?? 0
    return snapshot
  }

  /// Everything so far has been committed.
  ///
  /// - Parameter hasState: whether the next sync has a state to go on from.
  func noteCommitted(hasState: Bool) {
    var kept = snapshot
    // What no state covers is taken back before it is read again; what is to replace rows goes unless it can be gone on with.
    if line.openRows { kept.rowsWritten = max(0, kept.rowsWritten - openRows) }
    if plan.replaces && line.refresh == nil {
      kept.rowsWritten = 0
      kept.nulled = 0
    }
    kept.resumption = line.refresh != nil || hasState ? .goesOn : .beginsAnew
    committed = kept
  }

  /// Everything up to the row of that counter is covered by a checkpoint, also what is still to be written.
  func cover(upTo counter: UInt64) {
    covered = counter
    openFrom = nil
    openRows = 0
  }

  @inline(__always) func isNamed(_ name: scv_json_token, _ namespace: UnsafePointer<scv_json_token>?) -> Bool {
    guard StreamLoad.equal(self.name, name) else { return false }
    guard let namespace, namespace.pointee.kind != UInt8(SCV_JSON_NULL.rawValue) else { return self.namespace.isEmpty }
    return StreamLoad.equal(self.namespace, namespace.pointee)
  }

  @inline(__always) private static func equal(_ bytes: [UInt8], _ token: scv_json_token) -> Bool {
    bytes.count == Int(token.length) && bytes.withUnsafeBytes { $0.elementsEqual(token.utf8) }
  }
}
