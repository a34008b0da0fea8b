import DataFormats
import Diagnostics
import FoundationEssentials
@preconcurrency import Glibc
import OrderedCollections
import Project
import Synchronization
import Transform

/// Shows a run as it goes, in the words that dbt's users know: a line a node, and a count at the end.
///
/// On a terminal the nodes that are being worked on stand below; elsewhere there are only plain lines.
final class RunView: Sendable {
  private struct State {
    var running: [String: Date] = [:]
    var finished = 0
    var total = 0
    var statusLine = false
  }

  private let project: LoadedProject
  private let log: EventLog
  private let prints: Bool
  private let target: String?
  private let state = Mutex(State())

  private var manifest: Manifest { project.manifest }

  /// A view of a run.
  ///
  /// - Parameters:
  ///   - prints: whether what templates print is shown.
  ///   - target: the folder of artifacts, if not the project's.
  init(_ project: LoadedProject, log: EventLog, prints: Bool, target: String? = nil) {
    self.project = project
    self.log = log
    self.prints = prints
    self.target = target
  }

  /// The lines before a run.
  func begin(isEmpty: Bool) {
    let version = PureFunctions.dbtVersion
    log.toFile(
      LogEvent(name: "MainReportVersion", code: "A001", message: "Running with dbt=\(version)", data: ["version": .string("=" + version), "log_version": 3]))
    let found = RunView.found(manifest)
    log.emit(LogEvent(name: "FoundStats", code: "W006", message: found, data: ["stat_line": .string(String(found.dropFirst(6)))]))
    guard isEmpty else { return }
    log.emit(
      LogEvent(
        name: "NothingToDo", code: "Q035", level: .warn, message: "Nothing to do. Try checking your model configs and model specification args"))
  }

  /// Takes one event; from any thread.
  func handle(_ event: RunEvent) {
    state.withLock { state in
      switch event {
      case .started(let nodes, let threads):
        state.total = nodes
        guard nodes > 0 else { break }
        let target = project.profile.targetName
        emit(
          LogEvent(
            name: "ConcurrencyLine", code: "Q026", message: "Concurrency: \(threads) thread\(threads == 1 ? "" : "s") (target='\(target)')",
            data: ["num_threads": .int(Int64(threads)), "target_name": .string(target), "node_count": .int(Int64(nodes))]), &state)
        emit(LogEvent(name: "Formatting", code: "Z017", message: ""), &state)
      case .nodeStarted(let id, let index, let total):
        state.running[id] = Date()
        // Nothing begins where nothing is done.
        if manifest.exposures[id] == nil, log.format != .text || !Terminal.standardOutput.isInteractive {
          emit(NodeEvents(project).started(id, index, total), &state)
        }
        showStatus(&state)
      case .nodeFinished(let result, let index, let total):
        state.running[result.uniqueID] = nil
        state.finished += 1
        emit(NodeEvents(project).finished(result, index, total), &state)
        showStatus(&state)
      case .message(let text):
        var message = LogEvent(name: "PrintEvent", code: "Z052", message: text)
        message.isOutput = prints
        if prints { emit(message, &state) } else { log.toFile(message) }
      case .logged(let text, let isInfo):
        emit(LogEvent(name: isInfo ? "JinjaLogInfo" : "JinjaLogDebug", code: isInfo ? "I062" : "I063", level: isInfo ? .info : .debug, message: text), &state)
      case .statement(let id, let sql):
        log.emit(
          LogEvent(
            name: "SQLQuery", code: "E016", level: .debug, message: "On \(id): \(sql)", data: ["conn_name": .string(id), "sql": .string(sql)]))
      case .warning(let diagnostic):
        clearStatus(&state)
        log.emit(diagnostic, name: "JinjaLogWarning", code: "I061")
      }
      if Terminal.standardOutput.isInteractive { fflush(stdout) }
    }
  }

