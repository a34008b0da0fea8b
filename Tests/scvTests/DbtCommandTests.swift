import DataFormats
import Foundation
import Testing

/// The commands, flags and variables that dbt's users know.
@Suite("Commands as dbt has them")
struct DbtCommandTests {
  private static let models = [
    "models/a.sql": "select 1 as id", "models/b.sql": "select * from {{ ref('a') }}",
    "models/schema.yml": "version: 2\nmodels:\n  - {name: a, columns: [{name: id, data_tests: [unique]}]}\n",
  ]

  private func json(_ project: TemporaryProject, _ name: String) throws -> JSON {
    try JSON.parse([UInt8](Data(contentsOf: URL(filePath: project.path + "/" + name))))
  }

  @Test("Global flags may stand before the command, and quiet says nothing of a run that goes well")
  func flagsFirst() async throws {
    let project = try TemporaryProject(DbtCommandTests.models)
    let outcome = try await project.scv("--quiet", "--log-format", "text", "build")
    #expect(outcome.code == 0)
    #expect(outcome.text.isEmpty, "\(outcome.text)")
  }

  @Test("show changes nothing in the warehouse, whatever query it is given")
  func showOnlyReads() async throws {
    let project = try TemporaryProject(DbtCommandTests.models.merging(["seeds/s.csv": "id\n1\n2\n"]) { $1 })
    #expect(try await project.scv("build").code == 0)
    for sql in ["delete from s", "drop table s", "insert into s values (3)"] {
      let outcome = try await project.scv("show", "--inline", sql, "--limit", "-1")
      #expect(outcome.code != 0 && outcome.text.contains("would change the warehouse"), "\(outcome.text)")
    }
    let rows = try await project.scv("show", "--inline", "select count(*) as n from {{ ref('s') }}", "--output", "csv")
    #expect(rows.code == 0 && rows.output.contains("2"), "\(rows.text)")
  }

  @Test("parse writes a manifest and makes no warehouse; clean removes what was written")
  func parseAndClean() async throws {
    let project = try TemporaryProject(DbtCommandTests.models)
    #expect(try await project.scv("parse").code == 0)
    #expect(try json(project, "target/manifest.json")["nodes"]?["model.shop.b"]?["depends_on"]?["nodes"] == ["model.shop.a"])
    #expect(!FileManager.default.fileExists(atPath: project.path + "/warehouse.db"))
    #expect(try await project.scv("clean").code == 0)
    #expect(!FileManager.default.fileExists(atPath: project.path + "/target"))
  }

  @Test("retry runs what failed and what was skipped, and nothing else")
  func retry() async throws {
    let project = try TemporaryProject(DbtCommandTests.models.merging(["models/b.sql": "select * from nowhere, {{ ref('a') }}"]) { $1 })
    let outcome = try await project.scv("run")
    #expect(outcome.code == 1)
    #expect(outcome.output.contains("nowhere"))
    try project.write("models/b.sql", "select * from {{ ref('a') }}")
    #expect(try await project.scv("retry").code == 0)
    #expect(try json(project, "target/run_results.json")["results"]?.array?.compactMap { $0["unique_id"]?.string } == ["model.shop.b"])
  }

  @Test("The log is JSON where it is asked for, on the terminal by the flag and in the file by the variable")
  func jsonLogs() async throws {
    let project = try TemporaryProject(DbtCommandTests.models)
    let outcome = try await project.scv("--log-format", "json", "run")
    let events = try outcome.output.split(separator: "\n").map { try JSON.parse(String($0)) }
    #expect(events.contains { $0["info"]?["name"]?.string == "LogModelResult" && $0["data"]?["node_info"]?["node_name"]?.string == "a" })
    _ = try await project.scv("run", environment: ["DBT_LOG_FORMAT_FILE": "json", "DBT_LOG_PATH": "elsewhere"])
    let log = try String(contentsOfFile: project.path + "/elsewhere/dbt.log", encoding: .utf8)
    #expect(try log.split(separator: "\n").map { try JSON.parse(String($0)) }.contains { $0["info"]?["name"]?.string == "StatsLine" })
  }

  @Test("Variables of the environment set flags, and the command line overrides them")
  func environment() async throws {
    let project = try TemporaryProject(["models/a.sql": "select {{ 1 if flags.FULL_REFRESH else 0 }} as id"])
    _ = try await project.scv("run", environment: ["DBT_FULL_REFRESH": "true", "DBT_TARGET_PATH": "out"])
    #expect(try String(contentsOfFile: project.path + "/out/compiled/shop/models/a.sql", encoding: .utf8) == "select 1 as id")
    _ = try await project.scv("run", "--no-full-refresh", "--target-path", "out", environment: ["DBT_FULL_REFRESH": "true"])
    #expect(try String(contentsOfFile: project.path + "/out/compiled/shop/models/a.sql", encoding: .utf8) == "select 0 as id")
  }

