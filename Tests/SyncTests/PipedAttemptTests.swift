import AirbyteProtocol
import DataFormats
import Diagnostics
import FoundationEssentials
import Glibc
import Synchronization
import Testing
import Warehouse

@testable import Sync

/// A load that breaks off anywhere, and the next attempt of whoever pipes in: by Airbyte's platform, which counts its syncs and
/// starts a source with the last state that came back, and by PyAirbyte, which numbers everything 1 and may keep no state.
@Suite struct PipedAttemptTests {
  enum Client: CaseIterable, Sendable {
    /// Counts generations and syncs, and goes on at the last state that came back.
    case platform
    /// Numbers everything 1, and goes on at the last state that came back.
    case counting1
    /// Numbers everything 1, and begins anew.
    case forgetful1
  }

  enum Mode: CaseIterable, Sendable {
    case append, appendDedup, overwrite, refreshedAppend, refreshedDedup

    var written: DestinationSyncMode {
      switch self {
      case .append, .refreshedAppend: .append
      case .appendDedup, .refreshedDedup: .appendDedup
      case .overwrite: .overwrite
      }
    }
  }

  private static func catalog(_ mode: Mode, _ client: Client, round: Int) -> ConfiguredCatalog {
    var generation: Int64 = 1
    var minimum: Int64 = 1
    if client == .platform {
      let isRefresh = mode != .append && mode != .appendDedup
      (generation, minimum) = isRefresh ? (Int64(round + 1), Int64(round + 1)) : (0, 0)
    }
    var catalog = PipedLoadTests.users(mode.written, generation: generation, minimum: minimum)
    catalog.streams[0].syncID = client == .platform ? Int64(100 + round) : 1
    return catalog
  }

  /// The messages of a source that has the records from `first` on, behind the state `from`.
  private static func messages(_ first: Int, from: Int, isGlobal: Bool) -> [String] {
    var lines: [String] = []
    for id in max(first, from + 1)..<max(first, from + 1, first + 4) {
      lines.append(FailureTests.row(id))
      guard id.isMultiple(of: 2) else { continue }
      let state = StateMessage(.global(shared: ["n": .int(Int64(id))], streams: []))
      lines.append(isGlobal ? Message.state(state).json.text() : Bench.state(["n": .int(Int64(id))]))
    }
    return lines + [Bench.status(.complete)]
  }

  /// Pipes `lines` in, some at a time, and ends with what `atEnd` does; gives the position of the last state that had come back then.
  private static func pipe(
    _ lines: [String], _ catalog: ConfiguredCatalog, _ bench: Bench, _ adapter: SQLiteAdapter, isPaced: Bool = false, killed: (@Sendable () -> Void)? = nil
  ) throws -> (result: ConnectionResult, position: Int?) {
    var ends: [Int32] = [0, 0]
    #expect(Glibc.pipe(&ends) == 0)
    let (output, input) = (ends[0], ends[1])
    defer { close(output) }
    let came = Mutex<Int?>(nil)
    let position = Mutex<Int?>(nil)
    let thread = try NativeThread.start {
      for (index, line) in lines.enumerated() {
        let text = line + "\n"
        _ = text.withCString { write(input, $0, strlen($0)) }
        // Between two commits, sometimes.
        if index == 1 && isPaced { usleep(60_000) }
      }
      if isPaced { usleep(60_000) }
      let known = came.withLock { $0 }
      position.withLock { $0 = known }
      killed?()
      close(input)
    }
    var connection = Connection(name: "piped", command: [], schema: "piped")
    connection.usesNamespaces = true
    let result = PipedLoad(adapter: adapter, options: SyncOptions(projectFolder: bench.folder), connection: connection).load(catalog, from: output) { state in
      let body = state["state"]
      let number = (body?["stream"]?["stream_state"] ?? body?["global"]?["shared_state"])?["n"]?.int
      came.withLock { $0 = number.map { Int($0) } }
    }
    thread.join()
    return (result, killed == nil ? came.withLock { $0 } : position.withLock { $0 })
  }

