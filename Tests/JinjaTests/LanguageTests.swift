import Diagnostics
import Jinja
import Testing

/// Every family of the language, a few cases each, with what Jinja2 makes of them. `!` and a code is an error.
@Suite struct LanguageTests {
  struct Case: CustomTestStringConvertible, Sendable {
    let template: String
    let text: String
    let options: Environment.Options

    init(_ template: String, _ text: String, _ options: Environment.Options = .plain) {
      self.template = template
      self.text = text
      self.options = options
    }

    var testDescription: String { template }

    /// What the template comes to: its text, in a native environment the representation of its value.
    func outcome() throws -> String {
      var options = options
      options.allowsDo = true
      options.allowsLoopControls = true
      options.loader = { LanguageTests.templates[$0] }
      do {
        let template = try Environment(options).template(template, name: "main")
        let context = RenderContext(LanguageTests.variables)
        return options.isNative ? try template.result(in: context).representation : try template.render(in: context)
      } catch let problem as Diagnostic {
        return "! " + problem.code
      }
    }
  }

  private static let templates = [
    "base": "<{% block title %}none{% endblock %}|{% block body %}base{% endblock %}>",
    "middle": "{% extends 'base' %}{% block body %}({{ super() }}){% endblock %}",
    "needs": "{% block must required %}{% endblock %}",
    "greeting": "hello {{ who | default('nobody') }}",
    "forms":
      "{% set version = 2 %}{% set _hidden = 1 %}{% macro input(name) %}<{{ name }}>{% endmacro %}{% macro label(name) %}{{ name }}:{% endmacro %}"
      + "{% macro seen() %}{{ who | default('-') }}{% endmacro %}",
  ]

  private static var variables: [String: Value] {
    let leaf: Value = ["n": "c"]
    return [
      "tree": [["n": "a", "below": [["n": "b", "below": [leaf]], ["n": "d"]]], ["n": "e"]],
      "rows": [["kind": "b", "n": 1], ["kind": "a", "n": 2], ["kind": "b", "n": 3]],
      "thing": ["k": 1],
    ]
  }

  @Test(arguments: [
    Case("one\n{%- set a = 1 %}\n{{- a }}\ntwo", "one1\ntwo"),
    Case("<ul>\n  {%- for n in [1, 2] %}\n  <li>{{ n }}</li>\n  {%- endfor %}\n</ul>", "<ul>\n  <li>1</li>\n  <li>2</li>\n</ul>"),
    Case("a \t{#- gone -#}\n b", "ab"),
    Case("x {%- raw -%} {{ kept }} {%- endraw -%} y", "x{{ kept }}y"),
    Case("last line\n", "last line"),
    Case("two\n\n", "two\n"),
    Case("{% if true %}\nyes\n{% endif %}\nend", "yes\nend", .trims),
    Case("{% if true +%}\nyes\n{% endif %}", "\nyes\n", .trims),
    Case("  {% if true %}in{% endif %}  out", "in  out", .strips),
    Case("  {%+ if true %}in{% endif %}", "  in", .strips),
    Case("select\n    {# columns #}\n    {% for c in 'ab' %}\n    {{ c }},\n    {% endfor %}\n1", "select\n    a,\n    b,\n1", .trimsAndStrips),
    Case("a\n  {% set x = 1 %}  \nb", "a\n  \nb", .trimsAndStrips),
  ])
  func `White space is kept, trimmed by minus signs, and by trim_blocks and lstrip_blocks where these are on`(_ written: Case) throws {
    #expect(try written.outcome() == written.text)
  }

  @Test(arguments: [
    Case("{% for c in 'abc' %}{{ loop.index0 }}{{ loop.revindex }}{{ loop.first }}{{ loop.last }} {% endfor %}", "03TrueFalse 12FalseFalse 21FalseTrue "),
    Case("{% for c in ['x', 'y', 'z'] %}{{ loop.previtem | default('^') }}{{ c }}{{ loop.nextitem | default('$') }} {% endfor %}", "^xy xyz yz$ "),
    Case("{% for day in [1, 1, 2, 2, 1] %}{{ loop.cycle('odd', 'even') }}{{ '!' if loop.changed(day) }} {% endfor %}", "odd! even odd! even odd! "),
    Case("{% for n in range(10) %}{% if n == 2 %}{% continue %}{% endif %}{% if n > 4 %}{% break %}{% endif %}{{ n }}{% endfor %}", "0134"),
    Case("{% for (a, b), c in [((1, 2), 3), ((4, 5), 6)] %}{{ a + b * c }};{% endfor %}", "7;34;"),
    Case("{% for t in tree recursive %}{{ loop.depth }}{{ t.n }}{% if t.below %}({{ loop(t.below) }}){% endif %}{% endfor %}", "1a(2b(3c)2d)1e"),
    Case("{% for n in range(6) if n is even %}{{ n }}/{{ loop.length }} {% else %}none{% endfor %}", "0/3 2/3 4/3 "),
    Case("{% for n in missing %}{{ n }}{% else %}nothing{% endfor %}", "nothing"),
    Case("{% for a in [1, 2] %}{% set outer = loop %}{% for b in 'xy' %}{{ outer.index }}{{ loop.index }}{{ b }} {% endfor %}{% endfor %}", "11x 12y 21x 22y "),
    Case("{% set n = 5 %}{% for n in [1] %}{{ n }}{% endfor %}{{ n }}", "15"),
    Case("{% for key, group in rows | groupby('kind') %}{{ key }}:{{ group | map(attribute='n') | join('+') }} {% endfor %}", "a:2 b:1+3 "),
  ])
  func `Loops know where they are, stop and skip, unpack, recurse, and filter what they walk over`(_ written: Case) throws {
    #expect(try written.outcome() == written.text)
  }