  @Test("ls lists names, selectors, paths and JSON with chosen keys")
  func listing() async throws {
    let project = try TemporaryProject(DbtCommandTests.models)
    #expect(try await project.scv("ls", "--resource-type", "model").output == "shop.a\nshop.b\n")
    #expect(try await project.scv("ls", "--select", "b", "--output", "path").output == "models/b.sql\n")
    let line = try await project.scv("ls", "--select", "b", "--output", "json", "--output-keys", "name resource_type").output
    #expect(line == "{\"name\":\"b\",\"resource_type\":\"model\"}\n")
  }

  @Test("ls lists nodes by their unique ids, versions, unit tests and exposures under the names that select them")
  func listingNames() async throws {
    let project = try TemporaryProject([
      "models/b.sql": "select 1 as id", "models/a_v1.sql": "select * from {{ ref('b') }}",
      "models/schema.yml": """
      models:
        - name: a
          versions: [{v: 1}]
      unit_tests:
        - name: counts
          model: a
          given: [{input: ref('b'), rows: [{id: 1}]}]
          expect: {rows: [{id: 1}]}
      exposures:
        - {name: board, type: dashboard, owner: {name: me}, depends_on: [ref('a')]}
      """,
    ])
    #expect(try await project.scv("ls").output == "exposure:shop.board\nshop.a.v1\nshop.b\nunit_test:shop.counts_v1\n")
    #expect(try await project.scv("ls", "--output", "name").output == "board\na.v1\nb\ncounts\n")
    #expect(try await project.scv("ls", "--select", "unit_test:counts", "--output", "path").output == "models/schema.yml\n")
  }

  @Test("show gives rows as JSON, compile the SQL, and a broken query of one's own is wrong usage")
  func showing() async throws {
    let project = try TemporaryProject(DbtCommandTests.models)
    _ = try await project.scv("run")
    let shown = try JSON.parse(try await project.scv("show", "--inline", "select id + 1 as n from {{ ref('b') }}", "--output", "json").output)
    #expect(shown["show"] == [["n": 2]])
    let table = try await project.scv("show", "--inline", "select 'x' as name, 10 as size union all select 'long', null").output
    #expect(table.contains("| x    |   10 |\n| long |      |"))
    #expect(try await project.scv("compile", "--select", "b").output.contains("select * from \"a\""))
    #expect(try await project.scv("show", "--inline", "selec 1").code == 2)
    #expect(try await project.scv("compile", "--inline", "select 1", "--select", "b").code == 2)
  }

  @Test("run-operation calls a macro with arguments")
  func operation() async throws {
    let project = try TemporaryProject(["macros/m.sql": "{% macro hello(name) %}{{ print('hello ' ~ name) }}{% endmacro %}"])
    let outcome = try await project.scv("run-operation", "hello", "--args", "{name: world}")
    #expect(outcome.code == 0)
    #expect(outcome.output.contains("hello world"))
    let unknown = try await project.scv("run-operation", "helo")
    #expect(unknown.code == 2)
    #expect(unknown.errors.contains("did you mean 'hello'?"))
  }

  @Test("source freshness warns, fails, and writes sources.json")
  func freshness() async throws {
    let project = try TemporaryProject([
      "models/s.yml": """
      version: 2
      sources:
        - name: raw
          schema: main
          loaded_at_field: at
          freshness: {error_after: {count: 1, period: day}}
          tables: [{name: old}, {name: fresh}]
      """,
      "models/old.sql": "{{ config(materialized='table') }} select '2020-01-01 00:00:00' as at",
      "models/fresh.sql": "{{ config(materialized='table') }} select current_timestamp as at",
    ])
    _ = try await project.scv("run")
    #expect(try await project.scv("source", "freshness", "--select", "source:raw.fresh").code == 0)
    #expect(try await project.scv("source", "freshness").code == 1)
    let statuses = try json(project, "target/sources.json")["results"]?.array?.compactMap { $0["status"]?.string }.sorted()
    #expect(statuses == ["error", "pass"])
  }

  @Test("debug checks the project, and init makes one that builds")
  func debugAndInit() async throws {
    let project = try TemporaryProject()
    #expect(try await project.scv("init", "fresh").code == 0)
    #expect(try await project.scv("--project-dir", "fresh", "debug").output.contains("All checks passed!"))
    #expect(try await project.scv("build", "--project-dir", "fresh").code == 0)
    #expect(try await project.scv("debug", "--target", "nowhere").code == 1)
  }