  @Test(arguments: Client.allCases, Mode.allCases)
  func nothingIsLostAndNothingIsDoubled(client: Client, mode: Mode) throws {
    for isGlobal in client == .platform ? [false, true] : [false] {
      let bench = try Bench()
      var adapter = bench.adapter
      var expected: [Int64] = []
      var position = 0
      for moment in 0..<6 {
        let catalog = PipedAttemptTests.catalog(mode, client, round: moment)
        let first = moment * 10 + 1
        let before = expected
        let new = (first..<first + 4).map { Int64($0) }
        // Where everything is of generation 1, there is nothing older to be replaced.
        let replaces = mode == .overwrite || client == .platform && mode != .append && mode != .appendDedup
        expected = replaces ? new : expected + new
        if client == .forgetful1 || replaces { position = 0 }
        let lines = PipedAttemptTests.messages(first, from: position, isGlobal: isGlobal)
        let left = bench.folder + "/left-\(moment).db"
        let current = adapter
        // By turns, the client gives up or the load is killed.
        let isKilled = moment.isMultiple(of: 2) == isGlobal
        let kill: @Sendable () -> Void = { try? SQLiteAdapter.copy(current, to: left) }
        let some = Array(lines.prefix(moment)) + (isKilled ? [] : [Bench.status(.incomplete)])
        let broken = try PipedAttemptTests.pipe(some, catalog, bench, current, isPaced: true, killed: isKilled ? kill : nil)
        if isKilled { adapter = try SQLiteAdapter(.prefixes(path: left, defaultSchema: "main")) }
        func ids() throws -> [Int64] { try adapter.query("SELECT id FROM piped__users ORDER BY id").rows.compactMap { $0[0].integer } }
        if replaces && !before.isEmpty { #expect(try ids() == before, "the old rows are there, at \(moment)") }
        if client != .forgetful1, let known = broken.position { position = known }
        if client == .platform && !isKilled && moment > 2 { #expect(position >= first, "a state has come back, at \(moment)") }
        let rest = PipedAttemptTests.messages(first, from: position, isGlobal: isGlobal)
        let last = try PipedAttemptTests.pipe(rest, catalog, bench, adapter)
        #expect(last.result.succeeded, "\(String(describing: last.result.error)) at \(moment)")
        position = last.position ?? position
        let isAtLeastOnce = client == .forgetful1 && mode.written == .append
        if isAtLeastOnce {
          #expect(try Set(ids()) == Set(expected), "at \(moment)")
          expected = try ids()
        } else {
          #expect(try ids() == expected, "at \(moment)")
        }
        #expect(try adapter.query(RefreshTests.leftovers).rows.isEmpty)
      }
    }
  }

  private static func numbered(_ mode: DestinationSyncMode, _ generation: Int64, _ minimum: Int64, sync: Int64) -> ConfiguredCatalog {
    var catalog = PipedLoadTests.users(mode, generation: generation, minimum: minimum)
    catalog.streams[0].syncID = sync
    return catalog
  }

  @Test func aStreamThatWasCompleteStaysWhenItsSyncIsTriedAgain() throws {
    let bench = try Bench()
    for mode in [DestinationSyncMode.overwrite, .append, .appendDedup] {
      _ = try PipedLoadTests.load(
        bench, PipedAttemptTests.numbered(mode, 4, 4, sync: 70), [FailureTests.row(1), Bench.state(["n": 1]), Bench.status(.complete)], schema: mode.rawValue)
      let again = try PipedLoadTests.load(
        bench, PipedAttemptTests.numbered(mode, 4, 4, sync: 70), [FailureTests.row(2), Bench.state(["n": 2]), Bench.status(.complete)], schema: mode.rawValue)
      #expect(again.0.succeeded && again.1.count == 1)
      #expect(try bench.texts("SELECT id FROM \(mode.rawValue)__users ORDER BY id") == ["1", "2"])
    }
  }

  @Test func aReplacementThatFailedForGoodIsCompletedByTheNextSync() throws {
    let bench = try Bench()
    _ = try PipedLoadTests.load(bench, PipedAttemptTests.numbered(.append, 1, 0, sync: 70), [FailureTests.row(1), Bench.status(.complete)])
    let broken = try PipedLoadTests.load(
      bench, PipedAttemptTests.numbered(.append, 2, 2, sync: 71), [FailureTests.row(2), Bench.state(["n": 2]), FailureTests.row(3), Bench.status(.incomplete)])
    #expect(broken.1.count == 1)
    #expect(try bench.texts("SELECT id FROM piped__users") == ["1"])
    let next = try PipedLoadTests.load(
      bench, PipedAttemptTests.numbered(.append, 2, 0, sync: 72), [FailureTests.row(3), Bench.state(["n": 3]), Bench.status(.complete)])
    #expect(next.0.succeeded && next.1.count == 1)
    #expect(try bench.texts("SELECT id FROM piped__users ORDER BY id") == ["2", "3"])
  }

  @Test func anotherGenerationOrAnotherSyncBeginsAnew() throws {
    for (mode, generation, sync) in [(DestinationSyncMode.overwrite, Int64(3), Int64(71)), (.overwrite, 2, 72), (.append, 3, 71)] {
      let bench = try Bench()
      _ = try PipedLoadTests.load(bench, PipedAttemptTests.numbered(mode, 1, 0, sync: 70), [FailureTests.row(1), Bench.status(.complete)])
      let bad = #"{"type":"RECORD","record":{"stream":"users","emitted_at":1,"data":7}}"#
      let broken = try PipedLoadTests.load(
        bench, PipedAttemptTests.numbered(mode, 2, 2, sync: 71), [FailureTests.row(2), bad, Bench.state(["n": 2]), Bench.status(.incomplete)])
      #expect(broken.1.count == 1)
      #expect(try bench.rows("SELECT reason FROM _scv_rejected").count == 1)
      let next = try PipedLoadTests.load(
        bench, PipedAttemptTests.numbered(mode, generation, generation, sync: sync), [FailureTests.row(5), Bench.status(.complete)])
      #expect(next.0.succeeded)
      #expect(try bench.texts("SELECT id FROM piped__users") == ["5"])
      #expect(try bench.rows("SELECT reason FROM _scv_rejected").isEmpty)
      #expect(try bench.rows(RefreshTests.leftovers).isEmpty)
    }
  }
}
