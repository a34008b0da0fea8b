import AirbyteProtocol
import DataFormats
import Diagnostics
import Glibc
import Synchronization
import Warehouse

/// The sync of one connection, from the question what the source has to the last checkpoint.
///
/// Lines are read ahead by a thread; here they are parsed and written, a transaction for what has come since the last one. What a
/// transaction commits is whole: the rows, the states that cover them, and, for rows that no state covers yet, their numbers.
/// So the writer of the warehouse is never held while a source is slow, memory does not depend on how often a source sends a
/// state, and whatever happens, the next sync knows what to take back before it reads it again.
final class ConnectionSync {
  private(set) var connection: Connection
  /// What the records come from, see `fingerprint`.
  private(set) lazy var source = fingerprint()
  let adapter: SQLiteAdapter
  let options: SyncOptions
  let ledger: Ledger
  let emit: @Sendable (SyncEvent) -> Void
  let run: String
  let startedAt: String
  let began = Clock.now
  /// The number of this sync.
  let syncID: Int64

  /// Takes out the secrets that are known by now.
  var redactor: Redactor { secrecy.redactor.withLock { $0 } }
  private let secrecy = Secrecy()
  private var specification: Specification?
  private var configs: [JSON] = []
  var result: ConnectionResult
  var loads: [StreamLoad] = []
  var reader = MessageReader()
  var raw: RawIdentifier
  /// The stream of the last record: the next one's most likely.
  var lastLoad = 0
  /// States that the next commit stores.
  var pendingStates: [StreamDescriptor: StateMessage] = [:]
  var pendingGlobal: StateMessage?
  /// A state for all streams that has to wait for the end, because some of them replace their rows.
  var heldGlobal: StateMessage?
  /// Whether unfinished refreshes are left as they are: neither gone on with nor given up.
  var leavesRefreshes = false
  /// States as they are stored, so that the same one is not stored again.
  var storedStates: [StateMessage] = []
  var recordsSinceGlobal = 0
  /// Errors of the source that name no stream.
  var sourceFailure: Diagnostic?
  /// What makes going on pointless.
  var fatal: Diagnostic?
  var hasStatuses = false
  var junkLines = 0
  /// How many lines were meant to be records and could not be read.
  var unreadable = 0
  /// Whether a line was nearly JSON.
  var hasMended = false
  /// What the source told in its log of errors that did not stop it.
  var ignoredErrors = (count: 0, first: "")
  var unselected: [String: Int] = [:]
  var mismatches = 0
  var brokenLastLine = false
  /// Streams that an earlier attempt has brought to their end.
  var completed: Set<StreamDescriptor> = []
  /// The states as they were when reading began.
  private var statesBefore: [StateMessage] = []
  /// Whether the source has been started to read.
  private(set) var isReading = false
  /// Streams that are not synced, and why.
  var refused: [(stream: StreamDescriptor, why: Diagnostic)] = []
  /// Whether streams announce themselves by their schemas, because nobody could say before what there is (Singer).
  var announces = false
  /// Who is told which states are covered by durable rows; nil where scv itself keeps them.
  var acknowledgement: Acknowledgement?
  /// What the warehouse knew of the streams when the sync began.
  private(set) var lines: [StreamDescriptor: Ledger.StreamLine] = [:]
  /// The names of the tables so far, in lower case and with their schemas.
  private var takenTables: Set<String> = []
  private var lastProgress = 0.0

  init(_ connection: Connection, adapter: SQLiteAdapter, options: SyncOptions, emit: @escaping @Sendable (SyncEvent) -> Void) {
    self.connection = connection
    self.adapter = adapter
    self.options = options
    self.emit = emit
    ledger = Ledger(adapter, connection: connection.name, schema: connection.schema)
    result = ConnectionResult(connection: connection.name)
    let now = Clock.milliseconds
    startedAt = Instant.text(milliseconds: now)
    syncID = now
    raw = RawIdentifier(milliseconds: now)
    run = raw.string(0)
    redact(connection.config)
  }

