import DataFormats
import Diagnostics
import Foundation
import Testing
import Warehouse

/// A folder that is gone after the test.
final class TemporaryFolder {
  let path = NSTemporaryDirectory() + "scv-" + UUID().uuidString

  init() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }
  deinit { try? FileManager.default.removeItem(atPath: path) }
}

private struct Refusal: Error {}

@Suite struct SQLiteAdapterTests {
  let folder: TemporaryFolder
  let adapter: SQLiteAdapter

  init() throws {
    folder = try TemporaryFolder()
    adapter = try SQLiteAdapter(SQLiteLayout(output: ["type": "sqlite", "path": "warehouse.db"], relativeTo: folder.path))
  }

  @Test func aSchemaIsAPrefixAndTheDefaultSchemaHasNone() {
    #expect(adapter.render(Relation(schema: "stripe", identifier: "charges")) == #""stripe__charges""#)
    #expect(adapter.render(Relation(schema: "main", identifier: "orders")) == #""orders""#)
    #expect(adapter.render(Relation(schema: "main", identifier: #"odd"name"#)) == #""odd""name""#)
  }

  @Test func relationsOfASchemaAreThoseWithItsPrefix() throws {
    try adapter.createSchema("stripe")
    try adapter.execute("CREATE TABLE stripe__charges (id TEXT); CREATE TABLE stg_shop__orders (id TEXT); CREATE VIEW v AS SELECT 1 AS one")
    #expect(try adapter.schemas() == ["main", "stripe"])
    #expect(try adapter.relations(in: "stripe") == [Relation(schema: "stripe", identifier: "charges", kind: .table)])
    #expect(try adapter.relations(in: "main").map(\.identifier) == ["stg_shop__orders", "v"])
    try adapter.dropSchema("stripe")
    #expect(try adapter.schemas() == ["main"])
    #expect(try adapter.relations(in: "stripe").isEmpty)
  }

