import AirbyteProtocol
import DataFormats
import Diagnostics
import Sync
import Testing
import Warehouse

/// What becomes of changes in a source.
@Suite struct SchemaPolicyTests {
  static let wider: JSON = [
    "type": "object",
    "properties": [
      "id": ["type": "integer"], "name": ["type": ["null", "string"]], "amount": ["type": ["null", "string"]], "email": ["type": "string"],
      "updated_at": ["type": "string", "format": "date-time"],
    ],
  ]

  /// A source that was synced once with three columns and a cursor, and then has another stream, another column and another type.
  static func changed(_ policy: SchemaPolicy) throws -> (Bench, Connection) {
    let bench = try Bench()
    try bench.offer()
    try bench.say([Bench.record(["id": 1, "name": "a", "amount": 1])])
    var connection = bench.connection()
    connection.schemaPolicy = policy
    #expect(bench.sync(connection).succeeded)
    let streams = [
      CatalogStream(
        name: "users", jsonSchema: wider, supportedSyncModes: [.fullRefresh, .incremental], defaultCursorField: ["updated_at"],
        sourceDefinedPrimaryKey: [["id"]]),
      CatalogStream(name: "orders", jsonSchema: ["type": "object", "properties": ["id": ["type": "integer"]]]),
    ]
    try bench.write("catalog.jsonl", Message.catalog(Catalog(streams: streams)).json.text())
    try bench.say([Bench.record(["id": 2, "name": "b", "email": "b@x.io"]), Bench.record(["id": 9], stream: "orders")])
    return (bench, connection)
  }

  static func tables(_ bench: Bench) throws -> [String?] {
    try bench.texts("SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE 'toy%' ORDER BY name")
  }

  static func columns(_ bench: Bench) throws -> [String?] {
    try bench.texts("SELECT name FROM pragma_table_info('toy__users') WHERE name NOT LIKE '\\_%' ESCAPE '\\'")
  }

  @Test func everythingNewIsTakenUpUnlessToldOtherwise() throws {
    let (bench, connection) = try SchemaPolicyTests.changed(.propagateAll)
    #expect(bench.sync(connection).succeeded)
    #expect(try SchemaPolicyTests.tables(bench) == ["toy__orders", "toy__users"])
    #expect(try bench.rows("SELECT email FROM toy__users ORDER BY id") == [[nil], ["b@x.io"]])
  }

  @Test func newStreamsCanBeLeftAlone() throws {
    let (bench, connection) = try SchemaPolicyTests.changed(.propagateColumns)
    let result = bench.sync(connection)
    #expect(result.succeeded)
    #expect(result.warnings.contains { $0.code == "sync.schema-held" && $0.message.contains("orders") })
    #expect(try SchemaPolicyTests.tables(bench) == ["toy__users"])
    #expect(try SchemaPolicyTests.columns(bench).contains("email"))
  }

  @Test func nothingNewIsTakenUpBeforeItIsApproved() throws {
    let (bench, connection) = try SchemaPolicyTests.changed(.approve)
    #expect(bench.sync(connection).succeeded)
    #expect(try bench.rows("SELECT count(*) FROM toy__users") == [[2]])
    #expect(try SchemaPolicyTests.columns(bench) == ["id", "name", "amount", "updated_at"])
    #expect(try SchemaPolicyTests.tables(bench) == ["toy__users"])
    var options = SyncOptions(projectFolder: bench.folder)
    options.approves = true
    try bench.say([Bench.record(["id": 3, "email": "c@x.io"]), Bench.record(["id": 9], stream: "orders")])
    #expect(SyncRunner(adapter: bench.adapter, options: options).sync([connection])[0].succeeded)
    #expect(try SchemaPolicyTests.tables(bench) == ["toy__orders", "toy__users"])
    #expect(try bench.rows("SELECT email FROM toy__users WHERE id = 3") == [["c@x.io"]])
    // What was approved stays approved.
    #expect(bench.sync(connection).warnings.isEmpty)
  }

  @Test func aSyncCanStopAtAChange() throws {
    let (bench, connection) = try SchemaPolicyTests.changed(.stop)
    let result = bench.sync(connection)
    #expect(result.error?.code == "sync.schema-changed")
    #expect(result.error?.cause?.contains("~ users.amount (number is now string)") == true)
    #expect(try bench.rows("SELECT count(*) FROM toy__users") == [[1]])
  }