  deinit { raw.deallocate() }

  /// Runs one attempt of the sync. Whatever goes wrong is in the result.
  func attempt() -> ConnectionResult { settled { try perform() } }

  /// Runs `body` while no other sync of the connection runs.
  func guarded(_ body: () throws -> Void) -> ConnectionResult {
    emit(.started(connection: connection.name))
    let result = settled {
      let lock = try SyncLock(for: connection, into: adapter, options)
      try withExtendedLifetime(lock) { try body() }
    }
    emit(.finished(result))
    return result
  }

  /// Runs `body`, and brings the result into order.
  func settled(_ body: () throws -> Void) -> ConnectionResult {
    do { try body() } catch { fail(error) }
    result.error = result.error.map(redactor.redact)
    result.warnings = result.warnings.map(redactor.redact)
    result.seconds = Clock.now - began
    return result
  }

  private func fail(_ error: any Error) {
    var failure: Diagnostic
    switch error {
    case let error as Diagnostic: failure = error
    case let errors as Diagnostics where !errors.all.isEmpty: failure = errors.all[0]
    default: failure = Diagnostic(.system, "sync.failed", "the sync of '\(connection.name)' failed", cause: "\(error)")
    }
    if failure.location == nil { failure.location = connection.location }
    result.error = failure
    if isReading { breakOff(failure) }
  }

  private func perform() throws {
    let scratch = try ScratchFolder()
    let (described, source) = try describe(scratch)
    announces = described.announces
    for line in described.log { emit(.log(connection: connection.name, LogMessage(line.level, redactor.redact(line.message)))) }
    let known = try adapter.read { session in try ledger.exists(session) ? ledger.lines(session) : [:] }
    let undescribed = Set(described.failures.compactMap { $0.stream?.name })
    let review = try SchemaReview(
      connection, described.catalog, known: announces ? [:] : known, undescribed: undescribed, approves: options.approves)
    tell(review)
    let planner = SyncPlanner(connection: connection, catalog: review.catalog, fullRefresh: options.fullRefresh, undescribed: undescribed)
    let plans = announces ? [] : try planner.plans(known: options.approves && options.fullRefresh ? [:] : known)
    let shortfall = planner.unfulfilled(plans)
    // Not among the result's warnings: it is how things are, and told but once.
    if Notice("wishes", connection: connection.name, projectFolder: options.projectFolder).isNew(shortfall?.message ?? ""), let shortfall {
      emit(.warning(connection: connection.name, redactor.redact(shortfall)))
    }
    for failure in described.failures { refuse(failure) }
    refused.removeAll { completed.contains($0.stream) }
    for plan in plans { if let refusal = plan.refusal { refused.append((plan.configured.descriptor, refusal)) } }
    let states = try prepare(plans.filter { $0.refusal == nil && !completed.contains($0.configured.descriptor) }, withholding: review.withheld)
    if options.approves { try forgetRemoved(review) }
    if described.catalog.streams.isEmpty && described.failures.isEmpty && !announces {
      warn("sync.no-streams", "the source has no streams", hint: "check what its credentials may read, and its `config`")
    }
    guard !loads.isEmpty || refused.isEmpty else { return summarise() }
    beginReading()
    emit(.reading(connection: connection.name, streams: loads.map(\.descriptor.description)))
    let arguments = try source.readArguments(loads.map { $0.request(syncID: syncID) }, states: states, tap: described.tap, scratch)
    let ending = try read(connection.command + arguments)
    try finish(ending)
  }

