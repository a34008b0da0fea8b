import AirbyteProtocol
import DataFormats
import Diagnostics
import Sync
import Testing
import Warehouse

/// Singer taps as sources.
@Suite struct SingerTests {
  static let schema: JSON = ["properties": ["id": ["type": "integer"], "name": ["type": ["null", "string"]]]]

  /// A tap with a stream `users`.
  static func bench(key: [String] = ["id"], incremental: Bool = true) throws -> Bench {
    let bench = try Bench()
    let stream: JSON = [
      "tap_stream_id": "users", "stream": "users", "schema": schema, "key_properties": .array(key.map { .string($0) }),
      "replication_method": incremental ? "INCREMENTAL" : "FULL_TABLE", "replication_key": incremental ? "id" : nil, "metadata": [],
    ]
    try bench.write("catalog.jsonl", JSON.object(["streams": [stream]]).text())
    return bench
  }

  static func schemaLine(_ schema: JSON = SingerTests.schema, key: [JSON] = ["id"]) -> String {
    JSON.object(["type": "SCHEMA", "stream": "users", "schema": schema, "key_properties": .array(key)]).text()
  }

  static func row(_ record: JSON, version: Int64? = nil) -> String {
    var message: JSON = ["type": "RECORD", "stream": "users", "record": record, "time_extracted": "2024-05-01T10:00:00+02:00"]
    if let version { message["version"] = .int(version) }
    return message.text()
  }

  static func state(_ value: JSON) -> String { JSON.object(["type": "STATE", "value": value]).text() }

  @Test func aTapIsReadAndItsLastStateGivenBack() throws {
    let bench = try SingerTests.bench()
    try bench.say([
      SingerTests.schemaLine(), SingerTests.row(["id": 1, "name": "a"]), SingerTests.state(["n": 1]), SingerTests.row(["id": 1, "name": "b"]),
      SingerTests.state(["n": 2]),
    ])
    let connection = bench.connection(dialect: .singer)
    #expect(bench.sync(connection).succeeded)
    #expect(try bench.rows("SELECT id, name, _airbyte_extracted_at FROM toy__users") == [[1, "b", "2024-05-01T08:00:00.000Z"]])
    try bench.say([SingerTests.schemaLine()])
    #expect(bench.sync(connection).succeeded)
    #expect(bench.givenState == ["n": 2])
  }

  @Test func whatIsWantedIsSelectedInTheCatalog() throws {
    let bench = try SingerTests.bench()
    try bench.say([SingerTests.schemaLine()])
    #expect(bench.sync(bench.connection(dialect: .singer)).succeeded)
    let catalog = try JSON.parse(bench.read("given-catalog.json") ?? "")
    let root = catalog["streams"]?.array?.first?["metadata"]?.array?.first { $0["breadcrumb"] == [] }
    #expect(root?["metadata"]?["selected"] == true)
  }

  @Test func aSchemaMayChangeInMidStream() throws {
    let bench = try SingerTests.bench()
    let wider: JSON = ["properties": ["id": ["type": "integer"], "name": ["type": "string"], "age": ["type": "integer"]]]
    try bench.say([
      SingerTests.schemaLine(), SingerTests.row(["id": 1, "name": "a"]), SingerTests.schemaLine(wider), SingerTests.row(["id": 2, "name": "b", "age": 3]),
    ])
    #expect(bench.sync(bench.connection(dialect: .singer)).succeeded)
    #expect(try bench.rows("SELECT id, name, age FROM toy__users ORDER BY id") == [[1, "a", nil], [2, "b", 3]])
  }

  @Test func anActivatedVersionDropsTheRowsOfOlderOnes() throws {
    let bench = try SingerTests.bench()
    let connection = bench.connection(dialect: .singer)
    let activate = #"{"type":"ACTIVATE_VERSION","stream":"users","version":2}"#
    try bench.say([SingerTests.schemaLine()] + (1...3).map { SingerTests.row(["id": .int($0)], version: 1) })
    #expect(bench.sync(connection).succeeded)
    try bench.say([SingerTests.schemaLine(), SingerTests.row(["id": 2], version: 2), activate, SingerTests.state(["v": 2])])
    #expect(bench.sync(connection).succeeded)
    #expect(try bench.texts("SELECT id FROM toy__users") == ["2"])
  }

