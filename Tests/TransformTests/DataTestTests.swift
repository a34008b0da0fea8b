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
}