  /// Asks the source what it has.
  func describe(_ scratch: ScratchFolder) throws -> (SourceDescription.Answer, SourceDescription) {
    connection = try connection.installed(options) { line in
      emit(.log(connection: connection.name, LogMessage(.info, line)))
      emit(.preparing(connection: connection.name, line))
    }
    let config = try StoredConfiguration(connection: connection.name, projectFolder: options.projectFolder).merged(into: connection.config)
    redact(config)
    let source = SourceDescription(connection, configFile: try scratch.write("config.json", config), options: options)
    let described: SourceDescription.Answer
    do {
      described = try source.describe { found in
        specification = found
        redact(config)
      }
    } catch let error as Diagnostic where ["connector.config-error", "connector.discover"].contains(error.code) { throw locating(error) }
    // A refresh token that can be used once may have been used for the answer.
    for config in described.configs { try keep(config) }
    return (described, source)
  }

  /// `failure` at the member of the configuration that it is about.
  func locating(_ failure: Diagnostic) -> Diagnostic {
    connection.located(failure, config: configs.last ?? connection.config, by: specification)
  }

  /// Whether one state says where all streams are.
  var sharesState: Bool {
    connection.dialect == .singer || heldGlobal != nil || storedStates.contains(where: \.isShared)
  }

  /// The streams that no state says anything of.
  var streamsReadInFull: Set<StreamDescriptor> { Set(loads.filter { !$0.plan.isIncremental }.map(\.descriptor)) }

  /// A stream that the source cannot describe is not synced, if it is wanted at all.
  private func refuse(_ failure: TraceMessage.SourceError) {
    guard let stream = failure.stream, connection.wish(stream) != nil else { return }
    refused.append((stream, diagnostic(failure)))
  }

  /// From now on hides the secrets of `config`, too.
  func redact(_ config: JSON) {
    configs.append(config)
    var secrets = connection.secrets
    for config in configs {
      var changed = connection
      changed.config = config
      secrets += changed.suspectedSecrets + (specification?.secrets(in: config) ?? [])
    }
    let redactor = Redactor(secrets)
    secrecy.redactor.withLock { $0 = redactor }
  }

  /// What the thread that copies the source's standard error hides, too, as soon as it is known.
  private final class Secrecy: Sendable {
    let redactor = Mutex(Redactor())
  }

  // MARK: - Before

  /// Makes the tables, takes back what an interrupted sync left behind, and finds the states to start with.
  ///
  /// - Parameter withheld: properties that must not become columns.
  func prepare(_ plans: [StreamPlan], withholding withheld: [StreamDescriptor: Set<String>] = [:]) throws -> [StateMessage] {
    for schema in Set(plans.map { schema(of: $0.configured.descriptor) } + [connection.schema]) { try adapter.createSchema(schema) }
    var gone: [StreamDescriptor] = []
    var unfit: [(stream: StreamDescriptor, why: Diagnostic)] = []
    try adapter.write { session in
      gone = []
      unfit = []
      try ledger.prepare(session)
      lines = try ledger.lines(session)
      storedStates = try ledger.states(session)
      if connection.isNarrowed && storedStates.contains(where: \.isShared) {
        throw Diagnostic(
          .configuration, "sync.shared-state",
          "the source of '\(connection.name)' keeps one state for all its streams, so that some of them cannot be synced without the others",
          at: connection.location, hint: "sync them together: scv sync --select \(connection.name)")
      }
      for (descriptor, line) in lines where line.openFrom != nil {
        let target = Relation(schema: schema(of: descriptor), identifier: line.table)
        let filled = line.refresh?.place == .beside ? StreamTable.draft(of: target) : target
        try ledger.takeBack(line, of: descriptor, target: try session.find(filled) == nil ? nil : adapter.render(filled), session)
        var clean = line
        (clean.openFrom, clean.openTo, clean.openRows) = (nil, nil, false)
        try ledger.save(clean, of: descriptor, session)
        lines[descriptor] = clean
      }
      for plan in plans {
        let descriptor = plan.configured.descriptor
        do {
          let isThere = try session.savepoint { try open(plan, among: plans, withholding: withheld[descriptor] ?? [], session) }
          if !isThere { gone.append(descriptor) }
        } catch let error as Diagnostic where error.category == .configuration && acknowledgement == nil && !leavesRefreshes {
          // What is wrong with one table does not concern the others.
          var why = error
          why.location = why.location ?? connection.location
          unfit.append((descriptor, why))
        }
      }
      if acknowledgement == nil && !leavesRefreshes { try giveUpOldRefreshes(session) }
      // A state without its rows would leave them out for ever.
      try ledger.forget(gone, session)
      storedStates.removeAll { if case .stream(let stream) = $0.scope { gone.contains(stream.descriptor) } else { false } }
    }
    if loads.isEmpty, refused.isEmpty, let first = unfit.first { throw first.why }
    refused += unfit
    if !gone.isEmpty && !options.fullRefresh {
      let names = gone.map(\.name).joined(separator: ", ")
      let isShared = storedStates.contains(where: \.isShared)
      warn(
        "sync.table-gone", "the table of \(names) is no longer there" + (isShared ? "" : ", so the stream is read from its beginning"),
        hint: isShared ? "the source keeps one position for all streams: read everything anew with --full-refresh" : nil)
    }
    let resumed = loads.compactMap(\.refresh)
    for load in loads {
      guard let refresh = load.refresh else { continue }
      let since = Instant.text(milliseconds: refresh.startedAt)
      let line = "the refresh of '\(load.descriptor)' that began at \(since) goes on after \(refresh.rowsRead) records"
      emit(.log(connection: connection.name, LogMessage(.info, line)))
    }
    for load in loads where load.refresh == nil && !leavesRefreshes {
      guard let refresh = lines[load.descriptor]?.refresh else { continue }
      let since = Instant.text(milliseconds: refresh.startedAt)
      emit(.log(connection: connection.name, LogMessage(.info, "the refresh of '\(load.descriptor)' that began at \(since) broke off, and is given up")))
    }
    let own = options.fullRefresh ? [] : statesToGive()
    return own.filter { state in !resumed.contains { $0.state.isOfSameStream(as: state) } } + resumed.map(\.state)
  }

