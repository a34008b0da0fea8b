import AirbyteProtocol
import DataFormats
import Diagnostics
import Glibc

/// A question to a connector (`spec`, `check`, `discover`): a process with a short answer.
struct ConnectorQuestion {
  /// What came back.
  struct Answer {
    /// Everything on standard output.
    var output: [UInt8]
    /// The last lines of standard error.
    var errors: [String]
    /// How it ended.
    var ending: ConnectorProcess.Ending

    /// The Airbyte messages in it; lines that are none are left out.
    var messages: [Message] {
      output.split(separator: 10).compactMap { (try? Message(line: $0)).flatMap { $0 } }
    }

    /// What kind of failure the connector says it was.
    var failureType: TraceMessage.SourceError.FailureType? {
      for case .trace(.error(let error), _) in messages.reversed() { return error.failureType }
      return nil
    }

    /// What is wrong with the first message that is not of the shape that it should have; nil if none is.
    var misshapen: Diagnostic? {
      for line in output.split(separator: 10) {
        do { _ = try Message(line: line) } catch { return error as? Diagnostic }
      }
      return nil
    }

    /// What the connector says went wrong: its own error, or the end of its standard error.
    var complaint: String? {
      for case .trace(.error(let error), _) in messages.reversed() { return error.message }
      for case .log(let log) in messages.reversed() where log.level == .error || log.level == .fatal { return log.message }
      return errors.isEmpty ? nil : errors.suffix(5).joined(separator: "\n")
    }
  }

  /// The longest answer: the catalog of a warehouse with thousands of tables has some ten megabytes.
  private static let longest = 256 << 20

  /// Asks, and waits for the end.
  ///
  /// - Parameter patience: how many seconds of silence to bear.
  /// - Throws: `Diagnostic` (`connector.cannot-start`, `connector.silent`, `sync.interrupted`).
  static func ask(_ command: [String], in folder: String, patience: Double) throws -> Answer {
    let errors = Tail()
    let process = try ConnectorProcess(command, in: folder) { errors.append($0) }
    var output: [UInt8] = []
    var lastSign = Clock.now
    var failure: Diagnostic?
    loop: while failure == nil {
      switch process.output.next(within: 0.5) {
      case .end: break loop
      case .block(let block):
        output.append(contentsOf: UnsafeRawBufferPointer(start: block.base, count: block.count))
        process.output.recycle(block)
        lastSign = Clock.now
        if output.count > longest { failure = Diagnostic(.connector, "connector.endless-answer", "the connector's answer does not end") }
      case .late:
        if ChildProcesses.isInterrupted { failure = .interrupted }
        if Clock.now - lastSign > patience { failure = .silent(patience) }
        if process.hasEnded && Clock.now - lastSign > 5 { break loop }
      }
    }
    if failure != nil { process.terminate() }
    let ending = process.finish()
    if ChildProcesses.isInterrupted { failure = failure ?? .interrupted }
    if let failure { throw failure }
    return Answer(output: output, errors: errors.lines, ending: ending)
  }
}

/// The last lines of something, for the message of an error.
final class Tail: @unchecked Sendable {
  private let monitor = Monitor()
  private var last: [String] = []

  func append(_ line: String) {
    monitor.withLock {
      last.append(line)
      if last.count > 20 { last.removeFirst() }
    }
  }

  var lines: [String] { monitor.withLock { last } }
}

extension Diagnostic {
  static let interrupted = Diagnostic(
    .system, "sync.interrupted", "the sync was interrupted", hint: "run it again: it goes on at the last checkpoint")

  static func silent(_ seconds: Double) -> Diagnostic {
    Diagnostic(
      .connector, "connector.silent", "the source has said nothing for \(Int(seconds)) seconds and was ended",
      hint: "run it again; if it needs more time before it speaks, give it more: --heartbeat SECONDS")
  }
}
