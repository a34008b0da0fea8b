import AirbyteProtocol
import DataFormats
import Diagnostics
import Synchronization
import Testing

@testable import Sync

/// Syncs that are tried again.
@Suite struct RetryTests {
  /// Keeps a copy of what the source is started with, and runs `$here/N.sh` in the attempt N; its `say` prints a file.
  static let play = """
    n=$(($(cat "$here/attempt" 2>/dev/null || echo 0) + 1)); echo $n > "$here/attempt"
    cp "$here/given-state.json" "$here/given-state-$n.json" 2>/dev/null
    cp "$here/given-catalog.json" "$here/given-catalog-$n.json"
    . "$here/$n.sh"; exit 0
    """

  static func transient(_ stream: String? = nil) -> String {
    Message.trace(.error(.init(message: "try later", failureType: .transient, stream: stream.map { .init(name: $0) })), emittedAt: 1).json.text()
  }

  private func bench(_ attempts: [(lines: [String], end: String)]) throws -> Bench {
    let bench = try Bench()
    try bench.offer(FailureTests.ids)
    try bench.say([])
    try bench.write("play.sh", RetryTests.play)
    for (index, attempt) in attempts.enumerated() {
      try bench.write("\(index + 1).jsonl", attempt.lines.map { $0 + "\n" }.joined())
      try bench.write("\(index + 1).sh", "cat \"$here/\(index + 1).jsonl\"; \(attempt.end)\n")
    }
    return bench
  }

  private func sync(
    _ bench: Bench, _ mode: SyncMode? = .incremental, _ destination: DestinationSyncMode? = .append, attempts: Int = 3, after: RetryPolicy.Occasion = .transient
  ) -> (ConnectionResult, [SyncEvent]) {
    var connection = bench.connection(mode, destination)
    connection.retry.attempts = attempts
    connection.retry.wait = 0
    connection.retry.occasion = after
    let events = Mutex<[SyncEvent]>([])
    let result = bench.sync(connection) { event in events.withLock { $0.append(event) } }
    return (result, events.withLock { $0 })
  }

  private func attempts(_ bench: Bench) -> String? { bench.read("attempt")?.split(separator: "\n").first.map(String.init) }

  @Test func whatTheSourceCallsTransientIsTriedAgainFromTheLastCheckpoint() throws {
    let bench = try bench([
      ([FailureTests.row(1), FailureTests.row(2), Bench.state(["n": 2]), FailureTests.row(3), RetryTests.transient()], "exit 1"),
      ([FailureTests.row(3), Bench.state(["n": 3])], ""),
    ])
    let (result, events) = sync(bench)
    #expect(result.succeeded && result.attempts == 2 && result.rowsWritten == 3)
    #expect(bench.read("given-state-2.json")?.contains("\"n\":2") == true)
    #expect(try bench.texts("SELECT id FROM toy__users ORDER BY id") == ["1", "2", "3"])
    var told: [String] = []
    for event in events {
      switch event {
      case .started: told.append("started")
      case .finished: told.append("finished")
      case .retrying(_, let error, let kept, _): told.append("\(error.code), \(kept) kept")
      default: break
      }
    }
    #expect(told == ["started", "connector.transient-error, 2 kept", "finished"])
    #expect(try bench.texts("SELECT status FROM _scv_sync_runs ORDER BY run_id") == ["failed", "succeeded"])
  }

  @Test func attemptsThatBringNothingOnAreCountedAndOthersAreNot() throws {
    let idle = (lines: [RetryTests.transient()], end: "exit 1")
    let vain = try bench([idle, idle, idle, idle])
    let (result, _) = sync(vain)
    #expect(!result.succeeded && result.attempts == 3 && attempts(vain) == "3" && result.error?.message == "try later")

    let further = { (id: Int) in (lines: [FailureTests.row(id), Bench.state(["n": .int(Int64(id))]), RetryTests.transient()], end: "exit 1") }
    let slow = try bench([idle, further(1), idle, further(2), idle, further(3), ([FailureTests.row(4), Bench.state(["n": 4])], "")])
    #expect(sync(slow).0.succeeded && attempts(slow) == "7")
    #expect(try slow.texts("SELECT id FROM toy__users ORDER BY id") == ["1", "2", "3", "4"])
  }