  /// The schema that a stream's table is in.
  func schema(of stream: StreamDescriptor) -> String {
    connection.usesNamespaces ? stream.namespace ?? connection.schema : connection.schema
  }

  /// Makes or finds the table of a stream, and takes the stream among those that are loaded.
  ///
  /// - Returns: false if the table of earlier syncs is gone.
  func open(_ plan: StreamPlan, among plans: [StreamPlan], withholding withheld: Set<String> = [], _ session: any Session) throws -> Bool {
    let descriptor = plan.configured.descriptor
    let line = lines[descriptor]
    let target = Relation(schema: schema(of: descriptor), identifier: tableName(descriptor, line, among: plans))
    let plan = acknowledgement == nil ? try goingOn(plan, line, target, session) : plan.next(after: line)
    try checkOwner(plan, target, session)
    let isGone = try line != nil && !plan.replaces && session.find(target) == nil
    let refresh = try line.flatMap { try unfinished($0, plan, target, session) }
    if refresh == nil && !leavesRefreshes { try giveUp(line?.refresh, of: descriptor, target, session) }
    let before = line?.generation ?? 0
    let generation = leavesRefreshes ? before : plan.configured.generationID ?? before + (plan.replaces || line == nil ? 1 : 0)
    var table = StreamTable(
      adapter, target: target, replaces: plan.replaces, keys: plan.deduplicates ? plan.configured.primaryKey : [], cursor: plan.versionField,
      lastWins: connection.dialect == .singer && !leavesRefreshes, names: line?.names ?? [:], generation: generation,
      ignored: withheld, resumes: refresh?.place == .beside)
    try table.prepare(session, schema: plan.configured.stream.jsonSchema)
    // A generation that is to replace another counts once it is in place.
    let kept = Ledger.StreamLine(
      table: target.identifier, generation: plan.replaces ? before : generation, names: table.names, openRows: false, lastRead: line?.lastRead,
      configured: plan.configured, refresh: leavesRefreshes ? line?.refresh : refresh)
    if line == nil || line?.refresh != kept.refresh || line?.names != table.names || line?.table != target.identifier || line?.generation != kept.generation
      || line?.configured != plan.configured
    {
      try ledger.save(kept, of: descriptor, session)
    }
    let load = StreamLoad(
      plan, ledger, table: table, line: kept, rendered: adapter.render(target), generation: generation, hasSchema: connection.dialect == .airbyte)
    load.isResumable = isResumable(plan)
    load.resume(refresh)
    loads.append(load)
    return !isGone
  }