  @Test func aStreamThatLosesItsKeyIsPausedAndTheOthersAreNot() throws {
    let bench = try Bench()
    try bench.offer()
    try bench.say([Bench.record(["id": 1])])
    let connection = bench.connection()
    #expect(bench.sync(connection).succeeded)
    let streams = [
      CatalogStream(
        name: "users", jsonSchema: ["properties": ["name": ["type": "string"], "updated_at": ["type": "string"]]],
        supportedSyncModes: [.fullRefresh, .incremental], defaultCursorField: ["updated_at"]),
      CatalogStream(name: "orders", jsonSchema: ["type": "object", "properties": ["id": ["type": "integer"]]]),
    ]
    try bench.write("catalog.jsonl", Message.catalog(Catalog(streams: streams)).json.text())
    try bench.say([Bench.record(["id": 9], stream: "orders")])
    let result = bench.sync(connection)
    #expect(!result.succeeded)
    #expect(result.streams.first { $0.stream.name == "users" }?.error?.code == "sync.lost-field")
    #expect(result.streams.first { $0.stream.name == "orders" }?.status == .succeeded)
    #expect(try bench.rows("SELECT id FROM toy__users") == [[1]])
    #expect(try bench.rows("SELECT id FROM toy__orders") == [[9]])
  }

