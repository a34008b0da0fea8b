import Diagnostics
import Jinja
import Testing

/// A template and what it becomes.
struct Rendering: CustomTestStringConvertible, Sendable {
  let template: String
  let text: String
  init(_ template: String, _ text: String) {
    self.template = template
    self.text = text
  }
  var testDescription: String { template }
}

@Suite struct RenderingTests {
  private let environment = Environment(Environment.Options())

  private func render(_ template: String, _ variables: [String: Value] = [:]) throws -> String {
    try environment.template(template, name: "models/a.sql").render(variables)
  }

  @Test(arguments: [
    Rendering("{{ 7 // 2 }} {{ -7 // 2 }} {{ 7 % -3 }} {{ 7 / 2 }} {{ 2 ** 10 }}", "3 -4 -2 3.5 1024"),
    Rendering("{{ 1 < 2 < 3 }} {{ 1 < 3 < 2 }} {{ not 1 == 2 }}", "True False True"),
    Rendering("{{ 0.1 + 0.2 }} {{ 1e3 }} {{ 10 ** 20 }} {{ 3.0 }}", "0.30000000000000004 1000.0 100000000000000000000 3.0"),
    Rendering("{{ 'abc'[1:] }} {{ [1, 2, 3][::-1] }} {{ 'abc'[-1] }}", "bc [3, 2, 1] c"),
    Rendering("{{ {'a': 1, 'b': [none, true]} }} {{ (1,) }} {{ 'it\\'s' | list | length }}", "{'a': 1, 'b': [None, True]} (1,) 4"),
    Rendering("{{ 'a' ~ 1 ~ none }} {{ 'x' if false }}|{{ 'x' if false else 'y' }}", "a1None |y"),
    Rendering("{{ '%s has %05.1f' % ('x', 3.14159) }} {{ '{:>5}'.format('a') }}", "x has 003.1     a"),
    Rendering("{{ ['b', 'a', 'C'] | sort | join(',') }} {{ [3, 1] | max }} {{ 'a b' | title }}", "a,b,C 3 A B"),
    Rendering("{{ [{'n': 1}, {'n': 2}] | map(attribute='n') | sum }} {{ range(5) | select('odd') | list }}", "3 [1, 3]"),
    Rendering("{{ 'x' | default('y') }} {{ missing | default('y') }} {{ '' | default('y', true) }}", "x y y"),
    Rendering("{{ 1 is odd }} {{ none is none }} {{ missing is defined }} {{ {} is mapping }}", "True True False True"),
  ]) func expressionsMeanWhatTheyMeanInPython(_ case: Rendering) throws {
    #expect(try render(`case`.template) == `case`.text)
  }

  @Test(arguments: [
    Rendering("{% for x in [1, 2, 3] if x != 2 %}{{ loop.index }}/{{ loop.length }}:{{ x }}{{ ',' if not loop.last }}{% endfor %}", "1/2:1,2/2:3"),
    Rendering("{% for x in [] %}x{% else %}none{% endfor %}", "none"),
    Rendering("{% for k, v in {'a': 1, 'b': 2}.items() %}{{ k }}={{ v }};{% endfor %}", "a=1;b=2;"),
    Rendering("{% for x in [1] recursive %}{{ x }}{{ loop([2, 3]) if x == 1 }}{% endfor %}", "123"),
    Rendering("{% set n = namespace(total=0) %}{% for x in [1, 2] %}{% set n.total = n.total + x %}{% endfor %}{{ n.total }}", "3"),
    Rendering("{% set x = 1 %}{% for i in [1] %}{% set x = 2 %}{% endfor %}{{ x }}", "1"),
    Rendering("{% set block | upper %}a{{ 1 }}{% endset %}{{ block }}", "A1"),
    Rendering("{% macro m(a, b=2) %}{{ a }}{{ b }}{{ varargs }}{{ kwargs }}{% endmacro %}{{ m(1, 3, 4, k=5) }}{{ m(1) }}", "13(4,){'k': 5}12(){}"),
    Rendering("{% macro m() %}<{{ caller('x') }}>{% endmacro %}{% call(y) m() %}{{ y }}!{% endcall %}", "<x!>"),
    Rendering("{% if 0 %}a{% elif 1 %}b{% else %}c{% endif %}{% filter upper %}x{% endfilter %}{% with a = 1 %}{{ a }}{% endwith %}", "bX1"),
    Rendering("{% raw %}{{ x }}{% endraw %}{# nothing #}", "{{ x }}"),
  ]) func statementsDoWhatTheyDoInJinja(_ case: Rendering) throws {
    #expect(try render(`case`.template) == `case`.text)
  }

  @Test(arguments: [
    Rendering("a\n  {%- if true %}\n  b\n  {%- endif %}\nc\n", "a\n  b\nc"), Rendering("a {{- 1 -}} b", "a1b"), Rendering("x\n{% set a = 1 %}\ny", "x\n\ny"),
  ]) func whiteSpaceStaysUnlessAMinusSignTakesIt(_ case: Rendering) throws {
    #expect(try render(`case`.template) == `case`.text)
  }

  @Test(arguments: [
    ("select 1\n{% if true %}\n", 2, "endif"), ("\n\n{{ 1 + }}", 3, "unexpected end"), ("{% nonsense %}", 1, "nonsense"),
    ("a\n{{ 'x' | nofilter }}", 2, "nofilter"),
    ("a\n{{ missing.attribute }}", 2, "missing"), ("{{ 1 / 0 }}", 1, "zero"), ("{% for x in 5 %}{% endfor %}", 1, "int"),
  ]) func aMistakeIsToldWithItsPlace(template: String, line: Int, word: String) throws {
    do {
      let text = try render(template)
      Issue.record("rendered as \(text)")
    } catch let problem as Diagnostic {
      #expect(problem.location?.file == "models/a.sql")
      #expect(problem.location?.line == line)
      #expect(problem.description.contains(word), "\(problem)")
    }
  }

  @Test func whateverIsWrittenIsRenderedOrRefused() {
    var generator = SystemRandomNumberGenerator()
    let pieces = [
      "{{", "}}", "{%", "%}", "{#", "#}", "-", " if ", " for ", " in ", "else", "endfor", "endif", "set", "macro", "m(", ")", "[", "]", "{", "}", "'", "\"",
      "\\", "x",
      "1", "1.5", "|", "upper", ".", ",", ":", "==", "**", "é", "\n", "\u{0}", "raw", "endraw", "call", "loop",
    ]
    for _ in 0..<4_000 {
      let template = (0..<Int.random(in: 1...14, using: &generator)).map { _ in pieces.randomElement(using: &generator) ?? "" }.joined()
      do { _ = try render(template, ["x": [1, 2]]) } catch let problem as Diagnostic {
        #expect(!problem.message.isEmpty, "\(template)")
      } catch { Issue.record("\(template): \(error)") }
    }
  }
}
