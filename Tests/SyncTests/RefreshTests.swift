import AirbyteProtocol
import DataFormats
import Diagnostics
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

  @Test func anOrdinarySyncGivesUpAnUnfinishedRefresh() throws {
    let bench = try Bench()
    try bench.offer(FailureTests.ids)
    try bench.say([FailureTests.row(1), Bench.state(["n": 1])])
    #expect(bench.sync(bench.connection()).succeeded)
    try bench.say([FailureTests.row(5), Bench.state(["n": 5])], exit: 1)
    #expect(!bench.sync(bench.connection(), fullRefresh: true).succeeded)
    try bench.say([FailureTests.row(2), Bench.state(["n": 2])])
    #expect(bench.sync(bench.connection()).succeeded)
    #expect(try given(bench) == ["n": 1])
    #expect(try bench.texts("SELECT id FROM toy__users ORDER BY id") == ["1", "2"])
    #expect(try bench.rows(RefreshTests.leftovers).isEmpty)
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