  @Test("--defer reads from another target's relations what is not built here")
  func deferring() async throws {
    let project = try TemporaryProject(
      DbtCommandTests.models.merging([
        "profiles.json": """
        {"scv": {"target": "dev", "outputs": {"dev": {"type": "sqlite", "path": "warehouse.db", "schema": "main"}}}}
        """,
        "models/prod.yml":
          "version: 2\nmodels: [{name: b, config: {schema: \"{{ var('suffix', none) }}\"}}, {name: a, config: {schema: \"{{ var('suffix', none) }}\"}}]\n",
        "models/schema.yml": "",
      ]) { $1 })
    #expect(try await project.scv("run", "--vars", "suffix: prod", "--target-path", "prod").code == 0)
    let outcome = try await project.scv("run", "--select", "b", "--defer", "--state", "prod")
    #expect(outcome.code == 0, "\(outcome.text)")
    #expect(try await project.scv("ls", "--select", "state:new", "--state", "prod").output.isEmpty)
  }

  @Test("A failed test is headed as dbt heads it, and says where its rows are kept")
  func failedTest() async throws {
    let project = try TemporaryProject([
      "models/a.sql": "select null as id", "models/s.yml": "models:\n  - name: a\n    columns: [{name: id, data_tests: [not_null]}]\n",
    ])
    let output = try await project.scv("build", "--store-failures").output
    #expect(output.contains("Failure in test not_null_a_id (models/s.yml)"))
    #expect(output.contains("  Got 1 result, configured to fail if != 0"))
    #expect(output.contains("  compiled code at target/compiled/shop/models/s.yml/not_null_a_id.sql"))
    #expect(output.contains("  See test failures:\n  ---") && output.contains("  select * from \"main_dbt_test__audit__not_null_a_id\"\n"), "\(output)")
  }

  @Test("A look between does not make retry forget what failed")
  func showBeforeRetry() async throws {
    let project = try TemporaryProject(DbtCommandTests.models.merging(["models/b.sql": "select * from nowhere, {{ ref('a') }}"]) { $1 })
    #expect(try await project.scv("run").code == 1)
    #expect(try await project.scv("show", "--select", "a").code == 0)
    #expect(try await project.scv("show", "--select", "a").code == 0)
    try project.write("models/b.sql", "select * from {{ ref('a') }}")
    #expect(try await project.scv("retry").code == 0)
    #expect(try json(project, "target/run_results.json")["results"]?.array?.compactMap { $0["unique_id"]?.string } == ["model.shop.b"])
  }

  @Test(
    "A selection without a match suggests what was meant, once",
    arguments: [
      (["run", "--select", "ab"], "did you mean 'a'"), (["ls", "--select", "path:modles"], "did you mean 'models'"),
      (["ls", "--select", "tag:x"], "the project has no tags"), (["run", "a"], "scv run --select a"), (["docs", "genrate"], "did you mean 'docs generate'?"),
      (["source", "freshness"], "declares no sources"),
    ])
  func suggestions(arguments: [String], hint: String) async throws {
    let project = try TemporaryProject(["models/a.sql": "select 1 as id", "models/abc.sql": "select 1 as id"])
    let outcome = try await Program.run("scv", arguments, in: project.path)
    #expect(outcome.text.components(separatedBy: hint).count == 2, "\(outcome.text)")
  }

  @Test("docs generate writes a page with its data inside; a selection and an empty catalog say what it holds of the warehouse")
  func documentation() async throws {
    let project = try TemporaryProject(DbtCommandTests.models)
    #expect(try await project.scv("docs", "serve").code == 2)
    #expect(try await project.scv("build").code == 0)
    #expect(try await project.scv("docs", "generate", "--static").code == 0)
    let page = try String(contentsOfFile: project.path + "/target/index.html", encoding: .utf8)
    #expect(page.contains("\"id\":\"model.shop.b\"") && page.contains("select * from \\\"a\\\""))
    #expect(try String(contentsOfFile: project.path + "/target/static_index.html", encoding: .utf8) == page)
    #expect(try await project.scv("docs", "generate", "--select", "b").code == 0)
    #expect(try json(project, "target/catalog.json")["nodes"]?.object?.keys.elements == ["model.shop.b"])
    #expect(try await project.scv("docs", "generate", "--empty-catalog", "--no-compile").code == 0)
    #expect(try json(project, "target/catalog.json")["nodes"] == [:])
  }

