import DataFormats
import Diagnostics
import Testing

@Suite struct CSVReaderTests {
  /// Every record as its fields, with `|` and the problem behind it, if it has one.
  private func rows(_ text: String, _ format: CSVFormat = CSVFormat(hasHeader: false), chunk: Int = .max) throws -> [[String]] {
    var reader = CSVReader(format)
    var rows: [[String]] = []
    func take(_ row: CSVRow) { rows.append(row.values.map(\.text) + (row.problem.map { ["|\($0)"] } ?? [])) }
    let bytes = Array(text.utf8)
    var at = 0
    while at < bytes.count {
      let end = at + min(chunk, bytes.count - at)
      try Array(bytes[at..<end]).withUnsafeBytes { try reader.read($0, take) }
      at = end
    }
    try reader.finish(take)
    return rows
  }

  @Test(arguments: [
    ("a,b\nc,d\n", [["a", "b"], ["c", "d"]]), ("a,b\r\nc,d", [["a", "b"], ["c", "d"]]), ("a,b\rc,d\r", [["a", "b"], ["c", "d"]]),
    ("a,\n,b\n", [["a", ""], ["", "b"]]), ("\u{FEFF}a,b\n", [["a", "b"]]), ("\"a,b\",\"c\nd\"\n", [["a,b", "c\nd"]]),
    ("\"say \"\"hi\"\"\",x\n", [["say \"hi\"", "x"]]), ("a\"b,c\n", [["a\"b", "c"]]), ("\n\na,b\n\n", [["a", "b"]]), ("\"\"\n", [[""]]),
    ("ü,😀\n", [["ü", "😀"]]), ("", []), ("a", [["a"]]), ("a,", [["a", ""]]),
  ])
  func readsWhatIsCSVInPracticeHoweverItIsCut(text: String, expected: [[String]]) throws {
    for chunk in [1, 2, 3, 7, Int.max] { #expect(try rows(text, chunk: chunk) == expected) }
  }

  @Test func tellsQuotedFieldsFromPlainOnes() throws {
    let table = try CSVTable(Array("a,b\n\"\",\n".utf8))
    #expect(table.rows == [[CSVValue("", isQuoted: true), CSVValue("", isQuoted: false)]])
  }

  @Test func reportsRecordsOfAnotherWidthAndGoesOn() throws {
    #expect(
      try rows("a,b\nc\nd,e,f\ng,h\n") == [
        ["a", "b"], ["c", "|fieldCount(found: 1, expected: 2)"], ["d", "e", "f", "|fieldCount(found: 3, expected: 2)"], ["g", "h"],
      ])
  }

  @Test func reportsTextBehindAQuoteAndGoesOn() throws {
    #expect(try rows("\"a\"x,b\nc,d\n") == [["ax", "b", "|textAfterQuote(column: 4)"], ["c", "d"]])
  }

  @Test func aQuoteThatNeverClosesCostsItsLineOnly() throws {
    #expect(try rows("a,b\nc,\"d\ne,f\ng,h\n") == [["a", "b"], ["c,\"d", "|unclosedQuote(column: 3)"], ["e", "f"], ["g", "h"]])
  }

  @Test func aRecordLongerThanTheLimitCountsAsUnclosed() throws {
    let format = CSVFormat(hasHeader: false, recordLimit: 100)
    let text = "a,b\n\"" + String(repeating: "x", count: 50) + "\n" + String(repeating: "y", count: 500) + "\nc,d\n"
    let read = try rows(text, format, chunk: 10)
    #expect(read.first == ["a", "b"])
    #expect(read.last == ["c", "d"])
  }

  @Test func countsLinesThroughQuotedFields() throws {
    var reader = CSVReader()
    var lines: [Int] = []
    try Array("a,b\n1,\"x\ny\nz\"\n\n2,3\n".utf8).withUnsafeBytes { try reader.read($0) { lines.append($0.line) } }
    #expect(reader.header == ["a", "b"])
    #expect(lines == [2, 6])
  }

  @Test func undoesEscapesWhereTheFormatHasThem() throws {
    #expect(try rows(#""a\"b",c"# + "\n", CSVFormat(escape: UInt8(ascii: "\\"), hasHeader: false)) == [["a\"b", "c"]])
  }

  @Test(arguments: [("a;b;c\n1,5;2;3\n", ";"), ("a\tb\n1\t2\n", "\t"), ("a,b\n1,2\n", ","), ("a|b|c\n1|2|3\n", "|"), ("one\ntwo\n", ",")])
  func findsTheDelimiter(text: String, delimiter: Character) {
    let found = Array(text.utf8).withUnsafeBytes { CSVFormat().detectingDelimiter(in: $0) }
    #expect(found.delimiter == delimiter.asciiValue)
  }

  @Test func aTableTellsAllItsProblemsWithTheirLines() throws {
    let error = #expect(throws: Diagnostics.self) { try CSVTable(Array("a,a,\n1,2,3\n4\n\"5\"x,6,7\n".utf8), file: "seeds/x.csv") }
    #expect(error?.all.map(\.code) == ["csv.duplicate-column", "csv.unnamed-column", "csv.field-count", "csv.text-after-quote"])
    #expect(error?.all.map(\.location?.line) == [1, 1, 3, 4])
    #expect(error?.all.allSatisfy { $0.location?.file == "seeds/x.csv" } == true)
  }

  @Test func anEmptyTableHasNoHeader() throws {
    let error = #expect(throws: Diagnostics.self) { try CSVTable(Array("\n".utf8)) }
    #expect(error?.all.first?.code == "csv.no-header")
    #expect(try CSVTable(Array("a,b\n".utf8)) == CSVTable(Array("a,b".utf8)))
  }

  @Test func readsBackAnyTableInAnyPieces() throws {
    var generator = SystemRandomNumberGenerator()
    let alphabet = ["a", "\"", ",", "\n", "\r\n", "ü", "", " ", "é😀"]
    for _ in 0..<300 {
      let width = Int.random(in: 2...4, using: &generator)
      let table = (0..<Int.random(in: 1...6, using: &generator)).map { _ in
        (0..<width).map { _ in (0..<Int.random(in: 0...4, using: &generator)).map { _ in alphabet.randomElement(using: &generator) ?? "" }.joined() }
      }
      let text = table.map { $0.map { "\"" + $0.replacing("\"", with: "\"\"") + "\"" }.joined(separator: ",") }.joined(separator: "\r\n")
      #expect(try rows(text, chunk: Int.random(in: 1...9, using: &generator)) == table)
    }
  }

  @Test func survivesRandomBytes() throws {
    var generator = SystemRandomNumberGenerator()
    let likely = Array("\",\n\r\\a".utf8)
    for _ in 0..<2_000 {
      let bytes = (0..<Int.random(in: 0...40, using: &generator)).map { _ in likely.randomElement(using: &generator) ?? 0 }
      let text = String(decoding: bytes, as: UTF8.self)
      #expect(try rows(text, chunk: 3) == rows(text))
    }
  }
}
