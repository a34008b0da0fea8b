import AirbyteProtocol
import DataFormats
import Testing
import Warehouse

@testable import Sync

/// Sources that keep one position for all their streams, when some of these fail.
@Suite struct SharedStateTests {
  private static let names = ["users", "events"]

  private func bench(_ modes: [(SyncMode, DestinationSyncMode)]) throws -> (Bench, Connection) {
    let bench = try Bench()
    let streams = SharedStateTests.names.map { name in
      CatalogStream(
        name: name, jsonSchema: FailureTests.ids, supportedSyncModes: [.fullRefresh, .incremental], defaultCursorField: ["updated_at"],
        sourceDefinedPrimaryKey: [["id"]])
    }
    try bench.write("catalog.jsonl", Message.catalog(Catalog(streams: streams)).json.text())
    var connection = bench.connection()
    connection.streams = zip(SharedStateTests.names, modes).map { name, mode in
      var wish = Connection.StreamSelection(name: name)
      (wish.syncMode, wish.destinationSyncMode) = mode
      return wish
    }
    return (bench, connection)
  }

  private func row(_ id: Int64, _ stream: String) -> String { Bench.record(["id": .int(id), "updated_at": "2024-01-01T00:00:00Z"], stream: stream) }

  private func state(_ n: Int64) -> String { Message.state(StateMessage(.global(shared: ["n": .int(n)], streams: []))).json.text() }

  private func position(_ bench: Bench) throws -> Int64? {
    guard case .global(let shared, _) = try StateMessage.list(fromFile: bench.givenState ?? []).first?.scope else { return nil }
    return shared?["n"]?.int
  }

  @Test func aStreamThatIsCompleteFailsWithTheOthersIfItsRowsWillComeAgain() throws {
    // Where the position stands before, and after, the complete stream's last record.
    for isCovered in [false, true] {
      let (bench, connection) = try bench([(.incremental, .append), (.incremental, .append)])
      let lines = [row(1, "users"), state(1), row(2, "users")] + (isCovered ? [state(2)] : [])
      try bench.say(lines + [Bench.status(.complete), row(7, "events"), Bench.status(.incomplete, stream: "events")])
      let result = bench.sync(connection)
      #expect(result.streams.map(\.status) == [isCovered ? .succeeded : .failed, .failed])
      #expect(result.streams[0].error?.code == (isCovered ? nil : "sync.not-covered"))
      try bench.say((isCovered ? [] : [row(2, "users")]) + [row(7, "events"), state(3)])
      #expect(bench.sync(connection).succeeded)
      #expect(try position(bench) == (isCovered ? 2 : 1))
      #expect(try bench.texts("SELECT id FROM toy__users ORDER BY id") == ["1", "2"])
      #expect(try bench.texts("SELECT id FROM toy__events ORDER BY id") == ["7"])
    }
  }

  @Test func aReplacementWhoseStateIsNotKeptIsNotKeptEither() throws {
    let (bench, connection) = try bench([(.incremental, .append), (.incremental, .append)])
    try bench.say([row(1, "users"), row(7, "events"), state(1)])
    #expect(bench.sync(connection).succeeded)
    try bench.say([row(1, "users"), row(2, "users"), state(2), Bench.status(.complete), row(7, "events"), Bench.status(.incomplete, stream: "events")])
    #expect(!bench.sync(connection, fullRefresh: true).succeeded)
    // What came since the position that is still kept comes again.
    try bench.say([row(2, "users"), state(2)])
    #expect(bench.sync(connection).succeeded)
    #expect(try position(bench) == 1)
    #expect(try bench.texts("SELECT id FROM toy__users ORDER BY id") == ["1", "2"])
  }

  @Test func aCopyThatIsCompleteIsNotAddedOnceMoreWhenTheOthersAreTriedAgain() throws {
    var (bench, connection) = try bench([(.fullRefresh, .append), (.incremental, .append)])
    connection.retry.attempts = 2
    connection.retry.wait = 0
    try bench.say([])
    try bench.write("play.sh", RetryTests.play)
    try bench.write("1.sh", "cat \"$here/1.jsonl\"; exit 1\n")
    try bench.write("2.sh", "cat \"$here/2.jsonl\"\n")
    let first = [row(1, "users"), Bench.status(.complete), row(7, "events"), state(1), RetryTests.transient("events")]
    let second = [row(8, "events"), state(2), Bench.status(.complete, stream: "events")]
    try bench.write("1.jsonl", first.map { $0 + "\n" }.joined())
    try bench.write("2.jsonl", second.map { $0 + "\n" }.joined())
    let result = bench.sync(connection)
    #expect(result.succeeded && result.attempts == 2)
    #expect(bench.read("given-catalog-2.json")?.contains("\"users\"") == false)
    #expect(try bench.texts("SELECT id FROM toy__users") == ["1"])
    #expect(try bench.texts("SELECT id FROM toy__events ORDER BY id") == ["7", "8"])
  }

  @Test func theStateOfATapWaitsForTheEndWhereAFullTableIsAdded() throws {
    let bench = try Bench()
    let entry: JSON = [
      "streams": [
        [
          "tap_stream_id": "users", "stream": "users", "schema": Bench.users, "key_properties": ["id"], "replication_method": "FULL_TABLE",
          "metadata": [["breadcrumb": [], "metadata": ["inclusion": "available"]]],
        ]
      ]
    ]
    try bench.write("catalog.jsonl", entry.text())
    let connection = bench.connection(.fullRefresh, .append, dialect: .singer)
    try bench.say([SingerTests.schemaLine(), SingerTests.row(["id": 1]), SingerTests.state(["n": 1]), SingerTests.row(["id": 2])], exit: 1)
    #expect(!bench.sync(connection).succeeded)
    #expect(try bench.texts("SELECT id FROM toy__users").isEmpty)
    try bench.say([SingerTests.schemaLine(), SingerTests.row(["id": 1]), SingerTests.row(["id": 2]), SingerTests.state(["n": 2])])
    #expect(bench.sync(connection).succeeded)
    #expect(bench.givenState == nil || bench.givenState == [:])
    #expect(try bench.texts("SELECT id FROM toy__users ORDER BY id") == ["1", "2"])
  }

  @Test func aCompleteStreamOfALoadThatFailsGivesBackWhatNoStateCovered() throws {
    let bench = try Bench()
    var catalog = PipedLoadTests.users(.append, generation: 0, minimum: 0)
    var events = catalog.streams[0]
    events.stream.name = "events"
    catalog.streams.append(events)
    let broken = try PipedLoadTests.load(
      bench, catalog,
      [row(1, "users"), Bench.state(["n": 1]), row(2, "users"), Bench.status(.complete), row(7, "events"), Bench.status(.incomplete, stream: "events")])
    #expect(!broken.0.succeeded && broken.1.count == 1)
    let next = try PipedLoadTests.load(
      bench, catalog, [row(2, "users"), Bench.status(.complete), row(7, "events"), Bench.status(.complete, stream: "events")])
    #expect(next.0.succeeded)
    #expect(try bench.texts("SELECT id FROM piped__users ORDER BY id") == ["1", "2"])
    #expect(try bench.texts("SELECT id FROM piped__events ORDER BY id") == ["7"])
  }
}
