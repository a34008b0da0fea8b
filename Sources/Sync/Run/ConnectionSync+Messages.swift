import AirbyteProtocol
import CSimdJSON
import DataFormats
import Diagnostics
import Glibc
import Warehouse

extension ConnectionSync {
  // MARK: - Records

  func store(
    _ record: MessageReader.Record, length: Int, stable: UnsafeRawBufferPointer, now: Int64, clock: Double, _ session: SQLiteSession
  ) throws {
    guard let load = find(record) else {
      if announces && connection.wish(StreamDescriptor(name: record.stream.pointee.string)) != nil {
        return fatal = recordBeforeSchema(record.stream.pointee.string)
      }
      // A state that comes later would be taken for a sign that the record is safe.
      if acknowledgement != nil {
        return fatal = Diagnostic(
          .connector, "destination.unknown-stream", "a record is of the stream '\(record.stream.pointee.string)', which the catalog does not have",
          at: connection.location, hint: "give `write` a catalog with all streams that are piped in")
      }
      unselected[record.stream.pointee.string, default: 0] += 1
      return
    }
    load.result.rowsRead += 1
    load.result.bytes += length + 1
    load.recordsSinceState += 1
    recordsSinceGlobal += 1
    if load.firstMessage == nil { load.firstMessage = clock }
    load.lastMessage = clock
    guard load.hasSchema else {
      fatal = recordBeforeSchema(load.descriptor.description)
      return
    }
    raw.advance()
    var milliseconds = now
    if let time = record.time { milliseconds = self.milliseconds(time) ?? now }
    guard let data = record.data else {
      return try reject(load, record, "the record is not an object", milliseconds, session)
    }
    var generation = load.generation
    var changes: [RecordChange] = []
    if let extra = record.extra {
      if connection.dialect == .singer {
        generation = reader.tokens[extra].value.integer
      } else {
        let meta = JSONParser.value(UnsafeBufferPointer(start: reader.tokens, count: Int(reader.tokens[extra].next)), at: extra)
        changes = (meta["changes"]?.array ?? []).compactMap(RecordChange.init(json:))
      }
    }
    let reason = try load.write(
      reader.tokens, at: data, milliseconds: milliseconds, generation: generation, changes: changes, raw, stable: stable, session)
    if let reason { try reject(load, record, reason, milliseconds, session) }
  }

  private func recordBeforeSchema(_ stream: String) -> Diagnostic {
    Diagnostic(
      .connector, "singer.record-before-schema", "the tap sent a record of '\(stream)' before its schema", at: connection.location,
      hint: "the tap must send a SCHEMA message first: run it by hand and look at its output")
  }

  private func find(_ record: MessageReader.Record) -> StreamLoad? {
    if lastLoad < loads.count, loads[lastLoad].isNamed(record.stream.pointee, record.namespace) { return loads[lastLoad] }
    for index in loads.indices where loads[index].isNamed(record.stream.pointee, record.namespace) {
      lastLoad = index
      return loads[index]
    }
    return nil
  }

  private func milliseconds(_ time: UnsafePointer<scv_json_token>) -> Int64? {
    switch scv_json_kind(UInt32(time.pointee.kind)) {
    case SCV_JSON_INT: return time.pointee.value.integer
    case SCV_JSON_DOUBLE: return Int64(exactly: time.pointee.value.real.rounded())
    case SCV_JSON_STRING:
      let count = Int(time.pointee.length)
      return time.pointee.text.withMemoryRebound(to: UInt8.self, capacity: max(1, count)) { Instant.milliseconds($0, count) }
    default: return nil
    }
  }

  private func reject(_ load: StreamLoad, _ record: MessageReader.Record, _ reason: String, _ milliseconds: Int64, _ session: any Session) throws {
    if connection.dialect == .singer && reason.hasSuffix("of the primary key") {
      fatal = Diagnostic(
        .connector, "singer.missing-key-property", "the tap sent a record of '\(load.descriptor)' without its key: \(reason)", at: connection.location,
        hint: "mend the record at the source, or name another primary_key of the stream in connections.yml")
      return
    }
    // The tokens of an object span its source; anything else is written again.
    let text = record.data.map { reader.tokens[$0].string } ?? (record.body.map { reader.value(at: $0) } ?? .null).text()
    try putAside(load, .init(record: text, reason: reason, counter: raw.counter, milliseconds: milliseconds), session)
  }

