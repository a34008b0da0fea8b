import Diagnostics
import Testing

@testable import Jinja

/// Templates that nobody writes on purpose: every one of them ends with a text or a diagnostic, in bounded time and memory.
@Suite struct HostileTemplateTests {
  private static let environment: Environment = {
    var options = Environment.Options()
    options.definitionTags = [DefinitionTag("test"), DefinitionTag("docs", isRaw: true)]
    options.longestRange = 30
    return Environment(options)
  }()

  /// What a template came to: its text, or the diagnostic.
  private func outcome(_ source: String, _ environment: Environment = HostileTemplateTests.environment) throws -> Result<String, Diagnostic> {
    do {
      let names: [String: Value] = ["x": "text", "n": 3, "items": [1, "b", .none], "d": ["k": "v"]]
      return .success(try environment.template(source, name: "t").render(names))
    } catch let error as Diagnostic {
      return .failure(error)
    }
  }

  @Test(arguments: [
    ("{{ ", "(", "1", ")", " }}"), ("{{ ", "[", "", "]", " }}"), ("{{ ", "{1:", "1", "}", " }}"), ("", "{% if x %}", "1", "{% endif %}", ""),
    ("", "{% for i in items %}", "1", "{% endfor %}", ""), ("{{ ", "not ", "x", "", " }}"), ("{{ ", "-", "1", "", " }}"), ("{{ 1", "+1", "", "", " }}"),
    ("{{ x", ".a", "", "", " }}"), ("{{ x", "|upper", "", "", " }}"), ("{{ x", "()", "", "", " }}"), ("{{ x", "[0]", "", "", " }}"),
    ("{{ x", " if x else 1", "", "", " }}"), ("{{ 1", " ** 1", "", "", " }}"), ("", "{% macro m() %}", "", "{% endmacro %}", ""),
    ("", "{% filter upper %}", "", "{% endfilter %}", ""), ("", "{% call x() %}", "", "{% endcall %}", ""), ("", "{% set a %}", "", "{% endset %}", ""),
    ("{{ (", "(", "1", ",)", ") }}"), ("{{ ", "not ", "(x)", "", " }}"), ("{{ ", "- ", "1", "", " }}"), ("{{ ", "x(", "1", ")", " }}"),
    ("{{ ", "(1 if x else ", "1", ")", " }}"),
    ("{{ ", "x | default(", "1", ")", " }}"), ("{{ ", "'a' if ", "x", " else 1", " }}"), ("", "{% with a = 1 %}", "", "{% endwith %}", ""),
    ("{% set ", "(", "a", ")", " = 1 %}"),
    ("{% for ", "(", "a", ")", " in [] %}{% endfor %}"), ("{{ 1", " and 1", "", "", " }}"), ("{{ x", " % 1", "", "", " }}"),
  ])
  func `Twenty thousand levels are refused and do not end the stack`(_ parts: (String, String, String, String, String)) throws {
    let (head, open, middle, close, tail) = parts
    let source = head + String(repeating: open, count: 20_000) + middle + String(repeating: close, count: 20_000) + tail
    guard case .failure(let error) = try outcome(source) else {
      Issue.record("\(open) was taken")
      return
    }
    #expect(error.message.contains("nested too deep"), "\(error.message)")
    #expect(error.location?.line == 1)
  }

  @Test(arguments: [
    ("{{ 1", " ~ 1", " }}"), ("{{ 1", " < 2", " }}"), ("{{ [", "1, ", "] | length }}"), ("{{ (", "1, ", ") | length }}"), ("{{ ", "'a' ", " }}"),
    ("", "{{ 1 }}", ""),
    ("{% if 0 %}", "{% elif 0 %}", "{% endif %}"), ("", "{% if 1 %}1{% endif %}", ""), ("{{ [", "[], ", "] | length }}"),
  ])
  func `Twenty thousand pieces side by side are nothing special`(_ parts: (String, String, String)) throws {
    guard case .failure(let error) = try outcome(parts.0 + String(repeating: parts.1, count: 20_000) + parts.2) else { return }
    Issue.record("\(error)")
  }

  @Test(arguments: [
    "{% macro m(n) %}{{ m(n + 1) }}{% endmacro %}{{ m(1) }}", "{% macro a() %}{{ b() }}{% endmacro %}{% macro b() %}{{ a() }}{% endmacro %}{{ a() }}",
    "{% macro m() %}{{ m() }}{{ m() }}{% endmacro %}{{ m() }}",
    "{% macro m() %}{{ caller() }}{% call m() %}{{ caller() }}{% endcall %}{% endmacro %}{% call m() %}{% endcall %}",
    "{% for i in [[1]] recursive %}{{ loop([[1]]) }}{% endfor %}",
  ])
  func `Recursion without an end is told as such`(_ source: String) throws {
    guard case .failure(let error) = try outcome(source) else {
      Issue.record("it ended")
      return
    }
    #expect(error.code == "jinja.recursion", "\(error)")
    #expect(error.trail.count <= 25)
  }

