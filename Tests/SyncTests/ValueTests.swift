import AirbyteProtocol
import DataFormats
import Sync
import Testing
import Warehouse

/// How values reach their columns, and what becomes of those that do not fit.
@Suite struct ValueTests {
  /// Loads one raw JSON value a record into a column of `type`, and gives what is there: each with the storage class.
  func load(_ type: JSON, _ values: [String]) throws -> (rows: [[SQLValue]], result: ConnectionResult, bench: Bench) {
    let bench = try Bench()
    try bench.offer(["type": "object", "properties": ["id": ["type": "integer"], "v": type]], cursor: ["id"])
    try bench.say(
      values.enumerated().map { #"{"type":"RECORD","record":{"stream":"users","emitted_at":1,"data":{"id":\#($0),"v":\#($1)}}}"# })
    let result = bench.sync(bench.connection())
    return (try bench.rows("SELECT v, typeof(v) FROM toy__users ORDER BY id"), result, bench)
  }

  @Test func integersOfAnySizeAreExact() throws {
    let (rows, result, _) = try load(
      ["type": "integer"], ["9007199254740993", "-9223372036854775808", "9223372036854775808", "123456789012345678901234567890", "7"])
    #expect(result.succeeded && result.streams[0].nulled == 0)
    #expect(
      rows == [
        [9_007_199_254_740_993, "integer"], [.integer(.min), "integer"], ["9223372036854775808", "text"],
        ["123456789012345678901234567890", "text"], [7, "integer"],
      ])
  }

  @Test func decimalsAreExact() throws {
    let (rows, _, _) = try load(["type": "number"], ["0.1", "19.90", "9007199254740993", "0.1234567890123456789", "1e400", "-0.5e-3", "3"])
    #expect(
      rows == [
        [0.1, "real"], [19.9, "real"], [9_007_199_254_740_993, "integer"], ["0.1234567890123456789", "text"], ["1e400", "text"], [-0.0005, "real"],
        [3, "integer"],
      ])
  }

