import AirbyteProtocol
import DataFormats
import Diagnostics
import FoundationEssentials
import Glibc
import Synchronization
import Testing
import Warehouse

@testable import Sync

/// What a sync does when the source, or somebody else, misbehaves.
@Suite struct FailureTests {
  static let ids: JSON = ["type": "object", "properties": ["id": ["type": "integer"], "updated_at": ["type": "string", "format": "date-time"]]]

  static func row(_ id: Int) -> String { Bench.record(["id": .int(Int64(id)), "updated_at": "2024-01-01T00:00:00Z"]) }

  @Test func whatWasCommittedBeforeTheSourceDiedStays() throws {
    for destination in [DestinationSyncMode.append, .appendDedup] {
      let bench = try Bench()
      try bench.offer(FailureTests.ids)
      try bench.say([FailureTests.row(1), FailureTests.row(2), Bench.state(["n": 2]), FailureTests.row(3)], exit: 3)
      let result = bench.sync(bench.connection(.incremental, destination))
      #expect(!result.succeeded && result.error?.code == "connector.failed" && result.error?.message.contains("exit code 3") == true)
      try bench.say([FailureTests.row(3), Bench.state(["n": 3])])
      #expect(bench.sync(bench.connection(.incremental, destination)).succeeded)
      #expect(StateMessage.state(of: "users", in: try StateMessage.list(fromFile: bench.givenState ?? [])) == ["n": 2])
      #expect(try bench.texts("SELECT id FROM toy__users ORDER BY id") == ["1", "2", "3"])
    }
  }

  @Test func rowsThatNoStateCoversAreTakenBackBeforeTheyAreReadAgain() throws {
    let bench = try Bench()
    try bench.offer(FailureTests.ids)
    try bench.say([FailureTests.row(1), Bench.state(["n": 1]), FailureTests.row(2)], exit: 1)
    let result = bench.sync(bench.connection(.incremental, .append))
    #expect(result.streams.first?.rowsWritten == 1)
    #expect(try bench.texts("SELECT id FROM toy__users") == ["1"])
  }

  @Test func aSourceThatIsKilledInTheMiddleOfALineFailsTheSync() throws {
    let bench = try Bench()
    try bench.offer(FailureTests.ids)
    try bench.say([FailureTests.row(1), Bench.state(["n": 1])])
    try bench.write("play.sh", "cat \"$here/messages.jsonl\"; printf '{\"type\":\"RECORD\",\"rec'; kill -9 $$")
    let result = bench.sync(bench.connection())
    #expect(result.error?.message.contains("signal 9") == true)
    #expect(try bench.texts("SELECT id FROM toy__users") == ["1"])
    #expect(try bench.texts("SELECT count(*) FROM _scv_rejected") == ["0"])
  }

  @Test func anOverwriteThatFailsLeavesTheOldRows() throws {
    let bench = try Bench()
    try bench.offer(FailureTests.ids)
    try bench.say([FailureTests.row(1), FailureTests.row(2)])
    #expect(bench.sync(bench.connection(.fullRefresh, .overwrite)).succeeded)
    try bench.say([FailureTests.row(7)], exit: 1)
    let result = bench.sync(bench.connection(.fullRefresh, .overwrite))
    #expect(!result.succeeded && result.rowsWritten == 0)
    #expect(try bench.texts("SELECT id FROM toy__users ORDER BY id") == ["1", "2"])
    #expect(try bench.rows("SELECT name FROM sqlite_master WHERE name LIKE '%\\_scv\\_load%' ESCAPE '\\'").isEmpty)
  }

  @Test func aFullRefreshThatFailsKeepsRowsAndState() throws {
    let bench = try Bench()
    try bench.offer(FailureTests.ids)
    try bench.say([FailureTests.row(1), Bench.state(["n": 1])])
    #expect(bench.sync(bench.connection()).succeeded)
    try bench.say([Bench.state(["n": 0])], exit: 1)
    #expect(!bench.sync(bench.connection(), fullRefresh: true).succeeded)
    // With another configuration the refresh is not gone on with.
    #expect(!bench.sync(bench.connection(config: ["other": true])).succeeded)
    #expect(StateMessage.state(of: "users", in: try StateMessage.list(fromFile: bench.givenState ?? [])) == ["n": 1])
    #expect(try bench.texts("SELECT id FROM toy__users") == ["1"])
  }

  @Test func anErrorThatTheSourceReportsIsToldWithItsCause() throws {
    let bench = try Bench()
    try bench.offer(FailureTests.ids)
    let error = Message.trace(.error(.init(message: "the API refuses", internalMessage: "HTTP 403", failureType: .config)), emittedAt: 1)
    try bench.say([FailureTests.row(1), error.json.text()])
    let result = bench.sync(bench.connection())
    #expect(result.error?.message == "the API refuses" && result.error?.cause == "HTTP 403" && result.error?.hint?.contains("config") == true)
  }

