import AirbyteProtocol
import Diagnostics
import Glibc
import Warehouse

extension ConnectionSync {
  /// Decides which streams succeeded, puts replaced rows in place, takes back what will be read again, and writes it all down.
  func finish(_ ending: ConnectorProcess.Ending) throws {
    judge(ending)
    let time = Instant.text(milliseconds: Clock.milliseconds)
    do {
      try adapter.write { session in
        for load in loads {
          load.closeWriter()
          if load.failure == nil { try settle(load, session, time) } else { try undo(load, session) }
        }
        try saveHeldGlobal(session, time)
      }
    } catch {
      closeWriters()
      throw error
    }
    acknowledge(isEnd: true)
    summarise()
    record(at: time)
  }

  /// Writes down what the sync did; where even that fails, the reason has been told already.
  private func record(at time: String) {
    _ = try? adapter.write { session in
      for stream in result.streams { try ledger.record(stream, run: run, startedAt: startedAt, at: time, session) }
    }
  }

  /// Ends a sync that the warehouse, or the machine, does not let end: what was committed before stays, and nothing else is touched.
  /// The next sync takes back what no state covers before it reads it again.
  func breakOff(_ error: Diagnostic) {
    for load in loads {
      load.failure = load.failure ?? error
      load.isBroken = true
    }
    summarise()
    if error.code != "warehouse.busy" { record(at: Instant.text(milliseconds: Clock.milliseconds)) }
  }

  /// What is said of a source that ends other than it should.
  func failure(_ ending: ConnectorProcess.Ending, cause: String? = nil) -> Diagnostic {
    var hint = cause == nil ? "see what it logs: scv sync --select \(connection.name) --verbose" : nil
    if ending == .signal(SIGKILL) { hint = "the system may have had no memory left for it: see dmesg, or give the machine more" }
    return Diagnostic(
      .connector, "connector.failed", "the source of '\(connection.name)' ended with \(ending)", at: connection.location, hint: hint, cause: cause)
  }

  /// A failed sync is one whose source failed, said so, or left a stream without saying that it is complete.
  private func judge(_ ending: ConnectorProcess.Ending) {
    var broken = fatal ?? sourceFailure
    if broken?.location == nil { broken?.location = connection.location }
    for load in loads where load.failure == nil {
      if connection.limits.isExceeded(rejected: load.result.rejected, ofAll: load.result.rowsRead, replacing: load.plan.replaces) && fatal == nil {
        load.failure = tooManyRejected(of: load)
      }
      if load.status == .complete && fatal == nil { continue }
      if let broken {
        load.failure = broken
      } else if !ending.isSuccess {
        load.failure = failure(ending)
      } else if load.status == .incomplete || hasStatuses {
        load.failure = Diagnostic(
          .connector, "connector.incomplete", "the source did not complete the stream '\(load.descriptor)'", at: place(of: load.descriptor),
          hint: "see what it logs: scv sync --select \(connection.name) --verbose")
      }
    }
    failWhatComesAgain()
    result.error = broken
    if result.error == nil && !ending.isSuccess && !loads.contains(where: { $0.failure != nil }) {
      result.error = failure(ending)
    }
    if brokenLastLine && result.error == nil {
      warn("sync.malformed", "the source's output broke off in the middle of a line")
    }
  }

  /// Where one state says where all streams are, or the next attempt begins all that are not covered anew, a stream that is complete
  /// fails with the others if its records will come again: kept, they would be there twice.
  private func failWhatComesAgain() {
    guard sharesState || acknowledgement != nil, let failed = loads.first(where: { $0.failure != nil }) else { return }
    for load in loads where load.failure == nil && load.plan.isIncremental {
      // Of a state that waits for the end of all, nothing is kept.
      let isUncovered = load.openFrom != nil || acknowledgement == nil && load.plan.replaces && !load.plan.deduplicates
      guard isUncovered else { continue }
      load.failure = Diagnostic(
        .connector, "sync.not-covered",
        "the stream '\(load.descriptor)' was read to its end, but no state covers its last records, since '\(failed.descriptor)' failed",
        at: place(of: load.descriptor), hint: "they come again the next time")
    }
  }

