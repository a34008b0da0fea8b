import DataFormats
import Diagnostics
import FoundationEssentials
import Jinja
import OrderedCollections
import Project
import Warehouse

/// A stretch of time from which inputs with an `event_time` are read: begin included, end not.
public struct EventWindow: Sendable, Hashable {
  /// The first moment; nil where there is none.
  var start: CivilTime?
  /// The moment after the last.
  var end: CivilTime?

  /// What rows must fulfil. SQLite keeps times as texts, which are made alike where it can read them.
  func condition(on column: String) -> String {
    let time = "coalesce(datetime(\(column)), \(column))"
    return [start.map { "\(time) >= '\($0.sqlText)'" }, end.map { "\(time) < '\($0.sqlText)'" }].compactMap { $0 }.joined(separator: " and ")
  }

  /// What both windows have in common.
  func narrowed(to other: EventWindow?) -> EventWindow {
    guard let other else { return self }
    func pick(_ first: CivilTime?, _ second: CivilTime?, _ isBetter: (Int64, Int64) -> Bool) -> CivilTime? {
      guard let first, let second else { return first ?? second }
      return isBetter(first.utcMicroseconds, second.utcMicroseconds) ? first : second
    }
    return EventWindow(start: pick(start, other.start, >), end: pick(end, other.end, <))
  }
}

/// How long a batch is (docs.getdbt.com/docs/build/incremental-microbatch).
enum BatchSize: String, CaseIterable {
  case hour, day, month, year

  /// The beginning of the batch that `time` lies in, `steps` batches later.
  func start(of time: CivilTime, offset steps: Int = 0) -> CivilTime {
    switch self {
    case .hour: moved(CivilTime(year: time.year, month: time.month, day: time.day, hour: time.hour, offset: time.offset), steps)
    case .day: moved(CivilTime(year: time.year, month: time.month, day: time.day, offset: time.offset), steps)
    case .month: moved(CivilTime(year: time.year, month: time.month, offset: time.offset), steps)
    case .year: moved(CivilTime(year: time.year, offset: time.offset), steps)
    }
  }

  /// `time`, `steps` of this size later; on the last day of a month that has no such day.
  func moved(_ time: CivilTime, _ steps: Int) -> CivilTime {
    switch self {
    case .hour: return CivilTime(microseconds: time.microseconds + Int64(steps) * 3_600_000_000, offset: time.offset)
    case .day: return CivilTime(microseconds: time.microseconds + Int64(steps) * 86_400_000_000, offset: time.offset)
    case .month, .year:
      let months = time.year * 12 + time.month - 1 + steps * (self == .year ? 12 : 1)
      var moved = time
      (moved.year, moved.month) = (months / 12, months % 12 + 1)
      while !moved.isValid, moved.day > 28 { moved.day -= 1 }
      return moved
    }
  }

  /// The id of the batch that begins at `time`: `20260131`.
  func id(_ time: CivilTime) -> String {
    switch self {
    case .hour: time.formatted("%Y%m%dT%H")
    case .day: time.formatted("%Y%m%d")
    case .month: time.formatted("%Y%m")
    case .year: time.formatted("%Y")
    }
  }

  /// How people name it: `2026-01-31`.
  func name(_ time: CivilTime) -> String {
    switch self {
    case .hour: time.formatted("%Y-%m-%dT%H")
    case .day: time.formatted("%Y-%m-%d")
    case .month: time.formatted("%Y-%m")
    case .year: time.formatted("%Y")
    }
  }
}

/// One batch of a microbatch model.
struct Batch: Sendable {
  var id: String
  var name: String
  var start: CivilTime
  var end: CivilTime
  /// Whether it is added to what is there; the first one of a new table is not.
  var isIncremental: Bool

  var window: EventWindow { EventWindow(start: start, end: end) }
  var json: JSON { .array([.string(start.iso()), .string(end.iso())]) }

  /// `model.batch`.
  var value: Value {
    Value(names: [
      "id": .string(id), "event_time_start": .object(DateTimeObject(start)), "event_time_end": .object(DateTimeObject(end)),
    ])
  }
}

/// Builds a microbatch model: one batch after the other, each in a transaction of its own.
struct MicrobatchRun {
  let run: RunContext
  let node: Node
  let worker: Int

  /// Whether a node is built in batches: unless the project has a strategy of that name itself.
  static func applies(to node: Node, _ run: RunContext) -> Bool {
    guard node.resourceType == .model, node.config.materialized == "incremental", node.config.text("incremental_strategy") == "microbatch",
      run.manifest.macroResolver.materialization(named: "incremental") == nil
    else { return false }
    let resolver = run.manifest.macroResolver
    return resolver.macro(named: "get_incremental_microbatch_sql", from: node.packageName).map(resolver.isBuiltin) ?? true
  }