  @Test(arguments: [
    "[ns.x]", "{'k': ns.x}", "[1, {'k': [ns.x]}]", "([ns.x],)", "dict(a=(ns.x,))", "namespace(a=ns.x)", "{'k': ns.x}.items()", "{'k': [ns.x]}.values()",
    "cycler(ns.x)", "[ns.x] | reverse", "[ns.x] | batch(2)",
  ])
  func `Lists and dicts that are nested deeper than the stack reaches are freed all the same`(_ wrapped: String) throws {
    let loops = (0..<4).map { "{% for i\($0) in range(\($0 == 3 ? 1 : 30)) %}" }.joined()
    let source = "{% set ns = namespace(x=[]) %}" + loops + "{% set ns.x = \(wrapped) %}" + String(repeating: "{% endfor %}", count: 4) + "done"
    guard case .success(let text) = try outcome(source) else {
      Issue.record("it failed")
      return
    }
    #expect(text == "done")
  }

  @Test(arguments: [
    "{% set ns.x = (ns.x,) %}", "{% set ns.x = (1, (ns.x, 2)) %}", "{% do ns.l.append((ns.l.pop(),)) %}", "{% do ns.l.insert(0, (ns.l.pop(),)) %}",
    "{% do ns.l.extend([(ns.l.pop(),)]) %}", "{% do ns.d.update({'k': (ns.d.pop('k', 0),)}) %}", "{% do ns.d.update(k=(ns.d.pop('k', 0),)) %}",
    "{% do ns.d.setdefault('k', (ns.d.pop('k', 0),)) %}", "{% set ns.x = ns.x | map('upper') %}", "{% set ns.x = ns.x | select %}",
    "{% set ns.x = ns.x | unique %}",
  ])
  func `Tuples in tuples and iterators on iterators without an end are refused`(_ statement: String) throws {
    let loops = (0..<4).map { "{% for i\($0) in range(\($0 == 3 ? 1 : 30)) %}" }.joined()
    let source = "{% set ns = namespace(x=['a'], l=[0], d={}) %}" + loops + statement + String(repeating: "{% endfor %}", count: 4)
    guard case .failure(let error) = try outcome(source) else {
      Issue.record("it was done")
      return
    }
    #expect(error.code == "jinja.recursion")
  }

  @Test(arguments: [
    "{{ 'x' * 10**12 }}", "{{ [1] * 10**12 }}", "{{ (1,) * 10**12 }}", "{{ 10**9 * 'x' }}", "{{ range(10**12) | list }}", "{{ range(10**12) | sum }}",
    "{{ range(10**12) | join }}", "{% for i in range(10**12) %}{% endfor %}", "{{ 2 ** 10000000 }}", "{{ 'x'.ljust(10**12) }}", "{{ 'x'.zfill(10**12) }}",
    "{{ 'x' | center(10**12) }}", "{{ 'x' | indent(10**12) }}", "{{ '%1000000000000d' % 3 }}", "{{ '{:>1000000000000}'.format(1) }}",
    "{{ 'abc' | batch(10**12, 'x') | list }}", "{{ 'abc' | slice(10**12) | list }}", "{{ ('x' * 10000000).replace('x', 'y' * 1000) }}",
    "{{ ('x' * 10000000) | replace('', 'y' * 1000) }}", "{{ ('x' * 1000000).join(range(30) | map('string') | list) * 100 }}",
    "{% set ns = namespace(t='0123456789') %}{% for i in range(30) %}{% set ns.t = ns.t ~ ns.t %}{% endfor %}",
    "{% set ns = namespace(t='0123456789') %}{% for i in range(30) %}{% set ns.t = ns.t + ns.t %}{% endfor %}",
    "{% set l = [1] %}{% for i in range(30) %}{% do l.extend(l) %}{% endfor %}",
    "{% for a in range(30) %}{% for b in range(30) %}{{ 'x' * 1000000 }}{% endfor %}{% endfor %}",
  ])
  func `What would fill the memory is refused`(_ source: String) throws {
    guard case .failure(let error) = try outcome(source) else {
      Issue.record("it was done")
      return
    }
    #expect(["jinja.overflow", "jinja.value"].contains(error.code), "\(error)")
    #expect(error.location?.line == 1)
  }

  @Test func `Numbers of thousands of digits are read and written as far as Python does`() throws {
    let long = String(repeating: "9", count: 4300)
    #expect(try outcome("{{ \(long) }}") == .success(long))
    guard case .failure(let read) = try outcome("{{ \(long)9 }}"), case .failure(let written) = try outcome("{{ 10 ** 9000 }}") else {
      Issue.record("they were taken")
      return
    }
    #expect(read.code == "jinja.syntax" && read.message.contains("4301 digits"))
    #expect(written.message.contains("4300 digits"))
  }

