import AirbyteProtocol
import DataFormats
import Diagnostics
import Synchronization
import Testing

@testable import Sync

/// Which mode a stream is read in, and which wishes cannot be fulfilled.
@Suite struct PlannerTests {
  func plan(
    modes: [SyncMode] = [.fullRefresh, .incremental], key: [[String]] = [["id"]], cursor: [String] = ["updated_at"], fullRefresh: Bool = false,
    _ wish: (inout Connection.StreamSelection) -> Void = { _ in }
  ) throws -> StreamPlan {
    let stream = CatalogStream(
      name: "users", jsonSchema: Bench.users, supportedSyncModes: modes, defaultCursorField: cursor, sourceDefinedPrimaryKey: key)
    var connection = Connection(name: "toy", command: ["/bin/true"])
    var selection = Connection.StreamSelection(name: "users")
    wish(&selection)
    connection.streams = [selection]
    let plans = try SyncPlanner(connection: connection, catalog: Catalog(streams: [stream]), fullRefresh: fullRefresh).plans()
    return try #require(plans.first)
  }

  func mistake(modes: [SyncMode] = [.fullRefresh, .incremental], key: [[String]] = [["id"]], _ wish: (inout Connection.StreamSelection) -> Void) -> String? {
    do {
      _ = try plan(modes: modes, key: key, cursor: [], wish)
      return nil
    } catch {
      return (error as? Diagnostic)?.code
    }
  }

  @Test func whatCanBeReadIncrementallyIs() throws {
    let dedup = try plan()
    #expect(dedup.isIncremental && dedup.deduplicates && !dedup.replaces)
    let append = try plan(key: [])
    #expect(append.isIncremental && append.appends)
    let overwrite = try plan(modes: [.fullRefresh])
    #expect(!overwrite.isIncremental && overwrite.replaces && !overwrite.deduplicates)
    let keyed = try plan(modes: [.fullRefresh]) {
      $0.destinationSyncMode = .appendDedup
      $0.replacesAndDedups = true
    }
    #expect(keyed.replaces && keyed.deduplicates)
  }

  @Test func aFullRefreshReplacesUnlessTheTableIsAHistory() throws {
    #expect(try plan(fullRefresh: true).replaces)
    #expect(
      try !plan(fullRefresh: true) {
        $0.syncMode = .fullRefresh
        $0.destinationSyncMode = .append
      }.replaces)
  }

  @Test func aWishForAllOtherStreamsIsFulfilledWhereItCanBe() throws {
    var connection = Connection(name: "toy", command: ["/bin/true"], streams: [])
    var wish = Connection.StreamSelection(name: "*")
    wish.syncMode = .incremental
    connection.otherStreams = wish
    let catalog = Catalog(streams: [
      CatalogStream(name: "log", jsonSchema: Bench.users, supportedSyncModes: [.fullRefresh]),
      CatalogStream(name: "users", jsonSchema: Bench.users, supportedSyncModes: [.fullRefresh, .incremental], defaultCursorField: ["updated_at"]),
    ])
    let plans = try SyncPlanner(connection: connection, catalog: catalog, fullRefresh: false).plans()
    #expect(plans.map(\.isIncremental) == [false, true])
  }

  @Test func wishesThatCannotBeFulfilledAreMistakes() {
    #expect(mistake(modes: [.fullRefresh]) { $0.syncMode = .incremental } == "sync.unsupported-mode")
    #expect(mistake { $0.syncMode = .incremental } == "sync.missing-cursor")
    #expect(mistake(key: []) { $0.destinationSyncMode = .appendDedup } == "sync.missing-primary-key")
    #expect(mistake { $0.primaryKey = [["idd"]] } == "sync.unknown-field")
    #expect(
      mistake {
        $0.cursorField = ["updated_at"]
        $0.syncMode = .incremental
        $0.destinationSyncMode = .overwrite
      } == "sync.unsupported-mode")
    #expect(
      mistake {
        $0.cursorField = ["updated_at"]
        $0.syncMode = .incremental
      } == nil)
  }

  @Test func aWishForAllStreamsThatSomeCannotFulfilIsToldOnce() throws {
    let bench = try Bench()
    func offer(_ streams: [(String, [SyncMode], [[String]])]) throws {
      let catalog = Catalog(
        streams: streams.map { name, modes, key in
          CatalogStream(name: name, jsonSchema: Bench.users, supportedSyncModes: modes, defaultCursorField: ["updated_at"], sourceDefinedPrimaryKey: key)
        })
      try bench.write("catalog.jsonl", Message.catalog(catalog).json.text())
    }
    let text = """
      connections:
        - name: toy
          connector: ./source
          streams:
            "*": {sync_mode: incremental, destination_sync_mode: append_dedup}
      """
    let connection = try ConnectionsFile(text: text, file: "connections.yml", projectFolder: bench.folder).connections[0]
    func told() -> [Diagnostic] {
      let events = Mutex<[Diagnostic]>([])
      let result = bench.sync(connection) { event in if case .warning(_, let warning) = event { events.withLock { $0.append(warning) } } }
      #expect(result.succeeded && !result.warnings.contains { $0.code == "sync.unfulfilled-wish" })
      return events.withLock { $0 }.filter { $0.code == "sync.unfulfilled-wish" }
    }
    try bench.say([])
    try offer([("users", [.fullRefresh, .incremental], [["id"]]), ("log", [.fullRefresh, .incremental], []), ("rates", [.fullRefresh], [["id"]])])
    let first = told()
    let message = try #require(first.first?.message)
    #expect(message.contains("'log' (cannot be deduplicated without a primary key; instead: incremental, append)"))
    #expect(message.contains("'rates' (cannot be read by incremental; instead: full_refresh, overwrite)") && !message.contains("'users'"))
    #expect(first.count == 1 && first.first?.location?.line == 5)
    #expect(told().isEmpty)
    // Of a change one hears again.
    try offer([("users", [.fullRefresh, .incremental], [["id"]]), ("log", [.fullRefresh, .incremental], []), ("plans", [.fullRefresh], [])])
    #expect(told().count == 1 && told().isEmpty)
    let preview = SyncPreview(adapter: bench.adapter, options: SyncOptions(projectFolder: bench.folder)).preview(connection)
    #expect(preview.unfulfilled?.message.contains("'plans'") == true)
  }

  @Test func anUnknownStreamIsToldWithTheLikelyOne() throws {
    var connection = Connection(name: "toy", command: ["/bin/true"], streams: [.init(name: "user")])
    let catalog = Catalog(streams: [CatalogStream(name: "users", jsonSchema: [:])])
    let error = #expect(throws: Diagnostic.self) { try SyncPlanner(connection: connection, catalog: catalog, fullRefresh: false).plans() }
    #expect(error?.code == "sync.unknown-stream" && error?.hint == "did you mean 'users'?")
    connection.streams = nil
    #expect(try SyncPlanner(connection: connection, catalog: catalog, fullRefresh: false).plans().count == 1)
  }
}