  /// Rows that another connection has loaded are not replaced.
  private func checkOwner(_ plan: StreamPlan, _ target: Relation, _ session: any Session) throws {
    guard plan.replaces else { return }
    let neighbours = options.schemas.filter { $0.key != connection.name && $0.value == target.schema }.map(\.key).sorted()
    guard let owner = try ledger.owner(of: target.identifier, among: neighbours, session) else { return }
    throw Diagnostic(
      .configuration, "sync.shared-table",
      "the table \(adapter.render(target)) has rows of the connection '\(owner)', and '\(connection.name)' would replace them",
      at: connection.location, hint: "give one of the two another `schema`")
  }

  /// The stream's name, or the one that its table has had since its first sync. Streams of one name in several namespaces, or whose
  /// names differ in case only, get tables apart.
  private func tableName(_ descriptor: StreamDescriptor, _ line: Ledger.StreamLine?, among plans: [StreamPlan]) -> String {
    var name = descriptor.name.replacing("\0", with: "_")
    if !connection.usesNamespaces, let namespace = descriptor.namespace,
      plans.contains(where: { $0.configured.stream.name == descriptor.name && $0.configured.descriptor != descriptor })
    {
      name = namespace + "_" + name
    }
    if let line, !line.table.isEmpty { name = line.table }
    let base = name
    var number = 2
    let prefix = schema(of: descriptor).lowercased() + "\0"
    while takenTables.contains(prefix + name.lowercased()) {
      name = "\(base)_\(number)"
      number += 1
    }
    takenTables.insert(prefix + name.lowercased())
    return name
  }

  private func statesToGive() -> [StateMessage] {
    let incremental = Set(loads.filter { $0.plan.isIncremental }.map(\.descriptor))
    if connection.dialect == .singer {
      // One state is of all streams. With it a tap may leave out what is there, which must not be replaced by the rest.
      return !loads.isEmpty && loads.allSatisfy { $0.plan.replaces } ? [] : storedStates
    }
    guard !incremental.isEmpty else { return [] }
    let full = Set(loads.filter { !$0.plan.isIncremental }.map(\.descriptor))
    return storedStates.compactMap { message in
      switch message.scope {
      case .stream(let stream): return incremental.contains(stream.descriptor) ? message : nil
      case .global(let shared, let streams):
        // What is read in full begins at the beginning.
        return StateMessage(.global(shared: shared, streams: streams.filter { !full.contains($0.descriptor) }))
      case .legacy: return message
      }
    }
  }

  // MARK: - Reading

  /// From now on what is lost and what is kept is told a stream.
  func beginReading() {
    isReading = true
    statesBefore = storedStates
    noteCommitted()
  }

  /// Whether a stream has come further than it was.
  var isFurther: Bool { storedStates != statesBefore || loads.contains { $0.isFurther } }

  /// What has been committed is there to stay, whatever happens now.
  private func noteCommitted() {
    for load in loads { load.noteCommitted(hasState: hasState(load)) }
  }

  /// Whether there is a state for the stream to go on from.
  func hasState(_ load: StreamLoad) -> Bool {
    (load.plan.isIncremental || connection.dialect == .singer)
      && storedStates.contains { if case .stream(let stream) = $0.scope { stream.descriptor == load.descriptor } else { true } }
  }