  /// Writes the records that were taken, before the bytes that they came in go.
  func flush(_ session: any Session) throws {
    for load in loads {
      for refusal in try load.flush() { try putAside(load, refusal, session) }
    }
  }

  private func putAside(_ load: StreamLoad, _ refusal: RecordWriter.Refusal, _ session: any Session) throws {
    load.result.rejected += 1
    // It may have come before a state that has been taken since.
    if refusal.counter > load.covered { load.openFrom = min(load.openFrom ?? refusal.counter, refusal.counter) }
    let reason = refusal.reason
    if connection.limits.isExceeded(rejected: load.result.rejected, of: load.result.rowsRead) && load.failure == nil {
      fatal = tooManyRejected(of: load, cause: reason)
    }
    try ledger.reject(
      refusal.record, reason: reason, of: load.descriptor, rawID: raw.string(refusal.counter),
      extractedAt: Instant.text(milliseconds: refusal.milliseconds), at: Instant.text(milliseconds: Clock.milliseconds), session)
    if load.result.rejected == 1 {
      warn(
        "sync.rejected", "records of '\(load.descriptor)' were put aside: \(reason)",
        hint: whereRejected)
    }
  }

  /// Where to find what was put aside; whoever pipes in has no project to ask in.
  private var whereRejected: String {
    acknowledgement == nil
      ? "see which, and load them again: scv rejected show --connection \(connection.name)" : "they stand in the warehouse's table _scv_rejected"
  }

  /// Deals with a line that is nearly JSON.
  ///
  /// - Returns: false if it cannot be read all the same.
  func consume(mending line: UnsafeRawBufferPointer, stable: UnsafeRawBufferPointer, now: Int64, clock: Double, _ session: SQLiteSession) throws -> Bool {
    guard var mended = LineRepair.repaired(line) else { return false }
    let count = mended.count
    mended.append(contentsOf: repeatElement(0, count: LinePipe.padding))
    return try mended.withUnsafeBytes { bytes in
      guard let base = bytes.baseAddress else { return false }
      let isSinger = connection.dialect == .singer
      switch reader.read(base, count: count, capacity: bytes.count, singer: isSinger) {
      // What lies outside of `stable` is copied.
      case .record(let record): try store(record, length: line.count, stable: stable, now: now, clock: clock, session)
      case .message(let type, let json): try isSinger ? handleSinger(type, json, session) : handleAirbyte(json, session)
      case .junk, .malformed: return false
      }
      if !hasMended {
        hasMended = true
        warn(
          "sync.mended-line", "lines of the source were not JSON and were read as well as they can be: NaN, Infinity, text that is not UTF-8 or the like",
          hint: "a number that is none became NULL, and a character that is none a '\u{FFFD}'")
      }
      return true
    }
  }

  func handleMalformed(_ line: UnsafeRawBufferPointer, isWhole: Bool, _ session: any Session) throws {
    guard isWhole else {
      brokenLastLine = true
      return
    }
    // A line that was meant to be a record is not dropped, even if nobody can read it.
    let line = String(decoding: line, as: UTF8.self)
    junkLines += 1
    guard line.contains("{"), line.contains("\"RECORD\"") else { return }
    let text = redactor.redact(line)
    raw.advance()
    unreadable += 1
    let refusal = RecordWriter.Refusal(
      record: text, reason: RejectedRecords.unreadable, counter: raw.counter, milliseconds: Clock.milliseconds)
    if let load = loads.first(where: { load in
      let name = JSON.string(load.descriptor.name).text()
      return text.contains("\"stream\":" + name) || text.contains("\"stream\": " + name)
    }) {
      load.result.rowsRead += 1
      load.recordsSinceState += 1
      recordsSinceGlobal += 1
      return try putAside(load, refusal, session)
    }
    if connection.limits.isExceeded(rejected: unreadable, of: unreadable + loads.reduce(0) { $0 + $1.result.rowsRead }) {
      fatal = tooManyRejected("\(unreadable) records of the source cannot be read", cause: refusal.reason)
    }
    warn(
      "sync.malformed", "a line that was meant to be a record is not valid and was put aside", hint: whereRejected)
    try ledger.reject(
      refusal.record, reason: refusal.reason, of: StreamDescriptor(name: ""), rawID: raw.string(raw.counter), extractedAt: nil,
      at: Instant.text(milliseconds: refusal.milliseconds), session)
  }

