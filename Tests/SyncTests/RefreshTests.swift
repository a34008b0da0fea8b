import AirbyteProtocol
import DataFormats
import Diagnostics
import Synchronization
import Testing
import Warehouse

@testable import Sync

/// What becomes of a full refresh that breaks off.
@Suite struct RefreshTests {
  static let leftovers = "SELECT name FROM sqlite_master WHERE name LIKE '%\\_scv\\_load%' ESCAPE '\\'"

  /// Offers a stream that can only be read in full.
  private func offer(_ bench: Bench, resumable: Bool = true) throws {
    try bench.offer(FailureTests.ids, incremental: false, cursor: [], resumable: resumable)
  }

  private func given(_ bench: Bench) throws -> JSON? {
    StateMessage.state(of: "users", in: try StateMessage.list(fromFile: bench.givenState ?? []))
  }

  private func configured(_ bench: Bench) throws -> ConfiguredStream? {
    try bench.read("given-catalog.json").map { try ConfiguredCatalog(json: JSON.parse($0)) }?.streams.first
  }

  @Test func aReplacementThatBreaksOffGoesOnAtItsLastStateUnderTheSameNumbers() throws {
    let bench = try Bench()
    let connection = bench.connection(.fullRefresh, .overwrite)
    try offer(bench)
    try bench.say([FailureTests.row(1), FailureTests.row(2)])
    #expect(bench.sync(connection).succeeded)

    try bench.say([FailureTests.row(3), Bench.state(["pk": 3]), FailureTests.row(4)], exit: 1)
    #expect(!bench.sync(connection).succeeded)
    let first = try configured(bench)
    // Until the new rows are complete, the old ones are there.
    #expect(try bench.texts("SELECT id FROM toy__users ORDER BY id") == ["1", "2"])

    try bench.write("play.sh", "cat \"$here/messages.jsonl\"; kill -9 $$")
    try bench.say([FailureTests.row(4), FailureTests.row(5), Bench.state(["pk": 5]), FailureTests.row(6)])
    #expect(!bench.sync(connection).succeeded)
    #expect(try given(bench) == ["pk": 3])
    #expect(try bench.texts("SELECT id FROM toy__users ORDER BY id") == ["1", "2"])

    try bench.write("play.sh", "")
    try bench.say([FailureTests.row(6), Bench.state(["pk": 6])])
    let result = bench.sync(connection)
    #expect(result.succeeded && result.warnings.isEmpty)
    #expect(try given(bench) == ["pk": 5])
    let last = try configured(bench)
    #expect(first?.generationID == 2 && last?.generationID == 2 && last?.minimumGenerationID == 2)
    #expect(first?.syncID != nil && last?.syncID == first?.syncID)
    #expect(try bench.texts("SELECT id FROM toy__users ORDER BY id") == ["3", "4", "5", "6"])
    #expect(try bench.texts("SELECT DISTINCT _airbyte_generation_id FROM toy__users") == ["2"])
    #expect(try bench.rows(RefreshTests.leftovers).isEmpty)

    // The next refresh is another one.
    try bench.say([FailureTests.row(7)])
    #expect(bench.sync(connection).succeeded)
    #expect(bench.givenState == nil)
    #expect(try bench.texts("SELECT id FROM toy__users") == ["7"])
  }

  @Test func theFirstRefreshOfAllGoesOnTooAndNobodyMissesATable() throws {
    let bench = try Bench()
    let connection = bench.connection(.fullRefresh, .overwrite)
    try offer(bench)
    try bench.say([FailureTests.row(1), Bench.state(["pk": 1])], exit: 1)
    #expect(!bench.sync(connection).succeeded)
    try bench.say([FailureTests.row(2)])
    let result = bench.sync(connection)
    #expect(result.succeeded && result.warnings.isEmpty)
    #expect(try bench.texts("SELECT id FROM toy__users ORDER BY id") == ["1", "2"])
  }

