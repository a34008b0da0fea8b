import AirbyteProtocol
import Diagnostics
@preconcurrency import Glibc
import Sync
import Synchronization

/// Shows syncs as they go: on a terminal one line a connection that is drawn anew, elsewhere a line at begin and end; and the
/// table of all streams at the end.
final class SyncView: Sendable {
  private struct State {
    var order: [String] = []
    var lines: [String: String] = [:]
    var drawn = 0
  }

  private let quiet: Bool
  private let verbose: Bool
  private let state = Mutex(State())

  init(quiet: Bool, verbose: Bool) {
    self.quiet = quiet
    self.verbose = verbose
  }

  /// Takes one event; from any thread.
  func handle(_ event: SyncEvent) {
    state.withLock { state in
      switch event {
      case .started(let name):
        state.order.append(name)
        update(name, "asking what there is", &state)
      case .preparing(let name, let what): message("\(name): \(what)", &state)
      case .reading(let name, let streams):
        plain("\(name): reading \(streams.count) stream\(streams.count == 1 ? "" : "s")", &state)
        update(name, "reading", &state)
      case .progress(let name, let streams, let seconds):
        let rows = streams.reduce(0) { $0 + $1.rowsRead }
        let bytes = streams.reduce(0) { $0 + $1.bytes }
        let pace = seconds > 0.2 ? "  \(Numbers.grouped(Int(Double(rows) / seconds))) rows/s  \(Numbers.bytes(Int(Double(bytes) / seconds)))/s" : ""
        let current = streams.last { $0.rowsRead > 0 }.map { "  \($0.stream.name)" } ?? ""
        update(name, "\(Numbers.grouped(rows)) rows\(pace)\(current)", &state)
      case .log(let name, let log):
        let matters = [.fatal, .error, .warn].contains(log.level)
        if matters || verbose { message("\(name): \(log.level.rawValue.lowercased()): \(log.message)", &state) }
      case .retrying(let name, let error, let kept, let seconds):
        let rows = kept == 0 ? "" : "; \(Numbers.grouped(kept)) rows are kept"
        if !quiet { message("\(name): failed: \(error.message) [\(error.code)]\(rows); the next attempt begins in \(Numbers.duration(seconds))", &state) }
        update(name, "waiting for the next attempt", &state)
      case .warning(_, let diagnostic):
        clear(&state)
        ErrorReport.show(diagnostic)
        draw(&state)
      case .finished(let result):
        state.order.removeAll { $0 == result.connection }
        state.lines[result.connection] = nil
        finished(result, &state)
      }
      if Terminal.standardOutput.isInteractive { fflush(stdout) }
    }
  }

  /// The table at the end, and the errors in full under it.
  func summary(_ results: [ConnectionResult]) {
    state.withLock { clear(&$0) }
    if !quiet {
      var table = TextTable(["connection", "stream", "rows read", "rows written", "rejected", "nulled", "bytes", "seconds", "status"])
      for result in results {
        for stream in result.streams {
          table.add([
            result.connection, stream.stream.name, Numbers.grouped(stream.rowsRead), Numbers.grouped(stream.rowsWritten),
            stream.rejected == 0 ? "" : Numbers.grouped(stream.rejected), stream.nulled == 0 ? "" : Numbers.grouped(stream.nulled),
            Numbers.bytes(stream.bytes), Numbers.decimal(stream.seconds, 2),
            stream.status == .failed ? "failed" : stream.rowsRead == 0 ? "nothing new" : "ok",
          ])
        }
        if result.streams.isEmpty { table.add([result.connection, "", "", "", "", "", "", "", "failed"]) }
      }
      Terminal.say()
      for line in table.lines() { Terminal.say(line) }
    }
    fflush(stdout)
    for result in results where !result.succeeded {
      for error in result.failures {
        Terminal.write("\n", to: stderr)
        ErrorReport.show(error)
      }
      for line in SyncView.kept(result) { Terminal.write(line + "\n", to: stderr) }
    }
    guard !quiet else { return }
    let rows = results.reduce(0) { $0 + $1.rowsRead }
    let written = results.reduce(0) { $0 + $1.rowsWritten }
    let failed = results.count { !$0.succeeded }
    Terminal.say()
    let outcome =
      failed == 0
      ? Terminal.standardOutput.styled(results.count == 1 ? "The connection is up to date" : "All \(results.count) connections are up to date", .green)
      : Terminal.standardOutput.styled("\(failed) of \(results.count) connections failed", .red)
    let moved =
      rows == 0
      ? (failed == 0 ? "nothing new, " : "") + "no rows moved" : "\(Numbers.grouped(rows)) row\(rows == 1 ? "" : "s") read, \(Numbers.grouped(written)) written"
    Terminal.say("\(outcome): \(moved).")
  }