  func tooManyRejected(of load: StreamLoad, cause reason: String? = nil) -> Diagnostic {
    var failure = tooManyRejected("\(load.result.rejected) of \(load.result.rowsRead) records of '\(load.descriptor)' have no place", cause: reason)
    failure.location = place(of: load.descriptor)
    return failure
  }

  private func tooManyRejected(_ what: String, cause reason: String?) -> Diagnostic {
    Diagnostic(
      .connector, "sync.too-many-rejected", "\(what): that is more than the connection allows", at: connection.location,
      hint: "what came since the last checkpoint is taken back, and comes again the next time; to allow more: limits: {rejected_share: 1}",
      cause: reason.map { "the last reason: \($0)" })
  }

  // MARK: - Airbyte

  func handleAirbyte(_ json: JSON, _ session: any Session) throws {
    let message: Message?
    do { message = try Message(json: json) } catch let error as Diagnostic {
      junkLines += 1
      return warn(error.code, "a message of the source is out of shape: \(error.message)")
    }
    switch message {
    case .state(let state):
      acknowledgement?.take(state, json, records: recordsSince(state))
      handle(state)
    case .log(let log):
      note(log)
      emit(.log(connection: connection.name, LogMessage(log.level, redactor.redact(log.message))))
    case .trace(let trace, _): handle(trace)
    case .control(let config, _): try keep(config)
    case nil: junkLines += 1
    default: break
    }
  }

  func handle(_ state: StateMessage) {
    switch state.scope {
    case .stream(let stream):
      guard let load = loads.first(where: { $0.descriptor == stream.descriptor }) else { return }
      reconcile(state.recordCount, load.recordsSinceState, "'\(load.descriptor)'")
      load.recordsSinceState = 0
      if load.isResumable && stream.state?.isNull == false { advance(load, to: state) }
      guard load.plan.isIncremental else { return }
      if load.plan.replaces {
        load.heldState = state
      } else {
        pendingStates[load.descriptor] = state
        pendingGlobal = nil
        load.cover(upTo: raw.counter)
      }
    case .global, .legacy:
      reconcile(state.recordCount, recordsSinceGlobal, "all streams")
      recordsSinceGlobal = 0
      for load in loads { load.recordsSinceState = 0 }
      let isSinger = connection.dialect == .singer
      guard isSinger || loads.contains(where: { $0.plan.isIncremental }) else { return }
      for load in loads where load.activation != nil && !load.plan.replaces { load.isActivationDue = true }
      // A state for all streams may only be stored once all that it covers is in place, or would be gone on with.
      guard !loads.contains(where: { waitsForItsEnd($0) }) else {
        heldGlobal = state
        return
      }
      pendingGlobal = state
      pendingStates = [:]
      for load in loads where acknowledgement != nil && load.isResumable { advance(load, to: state) }
      // An Airbyte source reads what is not incremental from its beginning, whatever that state says.
      for load in loads where isSinger || load.plan.isIncremental { load.cover(upTo: raw.counter) }
    }
  }

  /// Whether a state for all streams says of this one what only holds at its end.
  private func waitsForItsEnd(_ load: StreamLoad) -> Bool {
    if acknowledgement != nil { return load.plan.replaces && !load.isResumable }
    // A tap may or may not go on in the middle of a full table: nobody can tell by its state.
    if connection.dialect == .singer { return load.plan.replaces || load.plan.appends && !load.plan.isIncremental }
    return load.plan.replaces && load.plan.isIncremental
  }

  /// How many records came since the last state for the same streams.
  private func recordsSince(_ state: StateMessage) -> Int {
    guard case .stream(let stream) = state.scope else { return recordsSinceGlobal }
    return loads.first { $0.descriptor == stream.descriptor }?.recordsSinceState ?? 0
  }

  /// Errors that a source goes on from: it reports them in its log, and nowhere else.
  private func note(_ log: LogMessage) {
    // Airbyte's development kit tells of responses that it passes over as of any other thing.
    guard log.level == .error || log.level == .fatal || log.message.hasPrefix("Ignoring response") else { return }
    ignoredErrors.count += 1
    if ignoredErrors.count == 1 { ignoredErrors.first = log.message }
  }

  private func reconcile(_ announced: Double?, _ counted: Int, _ what: String) {
    guard let announced, announced != Double(counted) else { return }
    mismatches += 1
    guard mismatches <= 3 else { return }
    warn(
      "sync.count-mismatch",
      "the source says it sent \(Int64(exactly: announced.rounded()) ?? -1) records of \(what) since its last state, and \(counted) came",
      hint: "compare the table with the source; a full refresh reads everything anew: scv sync --full-refresh")
  }