  @Test func aSourceThatCannotResumeStartsOver() throws {
    let bench = try Bench()
    let connection = bench.connection(.fullRefresh, .overwrite)
    try offer(bench, resumable: false)
    try bench.say([FailureTests.row(1), Bench.state(["pk": 1])], exit: 1)
    #expect(!bench.sync(connection).succeeded)
    #expect(try bench.rows(RefreshTests.leftovers).isEmpty)
    try bench.say([FailureTests.row(1), FailureTests.row(2)])
    #expect(bench.sync(connection).succeeded)
    #expect(bench.givenState == nil)
    #expect(try bench.texts("SELECT id FROM toy__users ORDER BY id") == ["1", "2"])
  }

  @Test func rowsWithAKeyThatAreReadInFullGoOnInTheirTable() throws {
    let bench = try Bench()
    let connection = bench.connection(.fullRefresh, .appendDedup)
    try offer(bench)
    try bench.say([FailureTests.row(1), Bench.state(["pk": 1]), FailureTests.row(2)], exit: 1)
    #expect(!bench.sync(connection).succeeded)
    try bench.say([FailureTests.row(2), FailureTests.row(3)])
    #expect(bench.sync(connection).succeeded)
    #expect(try given(bench) == ["pk": 1])
    #expect(try bench.texts("SELECT id FROM toy__users ORDER BY id") == ["1", "2", "3"])
    #expect(bench.sync(connection).succeeded)
    #expect(bench.givenState == nil)
  }

  @Test func aFullRefreshOnDemandGoesOnWhenItIsDemandedAgain() throws {
    let bench = try Bench()
    try bench.offer(FailureTests.ids)
    try bench.say([FailureTests.row(1), Bench.state(["n": 1])])
    #expect(bench.sync(bench.connection()).succeeded)
    try bench.say([FailureTests.row(5), Bench.state(["n": 5])], exit: 1)
    #expect(!bench.sync(bench.connection(), fullRefresh: true).succeeded)
    try bench.say([FailureTests.row(6)])
    #expect(bench.sync(bench.connection(), fullRefresh: true).succeeded)
    #expect(try given(bench) == ["n": 5])
    #expect(try bench.texts("SELECT id FROM toy__users ORDER BY id") == ["5", "6"])
    // The state of the attempt before counts, since this one sent none.
    try bench.say([])
    #expect(bench.sync(bench.connection()).succeeded)
    #expect(try given(bench) == ["n": 5])
  }

  @Test func anOrdinarySyncGivesUpARefreshThatItCannotGoOnWith() throws {
    let bench = try Bench()
    try bench.offer(FailureTests.ids)
    try bench.say([FailureTests.row(1), Bench.state(["n": 1])])
    #expect(bench.sync(bench.connection()).succeeded)
    try bench.say([FailureTests.row(5), Bench.state(["n": 5])], exit: 1)
    #expect(!bench.sync(bench.connection(), fullRefresh: true).succeeded)
    try bench.say([FailureTests.row(2), Bench.state(["n": 2])])
    #expect(bench.sync(bench.connection(config: ["other": true])).succeeded)
    #expect(try given(bench) == ["n": 1])
    #expect(try bench.texts("SELECT id FROM toy__users ORDER BY id") == ["1", "2"])
    #expect(try bench.rows(RefreshTests.leftovers).isEmpty)
  }

  /// Begins an appending refresh that breaks off after a state, behind a copy of one row.
  private func breakOff(_ bench: Bench, _ connection: Connection) throws {
    try offer(bench)
    try bench.say([FailureTests.row(1)])
    #expect(bench.sync(connection).succeeded)
    let bad = Bench.record(7)
    try bench.say([FailureTests.row(1), bad, Bench.state(["pk": 1]), FailureTests.row(2)], exit: 1)
    #expect(!bench.sync(connection).succeeded)
    // What stood at the state stays for the next attempt.
    #expect(try bench.texts("SELECT id FROM toy__users") == ["1", "1"])
    #expect(try bench.rows("SELECT 1 FROM _scv_rejected").count == 1)
    try bench.say([FailureTests.row(1), FailureTests.row(2)])
  }