  @Test func aStreamThatIsIncompleteFailsAndTheOthersDoNot() throws {
    let bench = try Bench()
    let streams = ["users", "orders"].map { CatalogStream(name: $0, jsonSchema: FailureTests.ids) }
    try bench.write("catalog.jsonl", Message.catalog(Catalog(streams: streams)).json.text())
    try bench.say(
      [Bench.record(["id": 1]), Bench.status(.incomplete), Bench.record(["id": 2], stream: "orders"), Bench.status(.complete, stream: "orders")], exit: 1)
    let result = bench.sync(bench.connection())
    #expect(result.streams.map(\.status) == [.failed, .succeeded])
    #expect(try bench.texts("SELECT id FROM toy__orders") == ["2"])
    #expect(try bench.texts("SELECT name FROM sqlite_master WHERE name LIKE '%users'") == [])
  }

  @Test func whatTheSourceSaidLastIsPartOfTheError() throws {
    let bench = try Bench()
    try bench.offer(FailureTests.ids)
    try bench.say([], exit: 1)
    try bench.write("errors.txt", "Traceback (most recent call last):\nZeroDivisionError: division by zero\n")
    #expect(bench.sync(bench.connection()).error?.cause?.contains("ZeroDivisionError") == true)
  }

  @Test func aSourceThatFallsSilentIsEnded() throws {
    let bench = try Bench()
    try bench.offer(FailureTests.ids)
    try bench.say([FailureTests.row(1)])
    try bench.write("play.sh", "cat \"$here/messages.jsonl\"; exec sleep 60")
    var options = SyncOptions(projectFolder: bench.folder)
    options.heartbeat = 0.6
    let result = SyncRunner(adapter: bench.adapter, options: options).sync([bench.connection()])[0]
    #expect(result.error?.code == "connector.silent" && result.seconds < 30)
  }

  @Test func aSourceThatCannotSayWhatItHasIsAnError() throws {
    let bench = try Bench()
    let error = Message.trace(.error(.init(message: "wrong password")), emittedAt: 1)
    try bench.write("catalog.jsonl", error.json.text())
    try bench.write("discover-exit.txt", "1")
    let result = bench.sync(bench.connection())
    #expect(result.error?.code == "connector.discover" && result.error?.cause == "wrong password")
  }

  @Test func aConnectorThatIsNoProgramIsAnError() throws {
    let bench = try Bench()
    try bench.write("broken", "\u{7F}ELF", executable: true)
    var connection = bench.connection()
    connection.command = [bench.folder + "/broken"]
    #expect(bench.sync(connection).error?.code == "connector.cannot-start")
    connection.command = [bench.folder + "/nowhere"]
    #expect(bench.sync(connection).error?.code == "connector.cannot-start")
  }

