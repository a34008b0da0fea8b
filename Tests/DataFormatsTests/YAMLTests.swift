import DataFormats
import Diagnostics
import Testing

@Suite struct YAMLTests {
  private func value(_ text: String) throws -> JSON { try YAMLDocument(parsing: text).value }

  @Test(arguments: [
    ("yes", JSON.bool(true)), ("No", false), ("on", true), ("OFF", false), ("True", true), ("y", "y"), ("~", nil), ("null", nil), ("", nil),
    ("0", 0), ("17", 17), ("-1_000", -1000), ("010", 8), ("0x1F", 31), ("0b101", 5), ("08", "08"), ("1:30", 90), ("1:30.5", 90.5), ("12:65", "12:65"),
    ("1.5", 1.5), ("1.", 1.0), (".5", 0.5), ("1e3", "1e3"), ("1.0e+3", 1000.0), ("1.0e3", "1.0e3"), ("-.5", "-.5"), (".inf", .double(.infinity)),
    ("2024-01-31", "2024-01-31"), ("2024-01-31 10:00:00", "2024-01-31 10:00:00"), ("1.2.3", "1.2.3"), ("'yes'", "yes"), ("\"1\"", "1"),
    ("18446744073709551616", .number("18446744073709551616")), ("!!str 5", "5"), ("!!float 5", 5.0), ("+", "+"), (".", "."), ("0x", "0x"), ("--1", "--1"),
  ])
  func plainScalarsMeanWhatPyYAMLMakesOfThem(text: String, expected: JSON) throws {
    #expect(try value("a: \(text)") == ["a": expected])
  }

  @Test func mappingsKeepTheirOrderAndKeysAreTexts() throws {
    #expect(try value("b: 1\na: [x, {c: d}]\n1: yes\nno: 2").text() == #"{"b":1,"a":["x",{"c":"d"}],"1":true,"no":2}"#)
  }

  @Test func mergeKeysGiveWayToWhatTheMappingSaysItself() throws {
    let text = "base: &b {x: 1, y: 2}\nother: &o {y: 3, z: 4}\nuse:\n  <<: [*b, *o]\n  x: 9\n"
    #expect(try value(text)["use"] == ["y": 2, "z": 4, "x": 9])
  }

  @Test func theLastOfEqualKeysCountsAndAWarningSaysWhere() throws {
    let document = try YAMLDocument(parsing: "a: 1\nb: 2\na: 3\n'a': 4\n", file: "f.yml")
    #expect(document.value == ["b": 2, "a": 4])
    #expect(document.warnings.map(\.location) == [SourceLocation(file: "f.yml", line: 1, column: 1), SourceLocation(file: "f.yml", line: 3, column: 1)])
    #expect(document.warnings.allSatisfy { $0.severity == .warning && $0.code == "yaml.duplicate-key" })
  }

  @Test func knowsWhereEveryKeyAndValueStands() throws {
    let document = try YAMLDocument(parsing: "models:\n  - name: a\n    columns:\n      - {name: id, tests: [unique]}\n", file: "s.yml")
    let path: [YAMLDocument.Step] = ["models", 0, "columns", 0, "tests", 0]
    #expect(document.location(of: path) == SourceLocation(file: "s.yml", line: 4, column: 28))
    #expect(document.keyLocation(of: ["models", 0, "columns"]) == SourceLocation(file: "s.yml", line: 3, column: 5))
    #expect(document.location(of: ["models", 7]) == SourceLocation(file: "s.yml", line: 2, column: 3))
  }

  @Test func malformedYAMLIsToldWithLineWindowAndHint() {
    let error = #expect(throws: Diagnostic.self) { try YAMLDocument(parsing: "a: 1\nb:\n\t- c\n", file: "x.yml") }
    #expect(error?.code == "yaml.malformed")
    #expect(error?.location?.line == 3)
    #expect(error?.window?.lines.contains("\t- c") == true)
    #expect(error?.hint == "indent with blanks: YAML allows no tabs there")
  }

  @Test func anUnquotedTemplateGetsAHintToQuoteIt() {
    let error = #expect(throws: Diagnostic.self) { try YAMLDocument(parsing: "schema: {{ var('x') }}\n") }
    #expect(error?.hint?.contains("must stand in quotes") == true)
  }

  @Test(arguments: ["a: [1, 2", "a: 'x", "- a\nb: c", "a: *nothing", "a: !custom 1", "%YAML 9", "---\na: 1\n---\nb: 2\n", "a: b: c"])
  func refusesWhatIsNotOneYAMLDocument(text: String) {
    #expect(throws: Diagnostic.self) { try YAMLDocument(parsing: text) }
  }

  @Test func anExplosionOfAliasesIsRefused() {
    var text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
    for level in 1...9 { text += "a\(level): &a\(level) [\(Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", "))]\n" }
    let error = #expect(throws: Diagnostic.self) { try YAMLDocument(parsing: text) }
    #expect(error?.code == "yaml.too-large")
  }

  @Test func deepNestingIsNoCrash() {
    _ = try? YAMLDocument(parsing: String(repeating: "[", count: 50_000))
    _ = try? YAMLDocument(parsing: String(repeating: "[", count: 500) + String(repeating: "]", count: 500))
  }

  @Test func survivesRandomDamageAndEveryValueKeepsItsPlace() throws {
    let document = Array(
      "version: 2\nmodels:\n  - name: &n a\n    tests: [unique, {relationships: {to: \"ref('b')\"}}]\n    d: >\n      x\n      y\n    <<: {k: *n}\n".utf8)
    for _ in 0..<3_000 {
      var damaged = document
      for _ in 0..<Int.random(in: 1...4) where !damaged.isEmpty {
        let at = Int.random(in: 0..<damaged.count)
        if Bool.random() { damaged[at] = UInt8.random(in: 9...126) } else { damaged.remove(at: at) }
      }
      guard let result = try? YAMLDocument(parsing: String(decoding: damaged, as: UTF8.self)) else { continue }
      for key in (result.value.object ?? [:]).keys { #expect(result.keyLocation(of: [.key(key)]).line != nil) }
    }
  }

  @Test("A document that is known from before knows its places too, and reads them again where they are lost")
  func knownPlaces() throws {
    let source = "a: 1\nb:\n  - x: [1, 2]\n    y: text\n  - z\n"
    let read = try YAMLDocument(parsing: source, file: "f.yml")
    let data = read.marksData
    let paths: [[YAMLDocument.Step]] = [[], ["a"], ["b"], ["b", 0], ["b", 0, "x", 1], ["b", 0, "y"], ["b", 1], ["c"]]
    for marks in [data, Array(data.dropLast()), [], [9, 9, 9]] {
      let known = YAMLDocument(known: read.value, marksData: marks, source: source, file: "f.yml")
      for path in paths {
        #expect(known.location(of: path) == read.location(of: path))
        #expect(known.keyLocation(of: path) == read.keyLocation(of: path))
      }
    }
  }
}