  @Test func aFullCopyThatIsAppendedGoesOnAtItsLastState() throws {
    let bench = try Bench()
    let connection = bench.connection(.fullRefresh, .append)
    try breakOff(bench, connection)
    try bench.say([FailureTests.row(2)])
    #expect(bench.sync(connection).succeeded)
    #expect(try given(bench) == ["pk": 1])
    #expect(try bench.texts("SELECT id FROM toy__users ORDER BY id") == ["1", "1", "2"])
    #expect(try bench.rows("SELECT 1 FROM _scv_rejected").count == 1)
    // Whole, it is not gone on with.
    #expect(bench.sync(connection).succeeded)
    #expect(bench.givenState == nil)
  }

  @Test func aFullCopyThatIsNotGoneOnWithIsTakenBack() throws {
    let changes: [(name: String, change: (Bench, inout Connection) throws -> Void)] = [
      ("another configuration", { _, connection in connection.config = ["account": "other"] }),
      ("another connector", { bench, connection in connection.command.append("other") }),
      (
        "too old",
        { bench, _ in
          _ = try bench.adapter.write { try $0.execute("UPDATE _scv_streams SET refresh = json_set(refresh, '$.started_at', 1)") }
        }
      ),
      (
        "another schema",
        { bench, _ in
          var schema = FailureTests.ids
          schema["properties"]?["name"] = ["type": "string"]
          try bench.offer(schema, incremental: false, cursor: [], resumable: true)
        }
      ),
      ("no longer resumable", { bench, _ in try offer(bench, resumable: false) }),
    ]
    for (name, change) in changes {
      let bench = try Bench()
      var connection = bench.connection(.fullRefresh, .append)
      try breakOff(bench, connection)
      try change(bench, &connection)
      let told = Mutex(0)
      let result = bench.sync(connection) { event in
        if case .log(_, let line) = event, line.message.hasSuffix("broke off, and is given up") { told.withLock { $0 += 1 } }
      }
      #expect(result.succeeded && told.withLock { $0 } == 1, "\(name)")
      #expect(bench.givenState == nil, "\(name)")
      #expect(try bench.texts("SELECT id FROM toy__users ORDER BY id") == ["1", "1", "2"], "\(name)")
      #expect(try bench.rows("SELECT 1 FROM _scv_rejected").isEmpty, "\(name)")
    }
  }

  @Test func aRotatedSecretDoesNotMakeARefreshBeginAnew() throws {
    let bench = try Bench()
    var connection = bench.connection(.fullRefresh, .append, config: ["api_token": "secret-of-monday"])
    try breakOff(bench, connection)
    connection.config = ["api_token": "secret-of-tuesday"]
    #expect(bench.sync(connection).succeeded)
    #expect(try given(bench) == ["pk": 1])
    #expect(try bench.texts("SELECT group_concat(refresh) FROM _scv_streams").first??.contains("secret") != true)
  }

  @Test func anotherModeTakesBackWhatABrokenOffCopyLeft() throws {
    let wanted: [(SyncMode, DestinationSyncMode, [String])] = [
      (.fullRefresh, .overwrite, ["1", "2"]), (.fullRefresh, .appendDedup, ["1", "2"]), (.incremental, .append, ["1", "1", "2"]),
      (.incremental, .appendDedup, ["1", "2"]),
    ]
    for (read, write, rows) in wanted {
      let bench = try Bench()
      try breakOff(bench, bench.connection(.fullRefresh, .append))
      try bench.offer(FailureTests.ids, resumable: true)
      #expect(bench.sync(bench.connection(read, write)).succeeded)
      #expect(bench.givenState == nil)
      #expect(try bench.texts("SELECT id FROM toy__users ORDER BY id") == rows, "\(read) to \(write)")
      #expect(try bench.rows(RefreshTests.leftovers).isEmpty)
    }
  }