  @Test func aWriteThatThrowsLeavesNothing() throws {
    #expect(throws: Refusal.self) {
      try adapter.write { session in
        try session.execute("CREATE TABLE t (a INTEGER); INSERT INTO t VALUES (1)")
        throw Refusal()
      }
    }
    #expect(try adapter.relations(in: "main").isEmpty)
  }

  @Test func aWriteInsideAWriteIsUndoneAlone() throws {
    try adapter.write { session in
      try session.execute("CREATE TABLE t (a INTEGER); INSERT INTO t VALUES (1)")
      _ = try? adapter.write { inner in
        try inner.execute("INSERT INTO t VALUES (2)")
        throw Refusal()
      }
      let seen = try session.query("SELECT a FROM t").rows
      #expect(seen == [[.integer(1)]])
    }
    #expect(try adapter.query("SELECT a FROM t").rows == [[.integer(1)]])
  }

  @Test func aReaderSeesTheSnapshotThatItBeganWith() throws {
    try adapter.execute("CREATE TABLE t (a INTEGER); INSERT INTO t VALUES (1)")
    let outcome = try adapter.read { session in
      let before = try session.query("SELECT count(*) FROM t").rows
      let other = Thread { [adapter] in _ = try? adapter.execute("INSERT INTO t VALUES (2)") }
      other.start()
      while !other.isFinished { usleep(1000) }
      return (before, try session.query("SELECT count(*) FROM t").rows)
    }
    #expect(outcome.0 == outcome.1)
    #expect(try adapter.query("SELECT count(*) FROM t").rows == [[.integer(2)]])
  }

  @Test func aReaderCannotWrite() throws {
    #expect(throws: Diagnostic.self) { try adapter.read { try $0.execute("CREATE TABLE t (a INTEGER)") } }
  }

  @Test func valuesComeBackAsTheyWereBound() throws {
    try adapter.execute("CREATE TABLE t (a, b, c, d, e)")
    let row: [SQLValue] = [.null, .integer(.min), .real(0.1), .text("ü\0x"), .blob([0, 255])]
    try adapter.write { session in
      var rows = [row, [.text(""), .blob([]), .null, .null, .null]].makeIterator()
      let count = try session.insert(into: Relation(schema: "main", identifier: "t"), columns: ["a", "b", "c", "d", "e"]) { rows.next() }
      #expect(count == 2)
    }
    let table = try adapter.query("SELECT * FROM t")
    #expect(table.columns == ["a", "b", "c", "d", "e"])
    #expect(table.rows.first == row)
    #expect(table.rows.last?.prefix(2) == [.text(""), .blob([])])
  }

  @Test func anSQLErrorSaysWhereInWhichLine() {
    let error = #expect(throws: Diagnostic.self) { try adapter.execute("SELECT 1;\nSELECT\n  nope FROM sqlite_master") }
    #expect(error?.code == "warehouse.sql")
    #expect(error?.message == "no such column: nope")
    #expect(error?.location == SourceLocation(line: 3, column: 3))
    #expect(error?.category.exitCode == 1)
  }

  @Test func renamingATableLeavesTheViewsThatNameItAlone() throws {
    try adapter.execute("CREATE TABLE t__new (a INTEGER); CREATE TABLE t (a INTEGER); CREATE VIEW v AS SELECT a FROM t")
    try adapter.write { session in
      try session.drop(Relation(schema: "main", identifier: "t"))
      try session.rename(Relation(schema: "main", identifier: "t__new"), to: Relation(schema: "main", identifier: "t"))
    }
    #expect(try adapter.query("SELECT count(*) FROM v").rows == [[.integer(0)]])
  }

  @Test func aViewIsRenamedWithItsDefinition() throws {
    try adapter.execute(#"CREATE VIEW "a ""b" (x) AS SELECT 'VIEW as' "#)
    try adapter.write { try $0.rename(Relation(schema: "main", identifier: #"a "b"#), to: Relation(schema: "main", identifier: "c")) }
    #expect(try adapter.query("SELECT x FROM c").rows == [[.text("VIEW as")]])
    #expect(try adapter.relations(in: "main").map(\.identifier) == ["c"])
  }

  @Test func columnsAreListedWithTypeAndKey() throws {
    try adapter.execute("CREATE TABLE s__t (id TEXT NOT NULL PRIMARY KEY, n INTEGER)")
    #expect(
      try adapter.columns(of: Relation(schema: "s", identifier: "t")) == [
        Column(name: "id", type: "TEXT", isRequired: true, primaryKeyPosition: 1), Column(name: "n", type: "INTEGER"),
      ])
    #expect(try adapter.columns(of: Relation(schema: "s", identifier: "absent")).isEmpty)
  }

  @Test(
    "Places of patterns, and the clocks of other zones, summer time included",
    arguments: [
      ("regexp_instr('order-17-18', '[0-9]+')", "7"), ("regexp_instr('order-17-18', '[0-9]+', 1, 2)", "10"), ("regexp_instr('order-17-18', '[0-9]+', 8)", "8"),
      ("regexp_instr('é1', '1')", "2"), ("regexp_instr('abc', 'x')", "0"), ("regexp_instr('abc', 'c', 9)", "0"), ("regexp_instr(NULL, 'x')", nil),
      ("convert_timezone('UTC', 'America/Los_Angeles', '2026-01-31 10:20:30.5')", "2026-01-31 02:20:30.5"),
      ("convert_timezone('UTC', 'America/Los_Angeles', '2026-07-01T03:00:00Z')", "2026-06-30 20:00:00"),
      ("convert_timezone('Europe/Berlin', 'UTC', '2026-07-01 00:30:00')", "2026-06-30 22:30:00"),
      ("convert_timezone('Asia/Kolkata', '2024-02-29')", "2024-02-29 05:30:00"),
      ("convert_timezone('UTC', 'UTC', '1969-12-31 23:59:59')", "1969-12-31 23:59:59"),
      ("convert_timezone('UTC', 'UTC', 'soon')", nil), ("rand() >= 0 and rand() < 1", "1"),
    ] as [(String, String?)])
  func functionsOfOtherEngines(expression: String, value: String?) throws {
    #expect(try adapter.query("SELECT \(expression)").rows[0][0].text == value)
  }

  @Test func bringsFunctionsThatProjectsExpect() throws {
    let row = try adapter.query("SELECT md5('abc'), split_part('a|b|c', '|', 2), split_part('a|b|c', '|', -1), 'order-17' REGEXP '[0-9]+$', md5(NULL)").rows
    #expect(row == [[.text("900150983cd24fb0d6963f7d28e17f72"), .text("b"), .text("c"), .integer(1), .null]])
  }

  @Test func whatItMakesOpensInAnotherProcess() throws {
    try adapter.execute("CREATE TABLE t (a INTEGER); INSERT INTO t VALUES (42)")
    let other = try SQLiteAdapter(SQLiteLayout(output: ["path": "warehouse.db"], relativeTo: folder.path))
    #expect(try other.query("SELECT a FROM t").rows == [[.integer(42)]])
  }

  @Test func aFileThatIsNoDatabaseIsRefusedWithAHint() throws {
    let path = folder.path + "/notes.txt"
    try String(repeating: "not a database ", count: 100).write(toFile: path, atomically: true, encoding: .utf8)
    let error = #expect(throws: Diagnostic.self) { try SQLiteAdapter(SQLiteLayout(output: ["path": "notes.txt"], relativeTo: folder.path)) }
    #expect(error?.code == "warehouse.not-sqlite")
    #expect(error?.location?.file == path)
  }

  @Test func aProfileWithoutAPathIsRefused() {
    let error = #expect(throws: Diagnostic.self) { try SQLiteLayout(output: ["type": "sqlite"], relativeTo: "/tmp") }
    #expect(error?.code == "profile.sqlite-path")
  }
}

@Suite struct AttachedLayoutTests {
  @Test func eachSchemaIsAFile() throws {
    let folder = try TemporaryFolder()
    let output: JSON = ["type": "sqlite", "schemas_and_paths": ["main": "main.db"], "schema_directory": ".", "schema": "main"]
    let adapter = try SQLiteAdapter(SQLiteLayout(output: output, relativeTo: folder.path))
    try adapter.createSchema("stage")
    let orders = Relation(schema: "stage", identifier: "orders")
    try adapter.execute("CREATE TABLE \(adapter.render(orders)) (id INTEGER)")
    #expect(FileManager.default.fileExists(atPath: folder.path + "/stage.db"))
    #expect(try adapter.relations(in: "stage").map(\.identifier) == ["orders"])
    #expect(try adapter.columns(of: orders).map(\.name) == ["id"])
    let again = try SQLiteAdapter(SQLiteLayout(output: output, relativeTo: folder.path))
    #expect(try again.schemas() == ["main", "stage"])
    try again.dropSchema("stage")
    #expect(try again.relations(in: "stage").isEmpty)
  }
}
