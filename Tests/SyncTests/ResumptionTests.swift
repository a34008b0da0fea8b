import AirbyteProtocol
import DataFormats
import Diagnostics
import FoundationEssentials
import Glibc
import Synchronization
import Testing
import Warehouse

@testable import Sync

/// A sync that breaks off anywhere and is run again leaves what an undisturbed one leaves: all ways to read, to write and to give
/// states, each broken off before every message.
@Suite struct ResumptionTests {
  /// A way to read a stream and to write its rows.
  struct Way: Sendable, CustomTestStringConvertible {
    var read: SyncMode
    var write: DestinationSyncMode
    /// Whether the rows are replaced with one row a key (`overwrite_dedup`).
    var dedups = false
    /// Whether a full refresh is demanded of a stream that is otherwise read incrementally.
    var isDemanded = false
    /// Whether the source goes on in the middle of a full refresh.
    var isResumable = false

    /// Whether the rows of a sync take the place of all before them.
    var replaces: Bool { write == .overwrite || dedups || isDemanded }

    var testDescription: String {
      "\(read.rawValue)\(isDemanded ? " --full-refresh" : "")\(isResumable ? " (resumable)" : "") to \(dedups ? "overwrite_dedup" : write.rawValue)"
    }

    static let all: [Way] =
      [false, true].flatMap { isResumable in
        [
          Way(read: .fullRefresh, write: .overwrite, isResumable: isResumable),
          Way(read: .fullRefresh, write: .appendDedup, dedups: true, isResumable: isResumable),
          Way(read: .fullRefresh, write: .append, isResumable: isResumable),
          Way(read: .fullRefresh, write: .appendDedup, isResumable: isResumable),
        ]
      } + [
        Way(read: .incremental, write: .append), Way(read: .incremental, write: .appendDedup),
        Way(read: .incremental, write: .append, isDemanded: true), Way(read: .incremental, write: .appendDedup, isDemanded: true),
      ]
  }

  /// Which states the source gives.
  enum States: String, CaseIterable, Sendable {
    case stream, none, global, legacy
  }

  /// Who dies.
  enum Death: CaseIterable, Sendable {
    /// The source, by a signal: the sync tidies up.
    case ofSource
    /// The sync, which leaves what it has committed so far.
    case ofSync
  }

  /// A source of four records from `first` on, with a state after each second one, which goes on behind the state that it is given.
  private static let source = """
    . "$here/settings"
    n=$((first - 1)); count=0; given=
    [ -f "$here/given-state.json" ] && given=$(sed -n 's/.*"n":\\([0-9]*\\).*/\\1/p' "$here/given-state.json")
    [ "$given" ] && [ "$given" -ge "$first" ] && n=$given
    say() {
      [ $count = $die ] && kill -9 $$
      [ $count = $pause ] && sleep 0.08 && echo '{"type":"LOG","log":{"level":"INFO","message":"pause"}}'
      count=$((count + 1))
      echo "$1"
    }
    while [ $n -lt $((first + 3)) ]; do
      n=$((n + 1))
      say '{"type":"RECORD","record":{"stream":"users","emitted_at":1,"data":{"id":'$n',"updated_at":"2024-01-01T00:00:00Z"}}}'
      [ $((n % 2)) = 0 ] && case $states in
        stream) say '{"type":"STATE","state":{"type":"STREAM","stream":{"stream_descriptor":{"name":"users"},"stream_state":{"n":'$n'}}}}';;
        global) say '{"type":"STATE","state":{"type":"GLOBAL","global":{"shared_state":{"n":'$n'},"stream_states":[]}}}';;
        legacy) say '{"type":"STATE","state":{"data":{"n":'$n'}}}';;
      esac
    done
    say '{"type":"TRACE","trace":{"type":"STREAM_STATUS","emitted_at":1,"stream_status":{"stream_descriptor":{"name":"users"},"status":"COMPLETE"}}}'
    """

  private static func ids(_ adapter: SQLiteAdapter) throws -> [Int64] {
    try adapter.query("SELECT id FROM toy__users ORDER BY id").rows.compactMap { $0[0].integer }
  }

  @Test(arguments: Way.all, States.allCases)
  func nothingIsLostAndNothingIsDoubled(way: Way, states: States) throws {
    // A full refresh gives nothing back but states of streams, and one that cannot be gone on with nothing at all.
    guard way.read == .incremental || states == .stream || way.isResumable && states != .legacy else { return }
    for death in Death.allCases {
      let bench = try Bench()
      try bench.offer(FailureTests.ids, incremental: way.read == .incremental, resumable: way.isResumable)
      try bench.say([])
      try bench.write("play.sh", ResumptionTests.source)
      var connection = bench.connection(way.read, way.write)
      connection.streams?[0].replacesAndDedups = way.dedups
      var adapter = bench.adapter
      var expected: [Int64] = []
      let messages = states == .none ? 5 : 7
      // Where the kind of state matters less, source and sync take turns at dying.
      for moment in 0..<messages where states == .stream || (moment % 2 == 0) == (death == .ofSource) {
        let before = expected
        let first = moment * 10 + 1
        let new = (first..<first + 4).map { Int64($0) }
        expected = way.replaces ? new : expected + new
        let (die, pause) = death == .ofSource ? (moment, -1) : (-1, moment)
        try bench.write("settings", "first=\(first) states=\(states) die=\(die) pause=\(pause)")
        let left = bench.folder + "/left-\(moment).db"
        let current = adapter
        var options = SyncOptions(projectFolder: bench.folder)
        options.fullRefresh = way.isDemanded
        let result = SyncRunner(adapter: current, options: options).sync([connection]) { event in
          // What another connection sees now is what a killed process leaves.
          if case .log(_, let line) = event, line.message == "pause" { _ = try? SQLiteAdapter.copy(current, to: left) }
        }[0]
        if death == .ofSource {
          #expect(!result.succeeded)
        } else {
          adapter = try SQLiteAdapter(.prefixes(path: left, defaultSchema: "main"))
        }
        if way.replaces && !before.isEmpty { #expect(try ResumptionTests.ids(adapter) == before, "the old rows are there, at \(moment) by \(death)") }
        try bench.write("settings", "first=\(first) states=\(states) die=-1 pause=-1")
        let last = SyncRunner(adapter: adapter, options: options).sync([connection])[0]
        #expect(last.succeeded, "\(String(describing: last.error)) at \(moment) by \(death)")
        #expect(try ResumptionTests.ids(adapter) == expected, "at \(moment) by \(death)")
        // How much was committed by then is a matter of time where the sync dies.
        if death == .ofSource && states == .stream && (way.read == .incremental || way.isResumable) && moment > 3 {
          #expect(last.rowsRead < 4, "it goes on at a state, at \(moment)")
        }
        #expect(try adapter.query(RefreshTests.leftovers).rows.isEmpty)
        #expect(try adapter.query("SELECT 1 FROM _scv_streams WHERE refresh IS NOT NULL OR open_from IS NOT NULL").rows.isEmpty)
      }
    }
  }
}

extension SQLiteAdapter {
  /// What is committed in `adapter`, as a file of its own.
  static func copy(_ adapter: SQLiteAdapter, to file: String) throws {
    let other = try SQLiteAdapter(.prefixes(path: adapter.layout.path, defaultSchema: "main"))
    _ = try other.maintain { try $0.execute("VACUUM INTO '\(file)'") }
    try other.close()
  }
}
