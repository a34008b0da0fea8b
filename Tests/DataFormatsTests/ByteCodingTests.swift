import DataFormats
import Testing

@Suite("Bytes that a program keeps for itself")
struct ByteCodingTests {
  @Test("Whatever is written is read back")
  func roundTrip() throws {
    let value: JSON = [
      "a": [1, -1, .int(.max), .int(.min), 1.5, true, false, nil, "", "ü\u{0}\n"], "b": .number("1e400"), "c": [:], "a b": [[], [[:]]],
    ]
    var writer = ByteWriter()
    writer.write(value)
    writer.write(Int.min)
    writer.write(optional: String?.none) { $0.write($1) }
    writer.write(list: ["x", "y"]) { $0.write($1) }
    var reader = ByteReader(writer.bytes)
    #expect(try reader.json() == value)
    #expect(try reader.int() == .min)
    #expect(try reader.optional { (reader) throws(ByteReader.Malformed) in try reader.text() } == nil)
    #expect(try reader.list { (reader) throws(ByteReader.Malformed) in try reader.text() } == ["x", "y"])
    #expect(reader.isAtEnd)
  }

  @Test("Any other bytes are refused or read, and never more than there are")
  func fuzz() {
    var random = SystemRandomNumberGenerator()
    for _ in 0..<5_000 {
      let bytes = (0..<Int.random(in: 0...40, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
      var reader = ByteReader(bytes)
      _ = try? reader.json()
    }
    var deep = ByteReader(Array(repeating: [14, 2], count: 10_000).flatMap { $0 })
    #expect(throws: ByteReader.Malformed.self) { try deep.json() }
  }
}
