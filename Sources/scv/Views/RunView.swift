import Diagnostics
import FoundationEssentials
@preconcurrency import Glibc
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

  private let manifest: Manifest
  private let quiet: Bool
  private let state = Mutex(State())

  init(_ manifest: Manifest, quiet: Bool) {
    self.manifest = manifest
    self.quiet = quiet
  }

  /// Takes one event; from any thread.
  func handle(_ event: RunEvent) {
    state.withLock { state in
      switch event {
      case .started(let nodes, let threads):
        state.total = nodes
        guard !quiet else { break }
        if nodes == 0 {
          line("Nothing to do.", &state)
        } else {
          line("Concurrency: \(threads) thread\(threads == 1 ? "" : "s") (target='\(manifest.adapterType)')", &state)
          line("", &state)
        }
      case .nodeStarted(let id, _, _):
        state.running[id] = Date()
        showStatus(&state)
      case .nodeFinished(let result, let index, let total):
        state.running[result.uniqueID] = nil
        state.finished += 1
        if !quiet || result.status.isFailure { line(text(result, index, total), &state) }
        showStatus(&state)
      case .message(let text):
        line(text, &state)
      case .warning(let diagnostic):
        clearStatus(&state)
        ErrorReport.show(diagnostic)
      }
      if Terminal.standardOutput.isInteractive { fflush(stdout) }
    }
  }

  /// The summary under the lines: what failed, with its error, and dbt's count.
  func summary(_ results: RunResults) {
    state.withLock { clearStatus(&$0) }
    let failed = results.results.filter { $0.status.isFailure || $0.status == .warn }
    fflush(stdout)
    for result in failed {
      if let diagnostic = result.diagnostic {
        Terminal.write("\n", to: stderr)
        ErrorReport.show(diagnostic)
      } else {
        let place = manifest.nodes[result.uniqueID].map { SourceLocation(file: $0.originalFilePath, subject: RunView.title($0)) }
        ErrorReport.show(
          Diagnostic(
            .database, result.status == .warn ? "test.warn" : "test.failed", result.message ?? "failed", at: place,
            hint: "see what it found: scv show --select \(manifest.nodes[result.uniqueID]?.name ?? result.uniqueID)",
            severity: result.status == .warn ? .warning : .error))
      }
    }
    guard !quiet || !results.isSuccess else { return }
    let errors = results.count(.error, .fail, .runtimeError, .partialSuccess)
    let warnings = results.count(.warn)
    let done =
      errors > 0
      ? Terminal.standardOutput.styled("Completed with \(errors) error\(errors == 1 ? "" : "s")", .red)
        + ", \(results.count(.partialSuccess)) partial successes, and \(warnings) warning\(warnings == 1 ? "" : "s"):"
      : warnings > 0 ? "Completed with \(warnings) warning\(warnings == 1 ? "" : "s"):" : Terminal.standardOutput.styled("Completed successfully", .green)
    Terminal.say()
    Terminal.say(RunView.stamp() + done)
    Terminal.say(
      RunView.stamp() + "Done. PASS=\(results.count(.pass, .success)) WARN=\(warnings) ERROR=\(errors) SKIP=\(results.count(.skipped)) "
        + "NO-OP=\(results.count(.noOp)) TOTAL=\(results.results.count) in \(Numbers.duration(results.elapsedTime))")
  }

  /// What was found in the project: `Found 34 models, 5 seeds, 120 data tests`.
  static func found(_ manifest: Manifest) -> String {
    var counts: [ResourceType: Int] = [:]
    for node in manifest.nodes.values { counts[node.resourceType, default: 0] += 1 }
    counts[.source] = manifest.sources.count
    counts[.exposure] = manifest.exposures.count
    counts[.unitTest] = manifest.unitTests.count
    counts[.macro] = manifest.macros.count
    let parts = [ResourceType.model, .seed, .snapshot, .analysis, .test, .unitTest, .operation, .source, .exposure, .macro].compactMap { type in
      counts[type].flatMap { $0 == 0 ? nil : "\(Numbers.grouped($0)) \($0 == 1 ? type.singular : type.plural)" }
    }
    return parts.isEmpty ? "Found nothing" : "Found " + parts.joined(separator: ", ")
  }

  private func text(_ result: NodeResult, _ index: Int, _ total: Int) -> String {
    let node = manifest.nodes[result.uniqueID]
    let out = Terminal.standardOutput
    let (word, style): (String, Terminal.Style) =
      switch result.status {
      case .success, .noOp: (node?.resourceType == .model || node?.resourceType == .seed ? "OK" : "OK", .green)
      case .pass: ("PASS", .green)
      case .warn: ("WARN", .yellow)
      case .skipped: ("SKIP", .yellow)
      case .fail: ("FAIL", .red)
      default: ("ERROR", .red)
      }
    let what: String
    if let node {
      switch node.resourceType {
      case .model: what = "\(node.language) \(node.config.materialized) model \(RunView.relation(node))"
      case .seed: what = "seed file \(RunView.relation(node))"
      case .snapshot: what = "snapshot \(RunView.relation(node))"
      case .test: what = "\(node.name)"
      default: what = node.name
      }
    } else {
      what = result.uniqueID
    }
    var outcome = word
    if let message = result.message, result.status == .success || result.status == .noOp, !message.isEmpty { outcome = message }
    if let failures = result.failures, failures > 0, result.status != .pass { outcome += " \(failures)" }
    let verb =
      result.status == .success && node?.resourceType == .model ? " created " : result.status == .success && node?.resourceType == .seed ? " loaded " : " "
    let left = "\(index) of \(total) " + word + verb + what + " "
    let right = "[\(out.styled(outcome, style)) in \(Numbers.decimal(result.executionTime, 2))s]"
    let dots = String(repeating: ".", count: max(3, 79 - left.count))
    return RunView.stamp() + left + dots + " " + right
  }

  private func line(_ text: String, _ state: inout State) {
    clearStatus(&state)
    Terminal.say(text)
  }

  private func showStatus(_ state: inout State) {
    guard Terminal.standardOutput.isInteractive, !quiet, !state.running.isEmpty else { return }
    clearStatus(&state)
    let names = state.running.sorted { $0.value < $1.value }.map { manifest.nodes[$0.key]?.name ?? $0.key }
    let text = "\(state.finished)/\(state.total) done, running: \(names.joined(separator: ", "))"
    Terminal.write(Terminal.standardOutput.styled(TextTable.shortened(text, to: Terminal.standardOutput.width - 1), .dim), to: stdout)
    state.statusLine = true
  }

  private func clearStatus(_ state: inout State) {
    guard state.statusLine else { return }
    Terminal.write("\r\u{1B}[K", to: stdout)
    state.statusLine = false
  }

  private static func relation(_ node: Node) -> String {
    node.schema.isEmpty ? node.alias : "\(node.schema).\(node.alias)"
  }

  private static func title(_ node: Node) -> String {
    "\(node.resourceType.singular) \(node.packageName).\(node.name)"
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

extension ResourceType {
  /// The word for one of them, as dbt's counts name it.
  var singular: String {
    switch self {
    case .test: "data test"
    case .unitTest: "unit test"
    case .sqlOperation: "sql operation"
    default: rawValue
    }
  }
}