  @Test(arguments: [
    Case(
      "{% macro f(name, type='text', n=none) %}{{ name }}:{{ type }}{{ n or '' }}{% endmacro %}{{ f('a') }} {{ f('b', n=3) }} {{ f(type='int', name='c') }}",
      "a:text b:text3 c:int"),
    Case("{% macro m(a, b=a ~ '!') %}{{ a }}{{ b }}{% endmacro %}{{ m('x') }}", "xx!"),
    Case("{% macro m() %}{{ varargs | length }}{{ kwargs.k }}{% endmacro %}{{ m(1, 2, 3, k='v') }}", "3v"),
    Case("{% set seen = 'top' %}{% macro m() %}{{ seen }}{{ local is defined }}{% endmacro %}{% for local in [1] %}{{ m() }}{% endfor %}", "topFalse"),
    Case("{% macro fact(n) %}{{ n * fact(n - 1) | int if n > 1 else 1 }}{% endmacro %}{{ fact(5) }}", "120"),
    Case("{% macro m(a, b=1) %}{% endmacro %}{{ m.name }} {{ m.arguments }} {{ m.catch_kwargs }} {{ m.caller }}", "m ('a', 'b') False False"),
    Case("{% macro m(x) %}[{{ x }}]{% endmacro %}{{ ['a', 'b'] | map('upper') | map('replace', 'A', 'z') | join }}{{ m(m(1)) }}", "zB[[1]]"),
  ])
  func `Macros take defaults, names, more than they ask for, and see the template but not their caller`(_ written: Case) throws {
    #expect(try written.outcome() == written.text)
  }

  @Test(arguments: [
    Case("{% macro box(title) %}<{{ title }}>{{ caller() }}</{{ title }}>{% endmacro %}{% call box('b') %}in{% endcall %}", "<b>in</b>"),
    Case(
      "{% macro each(list) %}{% for x in list %}{{ caller(x, loop.index) }},{% endfor %}{% endmacro %}{% call(x, n) each('ab') %}{{ n }}{{ x }}{% endcall %}",
      "1a,2b,"),
    Case("{% macro m() %}{{ 'with' if caller is defined else 'without' }}{% endmacro %}{{ m() }}{% call m() %}{% endcall %}", "withoutwith"),
    Case("{% macro m() %}{{ caller() }}{{ caller(b='2') }}{% endmacro %}{% call(b='1') m() %}{{ b }}{% endcall %}", "12"),
  ])
  func `Call blocks hand their body to a macro, which may give it arguments and ask for it more than once`(_ written: Case) throws {
    #expect(try written.outcome() == written.text)
  }

