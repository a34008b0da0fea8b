import Diagnostics
import Testing

@Suite struct DiagnosticTextTests {
  @Test func showsCodePlaceWindowAndHint() {
    let source = "select *\nfrom {{ ref('orderz') }}\n"
    let diagnostic = Diagnostic(
      .compilation, "project.unknown-ref", "model 'customers' refs 'orderz', which does not exist",
      at: SourceLocation(file: "models/customers.sql", line: 2, column: 9),
      window: SourceWindow(source: source, line: 2, column: 9, length: 13), trail: ["macro 'a'"], hint: "did you mean 'orders'?", cause: "x\ny")
    #expect(
      diagnostic.description == """
        Compilation Error [project.unknown-ref]: model 'customers' refs 'orderz', which does not exist
          --> models/customers.sql:2:9
            1 | select *
            2 | from {{ ref('orderz') }}
              |         ^^^^^^^^^^^^^
            3 |
          in macro 'a'
          Cause: x
               y
          Try: did you mean 'orders'?
        """)
  }

  @Test(arguments: [(Diagnostic.Category.usage, 2), (.compilation, 2), (.database, 1), (.connector, 1)])
  func usageAndProjectErrorsExitWithTwoAndFailuresOfARunWithOne(category: Diagnostic.Category, code: Int) {
    #expect(category.exitCode == Int32(code))
  }

  @Test func aWindowAtTheEndOfAnEmptySourceIsEmptyAndNotACrash() {
    #expect(SourceWindow(source: "", line: 9, column: 4).lines == [""])
  }
}

@Suite struct SuggestionTests {
  @Test func findsSwappedMissingAndWrongLetters() {
    #expect(Suggestion.didYouMean("orderz", among: ["customers", "orders", "payments"]) == "did you mean 'orders'?")
    #expect(Suggestion.nearest(to: "stg_ordres", among: ["stg_orders", "stg_users"]) == ["stg_orders"])
    #expect(Suggestion.didYouMean("zzz", among: ["orders"]) == nil)
  }
}

@Suite struct RedactorTests {
  @Test func hidesSecretsAlsoPercentEncodedAndInsideJSON() {
    let redactor = Redactor(["p@ss word", "ab", "quo\"te"])
    #expect(redactor.redact("x p@ss word y p%40ss%20word ab quo\\\"te") == "x **** y **** ab ****")
  }

  @Test func hidesTheLongerOfTwoNestedSecretsWhole() {
    #expect(Redactor(["secret", "secret-longer"]).redact("secret-longer secret") == "**** ****")
  }
}
