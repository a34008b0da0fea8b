import DataFormats
import Diagnostics
import Testing

@Suite struct JSONTests {
  @Test(arguments: [
    "null", "true", "[]", "{}", "[1,2,3]", #"{"b":1,"a":{"c":[null,"x\ny"]}}"#, "12345678901234567890", "-0.1234567890123456789",
    "9223372036854775807", "1.1", "0.30000000000000004", "1e400", "\"ü😀\"", #""\u0001\\\"""#,
  ])
  func writesBackWhatItRead(text: String) throws {
    #expect(try JSON.parse(text).text() == text)
  }

  @Test("What a text cannot hold as it is gets escaped wherever it stands")
  func escapesAnywhere() throws {
    for count in 0..<20 {
      for place in 0...count {
        for odd in ["\"", "\\", "\u{1F}", "\u{0}", "\n", "ü", "\u{7F}", "!"] {
          let text = String(repeating: "a", count: place) + odd + String(repeating: "z", count: count - place) + odd
          let written = JSON.string(text).text()
          #expect(try JSON.parse(written) == .string(text))
          #expect(written.contains("\\") == !["ü", "\u{7F}", "!"].contains(odd))
        }
      }
    }
  }

  @Test func keepsNumbersThatNoMachineTypeHolds() throws {
    #expect(try JSON.parse("[9223372036854775808, 123.4567890123456789, 2.50]") == [.number("9223372036854775808"), .number("123.4567890123456789"), 2.5])
  }

  @Test(arguments: [
    "", " ", "{", "[1,]", "{\"a\":}", "{\"a\" 1}", "01", "1.", "-", "tru", "nulll", "\"a", "[1] 2", "{1:2}", "\"\\x\"", "[1 2]", "+1", "\u{7}",
  ])
  func refusesWhatIsNotJSON(text: String) {
    #expect(throws: Diagnostic.self) { try JSON.parse(text) }
  }

  @Test func saysLineAndColumnOfAMistake() {
    let error = #expect(throws: Diagnostic.self) { try JSON.parse("{\n \"a\": 1,\n \"b\" 2}") }
    #expect(error?.location == SourceLocation(line: 3, column: 6))
  }

  @Test func theLastOfEqualKeysCounts() throws {
    #expect(try JSON.parse(#"{"a":1,"a":2}"#) == ["a": 2])
  }

  @Test func deepNestingIsRefusedNotACrash() {
    #expect(throws: Diagnostic.self) { try JSON.parse(String(repeating: "[", count: 100_000)) }
  }

  @Test func survivesRandomDamage() throws {
    var generator = SystemRandomNumberGenerator()
    let document = Array(#"{"a":[1,2.5e3,"x\u00e9\"",{"b":null}],"c":true}"#.utf8)
    for _ in 0..<5_000 {
      var damaged = document
      for _ in 0..<Int.random(in: 1...3, using: &generator) {
        let at = Int.random(in: 0..<damaged.count, using: &generator)
        if Bool.random(using: &generator) { damaged[at] = UInt8.random(in: 0...255, using: &generator) } else { damaged.remove(at: at) }
        if damaged.isEmpty { break }
      }
      if let value = try? JSON.parse(damaged) { #expect(try JSON.parse(value.utf8()) == value) }
    }
  }
}