  @Test(arguments: [
    Case("{{ -3 | abs }} {{ 'x' | attr('missing') is defined }} {{ [1, 2, 3] | batch(2, 0) | list }}", "3 False [[1, 2], [3, 0]]"),
    Case("{{ 'hello WORLD' | capitalize }} {{ 'mid' | center(9) }}|", "Hello world    mid   |"),
    Case("{{ none | default('d') }} {{ none | d('d', true) }}", "None d"),
    Case("{{ {'b': 1, 'A': 2} | dictsort }} {{ {'b': 2, 'a': 1} | dictsort(false, 'value') }}", "[('A', 2), ('b', 1)] [('a', 1), ('b', 2)]"),
    Case("{{ '<a href=\"x\">' | e }} {{ '<b>' | forceescape }}", "&lt;a href=&#34;x&#34;&gt; &lt;b&gt;"),
    Case("{{ 123456789 | filesizeformat }} {{ 2048 | filesizeformat(true) }}", "123.5 MB 2.0 KiB"),
    Case("{{ [3, 4] | first }} {{ 'abc' | last }} {{ '4.7' | float }} {{ 'x' | float(1.5) }}", "3 c 4.7 1.5"),
    Case("{{ '%s=%d' | format('a', 7) }} {{ 'a\nb' | indent(2, true) }}", "a=7   a\n  b"),
    Case("{{ '12' | int }} {{ '0x1f' | int(0, 16) }} {{ 'z' | int(9) }} {{ 4.9 | int }}", "12 31 9 4"),
    Case("{{ {'a': 1} | items | list }} {{ [1, 2] | join('|') }} {{ rows | join(',', attribute='n') }}", "[('a', 1)] 1|2 1,2,3"),
    Case("{{ 'abc' | length }} {{ {'a': 1} | count }} {{ 'ABC' | lower }} {{ 'xyz' | list }}", "3 1 abc ['x', 'y', 'z']"),
    Case("{{ rows | map(attribute='missing', default=0) | list }} {{ [1, 5, 3] | max }} {{ ['b', 'A'] | min }}", "[0, 0, 0] 5 A"),
    Case("{{ [{'a': [1, 2]}] | map(attribute='a.1') | first }} {{ 'a b' | replace(' ', '-') }} {{ 'aaa' | replace('a', 'b', 2) }}", "2 a-b bba"),
    Case("{{ range(5) | reject('odd') | list }} {{ rows | rejectattr('n', 'gt', 1) | map(attribute='n') | list }}", "[0, 2, 4] [1]"),
    Case(
      "{{ 'abc' | reverse }} {{ [1, 2] | reverse | list }}", "cba [2, 1]"),
    Case("{{ 2.567 | round(1) }} {{ 2.5 | round }} {{ 2.1 | round(0, 'ceil') | int }} {{ 2.99 | round(1, 'floor') }}", "2.6 2.0 3 2.9"),
    Case("{{ rows | selectattr('n', 'in', [1, 3]) | map(attribute='kind') | join }} {{ ['', 1, none] | select | list }}", "bb [1]"),
    Case("{{ 'abcdefg' | slice(3) | map('join') | list }} {{ 'abcd' | slice(3, '-') | map('join') | list }}", "['abc', 'de', 'fg'] ['ab', 'c-', 'd-']"),
    Case(
      "{{ ['b', 'C', 'a'] | sort }} {{ ['b', 'C', 'a'] | sort(true, true) }} {{ rows | sort(attribute='kind,n') | map(attribute='n') | list }}",
      "['a', 'b', 'C'] ['b', 'a', 'C'] [2, 1, 3]"),
    Case("{{ [1, 2.5] | sum }} {{ rows | sum('n', 10) }} {{ 5 | string ~ 5 }}", "3.5 16 55"),
    Case("{{ '<p>a <b>c</b></p>' | striptags }} {{ \"they're here-now\" | title }} {{ '  x ' | trim }}{{ 'xxaxx' | trim('x') }}", "a c They're Here-Now xa"),
    Case("{{ 'a fairly long sentence' | truncate(12) }} {{ 'abcdefgh' | truncate(5, true, '..', 0) }}", "a fairly... abc.."),
    Case(
      "{{ {'z': 1, 'a': [true, none]} | tojson }} {{ ['a', 'A', 'b'] | unique | list }} {{ ['a', 'A'] | unique(true) | list }}",
      "{\"a\": [true, null], \"z\": 1} ['a', 'b'] ['a', 'A']"),
    Case("{{ 'ab' | upper }} {{ 'a b/c?' | urlencode }} {{ {'q': 'x y', 'n': 1} | urlencode }}", "AB a%20b/c%3F q=x+y&n=1"),
    Case("{{ 'one two three' | wordcount }} {{ 'one two three' | wordwrap(7) }}", "3 one two\nthree"),
    Case("{{ {'a': 1, 'b': none, 'c': '<'} | xmlattr }} {{ {'k': [1, (2, 'x')]} | pprint }}", " a=\"1\" c=\"&lt;\" {'k': [1, (2, 'x')]}"),
  ])
  func `Filters do what Jinja2's do`(_ written: Case) throws {
    #expect(try written.outcome() == written.text)
  }