  /// Builds the batches and fills in `result`.
  func build(_ result: inout NodeResult) throws {
    let batches = try batches()
    var done: [JSON] = []
    var failed: [JSON] = []
    var compiled: [String] = []
    var rows = 0
    var problem: (any Error)?
    let began = Date()
    for (index, batch) in batches.enumerated() {
      let title = "batch \(batch.name) of microbatch model \(node.schema).\(node.alias)"
      run.report(.logged("Batch \(index + 1) of \(batches.count) START \(title)", isInfo: true))
      do {
        let context = NodeContext(run, node, worker: worker)
        defer { context.end() }
        context.batch = batch
        context.runsPreHooks = index == 0
        context.runsPostHooks = index == batches.count - 1
        let sql = try Compiler.compile(context).text
        try run.write(sql, to: "compiled/" + path(of: batch))
        compiled.append(sql)
        defer { if !context.written.isEmpty { _ = try? run.write(context.written.joined(separator: ";\n"), to: "run/" + path(of: batch)) } }
        rows += try Materializations.run(context, sql).rowsAffected ?? 0
        done.append(batch.json)
        run.report(.logged("Batch \(index + 1) of \(batches.count) OK created \(title)", isInfo: true))
      } catch {
        problem = problem ?? error
        failed.append(batch.json)
        run.report(.logged("Batch \(index + 1) of \(batches.count) ERROR creating \(title)", isInfo: true))
        // Without the first batch there is no table for the others.
        if index == 0, !batch.isIncremental {
          failed += batches.dropFirst().map(\.json)
          break
        }
      }
    }
    result.timing.append(Timing(name: "execute", startedAt: began, completedAt: Date()))
    result.compiledCode = compiled.last
    result.batches = ["successful": .array(done), "failed": .array(failed)]
    result.relationName = node.relationName
    guard let problem else {
      result.message = "SUCCESS"
      result.rowsAffected = rows
      result.adapterResponse = ["_message": .string("SUCCESS"), "rows_affected": .int(Int64(rows))]
      return
    }
    if done.isEmpty { throw problem }
    result.status = .partialSuccess
    result.diagnostic = NodeFailure.diagnostic(problem, at: node, run)
    result.message = "PARTIAL SUCCESS (\(done.count)/\(batches.count))"
  }

  private func path(of batch: Batch) -> String {
    let path = node.outputPath
    guard path.hasSuffix(".sql") else { return path + "_" + batch.id }
    return "\(path.dropLast(4))/\(node.name)_\(batch.name).sql"
  }

  // MARK: Which batches

  private func batches() throws -> [Batch] {
    let config = node.config
    guard config.text("event_time") != nil else {
      throw failure("Microbatch model '\(node.name)' must provide an 'event_time' (string) config that indicates the name of the event time column(s).")
    }
    guard let size = config.text("batch_size").flatMap(BatchSize.init) else {
      throw failure(
        "Microbatch model '\(node.name)' must provide a 'batch_size' config that is one of \(BatchSize.allCases.map(\.rawValue)), but got: \(config.text("batch_size") ?? "None").")
    }
    let now = run.now
    let existing = try run.cache.find(Relation(schema: node.schema, identifier: node.alias), in: nil)
    let isFull = config.flag("full_refresh") ?? run.options.fullRefresh
    let isIncremental = existing?.kind == .table && !isFull
    if let previous = run.options.failedBatches[node.uniqueID] {
      let windows = previous.compactMap { window in
        CivilTime(iso: window.start).flatMap { start in CivilTime(iso: window.end).map { (start: start, end: $0) } }
      }
      return windows.enumerated().map { index, window in
        Batch(
          id: size.id(window.start), name: size.name(window.start), start: window.start, end: window.end,
          isIncremental: isIncremental || index > 0)
      }
    }
    let givenEnd = try time(run.options.eventTimeEnd, "--event-time-end")
    let checkpoint = givenEnd ?? now
    let truncated = size.start(of: checkpoint)
    let end = truncated == checkpoint ? checkpoint : size.moved(truncated, 1)
    let start: CivilTime
    if let given = try time(run.options.eventTimeStart, "--event-time-start") {
      start = size.start(of: given)
    } else if !isIncremental {
      guard let begin = config.text("begin").flatMap({ CivilTime(iso: $0) }) else {
        throw failure("Microbatch model '\(node.name)' must provide a 'begin' (datetime) config that indicates the earliest timestamp the model should be built from.")
      }
      start = size.start(of: begin.inUTC)
    } else {
      // A checkpoint on the border of two batches ends the batch before it.
      let lookback = config["lookback"].flatMap { Int($0.plainText) } ?? 1
      start = size.start(of: end, offset: -(lookback + (end == size.start(of: end) ? 1 : 0)))
    }
    var batches: [Batch] = []
    var at = start
    while at.utcMicroseconds < end.utcMicroseconds {
      let next = size.moved(at, 1)
      let stop = next.utcMicroseconds < end.utcMicroseconds ? next : end
      batches.append(Batch(id: size.id(at), name: size.name(at), start: at, end: stop, isIncremental: isIncremental || !batches.isEmpty))
      at = next
    }
    return batches
  }

  private func time(_ text: String?, _ option: String) throws -> CivilTime? {
    guard let text else { return nil }
    guard let time = CivilTime(iso: text) else {
      throw Diagnostic(.usage, "microbatch.time", "\(option) is not a time: '\(text)'", hint: "write for example 2026-01-31 or 2026-01-31T12:00:00")
    }
    return time.inUTC
  }

  private func failure(_ message: String) -> Diagnostic {
    Diagnostic(
      .compilation, "transform.microbatch-config", message, at: node.place,
      hint: "its config needs event_time, batch_size and begin: docs.getdbt.com/docs/build/incremental-microbatch")
  }
}

extension CivilTime {
  /// The time of day in UTC. `DBTX_NOW` stands in for the clock, so that suites of tests can stop it.
  package static func now(_ environment: [String: String], _ date: Date = Date()) -> CivilTime {
    environment["DBTX_NOW"].flatMap { CivilTime(iso: $0)?.inUTC } ?? DateTimeObject(date).time
  }

  /// The same moment in UTC; what has no zone is in UTC already.
  var inUTC: CivilTime { CivilTime(microseconds: utcMicroseconds, offset: 0) }

  /// As SQLite's `datetime()` writes it, in UTC.
  var sqlText: String {
    let time = inUTC
    return time.dateText + " " + time.timeText
  }
}