  /// The summary under the lines: what failed, with its error, and dbt's count.
  func summary(_ results: RunResults) {
    state.withLock { clearStatus(&$0) }
    finishedLine(results)
    let errors = results.count(.error, .fail, .runtimeError)
    let partial = results.count(.partialSuccess)
    let warnings = results.count(.warn)
    let out = Terminal.standardOutput
    func counted(_ count: Int, _ one: String, _ many: String) -> String { "\(count) \(count == 1 ? one : many)" }
    let done =
      errors + partial > 0
      ? out.styled("Completed with " + counted(errors, "error", "errors"), .red)
        + ", \(counted(partial, "partial success", "partial successes")), and \(counted(warnings, "warning", "warnings")):"
      : warnings > 0 ? "Completed with \(counted(warnings, "warning", "warnings")):" : out.styled("Completed successfully", .green)
    log.emit(LogEvent(name: "Formatting", code: "Z017", message: ""))
    log.emit(
      LogEvent(
        name: "EndOfRunSummary", code: "Z030", message: done,
        data: ["num_errors": .int(Int64(errors)), "num_warnings": .int(Int64(warnings)), "keyboard_interrupt": false]))
    for result in results.results where result.status.isFailure || result.status == .warn || result.status == .skipped && result.diagnostic != nil {
      log.emit(LogEvent(name: "Formatting", code: "Z017", message: ""))
      NodeEvents(project, target: target).problem(result, log)
    }
    if errors + partial + warnings > 0 { log.emit(LogEvent(name: "Formatting", code: "Z017", message: "")) }
    var stats: OrderedDictionary<String, JSON> = [:]
    var words: [String] = []
    let counts = [
      ("pass", results.count(.pass, .success)), ("warn", warnings), ("error", errors + partial), ("skip", results.count(.skipped)),
      ("no-op", results.count(.noOp)), ("total", results.results.count),
    ]
    for (name, count) in counts {
      stats[name] = .int(Int64(count))
      words.append("\(name.uppercased())=\(count)")
    }
    log.emit(
      LogEvent(
        name: "StatsLine", code: "Z023", message: "Done. " + words.joined(separator: " ") + " in \(Numbers.duration(results.elapsedTime))",
        data: ["stats": .object(stats)]))
    let success = results.isSuccess
    log.toFile(
      LogEvent(
        name: "CommandCompleted", code: "Q039", level: .debug,
        message: "Command \(success ? "succeeded" : "failed") after \(Numbers.duration(results.elapsedTime))",
        data: ["success": .bool(success), "elapsed": .double(results.elapsedTime)]))
  }

  /// What was run, kind by kind: `Finished running 4 project hooks, 1 view model in 0 hours 0 minutes and 0.31 seconds (0.31s).`
  private func finishedLine(_ results: RunResults) {
    guard !results.results.isEmpty else { return }
    var counts: [String: Int] = [:]
    for result in results.results {
      let node = manifest.nodes[result.uniqueID]
      let type = manifest.resourceType(of: result.uniqueID)?.rawValue ?? "node"
      let kind =
        switch node?.resourceType {
        case .model: "\(node?.config["materialized"]?.string ?? "view") model"
        case .operation: "project hook"
        default: type.replacing("_", with: " ")
        }
      counts[kind, default: 0] += 1
    }
    let kinds = counts.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)\($0.value == 1 ? "" : "s")" }.joined(separator: ", ")
    let seconds = results.elapsedTime
    let whole = Int(seconds)
    let time = "\(whole / 3600) hours \(whole / 60 % 60) minutes and \(Numbers.decimal(seconds - Double(whole / 60 * 60), 2)) seconds"
    log.emit(LogEvent(name: "Formatting", code: "Z017", message: ""))
    log.emit(
      LogEvent(
        name: "FinishedRunningStats", code: "E047", message: "Finished running \(kinds) in \(time) (\(Numbers.decimal(seconds, 2))s).",
        data: ["stat_line": .string(kinds), "execution": .string(" in " + time), "execution_time": .double(seconds)]))
  }

  /// What was found in the project: `Found 34 models, 5 seeds, 120 data tests`.
  static func found(_ manifest: Manifest) -> String {
    var counts: [ResourceType: Int] = [:]
    for node in manifest.nodes.values { counts[node.resourceType, default: 0] += 1 }
    counts[.source] = manifest.sources.count
    counts[.exposure] = manifest.exposures.count
    counts[.unitTest] = manifest.unitTests.count
    counts[.macro] = manifest.macros.count
    for id in manifest.semantics.keys { if let type = manifest.resourceType(of: id) { counts[type, default: 0] += 1 } }
    let types: [ResourceType] = [
      .model, .seed, .snapshot, .analysis, .test, .unitTest, .operation, .source, .exposure, .metric, .semanticModel, .savedQuery, .macro,
    ]
    let parts = types.compactMap { type in
      counts[type].flatMap { $0 == 0 ? nil : "\(Numbers.grouped($0)) \($0 == 1 ? type.singular : type.plural)" }
    }
    return parts.isEmpty ? "Found nothing" : "Found " + parts.joined(separator: ", ")
  }

  private func emit(_ event: LogEvent, _ state: inout State) {
    clearStatus(&state)
    log.emit(event)
  }

  private func showStatus(_ state: inout State) {
    guard Terminal.standardOutput.isInteractive, log.format == .text, !log.isQuiet, !state.running.isEmpty else { return }
    clearStatus(&state)
    let names =
      state.running.count > 16
      ? "\(state.running.count) nodes" : state.running.sorted { $0.value < $1.value }.map { manifest.nodes[$0.key]?.name ?? $0.key }.joined(separator: ", ")
    let text = "\(state.finished)/\(state.total) done, running: \(names)"
    Terminal.write(Terminal.standardOutput.styled(TextTable.shortened(text, to: Terminal.standardOutput.width - 1), .dim), to: stdout)
    state.statusLine = true
  }

  private func clearStatus(_ state: inout State) {
    guard state.statusLine else { return }
    Terminal.write("\r\u{1B}[K", to: stdout)
    state.statusLine = false
  }

  /// The local time of day, as dbt's log lines begin.
  static func stamp() -> String {
    var seconds = time(nil)
    var parts = tm()
    localtime_r(&seconds, &parts)
    func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
    return "\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec))  "
  }
}
