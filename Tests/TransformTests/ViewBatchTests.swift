import Foundation
import Project
import Testing
import Transform
import Warehouse

@Suite("Views made together")
struct ViewBatchTests {
  private static func models(_ count: Int, _ body: (Int) -> String = { "select \($0) as n -- \($0)" }) -> [String: String] {
    Dictionary(uniqueKeysWithValues: (0..<count).map { ("models/v\($0).sql", body($0)) })
  }

  @Test("What SQLite keeps of many views is what it keeps of each made by its own statement", arguments: [10, 60])
  func sameAsSingly(count: Int) async throws {
    let project = try TransformedProject(
      ViewBatchTests.models(count) {
        $0 < 5
          ? "\n  select \($0) as \"a \"\"b\", 'it''s' as t\n\n/* end */\n"
          : "with x as (select * from {{ ref('v\($0 % 5)') }}) select * from x where t <> ';' -- c"
      })
    #expect(try await project.run(.run).isSuccess)
    let kept = try project.rows("select type, name, tbl_name, rootpage, sql from sqlite_master order by name")
    #expect(kept.count == count)
    #expect(try project.rows("pragma integrity_check") == [["ok"]])
    for row in kept { try project.execute("drop view \(row[1] ?? "")") }
    for row in kept { try project.execute(row[4] ?? "") }
    #expect(try project.rows("select type, name, tbl_name, rootpage, sql from sqlite_master order by name") == kept)
  }

  @Test("Views that change are made anew, with what hung on them gone, and a table gives way to a view")
  func replaced() async throws {
    let project = try TransformedProject(ViewBatchTests.models(40))
    try await project.run(.run)
    try project.execute("create trigger t instead of insert on v3 begin select 1; end; drop view v4; create table v4 (n)")
    for (name, text) in ViewBatchTests.models(40, { "select \($0) + 100 as n" }) { try project.write(name, text) }
    #expect(try await project.run(.run).isSuccess)
    #expect(try project.rows("select (select n from v3), (select n from v4), (select n from v39)") == [["103", "104", "139"]])
    #expect(try project.rows("select count(*) from sqlite_master where type <> 'view'") == [["0"]])
    #expect(try project.rows("pragma integrity_check") == [["ok"]])
  }

  @Test("A view that fails takes no other with it, and what reads it is skipped")
  func failures() async throws {
    var models = ViewBatchTests.models(40)
    models["models/v7.sql"] = "select x from nowhere"
    models["models/v8.sql"] = "insert into v1 values (1)"
    models["models/v9.sql"] = "select 1 as n; select 2"
    models["models/reader.sql"] = "select * from {{ ref('v7') }}"
    let project = try TransformedProject(models)
    let results = try await project.run(.run)
    #expect(results["v7"]?.diagnostic?.message.contains("nowhere") == true)
    #expect(results["v8"]?.status == .error)
    #expect(results["reader"]?.status == .skipped)
    #expect(results.count(.success) == 40 - results.count(.error))
    #expect(try project.rows("select n from v39") == [["39"]])
  }

  @Test("A view may name another one of the run without a ref, made before it or after")
  func hardCodedNames() async throws {
    for threads in [1, 4] {
      var models = ViewBatchTests.models(40)
      models["models/v0.sql"] = "select n + 1 as n from v39"
      let project = try TransformedProject(models)
      #expect(try await project.run(.run) { $0.threads = threads }.isSuccess)
      #expect(try project.rows("select n from v0") == [["40"]])
    }
  }

  @Test("A view that names a model without a ref fails where the run does not make that model")
  func hardCodedNameThatIsNotMade() async throws {
    let project = try TransformedProject(["models/a.sql": "select n from b", "models/b.sql": "select 1 as n"])
    #expect(try await project.run(.run, select: ["a"])["a"]?.diagnostic?.message.contains("b") == true)
    #expect(try await project.run(.run).isSuccess)
  }

  @Test("Other connections see the views of a batch once it is committed, whatever they knew before")
  func otherConnections() async throws {
    let project = try TransformedProject(ViewBatchTests.models(40))
    let other = try project.adapter()
    defer { try? other.close() }
    #expect(try other.query("select count(*) from sqlite_master").rows.first?.first?.integer == 0)
    try await project.run(.run)
    #expect(try other.query("select n from v12").rows.first?.first?.integer == 12)
  }
}