  @Test func aStreamThatIsNoLongerAskedForLeavesNothingBehindOnceItsRefreshIsOld() throws {
    for (mode, rows) in [(DestinationSyncMode.append, ["1", "1"]), (.overwrite, ["1"])] {
      let bench = try Bench()
      var connection = bench.connection(.fullRefresh, mode)
      try offer(bench)
      try bench.say([FailureTests.row(1)])
      #expect(bench.sync(connection).succeeded)
      try bench.say([FailureTests.row(2), Bench.state(["pk": 2])], exit: 1)
      #expect(!bench.sync(connection).succeeded)
      try bench.say([])
      let asked = connection
      connection.streams?[0].isWanted = false
      #expect(bench.sync(connection).succeeded)
      // Asked for again soon, it goes on.
      #expect(try bench.rows("SELECT 1 FROM _scv_streams WHERE refresh IS NOT NULL").count == 1)
      _ = try bench.adapter.write { try $0.execute("UPDATE _scv_streams SET refresh = json_set(refresh, '$.started_at', 1)") }
      #expect(bench.sync(connection).succeeded)
      #expect(try bench.rows("SELECT 1 FROM _scv_streams WHERE refresh IS NOT NULL").isEmpty)
      #expect(try bench.rows(RefreshTests.leftovers).isEmpty)
      #expect(try bench.texts("SELECT id FROM toy__users") == ["1"])
      try bench.say([FailureTests.row(1)])
      #expect(bench.sync(asked).succeeded)
      #expect(try bench.texts("SELECT id FROM toy__users") == rows)
    }
  }

  @Test func aSecondAttemptThatHasNothingMoreCompletesTheRefresh() throws {
    for mode in [DestinationSyncMode.overwrite, .append, .appendDedup] {
      let bench = try Bench()
      let connection = bench.connection(.fullRefresh, mode)
      try offer(bench)
      try bench.say([FailureTests.row(1), Bench.state(["pk": 1])], exit: 1)
      #expect(!bench.sync(connection).succeeded)
      try bench.say([])
      let result = bench.sync(connection)
      #expect(result.succeeded && result.warnings.isEmpty)
      #expect(try bench.texts("SELECT id FROM toy__users") == ["1"])
      #expect(bench.sync(connection).succeeded)
      #expect(bench.givenState == nil)
    }
  }

  @Test func aTableThatWasDroppedInTheMiddleOfARefreshIsReadFromTheBeginning() throws {
    for mode in [DestinationSyncMode.append, .appendDedup] {
      let bench = try Bench()
      let connection = bench.connection(.fullRefresh, mode)
      try offer(bench)
      try bench.say([FailureTests.row(1), Bench.state(["pk": 1])], exit: 1)
      #expect(!bench.sync(connection).succeeded)
      _ = try bench.adapter.write { try $0.execute("DROP TABLE toy__users") }
      try bench.say([FailureTests.row(1), FailureTests.row(2)])
      #expect(bench.sync(connection).succeeded)
      #expect(bench.givenState == nil)
      #expect(try bench.texts("SELECT id FROM toy__users ORDER BY id") == ["1", "2"])
    }
  }

  @Test func whatAStateForAllStreamsSaysOfAFullRefreshIsNotGivenBack() throws {
    let bench = try Bench()
    let streams = ["users", "events"].map { name in
      CatalogStream(
        name: name, jsonSchema: FailureTests.ids, supportedSyncModes: [.fullRefresh, .incremental], defaultCursorField: ["updated_at"],
        sourceDefinedPrimaryKey: [["id"]], isResumable: true)
    }
    try bench.write("catalog.jsonl", Message.catalog(Catalog(streams: streams)).json.text())
    var connection = bench.connection(.fullRefresh, .overwrite)
    connection.streams?.append(.init(name: "events"))
    let all = StateMessage(
      .global(shared: ["lsn": 9], streams: ["users", "events"].map { StreamState(StreamDescriptor(name: $0), state: ["done": true]) }))
    let event = Bench.record(["id": 1, "updated_at": "2024-01-01T00:00:00Z"], stream: "events")
    try bench.say([FailureTests.row(1), event, Message.state(all).json.text()])
    #expect(bench.sync(connection).succeeded)
    // A state for all streams does not say that the rows of a full refresh need not come again.
    try bench.say([FailureTests.row(1), Bench.state(["pk": 1]), FailureTests.row(2), Message.state(all).json.text()], exit: 1)
    #expect(!bench.sync(connection).succeeded)
    let states = try StateMessage.list(fromFile: bench.givenState ?? [])
    #expect(StateMessage.state(of: "users", in: states) == nil)
    #expect(StateMessage.state(of: "events", in: states) == ["done": true])
    try bench.say([FailureTests.row(1), FailureTests.row(2), FailureTests.row(3)])
    #expect(bench.sync(connection).succeeded)
    #expect(try bench.texts("SELECT id FROM toy__users ORDER BY id") == ["1", "2", "3"])
  }

