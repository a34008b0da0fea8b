import AirbyteProtocol
import Diagnostics
import Glibc
import Warehouse

/// The sync of a connection with its repetitions: attempts, until one succeeds or the connection's `RetryPolicy` has had enough.
struct SyncAttempts {
  let connection: Connection
  let adapter: SQLiteAdapter
  let options: SyncOptions
  let emit: @Sendable (SyncEvent) -> Void

  /// Runs the attempts while no other sync of the connection runs. Whatever goes wrong is in the result.
  func run() -> ConnectionResult {
    let began = Clock.now
    emit(.started(connection: connection.name))
    var result: ConnectionResult
    do {
      let lock = try SyncLock(for: connection, into: adapter, options)
      result = withExtendedLifetime(lock) { attempts() }
    } catch {
      result = attempt.settled { throw error }
    }
    result.seconds = Clock.now - began
    emit(.finished(result))
    return result
  }

  private var attempt: ConnectionSync { ConnectionSync(connection, adapter: adapter, options: options, emit: emit) }

  private func attempts() -> ConnectionResult {
    var policy = connection.retry
    policy.attempts = options.attempts ?? policy.attempts
    let first = attempt
    var result = first.attempt()
    var sharesState = first.sharesState
    var whole = first.streamsReadInFull
    // Failures in a row that brought nothing on.
    var failures = 1
    while !result.succeeded, policy.isWorthAnother(result), result.attempts < RetryPolicy.mostAttempts {
      guard result.streams.isEmpty || result.streams.contains(where: { $0.status == .failed }) else { break }
      guard let pause = policy.pause(after: failures), let reason = result.failures.first else { break }
      emit(.retrying(connection: connection.name, reason, kept: result.rowsWritten, seconds: pause))
      guard wait(pause) else { break }
      let next = attempt
      // A state for all streams says where all of them are; what is read in full has nothing to do with it.
      next.completed = Set(result.streams.filter { $0.status == .succeeded }.map(\.stream))
      if sharesState { next.completed.formIntersection(whole) }
      next.result.warnings = result.warnings
      let latest = next.attempt()
      whole.formUnion(next.streamsReadInFull)
      sharesState = next.sharesState || sharesState
      let before = result
      result = before.followed(by: latest)
      let completed = { (result: ConnectionResult) in result.streams.count { $0.status == .succeeded } }
      failures = next.isFurther || completed(result) > completed(before) ? 1 : failures + 1
    }
    return result
  }

  /// - Returns: false if a signal asked to stop.
  private func wait(_ seconds: Double) -> Bool {
    let end = Clock.now + seconds
    while Clock.now < end && !ChildProcesses.isInterrupted { usleep(UInt32(min(0.1, max(0, end - Clock.now)) * 1e6)) }
    return !ChildProcesses.isInterrupted
  }
}

extension ConnectionResult {
  /// What this attempt and the next one did together.
  func followed(by next: ConnectionResult) -> ConnectionResult {
    var whole = next
    whole.attempts = attempts + 1
    whole.streams = streams.map { before in
      guard var stream = next.streams.first(where: { $0.stream == before.stream }) else { return before }
      stream.rowsRead += before.rowsRead
      stream.rowsWritten += before.rowsWritten
      stream.rejected += before.rejected
      stream.nulled += before.nulled
      stream.bytes += before.bytes
      stream.seconds += before.seconds
      stream.stateSaved = stream.stateSaved || before.stateSaved
      return stream
    }
    whole.streams += next.streams.filter { stream in !streams.contains { $0.stream == stream.stream } }
    return whole
  }
}