  private func settle(_ load: StreamLoad, _ session: any Session, _ time: String) throws {
    if let oldest = load.plan.oldestGeneration ?? load.plan.leastGeneration, acknowledgement != nil {
      try session.execute("DELETE FROM \(adapter.render(load.table.written)) WHERE _airbyte_generation_id < ?", [.integer(oldest)])
    }
    try activate(load, session)
    try load.table.swap(session)
    if load.plan.replaces {
      // What the source still has came again.
      try ledger.forgetRejected(of: load.descriptor, exceptFrom: (load.refresh?.attempts ?? []) + [run], session)
      try ledger.forget([load.descriptor], session)
      storedStates.removeAll { stored in
        if case .stream(let stream) = stored.scope { stream.descriptor == load.descriptor } else { false }
      }
    }
    if let state = load.heldState { try save(state, session, time) }
    load.cover(upTo: raw.counter)
    var line = load.line
    (line.openFrom, line.openTo, line.openRows) = (nil, nil, false)
    line.generation = load.generation
    let read = load.rowsBefore + Int64(load.result.rowsRead)
    line.lastRead = read
    line.refresh = nil
    if read > 0 || load.plan.replaces || load.line.openFrom != nil || load.line.refresh != nil { try ledger.save(line, of: load.descriptor, session) }
    if let before = load.line.lastRead, before > 0, read == 0, load.plan.replaces || !load.plan.isIncremental {
      warn(
        "sync.nothing-read", "the stream '\(load.descriptor)' is empty, and had \(before) records the last time",
        hint: load.plan.replaces ? "the table is empty now; check the source" : "check the source")
    }
  }

  /// Removes the rows of the versions that another has taken the place of; what came after that was said belongs to it anyway.
  func activate(_ load: StreamLoad, _ session: any Session) throws {
    guard let (version, counter) = load.activation else { return }
    try session.execute(
      "DELETE FROM \(adapter.render(load.table.written)) WHERE _airbyte_generation_id IS NOT ? AND _airbyte_raw_id <= ?",
      [.integer(version), .text(raw.string(counter))])
    load.activation = nil
    load.isActivationDue = false
  }

  private func undo(_ load: StreamLoad, _ session: any Session) throws {
    // What a refresh has up to its last state waits for the next attempt.
    let stays = load.line.refresh != nil
    if !stays { try load.table.discard(session) }
    if load.plan.replaces && !stays {
      load.result.rowsWritten = 0
      load.result.nulled = 0
    }
    let filled = stays ? load.table.written : load.table.target
    let gone = try ledger.takeBack(load.line, of: load.descriptor, target: try session.find(filled) == nil ? nil : adapter.render(filled), session)
    load.result.rowsWritten = max(0, load.result.rowsWritten - gone)
    (load.line.openFrom, load.line.openTo, load.line.openRows) = (nil, nil, false)
    try load.saveLine(session)
  }

  private func saveHeldGlobal(_ session: any Session, _ time: String) throws {
    guard !loads.contains(where: { $0.failure != nil }) else { return }
    if let held = heldGlobal {
      try save(held, session, time)
    } else if options.fullRefresh, pendingGlobal == nil, storedStates.contains(where: \.isShared) {
      try ledger.forget([StreamDescriptor(name: "")], session)
    }
  }

  func summarise() {
    result.streams = refused.map { stream, why in
      var result = StreamResult(stream: stream, table: "")
      result.status = .failed
      result.error = redactor.redact(why)
      return result
    }
    result.streams += loads.map { load in
      var stream = load.isBroken ? load.committed ?? load.snapshot : load.snapshot
      stream.status = load.failure == nil ? .succeeded : .failed
      if load.failure != nil && !load.isBroken { stream.resumption = load.line.refresh != nil || hasState(load) ? .goesOn : .beginsAnew }
      if load.failure == nil { stream.resumption = nil }
      stream.error = load.failure.map(redactor.redact)
      return stream
    }
    let nulled = result.streams.filter { $0.nulled > 0 }
    if !nulled.isEmpty {
      let list = nulled.map { "\($0.nulled) in '\($0.stream)'" }.joined(separator: ", ")
      warn("sync.nulled-values", "values that do not fit their column were set to NULL: \(list)", hint: "the rows say which, in _airbyte_meta")
    }
    let full = loads.filter { !$0.table.overflowing.isEmpty }
    if !full.isEmpty {
      let list = full.map { "\($0.table.overflowing.count) of '\($0.descriptor)'" }.joined(separator: ", ")
      warn(
        "sync.too-many-columns", "properties beyond the columns that a table can have stand together as JSON: \(list)",
        hint: "read them with json_extract(\(StreamTable.overflowColumn), '$.name')")
    }
    let empty = result.streams.filter { $0.status == .succeeded && $0.rowsRead == 0 }
    if ignoredErrors.count > 0 && !empty.isEmpty {
      let names = empty.map { "'\($0.stream)'" }.joined(separator: ", ")
      warn(
        "sync.ignored-errors", "\(names) yielded nothing, and the source told of \(ignoredErrors.count) errors that it passed over: \(ignoredErrors.first)",
        hint: "check what the connection's credentials may read")
    }
    if !unselected.isEmpty {
      let list = unselected.sorted { $0.key < $1.key }.prefix(5).map { "\($0.value) of '\($0.key)'" }.joined(separator: ", ")
      warn("sync.unselected-stream", "the source sent records that nobody asked for: \(list)")
    }
  }
}