  @Test func aPlanSaysWhereABrokenOffRefreshWouldGoOn() throws {
    let bench = try Bench()
    let connection = bench.connection(.fullRefresh, .append)
    try breakOff(bench, connection)
    let preview = SyncPreview(adapter: bench.adapter, options: SyncOptions(projectFolder: bench.folder))
    #expect(preview.preview(connection).streams.first?.resumedAfter == 2)
    #expect(preview.preview(bench.connection(.fullRefresh, .overwrite)).streams.first?.resumedAfter == nil)
    // Looking changes nothing.
    try bench.say([FailureTests.row(2)])
    #expect(bench.sync(connection).succeeded)
    #expect(try given(bench) == ["pk": 1])
  }

  @Test func streamsOfOneNameInSeveralNamespacesGoOnEachByItself() throws {
    let bench = try Bench()
    let streams = ["north", "south"].map { namespace in
      CatalogStream(
        name: "users", namespace: namespace, jsonSchema: FailureTests.ids, supportedSyncModes: [.fullRefresh], isResumable: true)
    }
    try bench.write("catalog.jsonl", Message.catalog(Catalog(streams: streams)).json.text())
    func row(_ id: Int64, _ namespace: String) -> String {
      Message.record(RecordMessage(stream: "users", namespace: namespace, data: ["id": .int(id)], emittedAt: 1)).json.text()
    }
    func state(_ namespace: String) -> String { Message.state(StateMessage(stream: "users", namespace: namespace, state: ["pk": 1])).json.text() }
    try bench.say([row(1, "north"), state("north"), row(2, "north"), row(7, "south")], exit: 1)
    #expect(!bench.sync(bench.connection(.fullRefresh, .append)).succeeded)
    try bench.say([row(2, "north"), row(7, "south"), row(8, "south")])
    #expect(bench.sync(bench.connection(.fullRefresh, .append)).succeeded)
    #expect(try StateMessage.list(fromFile: bench.givenState ?? []).count == 1)
    #expect(try bench.texts("SELECT id FROM toy__north_users ORDER BY id") == ["1", "2"])
    #expect(try bench.texts("SELECT id FROM toy__south_users ORDER BY id") == ["7", "8"])
  }

  @Test func oneRowAKeyInAReplacementIsAlwaysReadInFull() throws {
    let bench = try Bench()
    try bench.offer(FailureTests.ids)
    var connection = bench.connection(nil, .appendDedup)
    connection.streams?[0].replacesAndDedups = true
    try bench.say([FailureTests.row(1), Bench.state(["n": 1])])
    #expect(bench.sync(connection).succeeded)
    try bench.say([FailureTests.row(1), FailureTests.row(2), FailureTests.row(2), Bench.state(["n": 2])])
    #expect(bench.sync(connection).succeeded)
    #expect(bench.givenState == nil)
    #expect(try bench.texts("SELECT id FROM toy__users ORDER BY id") == ["1", "2"])
    connection.streams?[0].syncMode = .incremental
    #expect(bench.sync(connection).error?.code == "sync.unsupported-mode")
  }

