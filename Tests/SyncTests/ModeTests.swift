import AirbyteProtocol
import DataFormats
import Sync
import Testing
import Warehouse

/// What becomes of records by the sync mode, and how states are kept beside them.
@Suite struct ModeTests {
  static func user(_ id: Int, _ name: String, _ updated: String = "2024-01-01T00:00:00Z", at time: Int64 = 1_700_000_000_000) -> String {
    Bench.record(["id": .int(Int64(id)), "name": .string(name), "updated_at": .string(updated)], at: time)
  }

  @Test func appendAddsToWhatIsThere() throws {
    let bench = try Bench()
    try bench.offer()
    try bench.say([ModeTests.user(1, "Ada"), Bench.state(["n": 1])])
    #expect(bench.sync(bench.connection(.incremental, .append)).succeeded)
    #expect(bench.sync(bench.connection(.incremental, .append)).succeeded)
    #expect(try bench.rows("SELECT id, name FROM toy__users") == [[1, "Ada"], [1, "Ada"]])
  }

  @Test func aTableThatWasDroppedIsReadAgainFromTheBeginning() throws {
    let bench = try Bench()
    try bench.offer()
    try bench.say([ModeTests.user(1, "Ada"), Bench.state(["n": 1])])
    bench.sync(bench.connection(.incremental, .appendDedup))
    _ = try bench.adapter.write { try $0.execute("DROP TABLE toy__users") }
    let result = bench.sync(bench.connection(.incremental, .appendDedup))
    #expect(result.succeeded && result.warnings.contains { $0.code == "sync.table-gone" })
    #expect(bench.givenState == nil || bench.givenState == [])
    #expect(try bench.rows("SELECT id, name FROM toy__users") == [[1, "Ada"]])
  }

  @Test func overwriteReplacesTheRowsOfTheSyncBefore() throws {
    let bench = try Bench()
    try bench.offer()
    try bench.say([ModeTests.user(1, "Ada"), ModeTests.user(2, "Bob")])
    #expect(bench.sync(bench.connection(.fullRefresh, .overwrite)).succeeded)
    try bench.say([ModeTests.user(3, "Cyd")])
    let result = bench.sync(bench.connection(.fullRefresh, .overwrite))
    #expect(result.succeeded && result.rowsWritten == 1)
    #expect(try bench.rows("SELECT id, _airbyte_generation_id FROM toy__users") == [[3, 2]])
  }

  @Test func oneRowAKeyIsKeptAndTheLatestCursorWins() throws {
    let bench = try Bench()
    try bench.offer()
    try bench.say([
      ModeTests.user(1, "new", "2024-03-01T00:00:00Z"), ModeTests.user(1, "old, and late", "2024-02-01T00:00:00Z"), ModeTests.user(2, "only"),
    ])
    #expect(bench.sync(bench.connection(.incremental, .appendDedup)).succeeded)
    #expect(try bench.rows("SELECT id, name FROM toy__users ORDER BY id") == [[1, "new"], [2, "only"]])
    try bench.say([ModeTests.user(1, "newest", "2024-03-01T00:00:00.5Z"), ModeTests.user(2, "no more", "2023-01-01T00:00:00Z")])
    let result = bench.sync(bench.connection(.incremental, .appendDedup))
    #expect(result.rowsRead == 2 && result.rowsWritten == 1)
    #expect(try bench.rows("SELECT id, name FROM toy__users ORDER BY id") == [[1, "newest"], [2, "only"]])
  }

  @Test func ofEqualCursorsTheLaterExtractionWins() throws {
    let bench = try Bench()
    try bench.offer()
    try bench.say([
      ModeTests.user(1, "second", at: 1_700_000_002_000), ModeTests.user(1, "first", at: 1_700_000_001_000), ModeTests.user(2, "a"),
      ModeTests.user(2, "b"),
    ])
    #expect(bench.sync(bench.connection(.incremental, .appendDedup)).succeeded)
    #expect(try bench.rows("SELECT id, name FROM toy__users ORDER BY id") == [[1, "second"], [2, "b"]])
  }

  @Test func aKeyMayHaveSeveralPartsSomeOfThemNested() throws {
    let bench = try Bench()
    try bench.offer(
      ["type": "object", "properties": ["shop": ["type": "string"], "item": ["type": "object"], "n": ["type": "integer"]]], incremental: true,
      key: [["shop"], ["item", "id"]], cursor: ["n"])
    try bench.say([
      Bench.record(["shop": "a", "item": ["id": 1], "n": 1]), Bench.record(["shop": "a", "item": ["id": 1, "x": true], "n": 2]),
      Bench.record(["shop": "b", "item": ["id": 1], "n": 1]),
    ])
    #expect(bench.sync(bench.connection()).succeeded)
    #expect(try bench.rows("SELECT shop, item, n FROM toy__users ORDER BY shop") == [["a", #"{"id":1,"x":true}"#, 2], ["b", #"{"id":1}"#, 1]])
  }