  @Test func numbersMayBeWrittenAsStrings() throws {
    let (rows, result, _) = try load(["type": "number"], [#""12.50""#, #""-3""#, #"" 4""#, #""12,5""#, #""""#])
    #expect(rows.map { $0[0] } == [12.5, -3, nil, nil, nil] && result.streams[0].nulled == 3)
  }

  @Test func booleansAreOneAndZero() throws {
    let (rows, result, _) = try load(["type": "boolean"], ["true", "false", "1", "0", #""TRUE""#, #""no""#, "2", "null"])
    #expect(rows.map { $0[0] } == [1, 0, 1, 0, 1, nil, nil, nil] && result.streams[0].nulled == 2)
  }

  @Test func timestampsHaveOneFormAndOtherTextsAreNone() throws {
    let (rows, result, bench) = try load(
      ["type": "string", "format": "date-time"],
      [#""2024-01-01T02:00:00+02:00""#, #""2024-01-01 00:00:00""#, #""soon""#, "1704067200", #""""#, #""2022-11-22T01:23:45Z BC""#])
    #expect(rows.map { $0[0] } == ["2024-01-01T00:00:00Z", "2024-01-01T00:00:00Z", nil, nil, nil, "2022-11-22T01:23:45Z BC"])
    #expect(result.succeeded && result.streams[0].nulled == 3 && result.warnings.map(\.code) == ["sync.nulled-values"])
    #expect(
      try bench.rows("SELECT _airbyte_meta FROM toy__users WHERE id = 2")
        == [[#"{"changes":[{"field":"v","change":"NULLED","reason":"DESTINATION_TYPECAST_ERROR"}]}"#]])
  }

  static let calendarColumns: [(JSON, String, String)] = [
    (["type": "string", "format": "date-time", "airbyte_type": "timestamp_without_timezone"], "2024-01-15 10:30", "2024-01-15T10:30:00"),
    (["type": "string", "airbyte_type": "timestamp_with_timezone"], "2024-01-15 10:30", "2024-01-15T10:30:00Z"),
    (["type": ["null", "string"], "format": "date"], "2024/1/15", "2024-01-15"),
    (["type": "string", "format": "time", "airbyte_type": "time_without_timezone"], "10:30", "10:30:00"),
    (["type": "string", "airbyte_type": "time_with_timezone"], "10:30:00+0530", "10:30:00+05:30"),
    (["anyOf": [["type": "string", "format": "date-time"], ["type": "null"]]], "2024-01-15 10:30", "2024-01-15T10:30:00Z"),
    (["anyOf": [["type": "string", "format": "date-time"], ["type": "string"]]], "soon", "soon"),
    (["type": ["string", "integer"], "format": "date-time"], "2024-01-15 10:30", "2024-01-15 10:30"), (["type": "string"], "2024/1/15", "2024/1/15"),
  ]

  @Test(arguments: ValueTests.calendarColumns)
  func datesAndTimesOfEverySchemaHaveOneForm(schema: JSON, source: String, stored: String) throws {
    let (rows, result, _) = try load(schema, ["\"\(source)\""])
    #expect(rows.map { $0[0] } == [.text(stored)] && result.streams[0].nulled == 0)
  }

  @Test func aTypeMayBeReferredTo() throws {
    let bench = try Bench()
    try bench.offer(
      [
        "type": "object",
        "definitions": [
          "money": ["type": "number"], "a/b": ["anyOf": [["$ref": "#/definitions/when"], ["type": "null"]]], "when": ["type": "string", "format": "date"],
        ],
        "properties": [
          "id": ["type": "integer"], "price": ["$ref": "#/definitions/money"], "day": ["$ref": "#/definitions/a~1b"], "lost": ["$ref": "#/definitions/gone"],
          "loop": ["$ref": "#/properties/loop"],
        ],
      ], cursor: ["id"])
    try bench.say([Bench.record(["id": 1, "price": "12.50", "day": "2024/1/5", "lost": "x", "loop": "y"])])
    #expect(bench.sync(bench.connection()).streams[0].nulled == 0)
    #expect(try bench.rows("SELECT price, day, lost, loop FROM toy__users") == [[12.5, "2024-01-05", "x", "y"]])
  }

  @Test func aTimeOfDayInADateIsTakenOffWithANote() throws {
    let (rows, result, bench) = try load(["type": "string", "format": "date"], [#""2024-01-15T00:00:00Z""#, #""2024-01-15T10:30:00Z""#])
    #expect(rows.map { $0[0] } == ["2024-01-15", "2024-01-15"] && result.streams[0].nulled == 0 && result.warnings.isEmpty)
    #expect(
      try bench.rows("SELECT json_extract(_airbyte_meta, '$.changes[0].change') FROM toy__users ORDER BY id") == [[nil], ["TRUNCATED"]])
  }

  @Test func decimalsInStringsAreExactToo() throws {
    let (rows, result, _) = try load(["type": "number"], [#""0.1234567890123456789""#, #""123456789012345678901234567890""#, #""2.5""#])
    #expect(rows.map { $0[0] } == ["0.1234567890123456789", "123456789012345678901234567890", 2.5] && result.streams[0].nulled == 0)
  }

  @Test func valuesBeyondTheColumnsOfATableStandTogether() throws {
    let bench = try Bench()
    func offer(_ count: Int) throws {
      var properties = JSON.object([:])
      for number in 0..<count { properties["c\(number)"] = ["type": "string"] }
      properties["id"] = ["type": "integer"]
      try bench.offer(["type": "object", "properties": properties], cursor: ["id"])
    }
    func record(_ id: Int, _ count: Int, _ text: String) -> String {
      var data = JSON.object([:])
      for number in 0..<count { data["c\(number)"] = .string("\(text) \(number)") }
      data["id"] = .int(Int64(id))
      return Bench.record(data)
    }
    try offer(1990)
    try bench.say([record(1, 1990, "early")])
    #expect(bench.sync(bench.connection()).warnings.isEmpty)
    try offer(2100)
    try bench.say([record(1, 2100, "it's \"late\""), record(2, 2100, "new"), record(3, 5, "short")])
    let result = bench.sync(bench.connection())
    #expect(result.succeeded && result.streams[0].nulled == 0 && result.warnings.map(\.code) == ["sync.too-many-columns"])
    let rows = try bench.rows(
      """
      SELECT id, c0, c1993, json_extract(_scv_overflow, '$.c2099'), (SELECT count(*) FROM json_each(_scv_overflow)) FROM toy__users ORDER BY id
      """)
    #expect(
      rows == [
        [1, "it's \"late\" 0", "it's \"late\" 1993", "it's \"late\" 2099", 106], [2, "new 0", "new 1993", "new 2099", 106],
        [3, "short 0", nil, nil, 0],
      ])
  }

  @Test func textsKeepEveryCharacter() throws {
    let texts = ["", " ", "O'Brien \"x\"", "多\u{301}语 🧑‍🧑‍🧒", "line\nbreak\ttab", "007", "1e5", "\u{7F}"]
    let (rows, _, _) = try load(["type": "string"], texts.map { JSON.string($0).text() })
    #expect(rows == texts.map { [.text($0), "text"] })
  }

  @Test func aLargeValueIsStoredWhole() throws {
    let long = String(repeating: "0123456789abcdef", count: 700_000)  // 11 MB
    let (rows, _, _) = try load(["type": "string"], ["\"\(long)\"", "\"short\""])
    #expect(rows[0][0].text?.utf8.count == long.utf8.count && rows[0][0] == .text(long) && rows[1][0] == "short")
  }

  @Test func nestedValuesAreJSONText() throws {
    let (rows, _, _) = try load(["type": "object"], [#"{"a":[1,{"b":null}],"n":1.10}"#, "[]", #""text""#, "5"])
    #expect(rows.map { $0[0] } == [#"{"a":[1,{"b":null}],"n":1.10}"#, "[]", #""text""#, "5"])
  }

  @Test func aValueThatDoesNotFitIsNullAndTheRowSaysSo() throws {
    let (rows, result, bench) = try load(["type": "integer"], ["1", #""many""#, "2.5", "{}"])
    #expect(result.succeeded && result.streams[0].rowsWritten == 4)
    #expect(result.warnings.map(\.code) == ["sync.nulled-values"])
    #expect(rows[0][0] == 1 && rows[1][0] == .null && rows[3][0] == .null)
    let meta = try bench.texts("SELECT _airbyte_meta FROM toy__users ORDER BY id")
    #expect(meta[0] == #"{"changes":[]}"#)
    #expect(meta[1] == #"{"changes":[{"field":"v","change":"NULLED","reason":"DESTINATION_TYPECAST_ERROR"}]}"#)
  }

  @Test func whatTheSourceChangedItselfIsKept() throws {
    let bench = try Bench()
    try bench.offer()
    let change = RecordChange(field: "name", change: "TRUNCATED", reason: "SOURCE_FIELD_SIZE_LIMITATION")
    try bench.say([
      Message.record(RecordMessage(stream: "users", data: ["id": 1, "name": "lo"], emittedAt: 1, changes: [change])).json.text(),
      Bench.record(["id": 2]),
    ])
    #expect(bench.sync(bench.connection()).succeeded)
    let meta = try bench.texts("SELECT _airbyte_meta FROM toy__users ORDER BY id")
    #expect(meta[0]?.contains("TRUNCATED") == true && meta[1] == #"{"changes":[]}"#)
  }

  @Test func aRecordWithoutItsKeyIsPutAsideWholeAndWithTheReason() throws {
    let bench = try Bench()
    try bench.offer()
    try bench.say([Bench.record(["id": 1, "name": "kept"]), Bench.record(["name": "no key", "amount": .number("1.50")]), Bench.record(["id": nil])])
    let result = bench.sync(bench.connection())
    #expect(result.succeeded && result.streams[0].rejected == 2 && result.warnings.map(\.code) == ["sync.rejected"])
    #expect(try bench.texts("SELECT name FROM toy__users") == ["kept"])
    let rejected = try bench.rows("SELECT connection, stream, reason, record FROM _scv_rejected ORDER BY rowid")
    #expect(rejected[0] == ["toy", "users", "no value for 'id' of the primary key", #"{"name":"no key","amount":1.50}"#])
    #expect(rejected.count == 2)
  }

  @Test func aRecordThatIsNoObjectIsPutAside() throws {
    let bench = try Bench()
    try bench.offer()
    try bench.say([
      #"{"type":"RECORD","record":{"stream":"users","emitted_at":1,"data":[1,2]}}"#, Bench.record(["id": 1]),
      #"{"type":"RECORD","record":{"stream":"users","emitted_at":1,"data":{"id": tru}}}"#,
    ])
    let result = bench.sync(bench.connection())
    #expect(result.succeeded && result.rowsWritten == 1)
    #expect(try bench.texts("SELECT count(*) FROM _scv_rejected") == ["2"])
  }

  @Test func aRowThatTheWarehouseRefusesIsPutAsideAndItsNeighboursAreNot() throws {
    let bench = try Bench()
    try bench.offer(incremental: true, key: [])
    let connection = bench.connection(.incremental, .append)
    try bench.say([Bench.state(["n": 0])])
    bench.sync(connection)
    // A constraint of somebody else's: no name twice.
    try bench.adapter.execute("CREATE UNIQUE INDEX theirs ON toy__users (name)")
    var lines: [String] = []
    for id in 0..<50 { lines.append(Bench.record(["id": .int(Int64(id)), "name": .string("name \(id % 40)\n")])) }
    lines.append(Bench.state(["n": 50]))
    try bench.say(lines, exit: 1)
    #expect(bench.sync(connection).streams[0].rejected == 10)
    #expect(try bench.texts("SELECT id FROM toy__users ORDER BY id") == (0..<40).map { String($0) })
    let rejected = try bench.rows("SELECT record, reason FROM _scv_rejected ORDER BY rowid")
    #expect(rejected.map { $0[0] } == (40..<50).map { .text(#"{"id":\#($0),"name":"name \#($0 % 40)\n"}"#) })
    #expect(rejected.allSatisfy { $0[1].text?.contains("UNIQUE") == true })
  }

  @Test func manyRowsOfOneKeyInARowLeaveTheLatest() throws {
    let bench = try Bench()
    try bench.offer()
    try bench.say((0..<1_000).map { Bench.record(["id": .int(Int64($0 % 3)), "name": .string("\($0)\t"), "updated_at": "2024-01-01T00:00:00Z"]) })
    #expect(bench.sync(bench.connection()).succeeded)
    #expect(try bench.rows("SELECT id, name FROM toy__users ORDER BY id") == [[0, "999\t"], [1, "997\t"], [2, "998\t"]])
  }

  @Test func rejectedRecordsOfASyncThatFailedAreTakenBackWithItsRows() throws {
    let bench = try Bench()
    try bench.offer()
    try bench.say([Bench.record(["name": "no key"])], exit: 1)
    bench.sync(bench.connection())
    try bench.say([Bench.record(["name": "no key"])])
    bench.sync(bench.connection())
    #expect(try bench.texts("SELECT count(*) FROM _scv_rejected") == ["1"])
  }

  @Test func recordsOfAStreamThatNobodyAskedForAreLeftOut() throws {
    let bench = try Bench()
    try bench.offer()
    try bench.say([Bench.record(["id": 1]), Bench.record(["id": 2], stream: "strangers")])
    let result = bench.sync(bench.connection())
    #expect(result.succeeded && result.rowsRead == 1 && result.warnings.map(\.code) == ["sync.unselected-stream"])
  }

  @Test func anyOrderOfPropertiesFindsItsColumns() throws {
    let bench = try Bench()
    let names = (0..<30).map { "column_\($0)" }
    var properties: JSON = ["id": ["type": "integer"]]
    for name in names { properties[name] = ["type": "string"] }
    try bench.offer(["type": "object", "properties": properties], cursor: ["id"])
    var expected: [[SQLValue]] = []
    var lines: [String] = []
    var generator = SystemRandomNumberGenerator()
    for id in 0..<200 {
      var record: JSON = ["id": .int(Int64(id))]
      for name in names.shuffled(using: &generator) where Bool.random(using: &generator) { record[name] = .string("\(name) of \(id)") }
      expected.append([.integer(Int64(id))] + names.map { record[$0]?.string.map { .text($0) } ?? .null })
      lines.append(Bench.record(record))
    }
    try bench.say(lines)
    #expect(bench.sync(bench.connection()).succeeded)
    #expect(try bench.rows("SELECT id, \(names.joined(separator: ", ")) FROM toy__users ORDER BY id") == expected)
  }

  @Test func minusZeroIsANumber() throws {
    let bench = try Bench()
    try bench.offer(["properties": ["id": ["type": "integer"], "amount": ["type": "number"], "any": [:]]], cursor: [])
    try bench.say([#"{"type":"RECORD","record":{"stream":"users","emitted_at":1,"data":{"id":-0,"amount":-0,"any":-0}}}"#])
    #expect(bench.sync(bench.connection()).succeeded)
    #expect(try bench.rows("SELECT id, amount, \"any\" FROM toy__users") == [[0, 0, 0]])
    #expect(try bench.texts("SELECT type FROM pragma_table_info('toy__users') LIMIT 2") == ["INTEGER", "NUMERIC"])
  }
}
