import AirbyteProtocol
import Diagnostics
import Sync
import Testing

/// What `--select` and `--exclude` leave of the connections.
@Suite struct SelectionTests {
  static let connections: [Connection] = {
    var shop = Connection(name: "shop", command: ["/bin/true"])
    shop.tags = ["nightly"]
    var wishes = Connection.StreamSelection(name: "charges")
    wishes.destinationSyncMode = .append
    let stripe = Connection(name: "stripe", command: ["/bin/true"], streams: [wishes, .init(name: "events")])
    var old = Connection(name: "shop.old", command: ["/bin/true"])
    old.isEnabled = false
    return [shop, stripe, old]
  }()

  /// What is selected: each connection with the streams among a, b, charges and events that it is to sync.
  func chosen(_ select: [String] = [], _ exclude: [String] = []) throws -> [String] {
    try ConnectionSelection(select: select, exclude: exclude).apply(to: SelectionTests.connections).map { connection in
      connection.name + ": " + ["a", "b", "charges", "events"].filter { connection.wish(.init(name: $0)) != nil }.joined(separator: " ")
    }
  }

  @Test func connectionsAreSelectedByNameAndTag() throws {
    #expect(try chosen() == ["shop: a b charges events", "stripe: charges events"])
    #expect(try chosen(["tag:nightly"]) == ["shop: a b charges events"])
    #expect(try chosen(["stripe", "shop.old"]) == ["stripe: charges events", "shop.old: a b charges events"])
    #expect(try chosen([], ["shop"]) == ["stripe: charges events"])
  }

  @Test func oneStreamIsSelectedByConnectionAndName() throws {
    #expect(try chosen(["shop.a,shop.b"]) == ["shop: a b"])
    #expect(try chosen(["stripe.charges", "shop.a"]) == ["shop: a", "stripe: charges"])
    #expect(try chosen(["stripe.charges", "stripe"]) == ["stripe: charges events"])
    #expect(try chosen([], ["stripe.events"]) == ["shop: a b charges events", "stripe: charges"])
    #expect(try chosen(["shop"], ["shop.a"]) == ["shop: b charges events"])
    let stripe = try ConnectionSelection(select: ["stripe.charges"]).apply(to: SelectionTests.connections)
    #expect(stripe[0].wish(.init(name: "charges"))?.destinationSyncMode == .append)
  }

  @Test func whatMeansNothingIsAMistake() {
    for word in ["stipe", "stipe.charges", "tag:daily", "stripe."] {
      let error = #expect(throws: Diagnostic.self) { try ConnectionSelection(select: [word]).apply(to: SelectionTests.connections) }
      #expect(error?.code == "sync.unknown-connection")
    }
  }

  @Test func aStreamLeftOutKeepsItsRowsAndItsState() throws {
    let bench = try Bench()
    let streams = ["users", "orders"].map { name in
      CatalogStream(
        name: name, jsonSchema: Bench.users, supportedSyncModes: [.fullRefresh, .incremental], defaultCursorField: ["updated_at"],
        sourceDefinedPrimaryKey: [["id"]])
    }
    try bench.write("catalog.jsonl", Message.catalog(Catalog(streams: streams)).json.text())
    let say = { (number: Int, names: [String]) in
      try bench.say(
        names.flatMap { name in
          [Bench.record(["id": .int(Int64(number)), "updated_at": "2024-01-01"], stream: name), Bench.state(["n": .int(Int64(number))], stream: name)]
        })
    }
    try say(1, ["users", "orders"])
    #expect(bench.sync(bench.connection()).succeeded)
    try say(2, ["users"])
    let narrow = try ConnectionSelection(select: ["toy.users"]).apply(to: [bench.connection()])[0]
    #expect(bench.sync(narrow).streams.map(\.stream.name) == ["users"])
    #expect(bench.read("given-state.json")?.contains("orders") == false)
    try say(3, ["users"])
    #expect(bench.sync(narrow, fullRefresh: true).succeeded)
    try say(4, ["users", "orders"])
    #expect(bench.sync(bench.connection()).succeeded)
    let given = try #require(bench.read("given-state.json"))
    #expect(given.contains(#""n":1"#) && given.contains(#""n":3"#))
    #expect(try bench.rows("SELECT id FROM toy__users ORDER BY id") == [[3], [4]])
    #expect(try bench.rows("SELECT id FROM toy__orders ORDER BY id") == [[1], [4]])
  }

  @Test func streamsThatShareAStateAreSyncedTogether() throws {
    let bench = try Bench()
    try bench.offer()
    let state = StateMessage(.global(shared: ["lsn": 7], streams: [StreamState(StreamDescriptor(name: "users"), state: ["n": 1])]))
    try bench.say([Bench.record(["id": 1, "updated_at": "2024-01-01"]), Message.state(state).json.text()])
    #expect(bench.sync(bench.connection()).succeeded)
    let narrow = try ConnectionSelection(select: ["toy.users"]).apply(to: [bench.connection()])[0]
    #expect(bench.sync(narrow).error?.code == "sync.shared-state")
    #expect(bench.sync(bench.connection()).succeeded)
  }
}
