import Foundation
import Project
import Testing
import Transform

@Suite("Data tests")
struct DataTestTests {
  private static let models = [
    "models/customers.sql": "select 1 as id, 'gold' as tier union all select 2, 'silver'",
    "models/orders.sql": "select 10 as id, 1 as customer_id, 5.0 as amount union all select 11, 3, 7.5 union all select 11, 2, null",
  ]

  @Test("The arguments of generic tests are expressions where they call ref or source, with and without braces")
  func argumentsAreEvaluated() async throws {
    let project = try TransformedProject(
      DataTestTests.models.merging([
        "models/schema.yml": """
        version: 2
        models:
          - name: orders
            columns:
              - name: customer_id
                data_tests:
                  - relationships: {to: ref('customers'), field: id}
                  - relationships: {name: braces, to: "{{ ref('customers') }}", field: id}
                  - relationships: {name: spaced, to: " ref( 'customers' ) ", field: id, arguments: {}}
        """
      ]) { $1 })
    let results = try await project.run(.build)
    #expect(results["relationships_orders_customer_id__id__ref_customers_"]?.failures == 1)
    #expect(results["braces"]?.failures == 1)
    #expect(results["spaced"]?.failures == 1)
  }

  private func project(_ properties: String, _ more: [String: String] = [:]) throws -> TransformedProject {
    try TransformedProject(DataTestTests.models.merging(["models/schema.yml": "version: 2\nmodels:\n" + properties]) { $1 }.merging(more) { $1 })
  }

  @Test("The four generic tests find what is wrong, and count it")
  func genericTests() async throws {
    let results = try await project(
      """
        - name: orders
          columns:
            - {name: id, data_tests: [{unique: {name: t_unique}}]}
            - {name: amount, data_tests: [{not_null: {name: t_not_null}}]}
        - name: customers
          columns:
            - {name: tier, data_tests: [{accepted_values: {name: t_values, values: [gold, bronze]}}, {accepted_values: {name: t_fine, values: [gold, silver]}}]}
      """
    ).run(.build)
    #expect(results["t_unique"]?.failures == 1)
    #expect(results["t_not_null"]?.status == .fail)
    #expect(results["t_not_null"]?.message == "Got 1 result, configured to fail if != 0")
    #expect(results["t_values"]?.failures == 1)
    #expect(results["t_fine"]?.status == .pass)
  }

  @Test("severity, warn_if, error_if, where, limit and fail_calc judge what was found")
  func judging() async throws {
    let results = try await project(
      """
        - name: orders
          columns:
            - name: amount
              data_tests:
                - not_null: {name: warns, config: {severity: warn}}
                - not_null: {name: tolerates, config: {error_if: '>5', warn_if: '>3'}}
                - not_null: {name: filtered, config: {where: "id < 11"}}
            - name: customer_id
              data_tests:
                - accepted_values: {name: limited, values: [7], config: {limit: 1}}
                - accepted_values: {name: summed, values: [7], config: {fail_calc: sum(n_records) + 10}}
      """
    ).run(.build)
    #expect(results["warns"]?.status == .warn)
    #expect(results["tolerates"]?.status == .pass)
    #expect(results["filtered"]?.status == .pass)
    #expect(results["limited"]?.failures == 1)
    #expect(results["summed"]?.failures == 13)
  }

  @Test("store_failures keeps the rows that were found")
  func storing() async throws {
    let project = try project(
      """
        - name: orders
          columns: [{name: amount, data_tests: [{not_null: {name: kept, config: {store_failures: true}}}]}]
      """)
    let results = try await project.run(.build)
    #expect(results["kept"]?.status == .fail)
    #expect(try project.rows("select id from main_dbt_test__audit__kept") == [["11"]])
  }

  @Test("In build, what is downstream of a failed test is skipped; a warning holds nothing back")
  func testsHoldBack() async throws {
    let models = ["models/below.sql": "select * from {{ ref('orders') }}"]
    func run(_ severity: String) async throws -> RunResults {
      try await project(
        """
          - name: orders
            columns: [{name: amount, data_tests: [{not_null: {name: judged, config: {severity: \(severity)}}}]}]
        """, models
      ).run(.build)
    }
    #expect(try await run("error")["below"]?.status == .skipped)
    #expect(try await run("warn")["below"]?.status == .success)
  }

  @Test("Singular tests and generic tests of the project itself are run")
  func ownTests() async throws {
    let results = try await project(
      """
        - name: orders
          columns: [{name: amount, data_tests: [{at_least: {name: own, floor: 6}}]}]
      """,
      [
        "tests/generic/at_least.sql":
          "{% test at_least(model, column_name, floor=0) %}select * from {{ model }} where {{ column_name }} < {{ floor }}{% endtest %}",
        "tests/no_gold.sql": "select * from {{ ref('customers') }} where tier = 'gold'",
      ]
    ).run(.build)
    #expect(results["own"]?.failures == 1)
    #expect(results["no_gold"]?.status == .fail)
  }

  @Test("A unit test runs the model on given rows, and tells what differs")
  func unitTests() async throws {
    let project = try TransformedProject([
      "models/people.sql": "select 1 as id, 'Ann' as name",
      "models/loud.sql": "select id, upper(name) as name from {{ ref('people') }} where id > {{ var('least', 0) }}",
      "models/units.yml": """
      unit_tests:
        - name: shouts
          model: loud
          given: [{input: ref('people'), rows: [{id: 1, name: bo}, {id: 2, name: cy}]}]
          expect: {rows: [{id: 2, name: CY}]}
          overrides: {vars: {least: 1}}
        - name: wrong
          model: loud
          given:
            - input: ref('people')
              format: csv
              rows: |
                id,name
                5,di
          expect: {rows: [{id: 5, name: di}]}
      """,
    ])
    let results = try await project.run(.build)
    #expect(results["shouts"]?.status == .pass)
    #expect(results["wrong"]?.status == .fail)
    #expect(results["wrong"]?.message?.contains("DI") == true)
    #expect(results.results.first { $0.uniqueID == "model.shop.loud" }?.status == .skipped)
  }

  @Test("A unit test must give every input of its model, in the version that the model reads")
  func missingInputs() async throws {
    let project = try TransformedProject([
      "models/a_v1.sql": "select 1 as id", "models/a_v2.sql": "select 2 as id", "models/b.sql": "select 3 as id",
      "models/m.sql": "select id from {{ ref('a', v=2) }} union all select id from {{ ref('b') }}",
      "models/units.yml": """
      models: [{name: a, latest_version: 1, versions: [{v: 1}, {v: 2}]}]
      unit_tests:
        - name: whole
          model: m
          given: [{input: "ref('a', v=2)", rows: [{id: 5}]}, {input: ref('b'), rows: []}]
          expect: {rows: [{id: 5}]}
        - name: latest
          model: m
          given: [{input: ref('a'), rows: [{id: 5}]}, {input: ref('b'), rows: []}]
          expect: {rows: [{id: 5}]}
        - name: half
          model: m
          given: [{input: "ref('a', v=2)", rows: [{id: 5}]}]
          expect: {rows: [{id: 5}]}
      """,
    ])
    let results = try await project.run(.build)
    #expect(results["whole"]?.status == .pass, "\(results["whole"]?.message ?? "")")
    #expect(results["latest"]?.status == .error)
    #expect(results["half"]?.message?.contains("depends on a node named 'b' which was not found") == true)
  }
}