  private func finished(_ result: ConnectionResult, _ state: inout State) {
    guard !quiet else { return }
    let pace = result.seconds > 0 ? Int(Double(result.rowsRead) / result.seconds) : 0
    let word = result.succeeded ? Terminal.standardOutput.styled("ok", .green) : Terminal.standardOutput.styled("FAILED", .red)
    var rows = "\(Numbers.grouped(result.rowsRead)) rows, \(Numbers.bytes(result.bytes)), \(Numbers.grouped(pace)) rows/s"
    if result.rowsRead == 0 { rows = result.succeeded ? "nothing new" : "nothing read" }
    if !result.succeeded && result.rowsRead > 0 {
      rows = "\(Numbers.grouped(result.rowsRead)) row\(result.rowsRead == 1 ? "" : "s") read, \(Numbers.grouped(result.rowsWritten)) kept"
    }
    if result.attempts > 1 { rows += ", \(result.attempts) attempts" }
    message("\(result.connection): \(word), \(rows), \(Numbers.duration(result.seconds))", &state)
  }

  /// What a sync that failed leaves behind: which rows are kept, and where the next sync begins; a line for all streams of one fate.
  static func kept(_ result: ConnectionResult) -> [String] {
    let failed = result.streams.filter { $0.status == .failed }
    guard !failed.isEmpty else {
      return result.streams.isEmpty ? ["Kept of \(result.connection): all that was there before; nothing was read."] : []
    }
    var lines: [String] = []
    let kept = failed.filter { $0.rowsWritten > 0 }
    for stream in kept.prefix(20) {
      let rows = "\(Numbers.grouped(stream.rowsWritten)) row\(stream.rowsWritten == 1 ? "" : "s")"
      let next = stream.resumption == .goesOn ? "goes on at the last checkpoint" : "reads the stream from its beginning"
      lines.append("Kept of \(result.connection).\(stream.stream): \(rows); the next sync \(next).")
    }
    if kept.count > 20 {
      lines.append("Kept of \(kept.count - 20) more streams: \(Numbers.grouped(kept.dropFirst(20).reduce(0) { $0 + $1.rowsWritten })) rows.")
    }
    for resumption in [StreamResult.Resumption.goesOn, .beginsAnew] {
      let streams = failed.filter { $0.rowsWritten == 0 && $0.resumption == resumption }
      guard !streams.isEmpty else { continue }
      let names = streams.prefix(10).map { "\(result.connection).\($0.stream)" }.joined(separator: ", ") + (streams.count > 10 ? ", …" : "")
      let next = resumption == .goesOn ? "goes on at the last checkpoint" : "reads from the beginning"
      lines.append("Nothing new of \(names): what was there before stays, and the next sync \(next).")
    }
    return lines
  }

  /// A line that stays, on a terminal or not.
  private func message(_ text: String, _ state: inout State) {
    clear(&state)
    Terminal.say(text)
    draw(&state)
  }

  /// A line that only those see who have no terminal to be drawn on.
  private func plain(_ text: String, _ state: inout State) {
    if !quiet, !Terminal.standardOutput.isInteractive { Terminal.say(text) }
  }

  private func update(_ name: String, _ text: String, _ state: inout State) {
    state.lines[name] = "\(name): \(text)"
    clear(&state)
    draw(&state)
  }

  private func draw(_ state: inout State) {
    guard Terminal.standardOutput.isInteractive, !quiet else { return }
    let lines = state.order.compactMap { state.lines[$0] }
    let width = Terminal.standardOutput.width - 1
    for line in lines { Terminal.say(Terminal.standardOutput.styled(TextTable.shortened(line, to: width), .dim)) }
    state.drawn = lines.count
  }

  private func clear(_ state: inout State) {
    guard state.drawn > 0 else { return }
    Terminal.write("\u{1B}[\(state.drawn)A\u{1B}[J", to: stdout)
    state.drawn = 0
  }
}
