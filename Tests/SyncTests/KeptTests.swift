import AirbyteProtocol
import DataFormats
import Diagnostics
import FoundationEssentials
import Glibc
import Testing
import Warehouse

@testable import Sync

/// What a sync that fails says of the rows that are kept.
@Suite struct KeptTests {
  /// A source that sends ten rows and a state, `more` rows without a state and waits for the file `go`, and then `rest`.
  private func bench(more: Int = 0, rest: [String]) throws -> Bench {
    let bench = try Bench()
    try bench.offer(FailureTests.ids)
    try bench.say((1...10).map(FailureTests.row) + [Bench.state(["n": 10])] + (0..<more).map { FailureTests.row(11 + $0) })
    try bench.write("rest.jsonl", rest.map { $0 + "\n" }.joined())
    try bench.write("play.sh", "cat \"$here/messages.jsonl\"; while [ ! -e \"$here/go\" ]; do sleep 0.02; done; cat \"$here/rest.jsonl\"; exit 0")
    return bench
  }

  /// Syncs, and does `harm` once the first rows are there.
  private func sync(_ bench: Bench, _ destination: DestinationSyncMode, rows: Int64, harm: (SQLiteAdapter) throws -> Void) throws -> ConnectionResult {
    let other = try SQLiteAdapter(.prefixes(path: bench.folder + "/warehouse.db", defaultSchema: "main"), busyTimeout: 0.2)
    let runner = SyncRunner(adapter: other, options: SyncOptions(projectFolder: bench.folder))
    var connection = bench.connection(.incremental, destination)
    connection.retry.attempts = 1
    let outcome = Outcome()
    let thread = try NativeThread.start { [connection] in outcome.set(runner.sync([connection])[0]) }
    var count: SQLValue = 0
    while count != .integer(rows) {
      usleep(10_000)
      count = (try? bench.rows("SELECT count(*) FROM toy__users").first?[0]) ?? 0
    }
    try harm(bench.adapter)
    thread.join()
    try other.close()
    return try #require(outcome.result)
  }

  private final class Outcome: @unchecked Sendable {
    private let monitor = Monitor()
    private var value: ConnectionResult?
    var result: ConnectionResult? { monitor.withLock { value } }
    func set(_ result: ConnectionResult) { monitor.withLock { value = result } }
  }

  @Test func whenTheWarehouseIsTakenAwayTheRowsBeforeAreKeptAndTold() throws {
    for destination in [DestinationSyncMode.append, .appendDedup] {
      let bench = try bench(rest: [FailureTests.row(11), FailureTests.row(12), Bench.state(["n": 12])])
      let result = try sync(bench, destination, rows: 10) { adapter in
        try adapter.write { session in
          try session.execute("CREATE TABLE somebody_else (x)")
          try bench.write("go", "")
          usleep(1_500_000)
        }
      }
      #expect(result.error?.code == "warehouse.busy")
      let stream = try #require(result.streams.first)
      #expect(stream.status == .failed && stream.rowsWritten == 10 && stream.resumption == .goesOn && result.failures.count == 1)
      try bench.write("play.sh", "")
      try bench.say([FailureTests.row(11), Bench.state(["n": 11])])
      #expect(bench.sync(bench.connection(.incremental, destination)).succeeded)
      #expect(StateMessage.state(of: "users", in: try StateMessage.list(fromFile: bench.givenState ?? [])) == ["n": 10])
      #expect(try bench.texts("SELECT count(*) FROM toy__users") == ["11"])
    }
  }

  @Test func rowsThatNoStateCoversAreNotCountedAmongThoseThatAreKept() throws {
    let bench = try bench(more: 3, rest: [FailureTests.row(14)])
    let result = try sync(bench, .append, rows: 13) { adapter in
      try adapter.execute("DROP TABLE toy__users")
      try bench.write("go", "")
    }
    #expect(result.error?.category == .database && result.streams.first?.rowsWritten == 10)
  }

  @Test func whatFailsBeforeAnythingIsReadSaysNothingOfStreams() throws {
    let bench = try Bench()
    try bench.offer(FailureTests.ids)
    try bench.write("catalog.jsonl", "")
    let result = bench.sync(bench.connection())
    #expect(result.error?.code == "connector.discover" && result.streams.isEmpty)
  }

  @Test func aFailedStreamSaysWhereTheNextSyncBegins() throws {
    let bench = try Bench()
    try bench.offer(FailureTests.ids)
    try bench.say([FailureTests.row(1), FailureTests.row(2)], exit: 1)
    var stream = try #require(bench.sync(bench.connection(.incremental, .appendDedup)).streams.first)
    #expect(stream.rowsWritten == 2 && stream.resumption == .beginsAnew)
    stream = try #require(bench.sync(bench.connection(.fullRefresh, .overwrite)).streams.first)
    #expect(stream.rowsWritten == 0 && stream.resumption == .beginsAnew)
    try bench.say([FailureTests.row(1), Bench.state(["n": 1]), FailureTests.row(2)], exit: 1)
    stream = try #require(bench.sync(bench.connection(.incremental, .append)).streams.first)
    #expect(stream.resumption == .goesOn)
    try bench.say([FailureTests.row(2)])
    stream = try #require(bench.sync(bench.connection(.incremental, .append)).streams.first)
    #expect(stream.status == .succeeded && stream.resumption == nil)
  }

  @Test func anErrorThatStreamsShareIsToldOnceAndOneOfAStreamAtTheStream() throws {
    let bench = try Bench()
    try bench.write(
      "catalog.jsonl", Message.catalog(Catalog(streams: ["users", "orders"].map { CatalogStream(name: $0, jsonSchema: FailureTests.ids) })).json.text())
    let text = "connections:\n  - name: toy\n    connector: ./source\n    retry: false\n    streams:\n      orders: {}\n      users: {}\n"
    let file = try ConnectionsFile(text: text, file: "connections.yml", projectFolder: bench.folder)
    try bench.say([Bench.record(["id": 1])], exit: 1)
    var failures = bench.sync(file.connections[0]).failures
    #expect(failures.map(\.code) == ["connector.failed"] && failures.first?.location?.line == 2)
    let errors = [
      Message.trace(.error(.init(message: "no permission", stream: .init(name: "users"))), emittedAt: 1),
      Message.trace(.error(.init(message: "no permission")), emittedAt: 1),
    ]
    try bench.say(errors.map { $0.json.text() } + [Bench.status(.complete, stream: "orders")], exit: 1)
    failures = bench.sync(file.connections[0]).failures
    #expect(failures.map(\.message) == ["no permission"])
    #expect(failures.first?.location?.line == 7 && failures.first?.location?.subject == "stream toy.users")
  }
}