  private func read(_ command: [String]) throws -> ConnectorProcess.Ending {
    let errors = Tail()
    let held = HeldLines()
    let name = connection.name
    let tell: @Sendable ([String]) -> Void = { [secrecy, emit] lines in
      guard !lines.isEmpty else { return }
      let redactor = secrecy.redactor.withLock { $0 }
      for line in lines {
        let clean = redactor.redact(line)
        errors.append(clean)
        emit(.log(connection: name, LogMessage(.info, clean)))
      }
    }
    let process = try ConnectorProcess(command, in: options.projectFolder) { tell(held.add($0)) }
    do {
      try load(from: process.output, afterBlock: { tell(held.pass(isDry: $0)) }) { process.hasEnded }
    } catch {
      process.terminate()
      _ = process.finish()
      tell(held.pass(isDry: true))
      closeWriters()
      throw error
    }
    if fatal != nil { process.terminate() }
    let ending = process.finish()
    tell(held.pass(isDry: true))
    // A source that takes the signal for a wish to end may do so without a word, and with nothing wrong.
    if ChildProcesses.isInterrupted { fatal = fatal ?? .interrupted }
    checkLines(of: process.output)
    if fatal == nil && !ending.isSuccess && sourceFailure == nil && !loads.contains(where: { $0.failure != nil }) {
      let tail = errors.lines.suffix(5).joined(separator: "\n")
      sourceFailure = failure(ending, cause: tail.isEmpty ? nil : tail)
    }
    return ending
  }

  func checkLines(of output: LinePipe) {
    guard output.sawTooLongALine else { return }
    fatal = fatal ?? Diagnostic(.connector, "connector.endless-line", "the source wrote a line of more than \(LinePipe.longestLine >> 20) MiB")
  }

  /// Loads lines until there are no more, or going on is pointless.
  ///
  /// - Parameters:
  ///   - afterBlock: is called after each block of lines, or when there is none, and told which.
  ///   - hasEnded: whether whoever writes them is gone.
  func load(from output: LinePipe, afterBlock: (_ isDry: Bool) -> Void = { _ in }, until hasEnded: () -> Bool) throws {
    // What SQLite must be able to undo, should a statement fail, is little, and not worth a file. Moving the journal into the file
    // waits for the disk: not after every 8 MiB, but after 64.
    _ = try adapter.maintain { try $0.execute("PRAGMA temp_store = MEMORY; PRAGMA wal_autocheckpoint = 8192") }
    var lastSign = Clock.now
    var lastCommit = 0.0
    while fatal == nil {
      switch output.next(within: 0.5) {
      case .end: return
      case .late:
        if ChildProcesses.isInterrupted { fatal = .interrupted }
        if Clock.now - lastSign > options.heartbeat { fatal = .silent(options.heartbeat) }
        // Something that the source left behind may keep the pipe open.
        if hasEnded() && Clock.now - lastSign > 5 { return }
        afterBlock(true)
      case .block(let first):
        // A slow source is not worth a commit a line.
        let pause = lastCommit + 0.05 - Clock.now
        if pause > 0 { usleep(UInt32(pause * 1e6)) }
        try commit(first, output)
        lastCommit = Clock.now
        lastSign = lastCommit
        afterBlock(false)
      }
      reportProgress()
      if ChildProcesses.isInterrupted { fatal = fatal ?? .interrupted }
    }
  }

  /// One transaction: what has come, as long as more is there at once.
  private func commit(_ first: LinePipe.Block, _ output: LinePipe) throws {
    try adapter.write { session in
      guard let session = session as? SQLiteSession else {
        throw Diagnostic(.database, "sync.engine", "syncs are loaded into SQLite only")
      }
      let start = Clock.now
      var block: LinePipe.Block? = first
      // Rows that are sorted wait for others, and point into their lines.
      var held: [LinePipe.Block] = []
      defer { for lines in held { output.recycle(lines) } }
      while let lines = block {
        block = nil
        held.append(lines)
        try consume(UnsafeRawBufferPointer(start: lines.base, count: lines.count), session)
        if held.count >= LinePipe.mostHeld || !loads.contains(where: { $0.plan.deduplicates }) {
          try flush(session)
          for lines in held { output.recycle(lines) }
          held = []
        }
        if fatal == nil, Clock.now - start < 0.5, case .block(let following) = output.next(within: 0) { block = following }
      }
      try flush(session)
      try checkpoint(session)
    }
    noteCommitted()
    acknowledge()
  }