  @Test(arguments: [
    Case("[{{ missing }}] [{{ thing.missing }}] {{ missing is defined }} {{ missing or 'else' }} {{ missing == other }}", "[] [] False else True"),
    Case("{{ missing.a }}", "! jinja.undefined"),
    Case("{{ missing + 1 }}", "! jinja.undefined"),
    Case("{{ missing() }}", "! jinja.undefined"),
    Case("[{{ missing.a.b['c'] }}] {{ missing.a is defined }} {{ missing.a.b | default('d') }}", "[] False d", .chainable),
    Case("{{ missing }} {{ thing.missing }} {{ missing is defined }}", "{{ missing }} {{ no such element: dict object['missing'] }} False", .debug),
    Case("{{ missing is defined }} {{ missing | default('d') }}", "False d", .strict),
    Case("{{ missing }}", "! jinja.undefined", .strict),
    Case("{% if missing %}{% endif %}", "! jinja.undefined", .strict),
    Case("{{ thing.missing }}", "! jinja.undefined", .strict),
    Case("{% for x in missing %}{% endfor %}", "! jinja.undefined", .strict),
  ])
  func `What is not there prints nothing, stays quiet in a chain, tells itself, or is refused, as the environment has it`(_ written: Case) throws {
    #expect(try written.outcome() == written.text)
  }

  @Test(arguments: [
    Case("{% extends 'base' %}{% block body %}mine{% endblock %}", "<none|mine>"),
    Case("{% extends 'base' %}{% block body %}[{{ super() }}]{% endblock %}{% block title %}T{% endblock %}", "<T|[base]>"),
    Case("{% extends 'middle' %}{% block body %}{{ super() }}+{{ super.super() }}{% endblock %}", "<none|(base)+base>"),
    Case("{% extends 'base' %}lost{% set title = 'from below' %}", "<none|base>"),
    Case("{% extends 'base' if true else 'middle' %}{% block body %}{{ self.title() }}{% endblock %}", "<none|none>"),
    Case("{% for n in [1, 2] %}{% block item scoped %}{{ n }}{% endblock %}{% endfor %}", "12"),
    Case("{% extends 'needs' %}{% block must %}done{% endblock %}", "done"),
    Case("{% extends 'needs' %}", "! jinja.runtime"),
    Case("{% extends 'nowhere' %}", "! jinja.template-not-found"),
  ])
  func `Templates extend each other, fill in blocks, and keep what the parent had`(_ written: Case) throws {
    #expect(try written.outcome() == written.text)
  }

  @Test(arguments: [
    Case("{% set who = 'x' %}{% include 'greeting' %}", "hello x"),
    Case("{% set who = 'x' %}{% include 'greeting' without context %}", "hello nobody"),
    Case("{% include ['nowhere', 'greeting'] %}", "hello nobody"),
    Case("[{% include 'nowhere' ignore missing %}]", "[]"),
    Case("{% include 'nowhere' %}", "! jinja.template-not-found"),
    Case("{% import 'forms' as forms %}{{ forms.input('a') }} {{ forms.version }} {{ forms._hidden is defined }}", "<a> 2 False"),
    Case("{% from 'forms' import input, label as l %}{{ input('b') }}{{ l('c') }}", "<b>c:"),
    Case("{% from 'forms' import nothing %}{{ nothing is defined }}", "False"),
    Case("{% set who = 'me' %}{% from 'forms' import seen %}{{ seen() }}{% from 'forms' import seen with context %}{{ seen() }}", "-me"),
  ])
  func `Templates include and import each other, with or without what they see`(_ written: Case) throws {
    #expect(try written.outcome() == written.text)
  }

  @Test(arguments: [
    Case("{{ 1 + 1 }}", "2", .native),
    Case("{{ [1, 'a'] }}", "[1, 'a']", .native),
    Case("{{ none }}", "None", .native),
    Case("{{ 1 }}{{ 2 }}", "12", .native),
    Case("[{{ 1 }}, {{ 'x' }}]", "'[1, x]'", .native),
    Case("x{{ 1 }}", "'x1'", .native),
    Case("{{ '2.50' }}", "2.5", .native),
    Case("{{ {'a': (1, 2)} }}", "{'a': (1, 2)}", .native),
    Case("{% for n in [1, 2] %}{{ n }},{% endfor %}", "(1, 2)", .native),
    Case("{{ true }}", "True", .native),
  ])
  func `In a native environment one expression keeps its type, and text is read as a literal`(_ written: Case) throws {
    #expect(try written.outcome() == written.text)
  }
}

extension Environment.Options {
  private init(_ change: (inout Self) -> Void) {
    self.init()
    change(&self)
  }

  fileprivate static let plain = Self()
  fileprivate static let trims = Self { $0.syntax.trimBlocks = true }
  fileprivate static let strips = Self { $0.syntax.lstripBlocks = true }
  fileprivate static let trimsAndStrips = Self {
    $0.syntax.trimBlocks = true; $0.syntax.lstripBlocks = true
  }
  fileprivate static let strict = Self { $0.undefined = .strict }
  fileprivate static let chainable = Self { $0.undefined = .chainable }
  fileprivate static let debug = Self { $0.undefined = .debug }
  fileprivate static let native = Self { $0.isNative = true }
}