  /// Where connections.yml speaks of a stream.
  func place(of stream: StreamDescriptor) -> SourceLocation? {
    var place = connection.wish(stream)?.location ?? connection.location
    place?.subject = "stream \(connection.name).\(stream)"
    return place
  }

  /// What a source says went wrong.
  func diagnostic(_ error: TraceMessage.SourceError) -> Diagnostic {
    let message = redactor.redact(error.message)
    var diagnostic = Diagnostic(
      .connector, error.code, message.isEmpty ? "the source says that it failed, and not why" : message,
      at: error.stream.map(place) ?? connection.location, cause: error.internalMessage.map(redactor.redact))
    switch error.failureType {
    case .config:
      diagnostic.hint = "check `config` of the connection '\(connection.name)'"
      if error.stream == nil { diagnostic = locating(diagnostic) }
    case .transient: diagnostic.hint = "it may work the next time"
    default: diagnostic.hint = "see what it logs: scv sync --select \(connection.name) --verbose"
    }
    return diagnostic
  }

  private func handle(_ trace: TraceMessage) {
    switch trace {
    case .error(let error):
      let diagnostic = diagnostic(error)
      if let load = loads.first(where: { $0.descriptor == error.stream }) {
        load.failure = diagnostic
      } else {
        sourceFailure = sourceFailure ?? diagnostic
      }
    case .estimate(let estimate):
      if !estimate.wholeSync { loads.first { $0.descriptor == estimate.stream }?.result.estimatedRows = estimate.rows }
    case .streamStatus(let status):
      hasStatuses = true
      guard let load = loads.first(where: { $0.descriptor == status.stream }) else { return }
      load.status = status.status
      // What failed and was then completed after all has recovered.
      if status.status == .complete { load.failure = nil }
      if load.firstMessage == nil { load.firstMessage = Clock.now }
      load.lastMessage = Clock.now
    case .analytics: break
    }
  }

  func keep(_ config: JSON) throws {
    redact(config)
    try StoredConfiguration(connection: connection.name, projectFolder: options.projectFolder).store(config, given: connection.config)
  }

  // MARK: - Singer

  func handleSinger(_ type: String, _ json: JSON, _ session: SQLiteSession) throws {
    do {
      switch type {
      case "SCHEMA": try evolve(SingerSchema(json: json), session)
      case "STATE":
        if let value = json["value"], !value.isNull {
          handle(StateMessage(.legacy(value)))
          acknowledgement?.take(StateMessage(.legacy(value)), value, records: nil)
        }
      case "ACTIVATE_VERSION":
        guard let load = loads.first(where: { $0.descriptor.name == json["stream"]?.string }), let version = json["version"]?.int else { return }
        load.activation = (version, raw.counter)
        load.isActivationDue = false
      case "BATCH":
        try flush(session)
        try SingerBatch(json: json).lines { lines in
          try consume(lines, session)
          try flush(session)
        }
      default: junkLines += 1
      }
    } catch let error as Diagnostic where error.category == .connector || error.category == .configuration {
      fatal = error
      fatal?.location = connection.location
    }
  }

  private func evolve(_ schema: SingerSchema, _ session: SQLiteSession) throws {
    if announces, !loads.contains(where: { $0.descriptor.name == schema.stream }), connection.wish(StreamDescriptor(name: schema.stream)) != nil {
      try open(schema, session)
    }
    guard let load = loads.first(where: { $0.descriptor.name == schema.stream }) else { return }
    try load.finishWriter()
    load.hasSchema = true
    try load.table.evolve(session, schema.schema)
    if load.plan.deduplicates && load.plan.configured.primaryKey.isEmpty { try load.table.setKeys(session, schema.keyProperties.map { [$0] }) }
    if load.line.names != load.table.names {
      load.line.names = load.table.names
      try load.saveLine(session)
    }
  }

  func warn(_ code: String, _ message: String, hint: String? = nil) {
    let warning = redactor.redact(Diagnostic(.connector, code, message, at: connection.location, hint: hint, severity: .warning))
    guard !result.warnings.contains(warning) else { return }
    result.warnings.append(warning)
    emit(.warning(connection: connection.name, warning))
  }
}

extension TraceMessage.SourceError {
  /// The code of the diagnostic about it.
  var code: String {
    switch failureType {
    case .config: "connector.config-error"
    case .transient: "connector.transient-error"
    default: "connector.error"
    }
  }
}