  @Test("docs serve answers with the files of the target folder, and with nothing outside of it")
  func serving() async throws {
    let project = try TemporaryProject(DbtCommandTests.models)
    #expect(try await project.scv("docs", "generate").code == 0)
    try project.write("secret.txt", "secret")
    try FileManager.default.createSymbolicLink(atPath: project.path + "/target/link.txt", withDestinationPath: project.path + "/secret.txt")
    let script = """
      scv docs serve --port 0 --no-browser >address.txt 2>&1 & server=$!
      for _ in $(seq 200); do port="$(sed -n 's/.*127.0.0.1:\\([0-9]*\\).*/\\1/p' address.txt)"; [ -n "$port" ] && break; sleep 0.1; done
      for path in / /manifest.json /nothing /../secret.txt /%2e%2e/secret.txt /link.txt; do
        exec 3<>"/dev/tcp/127.0.0.1/$port"
        printf 'GET %s HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n' "$path" >&3
        head -n 1 <&3
        exec 3>&-
      done
      kill $server
      """
    let outcome = try await Program.bash(script, in: project.path)
    let codes = outcome.output.split(whereSeparator: \.isNewline).compactMap { $0.split(separator: " ").dropFirst().first }
    #expect(codes == ["200", "200", "404", "404", "404", "404"], "\(outcome.text)")
  }

  @Test("compile takes seeds along, notes the graph, and keeps secrets out of what it notes")
  func compileNotes() async throws {
    let project = try TemporaryProject(DbtCommandTests.models.merging(["seeds/s.csv": "id\n1\n"]) { $1 })
    let outcome = try await project.scv("compile", "--vars", "{token: hush}", environment: ["DBT_ENV_SECRET_TOKEN": "hush"])
    #expect(outcome.code == 0, "\(outcome.text)")
    let results = try json(project, "target/run_results.json")
    #expect(results["results"]?.array?.contains { $0["unique_id"] == "seed.shop.s" && $0["status"] == "success" } == true)
    #expect(results["args"]?["vars"] == ["token": "*****"])
    // So it is with variables that a name makes secret.
    let secret = try await project.scv("compile", "--vars", "{DBT_ENV_SECRET_KEY: hush, DBT_ENV_SECRET_PIN: 4711, other: hush hush}")
    #expect(secret.code == 0, "\(secret.text)")
    let arguments = try json(project, "target/run_results.json")["args"]
    #expect(arguments?["vars"] == ["DBT_ENV_SECRET_KEY": "*****", "DBT_ENV_SECRET_PIN": "*****", "other": "***** *****"])
    #expect(arguments?.text().contains("hush") == false && arguments?.text().contains("4711") == false)
    try project.write("models/a.sql", "select {{ var('unknown') }} as id")
    let failed = try await project.scv("run", "--vars", "{DBT_ENV_SECRET_KEY: hush}")
    #expect(failed.text.contains("DBT_ENV_SECRET_KEY") && !failed.text.contains("hush"), "\(failed.text)")
    #expect(try !json(project, "target/run_results.json").text().contains("hush"))
    // An error that quotes a secret of the environment does not show it either, on the terminal or in the log.
    try project.write("models/a.sql", "select 1 as id from hush_table")
    let quoted = try await project.scv("run", environment: ["DBT_ENV_SECRET_TOKEN": "hush_table"])
    #expect(quoted.code == 1 && quoted.text.contains("*****") && !quoted.text.contains("hush_table"), "\(quoted.text)")
    #expect(try !String(contentsOfFile: project.path + "/logs/dbt.log", encoding: .utf8).contains("hush_table"))
    try project.write("models/a.sql", "select 1 as id")
    _ = try await project.scv("compile")
    let nodes = try #require(json(project, "target/graph_summary.json")["linked"]?.object)
    let a = try #require(nodes.values.first { $0["name"] == "model.shop.a" })
    #expect(a["succ"]?.array?.contains { $0.int.flatMap { nodes["\($0)"] }?["name"] == "model.shop.b" } == true)
  }

  @Test("compile leaves ephemeral models out where it is told to")
  func compileWithoutEphemerals() async throws {
    let project = try TemporaryProject([
      "models/e.sql": "{{ config(materialized='ephemeral') }} select 1 as id", "models/m.sql": "select * from {{ ref('e') }}",
    ])
    #expect(try await project.scv("compile").code == 0)
    #expect(try String(contentsOfFile: project.path + "/target/compiled/shop/models/m.sql", encoding: .utf8).contains("select 1 as id"))
    #expect(try await project.scv("compile", "--no-inject-ephemeral-ctes").code == 0)
    #expect(try String(contentsOfFile: project.path + "/target/compiled/shop/models/m.sql", encoding: .utf8) == "select * from __dbt__cte__e")
  }

  @Test("Where warnings are errors, retry takes what warned")
  func retryOfWarnings() async throws {
    let project = try TemporaryProject([
      "models/a.sql": "select null as id",
      "models/s.yml": "models: [{name: a, columns: [{name: id, data_tests: [{not_null: {config: {severity: warn}}}]}]}]\n",
    ])
    #expect(try await project.scv("build").code == 0)
    #expect(try await project.scv("--warn-error", "retry").code == 1)
    #expect(try await project.scv("retry").code == 0)
  }
}
