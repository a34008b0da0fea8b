import AirbyteProtocol
import DataFormats
import Diagnostics
import Sync
import Testing
import Warehouse

/// Records that find no place.
@Suite struct RejectedRecordsTests {
  @Test func whatHadNoPlaceIsCountedShownAndLoadedAgainOnceThereIsOne() throws {
    let bench = try Bench()
    try bench.offer()
    try bench.say([
      Bench.record(["id": 1]), Bench.record(["name": "lost"]), Bench.record(["name": "lost too"]), Bench.state(["n": 1]), Bench.status(.complete),
    ])
    let connection = bench.connection()
    let result = bench.sync(connection)
    #expect(result.succeeded)
    let rejected = RejectedRecords(adapter: bench.adapter)
    let groups = try rejected.groups(of: connection)
    #expect(groups.map(\.count) == [2])
    #expect(groups.first?.stream.name == "users")
    #expect(try rejected.records(of: connection, limit: 1).map(\.record) == [#"{"name":"lost too"}"#])
    // Still no key: they stay.
    let options = SyncOptions(projectFolder: bench.folder)
    var replay = try rejected.replay(connection, options: options)
    #expect(replay.placed == 0)
    #expect(replay.remaining == 2)
    #expect(try rejected.groups(of: connection).map(\.count) == [2])
    // Without a key everything has a place.
    try bench.offer(key: [])
    try bench.say([Bench.status(.complete)])
    var keyless = connection
    keyless.streams = [Connection.StreamSelection(name: "users")]
    keyless.streams?[0].destinationSyncMode = .append
    keyless.streams?[0].syncMode = .incremental
    #expect(bench.sync(keyless).succeeded)
    replay = try rejected.replay(keyless, options: options)
    #expect(replay.placed == 2)
    #expect(replay.remaining == 0)
    #expect(try rejected.groups(of: connection).isEmpty)
    #expect(try bench.texts("SELECT name FROM toy__users WHERE id IS NULL ORDER BY name") == ["lost", "lost too"])
  }

  @Test func aFloodIsAFailureAndReplacesNothing() throws {
    let bench = try Bench()
    try bench.offer(incremental: false, key: [["id"]], cursor: [])
    var connection = bench.connection(.fullRefresh, .overwrite)
    connection.streams?[0].replacesAndDedups = true
    connection.streams?[0].primaryKey = [["id"]]
    try bench.say([Bench.record(["id": 1]), Bench.status(.complete)])
    #expect(bench.sync(connection).succeeded)
    try bench.say((1...200).map { Bench.record($0 % 3 == 0 ? ["id": .int($0)] : ["name": "x"]) } + [Bench.status(.complete)])
    let result = bench.sync(connection)
    #expect(result.error?.code == "sync.too-many-rejected")
    #expect(try bench.rows("SELECT id FROM toy__users") == [[1]])
  }

  @Test func aFewOfFewAreNoFlood() throws {
    var limits = RejectionLimits()
    #expect(!limits.isExceeded(rejected: 9, of: 10))
    #expect(limits.isExceeded(rejected: 51, of: 100))
    limits.rejected = 3
    #expect(limits.isExceeded(rejected: 4, of: 1_000_000))
    #expect(!limits.isExceeded(rejected: 3, of: 3))
  }
}