  @Test func aCrashIsTriedAgainOnlyWhereThatIsWished() throws {
    let crash = (lines: [FailureTests.row(1), Bench.state(["n": 1])], end: "kill -9 $$")
    let rest = (lines: [FailureTests.row(2), Bench.state(["n": 2])], end: "")
    let strict = try bench([crash, rest])
    #expect(!sync(strict).0.succeeded && attempts(strict) == "1")
    let lenient = try bench([crash, rest])
    #expect(sync(lenient, after: .any).0.succeeded && attempts(lenient) == "2")
    #expect(try lenient.texts("SELECT id FROM toy__users ORDER BY id") == ["1", "2"])
  }

  @Test func aWrongConfigurationIsNotTriedAgain() throws {
    let error = Message.trace(.error(.init(message: "wrong key", failureType: .config)), emittedAt: 1).json.text()
    let bench = try bench([([error], "exit 1"), ([], "")])
    let (result, _) = sync(bench, after: .any)
    #expect(result.error?.code == "connector.config-error" && attempts(bench) == "1")
  }

  @Test func aStreamThatIsCompleteIsNotReadAgain() throws {
    let bench = try bench([
      (
        [
          Bench.record(["id": 1]), Bench.status(.complete), Bench.record(["id": 2], stream: "orders"), RetryTests.transient("orders"),
          Bench.status(.incomplete, stream: "orders"),
        ], "exit 1"
      ),
      ([Bench.record(["id": 3], stream: "orders"), Bench.status(.complete, stream: "orders")], ""),
    ])
    try bench.write(
      "catalog.jsonl", Message.catalog(Catalog(streams: ["users", "orders"].map { CatalogStream(name: $0, jsonSchema: FailureTests.ids) })).json.text())
    let (result, _) = sync(bench, nil, nil)
    #expect(result.succeeded && result.attempts == 2 && result.streams.map(\.rowsRead) == [1, 2])
    let second = try ConfiguredCatalog(json: JSON.parse(bench.read("given-catalog-2.json") ?? ""))
    #expect(second.streams.map(\.stream.name) == ["orders"])
    #expect(try bench.texts("SELECT id FROM toy__users") == ["1"])
    #expect(try bench.texts("SELECT id FROM toy__orders") == ["3"])
  }

  @Test func aRefreshThatIsTriedAgainDoublesNothing() throws {
    let bench = try bench([
      ([FailureTests.row(1), FailureTests.row(2), RetryTests.transient()], "exit 1"), ([FailureTests.row(1), FailureTests.row(2)], ""),
    ])
    let (result, _) = sync(bench, .fullRefresh, .overwrite)
    #expect(result.succeeded && result.rowsWritten == 2)
    #expect(try bench.texts("SELECT id FROM toy__users ORDER BY id") == ["1", "2"])
  }

  @Test func aSourceThatCannotSayWhatItHasForTheMomentIsAskedAgain() throws {
    let bench = try bench([([FailureTests.row(1)], "")])
    try bench.write(
      "flaky", "#!/bin/sh\ncase $1 in discover) if [ ! -e seen ]; then : > seen; cat sick.jsonl; exit 1; fi;; esac\nexec ./source \"$@\"\n", executable: true)
    try bench.write("sick.jsonl", RetryTests.transient())
    var connection = bench.connection()
    connection.command = [bench.folder + "/flaky"]
    connection.retry.attempts = 2
    connection.retry.wait = 0
    let result = bench.sync(connection)
    #expect(result.succeeded && result.attempts == 2 && result.rowsWritten == 1)
  }

  @Test func pausesGrowThreefold() {
    var policy = RetryPolicy()
    policy.attempts = 8
    #expect((1...8).map { policy.pause(after: $0) } == [10, 30, 90, 270, 810, 1800, 1800, nil])
  }
}
