import Foundation
import Project
import Testing
import Transform

@Suite("Hooks and operations")
struct HookTests {
  @Test("Hooks of the project run around everything, hooks of a model around it, in order")
  func order() async throws {
    let project = try TransformedProject([
      "dbt_project.yml": """
      name: shop
      profile: scv
      on-run-start: ["create table if not exists diary (line text)", "insert into diary values ('start')"]
      on-run-end: ["insert into diary values ('end {{ results | length }}')"]
      """,
      "models/m.sql": """
      {{ config(materialized='table', pre_hook="insert into diary values ('before')",
                post_hook=["insert into diary select 'after ' || count(*) from {{ this }}", "insert into diary values ('last')"]) }}
      select 1 as n
      """,
    ])
    try await project.run(.run)
    #expect(try project.rows("select line from diary").map { $0[0]?.split(separator: " ").first } == ["start", "before", "after", "last", "end"])
  }

  @Test("A failing hook at the start skips the further hooks, and the nodes only where the project says so")
  func failingStart() async throws {
    for skips in [false, true] {
      let project = try TransformedProject([
        "dbt_project.yml": """
        name: shop
        profile: scv
        flags: {skip_nodes_if_on_run_start_fails: \(skips)}
        on-run-start: ['insert into nowhere values (1)', 'create table never (n integer)']
        on-run-end: ["create table seen as select '{{ results | map(attribute='status') | join(' ') }}' as statuses"]
        """, "models/m.sql": "select 1 as n",
      ])
      let results = try await project.run(.run)
      #expect(results["m"]?.status == (skips ? .skipped : .success))
      #expect(results.isSuccess == false)
      let hooks = results.results.filter { $0.uniqueID.hasPrefix("operation.") }
      #expect(hooks.map(\.status) == [.error, .skipped, .success])
      #expect(hooks.allSatisfy { $0.threadID == "main" })
      #expect(hooks[0].message?.hasPrefix("shop.on-run-start.0 failed, error:\n") == true)
      #expect(hooks[1].message == "shop.on-run-start.1 skipped")
      #expect(try project.rows("select statuses from seen") == [["error" + (skips ? " skipped" : " success")]])
    }
  }

  @Test("Where nothing is selected, no hook runs")
  func nothingSelected() async throws {
    let project = try TransformedProject([
      "dbt_project.yml": "name: shop\nprofile: scv\non-run-start: 'create table diary (line text)'\n", "models/m.sql": "select 1 as n",
    ])
    let results = try await project.session().run(.run, ids: [])
    #expect(results.results.isEmpty)
    #expect(try project.rows("select name from sqlite_master where name = 'diary'") == [])
  }

  @Test("A hook at the end that cannot be compiled leaves the results of what ran")
  func brokenEnd() async throws {
    let project = try TransformedProject([
      "dbt_project.yml": "name: shop\nprofile: scv\non-run-end: \"{% if execute %}{{ exceptions.raise_compiler_error('on purpose') }}{% endif %}\"\n",
      "models/m.sql": "select 1 as n",
    ])
    let error = await #expect(throws: UnstartedRun.self) { try await project.run(.run) }
    #expect(error?.cause.message.contains("on purpose") == true)
    #expect(error?.results?.results.map(\.uniqueID) == ["model.shop.m"])
  }

  @Test("An operation calls a macro with arguments, and its failure is a result")
  func operation() async throws {
    let project = try TransformedProject([
      "macros/m.sql": """
      {% macro note(text, times=1) %}{% for i in range(times) %}{% do run_query("insert into diary values ('" ~ text ~ "')") %}{% endfor %}{% endmacro %}
      {% macro broken() %}{{ exceptions.raise_compiler_error("on purpose") }}{% endmacro %}
      """
    ])
    try project.execute("create table diary (line text)")
    let session = try project.session()
    let result = try await session.runOperation("note", arguments: ["text": "hello", "times": 2])
    #expect(result.status == .success)
    let broken = try await session.runOperation("broken")
    #expect(broken.status == .error)
    #expect(broken.diagnostic?.message.contains("on purpose") == true)
    #expect(try project.rows("select line from diary") == [["hello"], ["hello"]])
  }

  @Test("What templates print and log reaches whoever watches")
  func messages() async throws {
    let project = try TransformedProject([
      "models/m.sql": "{{ print('printed') }}{{ log('told', info=true) }}{{ log('whispered') }} select 1 as n"
    ])
    let session = try project.session()
    let events = Events()
    _ = try await session.run(.run, ids: ["model.shop.m"]) { event in
      switch event {
      case .message(let text): events.add("print " + text)
      case .logged(let text, let isInfo): events.add((isInfo ? "info " : "debug ") + text)
      default: break
      }
    }
    #expect(events.all == ["print printed", "info told", "debug whispered"])
  }

  /// Collects what happens on other threads.
  private final class Events: @unchecked Sendable {
    private let lock = NSLock()
    private var lines: [String] = []
    func add(_ line: String) { lock.withLock { lines.append(line) } }
    var all: [String] { lock.withLock { lines } }
  }
}