  @Test func rejectedRecordsOfOtherStreamsStayWhenRowsAreTakenBack() throws {
    let bench = try Bench()
    let streams = ["users", "events"].map { name in
      CatalogStream(
        name: name, jsonSchema: FailureTests.ids, supportedSyncModes: [.fullRefresh, .incremental], defaultCursorField: ["updated_at"],
        sourceDefinedPrimaryKey: [["id"]])
    }
    try bench.write("catalog.jsonl", Message.catalog(Catalog(streams: streams)).json.text())
    try bench.say([FailureTests.row(1), Bench.record(7, stream: "events"), Bench.state(["n": 1], stream: "events"), FailureTests.row(2)], exit: 1)
    var connection = bench.connection(.incremental, .append)
    connection.streams?.append(.init(name: "events"))
    #expect(!bench.sync(connection).succeeded)
    #expect(try bench.texts("SELECT stream FROM _scv_rejected") == ["events"])
  }

  @Test func aRefreshThatBrokeOffIsGoneOnWithByTheNightlySync() throws {
    let bench = try Bench()
    try bench.offer(FailureTests.ids)
    let connection = bench.connection(.incremental, .appendDedup)
    try bench.say([FailureTests.row(1), FailureTests.row(2), Bench.state(["n": 2])])
    #expect(bench.sync(connection).succeeded)
    try bench.say([FailureTests.row(1), Bench.state(["n": 1]), FailureTests.row(3)], exit: 1)
    #expect(!bench.sync(connection, fullRefresh: true).succeeded)
    #expect(try bench.texts("SELECT id FROM toy__users ORDER BY id") == ["1", "2"])
    let preview = SyncPreview(adapter: bench.adapter, options: SyncOptions(projectFolder: bench.folder)).preview(connection)
    #expect(preview.streams[0].resumedAfter == 1 && preview.streams[0].replaces)
    try bench.say([FailureTests.row(3), Bench.state(["n": 3])])
    #expect(bench.sync(connection).succeeded)
    #expect(bench.read("given-state.json")?.contains(#""n":1"#) == true)
    #expect(try bench.texts("SELECT id FROM toy__users ORDER BY id") == ["1", "3"])
    try bench.say([FailureTests.row(4), Bench.state(["n": 4])])
    #expect(bench.sync(connection).succeeded)
    #expect(try bench.texts("SELECT id FROM toy__users ORDER BY id") == ["1", "3", "4"])
  }

  @Test func theRejectedRecordsOfReplacedRowsGoWithThem() throws {
    let bench = try Bench()
    let connection = bench.connection(.fullRefresh, .overwrite)
    try offer(bench)
    try bench.say([FailureTests.row(1), Bench.record(7)])
    #expect(bench.sync(connection).succeeded)
    try bench.say([FailureTests.row(1), Bench.record(8), Bench.state(["pk": 1])], exit: 1)
    #expect(!bench.sync(connection).succeeded)
    #expect(try bench.texts("SELECT record FROM _scv_rejected ORDER BY 1") == ["7", "8"])
    // What a refresh that goes on has put aside is not loaded into the rows that it will replace.
    let replay = try RejectedRecords(adapter: bench.adapter).replay(connection, options: SyncOptions(projectFolder: bench.folder))
    #expect(replay.placed == 0 && replay.remaining == 2)
    #expect(try bench.texts("SELECT id FROM toy__users") == ["1"])
    try bench.say([FailureTests.row(2), Bench.record(9)])
    #expect(bench.sync(connection).succeeded)
    #expect(try bench.texts("SELECT record FROM _scv_rejected ORDER BY 1") == ["8", "9"])
  }

  @Test func errorsThatASourcePassesOverAreAWarningWhereNothingCame() throws {
    let bench = try Bench()
    try bench.offer(FailureTests.ids)
    let log = Message.log(LogMessage(.info, "Ignoring response for 'GET' request with response code '403'")).json.text()
    try bench.say([log, Bench.status(.complete)])
    let result = bench.sync(bench.connection())
    #expect(result.succeeded && result.warnings.map(\.code) == ["sync.ignored-errors"])
    try bench.say([log, FailureTests.row(1), Bench.status(.complete)])
    #expect(bench.sync(bench.connection()).warnings.isEmpty)
  }
}