  @Test func `Values that contain themselves are printed and compared`() throws {
    #expect(try outcome("{% set a = [] %}{% do a.append(a) %}{{ a }}{{ a == a }}") == .success("[[...]]True"))
  }

  // MARK: Random templates

  /// A linear congruential generator: the same templates every time.
  private struct Dice {
    var state: UInt64
    mutating func roll(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return bound > 0 ? Int(state >> 33) % bound : 0
    }
  }

  private static let pieces = [
    "{{", "}}", "{%", "%}", "{#", "#}", "{%-", "-%}", "{{-", "-}}", " ", "\n", "if", "elif", "else", "endif", "for", "in", "endfor", "set", "endset", "macro",
    "endmacro", "m", "call", "endcall", "filter", "endfilter", "raw", "endraw", "block", "endblock", "with", "endwith", "do", "include", "import", "from",
    "extends", "autoescape", "test", "endtest", "docs", "enddocs", "x", "n", "items", "d", "loop", "loop.index", "caller()", "(", ")", "[", "]", "{", "}", ",",
    ":", ".", "|", "~", "+", "-", "*", "**", "/", "//", "%", "==", "!=", "<", ">=", "not", "and", "or", "is", "defined", "upper", "join", "map", "'", "\"",
    "'a'", "1", "0", "1.5e3", "0x1F", "9223372036854775807", "-9223372036854775808", "true", "none", "=", "\\", "é", "\u{0}", "🙂", "\r\n", "\t",
    "items[::-1]", "x[1:2]", "d.k", "range(9)", "namespace(a=1)", "recursive",
  ]

  private static let templates = [
    "{% macro cents(column, digits=2) -%}\n  round({{ column }} / 100, {{ digits }})\n{%- endmacro %}\nselect {{ cents('a') }}",
    "{% for i in items if i %}{{ loop.index }}: {{ i | upper }}{% if not loop.last %}, {% endif %}{% else %}none{% endfor %}",
    "{% set ns = namespace(total=0) %}{% for i in range(n) %}{% set ns.total = ns.total + i %}{% endfor %}{{ ns.total }}",
    "{%- call(a) m() -%}{{ a }}{%- endcall -%}{% macro m() %}{{ caller(1) }}{% endmacro %}",
    "{{ d.items() | map('first') | join(', ') }} {{ '%s-%05.2f' % (x, n) }} {{ '{0:>8}'.format(x) }} {{ x[::-1][1:3] }}",
    "{# note #}{% raw %}{{ not }}{% endraw %}{% filter upper %}a{% endfilter %}{% with a = 1 %}{{ a if a is odd else -a }}{% endwith %}",
    "{% test unique(model, column) %}select {{ column }} from {{ model }}{% endtest %}{{ x.split('e') | list }}{{ 2 ** 70 // 3 % 7 }}",
  ]

  @Test(arguments: 0..<24) func `Whatever pieces a template is made of, it ends with a text or a diagnostic`(seed: Int) throws {
    var dice = Dice(state: UInt64(seed) &* 7919 &+ 17)
    for _ in 0..<120 {
      let count = 1 + dice.roll(40)
      _ = try outcome((0..<count).map { _ in Self.pieces[dice.roll(Self.pieces.count)] + (dice.roll(3) == 0 ? "" : " ") }.joined())
    }
  }

  @Test(arguments: 0..<24) func `Templates with pieces lost, doubled, swapped and garbled end with a text or a diagnostic`(seed: Int) throws {
    var dice = Dice(state: UInt64(seed) &* 104_729 &+ 3)
    for _ in 0..<120 {
      var bytes = Array(Self.templates[dice.roll(Self.templates.count)].utf8)
      for _ in 0..<(1 + dice.roll(4)) {
        let from = dice.roll(bytes.count + 1)
        let to = min(bytes.count, from + dice.roll(12))
        switch dice.roll(5) {
        case 0: bytes.removeSubrange(from..<to)
        case 1: bytes.insert(contentsOf: bytes[from..<to], at: dice.roll(bytes.count + 1))
        case 2: bytes.insert(contentsOf: Array(Self.pieces[dice.roll(Self.pieces.count)].utf8), at: from)
        case 3: if from < bytes.count { bytes[from] = UInt8(dice.roll(256)) }
        default: bytes = Array(bytes[from...] + bytes[..<from])
        }
      }
      _ = try outcome(String(decoding: bytes, as: UTF8.self))
    }
  }

  @Test(arguments: 0..<8) func `Random bytes end with a text or a diagnostic`(seed: Int) throws {
    var dice = Dice(state: UInt64(seed) &* 31 &+ 1)
    for _ in 0..<100 {
      let bytes = (0..<(1 + dice.roll(200))).map { _ in UInt8(dice.roll(4) == 0 ? [0x7B, 0x7D, 0x25, 0x23][dice.roll(4)] : dice.roll(256)) }
      _ = try outcome(String(decoding: bytes, as: UTF8.self))
    }
  }
}
