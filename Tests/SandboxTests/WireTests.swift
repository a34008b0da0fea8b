import DataFormats
import Testing

@testable import Sandbox

@Suite struct WireTests {
  @Test("times survive being written and read, whatever the offset")
  func times() {
    var draw = Draw(1, .person, 0)
    for _ in 0..<2_000 {
      let time = Int64(draw.below(8_000_000_000)) - 2_000_000_000
      #expect(CivilTime.parse(CivilTime.timestamp(time)) == time)
      #expect(CivilTime.parse(CivilTime.timestamp(time + 3_600, suffix: "+01:00")) == time)
      #expect(CivilTime.parse(CivilTime.timestamp(time, suffix: ".000+0000")) == time)
      #expect(CivilTime.parse(CivilTime.timestamp(time - 5_400, suffix: ".123456-0130")) == time)
    }
    #expect(CivilTime.parse("2026-03-01") == SandboxOptions.defaultOpening)
    for wrong in ["", "2026", "2026-13-01", "2026-03-01T25:00:00Z", "2026-03-01T00:00:00Zz", "yesterday", "2026-03-01T00"] {
      #expect(CivilTime.parse(wrong) == nil, "\(wrong)")
    }
  }

  @Test("spans are read, and nothing else is")
  func spans() throws {
    #expect(try SandboxOptions.span("1d12h") == 36 * 3_600)
    #expect(try SandboxOptions.span("2w") == 14 * 86_400)
    for wrong in ["", "1", "d", "-1d", "1y", "99999999999999999999d"] {
      #expect(throws: (any Error).self, "\(wrong)") { try SandboxOptions.span(wrong) }
    }
  }

  @Test("an identifier decodes to its place and to no other kind")
  func identifiers() {
    let codes = IdentifierCode(seed: 7)
    var draw = Draw(2, .person, 0)
    for _ in 0..<2_000 {
      let ref = Ref(draw.below(1 << 24), draw.below(1 << 16))
      let text = codes.text("cus_", .stripeCustomer, ref)
      #expect(codes.ref("cus_", .stripeCustomer, text) == ref)
      #expect(codes.ref("cus_", .charge, text) == nil)
      let company = Company(seed: 7, customers: 10, opening: 0)
      for object in SObject.allCases { #expect(object.ref(object.identifier(ref, company)) == ref) }
    }
    for wrong in ["cus_", "cus_!!!!!!!!!!!", "cus_zzzzzzzzzzz", "ch_30000000000"] { #expect(codes.ref("cus_", .stripeCustomer, wrong) == nil) }
  }

  @Test("what is written as JSON reads back as the same")
  func json() throws {
    var draw = Draw(3, .person, 0)
    let scalars: [Unicode.Scalar] = ["a", "\"", "\\", "\n", "\u{1}", "é", "佐", "😀", " ", "\u{7F}", "/"]
    for _ in 0..<500 {
      let text = String(String.UnicodeScalarView((0..<draw.below(12)).map { _ in draw.pick(scalars) }))
      let number = Int64(bitPattern: draw.next())
      var json = JSONBytes()
      json.object { json in
        json.field("text", text)
        json.array("list") { json in
          json.integer(number)
          json.null()
          json.object { _ in }
          json.bool(true)
        }
        json.amount("amount", cents: 1_005)
      }
      let value = try JSON.parse(json.bytes)
      #expect(value["text"]?.string == text)
      #expect(value["list"] == .array([.int(number), .null, .object([:]), .bool(true)]))
      #expect(value["amount"]?.double == 10.05)
    }
  }

  @Test("queries are decoded as browsers and libraries encode them")
  func queries() {
    let items = SandboxRequest.parse(query: "created%5Bgte%5D=5&q=a+b%2Bc&empty=&flag&bad=%zz")
    #expect(items.map(\.name) == ["created[gte]", "q", "empty", "flag", "bad"])
    #expect(items.map(\.value) == ["5", "a b+c", "", "", "%zz"])
    var draw = Draw(4, .person, 0)
    for _ in 0..<300 {
      let bytes = (0..<draw.below(40)).map { _ in UInt8(draw.below(256)) }
      #expect(Base64.decode(Base64.encode(bytes)) == bytes)
      let text = String(decoding: bytes, as: UTF8.self)
      #expect(SandboxRequest.parse(query: "x=" + SandboxRequest.encode(text)).first?.value == text)
    }
  }

  @Test("no text makes the query parser or the range parser fall over")
  func fuzz() {
    var draw = Draw(5, .person, 0)
    let parts = [
      "SELECT", " ", "Id", ",", "(", ")", "FROM", "Contact", "WHERE", "'", "\\", "=", ">=", "2026-01-01T00:00:00Z", "AND", "NOT", "IN", "LIMIT", "1", "ORDER",
      "BY", "é", "\0",
    ]
    for _ in 0..<3_000 {
      let text = (0..<draw.below(14)).map { _ in draw.pick(parts) }.joined(separator: draw.chance(0.5) ? " " : "")
      _ = try? SOQL(text)
      if let range = FilesAPI.range("bytes=" + text, of: 10) { #expect(range.lowerBound >= 0 && range.upperBound <= 10) }
    }
    for text in ["bytes=5-2", "bytes=--1", "bytes=a-b", "bytes=", "lines=0-1"] { #expect(FilesAPI.range(text, of: 10) == nil) }
  }
}