  /// Deals with the lines in `stable`, behind which `LinePipe.padding` bytes more can be read; they stay where they are until `flush`.
  func consume(_ stable: UnsafeRawBufferPointer, _ session: SQLiteSession) throws {
    guard var at = stable.baseAddress else { return }
    let end = at + stable.count
    let isSinger = connection.dialect == .singer
    let now = Clock.milliseconds
    let clock = Clock.now
    while at < end && fatal == nil {
      let newline = memchr(at, 10, end - at)
      let stop = newline.map { UnsafeRawPointer($0) } ?? end
      var count = stop - at
      let capacity = end - at + LinePipe.padding
      if count > 0 && (stop - 1).load(as: UInt8.self) == 13 { count -= 1 }
      let line = at
      at = stop + 1
      guard count > 0 else { continue }
      switch reader.read(line, count: count, capacity: capacity, singer: isSinger) {
      case .record(let record): try store(record, length: count, stable: stable, now: now, clock: clock, session)
      case .message(let type, let json): try isSinger ? handleSinger(type, json, session) : handleAirbyte(json, session)
      case .junk: junkLines += 1
      case .malformed:
        let bytes = UnsafeRawBufferPointer(start: line, count: count)
        if try !consume(mending: bytes, stable: stable, now: now, clock: clock, session) { try handleMalformed(bytes, isWhole: newline != nil, session) }
      }
    }
  }

  /// Stores, with the rows of the transaction, the states that cover them, and which rows no state covers yet.
  private func checkpoint(_ session: any Session) throws {
    let time = Instant.text(milliseconds: Clock.milliseconds)
    // The state may be beyond the versions that have been replaced: nobody would say so again.
    for load in loads where load.isActivationDue { try activate(load, session) }
    if let global = pendingGlobal { try save(global, session, time) }
    for (_, state) in pendingStates { try save(state, session, time) }
    pendingGlobal = nil
    pendingStates = [:]
    for load in loads {
      let from = load.openFrom.map(raw.string)
      guard from != load.line.openFrom || load.refresh != load.line.refresh else { continue }
      load.line.openFrom = from
      load.line.openTo = from == nil ? nil : raw.string(RawIdentifier.largestCounter)
      load.line.refresh = load.refresh
      // Rows beside the table only stay where a state covers some of them.
      load.line.openRows = from != nil && (load.plan.appends || load.tracksRows && load.refresh != nil)
      try load.saveLine(session)
    }
  }

  func save(_ state: StateMessage, _ session: any Session, _ time: String) throws {
    var plain = state
    plain.recordCount = nil
    if case .stream(let stream) = state.scope { loads.first { $0.descriptor == stream.descriptor }?.result.stateSaved = true }
    guard !storedStates.contains(plain) else { return }
    try ledger.save(state, session, at: time)
    if case .stream(let stream) = plain.scope {
      storedStates.removeAll { stored in
        if case .stream(let other) = stored.scope { other.descriptor == stream.descriptor } else { true }
      }
    } else {
      storedStates = []
      for load in loads where load.plan.isIncremental { load.result.stateSaved = true }
    }
    storedStates.append(plain)
  }

  private func reportProgress() {
    let now = Clock.now
    guard now - lastProgress >= 0.25 else { return }
    lastProgress = now
    emit(.progress(connection: connection.name, streams: loads.map(\.snapshot), seconds: now - began))
  }

  /// Frees the prepared statements, where nobody else uses the connection.
  func closeWriters() {
    _ = try? adapter.maintain { _ in
      for load in loads { load.closeWriter() }
    }
  }
}
