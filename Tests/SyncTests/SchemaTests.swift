import AirbyteProtocol
import DataFormats
import Sync
import Testing
import Warehouse

/// How tables follow the schema of their stream.
@Suite struct SchemaTests {
  func schema(_ properties: JSON) -> JSON { ["type": "object", "properties": properties] }

  func columns(_ bench: Bench, _ table: String = "users") throws -> [String] {
    try bench.adapter.columns(of: Relation(schema: "toy", identifier: table)).filter { !$0.name.hasPrefix("_airbyte") }.map {
      "\($0.name) \($0.type)".trimmingTrailingBlank
    }
  }

  @Test func everyTypeHasItsColumn() throws {
    let bench = try Bench()
    try bench.offer(
      schema([
        "i": ["type": "integer"], "n": ["type": ["null", "number"]], "b": ["type": "boolean"], "s": ["type": "string"],
        "d": ["type": "string", "format": "date"], "t": ["type": "string", "format": "date-time"], "o": ["type": "object"], "a": ["type": "array"],
        "u": ["type": ["string", "integer"]], "big": ["type": "string", "airbyte_type": "big_integer"],
        "one": ["oneOf": [["type": "integer"], ["type": "null"]]],
      ]), incremental: false, key: [], cursor: [])
    try bench.say([])
    #expect(bench.sync(bench.connection()).succeeded)
    #expect(
      try columns(bench) == [
        "i INTEGER", "n NUMERIC", "b INTEGER", "s TEXT", "d TEXT", "t TEXT", "o TEXT", "a TEXT", "u", "big INTEGER", "one INTEGER",
      ])
  }

  @Test func aNewPropertyBecomesAColumnAndOldRowsHaveNone() throws {
    let bench = try Bench()
    try bench.offer(schema(["id": ["type": "integer"]]), cursor: ["id"])
    try bench.say([Bench.record(["id": 1]), Bench.state(["n": 1])])
    bench.sync(bench.connection())
    try bench.offer(schema(["id": ["type": "integer"], "age": ["type": "integer"]]), cursor: ["id"])
    try bench.say([Bench.record(["id": 2, "age": 30])])
    #expect(bench.sync(bench.connection()).succeeded)
    #expect(try bench.rows("SELECT id, age FROM toy__users ORDER BY id") == [[1, nil], [2, 30]])
  }

  @Test func aPropertyThatIsGoneKeepsItsColumn() throws {
    let bench = try Bench()
    try bench.offer(schema(["id": ["type": "integer"], "age": ["type": "integer"]]), cursor: ["id"])
    try bench.say([Bench.record(["id": 1, "age": 30])])
    bench.sync(bench.connection())
    try bench.offer(schema(["id": ["type": "integer"]]), cursor: ["id"])
    try bench.say([Bench.record(["id": 2])])
    #expect(bench.sync(bench.connection()).succeeded)
    #expect(try bench.rows("SELECT id, age FROM toy__users ORDER BY id") == [[1, 30], [2, nil]])
  }

  @Test func aTypeThatChangesToOneWithOtherValuesWidensTheColumn() throws {
    let bench = try Bench()
    try bench.offer(schema(["id": ["type": "integer"], "code": ["type": "integer"]]), cursor: ["id"])
    try bench.say([Bench.record(["id": 1, "code": 7])])
    bench.sync(bench.connection())
    try bench.offer(schema(["id": ["type": "integer"], "code": ["type": "string"]]), cursor: ["id"])
    try bench.say([Bench.record(["id": 2, "code": "007"])])
    #expect(bench.sync(bench.connection()).succeeded)
    // No zero is lost to the column's old type.
    #expect(try bench.rows("SELECT id, code FROM toy__users ORDER BY id") == [[1, "7"], [2, "007"]])
  }

  @Test func aKeyThatBecomesTextStillFindsItsRows() throws {
    let bench = try Bench()
    try bench.offer(schema(["id": ["type": "integer"], "name": ["type": "string"]]), cursor: ["name"])
    try bench.say([Bench.record(["id": 1, "name": "a"])])
    bench.sync(bench.connection())
    try bench.offer(schema(["id": ["type": "string"], "name": ["type": "string"]]), cursor: ["name"])
    try bench.say([Bench.record(["id": "1", "name": "b"]), Bench.record(["id": "X3", "name": "c"])])
    #expect(bench.sync(bench.connection()).succeeded)
    #expect(try bench.rows("SELECT id, name FROM toy__users ORDER BY id") == [["1", "b"], ["X3", "c"]])
    // And back: what was text stays text.
    try bench.offer(schema(["id": ["type": "integer"], "name": ["type": "string"]]), cursor: ["name"])
    try bench.say([Bench.record(["id": 1, "name": "d"])])
    #expect(bench.sync(bench.connection()).succeeded)
    #expect(try bench.rows("SELECT id, name FROM toy__users ORDER BY id") == [["1", "d"], ["X3", "c"]])
  }

  @Test func whatATypeCannotHoldIsToldOfEachValue() throws {
    let bench = try Bench()
    try bench.offer(schema(["id": ["type": "integer"], "code": ["type": "string"]]), cursor: ["id"])
    try bench.say([Bench.record(["id": 1, "code": "x7"])])
    bench.sync(bench.connection())
    try bench.offer(schema(["id": ["type": "integer"], "code": ["type": "integer"]]), cursor: ["id"])
    try bench.say([Bench.record(["id": 2, "code": "x8"]), Bench.record(["id": 3, "code": 9])])
    let result = bench.sync(bench.connection())
    #expect(result.succeeded && result.streams[0].nulled == 1)
    #expect(try bench.rows("SELECT id, code FROM toy__users ORDER BY id") == [[1, "x7"], [2, nil], [3, "9"]])
  }

  @Test func aPropertyThatNoSchemaNamesGetsAColumnToo() throws {
    let bench = try Bench()
    try bench.offer(schema(["id": ["type": "integer"]]), cursor: ["id"])
    try bench.say([Bench.record(["id": 1]), Bench.record(["id": 2, "extra": ["x": 1]]), Bench.record(["id": 3, "extra": 3])])
    #expect(bench.sync(bench.connection()).succeeded)
    #expect(try bench.rows("SELECT id, extra FROM toy__users ORDER BY id") == [[1, nil], [2, #"{"x":1}"#], [3, 3]])
  }

  @Test func aReplacedTableKeepsTheIndexesThatUsersMade() throws {
    let bench = try Bench()
    try bench.offer(schema(["id": ["type": "integer"]]), incremental: false, key: [])
    try bench.say([Bench.record(["id": 1])])
    bench.sync(bench.connection())
    try bench.adapter.execute("CREATE INDEX mine ON toy__users (id); CREATE VIEW seen AS SELECT id FROM toy__users")
    #expect(bench.sync(bench.connection()).succeeded)
    #expect(try bench.texts("SELECT name FROM sqlite_master WHERE type = 'index' AND tbl_name = 'toy__users'") == ["mine"])
    #expect(try bench.rows("SELECT * FROM seen") == [[1]])
  }

  // MARK: - Names

  @Test func namesThatDifferInCaseOnlyAreColumnsApart() throws {
    let bench = try Bench()
    let properties: JSON = ["id": ["type": "integer"], "Name": ["type": "string"], "name": ["type": "string"], "NAME": ["type": "string"]]
    try bench.offer(schema(properties), cursor: ["id"])
    try bench.say([Bench.record(["id": 1, "Name": "a", "name": "b", "NAME": "c"])])
    for _ in 0..<2 { #expect(bench.sync(bench.connection()).succeeded) }
    #expect(try columns(bench) == ["id INTEGER", "Name TEXT", "name_2 TEXT", "NAME_3 TEXT"])
    #expect(try bench.rows("SELECT Name, name_2, NAME_3 FROM toy__users") == [["a", "b", "c"]])
  }

  @Test func namesOfColumnsStayWhenTheOrderOfPropertiesChanges() throws {
    let bench = try Bench()
    try bench.offer(schema(["id": ["type": "integer"], "a": ["type": "string"], "A": ["type": "string"]]), cursor: ["id"])
    try bench.say([Bench.record(["id": 1, "a": "small", "A": "large"])])
    bench.sync(bench.connection())
    try bench.offer(schema(["A": ["type": "string"], "a": ["type": "string"], "id": ["type": "integer"]]), cursor: ["id"])
    try bench.say([Bench.record(["A": "large", "a": "small", "id": 2])])
    #expect(bench.sync(bench.connection()).succeeded)
    #expect(try bench.rows("SELECT id, a, a_2 FROM toy__users ORDER BY id").isEmpty == false)
    #expect(try bench.texts("SELECT count(DISTINCT a) FROM toy__users") == ["1"])
  }

  @Test(arguments: [
    "select", "order", "group", "a \"quoted\" name", "semi;colon", "back`tick", "[brackets]", "naïve 名前", "rowid", "a.b", "%s", "", "a'b", "--", "?1",
  ])
  func anyTextMayBeAName(name: String) throws {
    let bench = try Bench()
    try bench.offer(schema([name: ["type": "string"]]), name: name, incremental: true, key: [[name]], cursor: [name])
    for value in ["x", "x", "y"] {
      try bench.say([Bench.record([name: .string(value)], stream: name)])
      #expect(bench.sync(bench.connection()).succeeded)
    }
    #expect(try bench.adapter.read { try $0.query("SELECT count(*) FROM \(bench.adapter.render(Relation(schema: "toy", identifier: name)))").rows } == [[2]])
  }

  @Test func aPropertyMayHaveTheNameOfOurOwnColumns() throws {
    let bench = try Bench()
    try bench.offer(schema(["id": ["type": "integer"], "_airbyte_raw_id": ["type": "string"]]), cursor: ["id"])
    try bench.say([Bench.record(["id": 1, "_airbyte_raw_id": "theirs"])])
    #expect(bench.sync(bench.connection()).succeeded)
    #expect(try bench.rows("SELECT id, _airbyte_raw_id_2 FROM toy__users") == [[1, "theirs"]])
  }

  @Test func streamsOfOneNameInTwoNamespacesHaveTablesApart() throws {
    let bench = try Bench()
    let streams = ["eu", "us"].map { CatalogStream(name: "users", namespace: $0, jsonSchema: Bench.users) }
    try bench.write("catalog.jsonl", Message.catalog(Catalog(streams: streams)).json.text())
    try bench.say(["eu", "us"].map { Message.record(RecordMessage(stream: "users", namespace: $0, data: ["name": .string($0)], emittedAt: 1)).json.text() })
    let result = bench.sync(bench.connection())
    #expect(result.succeeded && Set(result.streams.map(\.table)).count == 2)
    #expect(try bench.texts("SELECT name FROM toy__eu_users UNION ALL SELECT name FROM toy__us_users") == ["eu", "us"])
  }
}

extension String {
  fileprivate var trimmingTrailingBlank: String { hasSuffix(" ") ? String(dropLast()) : self }
}
