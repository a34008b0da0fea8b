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

  @Test("A failing hook at the start keeps everything from running")
  func failingStart() async throws {
    let project = try TransformedProject([
      "dbt_project.yml": "name: shop\nprofile: scv\non-run-start: 'insert into nowhere values (1)'\n", "models/m.sql": "select 1 as n",
    ])
    let results = try await project.run(.run)
    #expect(results["m"]?.status == .skipped)
    #expect(results.isSuccess == false)
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