  @Test func linesThatAreNoMessagesAreSkipped() throws {
    let bench = try Bench()
    try bench.offer(FailureTests.ids)
    try bench.say(["", "Loading…", "[1]", "{}", #"{"type":"NOVELTY"}"#, "\u{1}\u{2}", FailureTests.row(1), #"{"type":"STATE","state":{"type":"?"}}"#])
    #expect(bench.sync(bench.connection()).succeeded)
    #expect(try bench.texts("SELECT id FROM toy__users") == ["1"])
  }

  // MARK: - Others

  @Test func ofTwoSyncsOfOneConnectionTheSecondSaysWhoHasIt() throws {
    let bench = try Bench()
    try bench.offer(FailureTests.ids)
    try bench.say([FailureTests.row(1)])
    // The first waits until it is told to go on; if the second were let in, it would wait, too.
    try bench.write("play.sh", ": > \"$here/reading\"; while [ ! -e \"$here/go\" ]; do sleep 0.02; done")
    let first = try Running { bench.sync(bench.connection()) }
    while bench.read("reading") == nil { usleep(10_000) }
    let other = try SQLiteAdapter(.prefixes(path: bench.folder + "/warehouse.db", defaultSchema: "main"))
    let second = SyncRunner(adapter: other, options: SyncOptions(projectFolder: bench.folder)).sync([bench.connection()])[0]
    #expect(second.error?.code == "sync.locked" && second.error?.message.contains("process \(getpid())") == true)
    try bench.write("go", "")
    #expect(first.result()?.succeeded == true)
    try other.close()
    #expect(try bench.texts("SELECT id FROM toy__users") == ["1"])
  }

  @Test func theSecondMayWaitForTheFirst() throws {
    let bench = try Bench()
    try bench.offer(FailureTests.ids)
    try bench.say([FailureTests.row(1)])
    try bench.write("play.sh", ": > \"$here/reading\"; sleep 0.3")
    let first = try Running { bench.sync(bench.connection()) }
    while bench.read("reading") == nil { usleep(10_000) }
    var options = SyncOptions(projectFolder: bench.folder)
    options.lockPatience = 60
    #expect(SyncRunner(adapter: bench.adapter, options: options).sync([bench.connection()])[0].succeeded)
    #expect(first.result()?.succeeded == true)
  }

  @Test func aWarehouseThatAnotherProcessWritesToIsAnErrorAndNotADamage() throws {
    let bench = try Bench()
    try bench.offer(FailureTests.ids)
    try bench.say([FailureTests.row(1), Bench.state(["n": 1])])
    let impatient = try SQLiteAdapter(.prefixes(path: bench.folder + "/warehouse.db", defaultSchema: "main"), busyTimeout: 0.2)
    let runner = SyncRunner(adapter: impatient, options: SyncOptions(projectFolder: bench.folder))
    try bench.adapter.write { session in
      try session.execute("CREATE TABLE somebody_else (x)")
      #expect(runner.sync([bench.connection()])[0].error?.code == "warehouse.busy")
    }
    #expect(runner.sync([bench.connection()])[0].succeeded)
    #expect(try bench.texts("SELECT id FROM toy__users") == ["1"])
    try impatient.close()
  }

  @Test func severalConnectionsAreSyncedSideBySide() throws {
    let benches = try (0..<4).map { _ in try Bench() }
    let adapter = benches[0].adapter
    var connections: [Connection] = []
    for (index, bench) in benches.enumerated() {
      try bench.offer(FailureTests.ids)
      try bench.say((1...500).flatMap { [FailureTests.row($0)] + ($0 % 50 == 0 ? [Bench.state(["n": .int(Int64($0))])] : []) })
      connections.append(bench.connection(name: "toy_\(index)"))
    }
    let results = SyncRunner(adapter: adapter, options: SyncOptions(projectFolder: benches[0].folder)).sync(connections)
    #expect(results.map(\.connection) == connections.map(\.name) && results.allSatisfy(\.succeeded))
    for index in 0..<4 { #expect(try benches[0].texts("SELECT count(*) FROM toy_\(index)__users") == ["500"]) }
  }

  @Test func aTableThatNoSyncMadeIsLeftAlone() throws {
    let bench = try Bench()
    try bench.offer(FailureTests.ids)
    try bench.say([FailureTests.row(1)])
    try bench.adapter.execute("CREATE TABLE toy__users (id); INSERT INTO toy__users VALUES (99)")
    #expect(bench.sync(bench.connection()).error?.code == "sync.foreign-table")
    #expect(try bench.rows("SELECT * FROM toy__users") == [[99]])
  }

  /// Work on a thread of its own.
  private struct Running {
    private final class Outcome: Sendable {
      let value = Mutex<ConnectionResult?>(nil)
    }

    private let outcome = Outcome()
    private let thread: NativeThread

    init(_ body: @escaping @Sendable () -> ConnectionResult) throws {
      thread = try NativeThread.start { [outcome] in
        let result = body()
        outcome.value.withLock { $0 = result }
      }
    }

    /// Waits for the end.
    func result() -> ConnectionResult? {
      thread.join()
      return outcome.value.withLock { $0 }
    }
  }

  @Test func ofStatesOfSeveralShapesTheLastOneCounts() throws {
    let bench = try Bench()
    try bench.offer()
    let global = StateMessage(.global(shared: ["s": 2], streams: [StreamState(StreamDescriptor(name: "users"), state: ["n": 2])]))
    try bench.say([Bench.record(["id": 1]), Bench.state(["n": 1]), Message.state(global).json.text()])
    #expect(bench.sync(bench.connection()).succeeded)
    #expect(try bench.texts("SELECT type FROM _scv_state") == ["GLOBAL"])
  }

  @Test func anEmptyNamespaceIsNone() throws {
    let bench = try Bench()
    try bench.offer()
    let record = Bench.record(["id": 1]).replacing(#""stream":"users""#, with: #""stream":"users","namespace":"""#)
    let others = [Bench.state(["n": 1]), Bench.status(.complete)].map { $0.replacing(#""name":"users""#, with: #""name":"users","namespace":"""#) }
    try bench.say([record] + others)
    #expect(bench.sync(bench.connection()).succeeded)
    #expect(try bench.rows("SELECT count(*) FROM toy__users") == [[1]])
    #expect(try bench.rows("SELECT count(*) FROM _scv_state") == [[1]])
  }

  @Test func noConnectionReplacesTheRowsOfAnother() throws {
    let bench = try Bench()
    try bench.offer(incremental: false, cursor: [])
    let connections = ["one", "two"].map { name in
      var connection = bench.connection(name: name)
      connection.schema = "shared"
      return connection
    }
    var options = SyncOptions(projectFolder: bench.folder)
    options.schemas = ["one": "shared", "two": "shared", "three": "other"]
    options.threads = 1
    try bench.say([Bench.record(["id": 1])])
    let results = SyncRunner(adapter: bench.adapter, options: options).sync(connections)
    #expect(results[0].succeeded)
    #expect(results[1].error?.code == "sync.shared-table")
    #expect(try bench.rows("SELECT id FROM shared__users") == [[1]])
  }
}
