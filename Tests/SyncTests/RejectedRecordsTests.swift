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

  @Test func whatIsNoObjectStaysAsItCameHoweverOftenItIsTriedAgain() throws {
    let bench = try Bench()
    try bench.offer()
    let odd = ["[1,2]", "null", "\"x\""].map { #"{"type":"RECORD","record":{"stream":"users","emitted_at":1,"data":\#($0)}}"# }
    try bench.say([Bench.record(["id": 1])] + odd + [#"{"type":"RECORD","record":{"stream":"users","data":{"id":2,}}}"#, Bench.status(.complete)])
    let connection = bench.connection()
    #expect(bench.sync(connection).succeeded)
    let rejected = RejectedRecords(adapter: bench.adapter)
    for _ in 0..<2 {
      let replay = try rejected.replay(connection, options: SyncOptions(projectFolder: bench.folder))
      #expect(replay.placed == 0)
      #expect(replay.remaining == 4)
    }
    #expect(
      try rejected.records(of: connection, limit: 9).map(\.record).sorted() == [
        "\"x\"", "[1,2]", "null", #"{"type":"RECORD","record":{"stream":"users","data":{"id":2,}}}"#,
      ])
    #expect(try bench.rows("SELECT count(*) FROM pragma_table_info('toy__users')") == [[8]])
  }

  @Test func linesThatNobodyCanReadCountAsAFlood() throws {
    for stream in ["users", "nobody"] {
      let bench = try Bench()
      try bench.offer()
      try bench.say(
        (1...300).map { #"{"type":"RECORD","record":{"stream":"\#(stream)","data":{"id":\#($0),}}}"# } + [Bench.state(["n": 1]), Bench.status(.complete)])
      let result = bench.sync(bench.connection())
      #expect(result.error?.code == "sync.too-many-rejected")
      #expect(try bench.rows("SELECT count(*) FROM _scv_state") == [[0]])
    }
  }

  @Test func anOldVersionThatIsTriedAgainDoesNotWin() throws {
    let bench = try Bench()
    try bench.offer(key: [["name"]], cursor: [])
    var connection = bench.connection(.fullRefresh, .appendDedup)
    try bench.say([Bench.record(["id": 1], at: 1_000), Bench.status(.complete)])
    #expect(bench.sync(connection).succeeded)
    try bench.offer(cursor: [])
    connection.streams?[0].primaryKey = [["id"]]
    try bench.say([Bench.record(["id": 1, "name": "new"], at: 2_000), Bench.status(.complete)])
    #expect(bench.sync(connection).succeeded)
    let replay = try RejectedRecords(adapter: bench.adapter).replay(connection, options: SyncOptions(projectFolder: bench.folder))
    #expect(replay.placed == 1)
    #expect(try bench.rows("SELECT id, name FROM toy__users") == [[1, "new"]])
  }

  @Test func aShareThatSomebodyHasChosenCountsForAFewRecordsToo() throws {
    let bench = try Bench()
    try bench.offer()
    try bench.say((1...10).map { Bench.record($0 % 2 == 0 ? ["id": .int($0)] : ["name": "x"]) } + [Bench.status(.complete)])
    var connection = bench.connection()
    #expect(bench.sync(connection).succeeded)
    connection.limits.rejectedShare = 0.4
    #expect(bench.sync(connection).streams[0].error?.code == "sync.too-many-rejected")
  }

  @Test func aFewThatAreMostlyBadReplaceNothing() throws {
    let bench = try Bench()
    try bench.offer(incremental: false, cursor: [])
    var connection = bench.connection(.fullRefresh, .overwrite)
    connection.streams?[0].replacesAndDedups = true
    try bench.say([Bench.record(["id": 1]), Bench.status(.complete)])
    #expect(bench.sync(connection).succeeded)
    try bench.say([Bench.record(["name": "x"]), Bench.status(.complete)])
    #expect(bench.sync(connection).streams[0].error?.code == "sync.too-many-rejected")
    #expect(try bench.rows("SELECT id FROM toy__users") == [[1]])
  }
}