  @Test func aVersionThatIsActivatedBeforeACrashDropsNothing() throws {
    let bench = try SingerTests.bench()
    let connection = bench.connection(dialect: .singer)
    try bench.say([SingerTests.schemaLine(), SingerTests.row(["id": 1], version: 1), SingerTests.state(["v": 1])])
    bench.sync(connection)
    try bench.say([SingerTests.schemaLine(), SingerTests.row(["id": 2], version: 2), #"{"type":"ACTIVATE_VERSION","stream":"users","version":2}"#], exit: 1)
    #expect(!bench.sync(connection).succeeded)
    #expect(try bench.texts("SELECT id FROM toy__users WHERE id = 1") == ["1"])
  }

  @Test func aRecordBeforeItsSchemaIsAnError() throws {
    let bench = try SingerTests.bench()
    try bench.say([SingerTests.row(["id": 1])])
    #expect(bench.sync(bench.connection(dialect: .singer)).error?.code == "singer.record-before-schema")
  }

  @Test func aRecordWithoutItsKeyIsAnError() throws {
    let bench = try SingerTests.bench()
    try bench.say([SingerTests.schemaLine(), SingerTests.row(["name": "nobody"])])
    #expect(bench.sync(bench.connection(dialect: .singer)).error?.code == "singer.missing-key-property")
  }

  @Test func aSchemaThatIsNoneIsAnError() throws {
    let bench = try SingerTests.bench()
    try bench.say([SingerTests.schemaLine(["properties": ["id": ["type": "text"]]])])
    let error = bench.sync(bench.connection(dialect: .singer)).error
    #expect(error?.code == "protocol.invalid-schema" && error?.message.contains("users.id") == true)
  }

  @Test func aTapThatDiesKeepsItsLastState() throws {
    let bench = try SingerTests.bench()
    let connection = bench.connection(dialect: .singer)
    try bench.say([SingerTests.schemaLine(), SingerTests.row(["id": 1]), SingerTests.state(["n": 1]), SingerTests.row(["id": 2])], exit: 1)
    #expect(!bench.sync(connection).succeeded)
    try bench.say([SingerTests.schemaLine(), SingerTests.row(["id": 2]), SingerTests.state(["n": 2])])
    #expect(bench.sync(connection).succeeded)
    #expect(bench.givenState == ["n": 1])
    #expect(try bench.texts("SELECT id FROM toy__users ORDER BY id") == ["1", "2"])
  }

  @Test func anActivatedVersionIsInPlaceWithTheStateThatFollowsIt() throws {
    let bench = try SingerTests.bench()
    let connection = bench.connection(dialect: .singer)
    let activate = #"{"type":"ACTIVATE_VERSION","stream":"users","version":2}"#
    try bench.say([SingerTests.schemaLine(), SingerTests.row(["id": 1], version: 1), SingerTests.row(["id": 2], version: 1), SingerTests.state(["v": 1])])
    bench.sync(connection)
    // What comes behind the activation, without a version, belongs to what was activated.
    try bench.say(
      [SingerTests.schemaLine(), SingerTests.row(["id": 2], version: 2), activate, SingerTests.row(["id": 3]), SingerTests.state(["v": 2])], exit: 1)
    #expect(!bench.sync(connection).succeeded)
    #expect(try bench.texts("SELECT id FROM toy__users ORDER BY id") == ["2", "3"])
  }

  @Test func aTapThatDoesNotSayHowItReadsReplacesNothing() throws {
    for key: [JSON] in [["id"], []] {
      let bench = try Bench()
      let stream: JSON = ["stream": "users", "tap_stream_id": "users", "schema": SingerTests.schema, "key_properties": .array(key)]
      try bench.write("catalog.jsonl", JSON.object(["streams": [stream]]).text())
      let connection = bench.connection(dialect: .singer)
      for number: Int64 in 1...2 {
        try bench.say([SingerTests.schemaLine(key: key), SingerTests.row(["id": .int(number)]), SingerTests.state(["n": .int(number)])])
        #expect(bench.sync(connection).succeeded)
      }
      #expect(bench.givenState == ["n": 1])
      #expect(try bench.texts("SELECT id FROM toy__users ORDER BY id") == ["1", "2"])
    }
  }

  @Test func aTapWhoseRowsAreAllReplacedIsGivenNoState() throws {
    let bench = try SingerTests.bench(incremental: false)
    let connection = bench.connection(dialect: .singer)
    for number: Int64 in 1...2 {
      try bench.say([SingerTests.schemaLine(), SingerTests.row(["id": .int(number)]), SingerTests.state(["n": .int(number)])])
      #expect(bench.sync(connection).succeeded)
    }
    #expect(bench.givenState == nil)
    #expect(try bench.texts("SELECT id FROM toy__users") == ["2"])
  }

  @Test func aTapWithoutDiscoveryAnnouncesItsStreams() throws {
    let complaint = "tap: error: unrecognized arguments: --discover"
    let plays = ["[ \"$discover\" ] && { echo '\(complaint)' >&2; exit 2; }", ""]
    for play in plays {
      let bench = try Bench()
      let source = """
        #!/bin/sh
        here=$(dirname "$0"); discover=; state=
        for word in "$@"; do case $word in --discover) discover=1;; --state) state=1;; esac; done
        \(play)
        [ "$state" ] && [ ! "$discover" ] && touch "$here/had-state"
        cat "$here/messages.jsonl"
        """
      try bench.write("source", source, executable: true)
      var connection = bench.connection(dialect: .singer)
      connection.streams = [Connection.StreamSelection(name: "users")]
      let other = SingerTests.schemaLine().replacing("users", with: "others")
      for number: Int64 in 1...2 {
        try bench.say([SingerTests.schemaLine(), other, SingerTests.row(["id": .int(number)]), SingerTests.state(["n": .int(number)])])
        #expect(bench.sync(connection).succeeded)
      }
      #expect(bench.read("had-state") != nil)
      #expect(try bench.texts("SELECT id FROM toy__users ORDER BY id") == ["1", "2"])
      #expect(try bench.rows("SELECT name FROM sqlite_master WHERE name LIKE 'toy%' AND type = 'table'") == [["toy__users"]])
      #expect(bench.sync(connection, fullRefresh: true).succeeded)
      #expect(try bench.texts("SELECT id FROM toy__users") == ["2"])
    }
  }
}