  @Test func withoutWishesTheSourceDecides() throws {
    let bench = try Bench()
    try bench.offer()
    try bench.say([ModeTests.user(1, "a"), ModeTests.user(1, "b")])
    #expect(bench.sync(bench.connection()).succeeded)
    #expect(try bench.rows("SELECT name FROM toy__users") == [["b"]])
    #expect(bench.read("given-catalog.json")?.contains(#""sync_mode":"incremental","destination_sync_mode":"append_dedup""#) == true)
  }

  @Test func everyRowSaysWhereItComesFrom() throws {
    let bench = try Bench()
    try bench.offer()
    try bench.say([ModeTests.user(1, "a"), ModeTests.user(2, "b")])
    #expect(bench.sync(bench.connection()).succeeded)
    let rows = try bench.rows("SELECT _airbyte_raw_id, _airbyte_extracted_at, _airbyte_meta, _airbyte_generation_id FROM toy__users")
    #expect(Set(rows.map { $0[0] }).count == 2)
    for row in rows {
      #expect(row[0].text?.count == 36)
      #expect(row[1...] == ["2023-11-14T22:13:20.000Z", #"{"changes":[]}"#, 1])
    }
  }

  // MARK: - States

  @Test func aStateIsGivenBackToTheSourceTheNextTime() throws {
    let bench = try Bench()
    try bench.offer()
    try bench.say([ModeTests.user(1, "a"), Bench.state(["n": 1]), ModeTests.user(2, "b"), Bench.state(["n": 2], count: 1)])
    #expect(bench.sync(bench.connection()).succeeded)
    #expect(bench.givenState == nil)
    try bench.say([Bench.state(["n": 2])])
    let result = bench.sync(bench.connection())
    #expect(result.succeeded && result.rowsRead == 0 && result.warnings.isEmpty)
    #expect(StateMessage.state(of: "users", in: try StateMessage.list(fromFile: bench.givenState ?? [])) == ["n": 2])
  }

  @Test func aGlobalStateComesBackWhole() throws {
    let bench = try Bench()
    try bench.offer()
    let state = StateMessage(.global(shared: ["lsn": 7], streams: [StreamState(StreamDescriptor(name: "users"), state: ["n": 2])]))
    try bench.say([ModeTests.user(1, "a"), Message.state(state).json.text()])
    #expect(bench.sync(bench.connection()).succeeded)
    #expect(bench.sync(bench.connection()).succeeded)
    #expect(try StateMessage.list(fromFile: bench.givenState ?? []) == [state])
  }

  @Test func aFullRefreshReadsEverythingAnewAndReplacesTheRows() throws {
    let bench = try Bench()
    try bench.offer()
    try bench.say([ModeTests.user(1, "a"), ModeTests.user(2, "gone"), Bench.state(["n": 2])])
    #expect(bench.sync(bench.connection()).succeeded)
    try bench.say([ModeTests.user(1, "older, but newly read", "2020-01-01T00:00:00Z"), Bench.state(["n": 9])])
    #expect(bench.sync(bench.connection(), fullRefresh: true).succeeded)
    #expect(bench.givenState == nil)
    #expect(try bench.texts("SELECT name FROM toy__users") == ["older, but newly read"])
    #expect(bench.sync(bench.connection()).succeeded)
    #expect(StateMessage.state(of: "users", in: try StateMessage.list(fromFile: bench.givenState ?? [])) == ["n": 9])
  }

  @Test func aSourceWithoutStatesIsReadInFullEachTime() throws {
    let bench = try Bench()
    try bench.offer()
    try bench.say([ModeTests.user(1, "a"), ModeTests.user(2, "b")])
    for _ in 0..<2 { #expect(bench.sync(bench.connection()).succeeded && bench.givenState == nil) }
    #expect(try bench.texts("SELECT count(*) FROM toy__users") == ["2"])
  }

  @Test func countsThatDoNotAddUpAreAWarning() throws {
    let bench = try Bench()
    try bench.offer()
    try bench.say([ModeTests.user(1, "a"), Bench.state(["n": 1], count: 2)])
    let result = bench.sync(bench.connection())
    #expect(result.succeeded && result.warnings.map(\.code) == ["sync.count-mismatch"])
  }

  @Test func aStreamThatIsEmptyAllOfASuddenIsAWarning() throws {
    let bench = try Bench()
    try bench.offer()
    try bench.say([ModeTests.user(1, "a")])
    #expect(bench.sync(bench.connection(.fullRefresh, .overwrite)).warnings.isEmpty)
    try bench.say([])
    #expect(bench.sync(bench.connection(.fullRefresh, .overwrite)).warnings.map(\.code) == ["sync.nothing-read"])
  }

  @Test func everySyncIsWrittenDown() throws {
    let bench = try Bench()
    try bench.offer()
    try bench.say([ModeTests.user(1, "a")])
    bench.sync(bench.connection())
    try bench.say([ModeTests.user(2, "b")], exit: 1)
    bench.sync(bench.connection())
    #expect(
      try bench.rows("SELECT connection, stream, status, rows_read FROM _scv_sync_runs ORDER BY rowid")
        == [["toy", "users", "succeeded", 1], ["toy", "users", "failed", 1]])
  }
}