  @Test func aPreviewTellsTheChangesAndMakesNone() throws {
    let (bench, connection) = try SchemaPolicyTests.changed(.propagateAll)
    let preview = SyncPreview(adapter: bench.adapter, options: SyncOptions(projectFolder: bench.folder)).preview(connection)
    #expect(preview.error == nil)
    #expect(
      preview.changes.map(\.description) == [
        "~ users.amount (number is now string)", "+ users.email (string)", "+ orders (a new stream)",
      ])
    #expect(preview.streams.map(\.isNew) == [false, true])
    #expect(try SchemaPolicyTests.tables(bench) == ["toy__users"])
    #expect(try !SchemaPolicyTests.columns(bench).contains("email"))
  }

  @Test func aStreamThatIsGoneFailsAloneIfItIsAskedForByNameAndIsAWarningIfNot() throws {
    for isNamed in [true, false] {
      let bench = try Bench()
      let offer = { (names: [String]) in
        try bench.write("catalog.jsonl", Message.catalog(Catalog(streams: names.map { CatalogStream(name: $0, jsonSchema: FailureTests.ids) })).json.text())
      }
      var connection = bench.connection()
      if isNamed { connection.streams = ["users", "orders"].map { .init(name: $0) } }
      try offer(["users", "orders"])
      try bench.say([Bench.record(["id": 1]), Bench.record(["id": 2], stream: "orders")])
      #expect(bench.sync(connection).succeeded)
      try offer(["users"])
      try bench.say([Bench.record(["id": 3])])
      let result = bench.sync(connection)
      #expect(result.failures.map(\.code) == (isNamed ? ["sync.lost-stream"] : []))
      #expect(result.warnings.map(\.code) == (isNamed ? [] : ["sync.stream-gone"]))
      #expect(try bench.texts("SELECT id FROM toy__users") == ["3"])
      #expect(try bench.texts("SELECT id FROM toy__orders") == ["2"])
    }
  }

  @Test func anotherPrimaryKeyIsAChangeOfTheSchema() throws {
    let bench = try Bench()
    try bench.offer()
    try bench.say([Bench.record(["id": 1, "name": "a"])])
    var connection = bench.connection()
    connection.schemaPolicy = .stop
    #expect(bench.sync(connection).succeeded)
    try bench.offer(key: [["id"], ["name"]])
    #expect(bench.sync(connection).error?.cause == "~ users (the primary key (id) is now (id, name))")
    let preview = SyncPreview(adapter: bench.adapter, options: SyncOptions(projectFolder: bench.folder)).preview(connection)
    #expect(preview.changes.map(\.description) == ["~ users (the primary key (id) is now (id, name))"])
    connection.schemaPolicy = .propagateAll
    #expect(bench.sync(connection).succeeded)
    connection.schemaPolicy = .stop
    #expect(bench.sync(connection).succeeded)
  }

  @Test(arguments: [SchemaPolicy.propagateAll, .propagateColumns, .approve])
  func aKeyOrCursorThatTheSourceNoLongerNamesPausesTheStream(policy: SchemaPolicy) throws {
    for offersKey in [true, false] {
      let bench = try Bench()
      func offer(_ changed: Bool) throws {
        let streams = ["users", "orders"].map { name in
          let isChanged = changed && name == "users"
          return CatalogStream(
            name: name, jsonSchema: Bench.users, supportedSyncModes: isChanged && offersKey ? [.fullRefresh] : [.fullRefresh, .incremental],
            defaultCursorField: isChanged && offersKey ? [] : ["updated_at"], sourceDefinedPrimaryKey: isChanged && !offersKey ? [] : [["id"]])
        }
        try bench.write("catalog.jsonl", Message.catalog(Catalog(streams: streams)).json.text())
      }
      var connection = bench.connection()
      connection.schemaPolicy = policy
      try offer(false)
      try bench.say([Bench.record(["id": 1]), Bench.record(["id": 2])])
      #expect(bench.sync(connection).succeeded)
      try offer(true)
      try bench.say([Bench.record(["id": 2]), Bench.record(["id": 7], stream: "orders")])
      var options = SyncOptions(projectFolder: bench.folder)
      for approves in [false, true] {
        options.approves = approves
        let result = SyncRunner(adapter: bench.adapter, options: options).sync([connection])[0]
        #expect(Dictionary(uniqueKeysWithValues: result.streams.map { ($0.stream.name, $0.error?.code) }) == ["users": "sync.lost-field", "orders": nil])
      }
      #expect(try bench.texts("SELECT id FROM toy__users ORDER BY id") == ["1", "2"])
      options.fullRefresh = true
      try bench.say([Bench.record(["id": 2]), Bench.record(["id": 7], stream: "orders")])
      #expect(SyncRunner(adapter: bench.adapter, options: options).sync([connection])[0].succeeded)
      #expect(try bench.texts("SELECT id FROM toy__users ORDER BY id") == ["2"])
    }
  }

  @Test func aKeyThatTheUserNamesOrAModeThatTheUserChoosesIsNoLoss() throws {
    let bench = try Bench()
    try bench.offer()
    try bench.say([Bench.record(["id": 1]), Bench.record(["id": 2])])
    #expect(bench.sync(bench.connection()).succeeded)
    try bench.offer(incremental: false, key: [], cursor: [])
    var connection = bench.connection(.fullRefresh, .appendDedup)
    connection.streams?[0].primaryKey = [["id"]]
    #expect(bench.sync(connection).succeeded)
    #expect(bench.sync(bench.connection(.fullRefresh, .overwrite)).succeeded)
    #expect(try bench.texts("SELECT id FROM toy__users ORDER BY id") == ["1", "2"])
  }

  @Test func aStateThatIsDamagedIsSaidToBe() throws {
    let bench = try Bench()
    try bench.offer()
    try bench.say([Bench.record(["id": 1]), Bench.state(["n": 1])])
    #expect(bench.sync(bench.connection()).succeeded)
    try bench.adapter.execute("UPDATE _scv_state SET state = '{'")
    let error = bench.sync(bench.connection()).error
    #expect(error?.code == "sync.damaged-state" && error?.message.contains("toy.users") == true)
    try bench.adapter.execute("DELETE FROM _scv_state")
    #expect(bench.sync(bench.connection(), fullRefresh: true).succeeded)
  }

  @Test func aSourceWithoutStreamsIsAWarning() throws {
    let bench = try Bench()
    try bench.write("catalog.jsonl", Message.catalog(Catalog(streams: [])).json.text())
    try bench.say([])
    let result = bench.sync(bench.connection())
    #expect(result.succeeded && result.warnings.map(\.code) == ["sync.no-streams"])
  }

  @Test func aStreamThatIsGoneIsApprovedOnce() throws {
    let (bench, connection) = try SchemaPolicyTests.changed(.stop)
    let orders = CatalogStream(name: "orders", jsonSchema: ["type": "object", "properties": ["id": ["type": "integer"]]])
    try bench.write("catalog.jsonl", Message.catalog(Catalog(streams: [orders])).json.text())
    #expect(bench.sync(connection).error?.code == "sync.schema-changed")
    var options = SyncOptions(projectFolder: bench.folder)
    options.approves = true
    #expect(SyncRunner(adapter: bench.adapter, options: options).sync([connection])[0].succeeded)
    #expect(bench.sync(connection).succeeded)
    #expect(try bench.rows("SELECT id FROM toy__users") == [[1]])
  }

  @Test func aKeyThatDoesNotFitTheRowsStopsItsStreamOnly() throws {
    let bench = try Bench()
    func offer(key: String) throws {
      let streams = ["users", "orders"].map { name in
        CatalogStream(
          name: name, jsonSchema: Bench.users, supportedSyncModes: [.fullRefresh, .incremental], defaultCursorField: ["updated_at"],
          sourceDefinedPrimaryKey: [[name == "users" ? key : "id"]])
      }
      try bench.write("catalog.jsonl", Message.catalog(Catalog(streams: streams)).json.text())
    }
    try offer(key: "id")
    try bench.say([Bench.record(["id": 1, "name": "a"]), Bench.record(["id": 2, "name": "a"]), Bench.record(["id": 1], stream: "orders")])
    #expect(bench.sync(bench.connection()).succeeded)
    try offer(key: "name")
    try bench.say([Bench.record(["id": 2], stream: "orders")])
    let result = bench.sync(bench.connection())
    #expect(result.streams.map(\.error?.code) == ["sync.duplicate-keys", nil])
    #expect(try bench.texts("SELECT id FROM toy__orders ORDER BY id") == ["1", "2"])
  }
}
