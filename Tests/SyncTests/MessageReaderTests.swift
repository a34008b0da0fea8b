import DataFormats
import Glibc
import Testing

@testable import Sync

/// Lines of connectors, good ones and all others.
@Suite struct MessageReaderTests {
  /// What a line is, in a word, with what a record holds. The line is read in a buffer without a byte to spare behind it.
  static func read(_ line: [UInt8], _ reader: inout MessageReader, singer: Bool = false) -> String {
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: max(1, line.count), alignment: 1)
    defer { buffer.deallocate() }
    buffer.copyBytes(from: line)
    guard let base = buffer.baseAddress else { return "" }
    switch reader.read(UnsafeRawPointer(base), count: line.count, capacity: line.count, singer: singer) {
    case .record(let record):
      let tokens = reader.tokens
      let whole = UnsafeBufferPointer(start: tokens, count: Int(tokens[0].next))
      let data = record.data.map { JSONParser.value(whole, at: $0).text() } ?? "no object"
      return "record of \(record.stream.pointee.string): \(data)"
    case .message(let type, _): return type
    case .junk: return "junk"
    case .malformed: return "malformed"
    }
  }

  @Test(arguments: [
    (#"{"type":"RECORD","record":{"stream":"a","data":{"x":1},"emitted_at":5}}"#, #"record of a: {"x":1}"#),
    (#"{"record":{"emitted_at":5,"data":{"x":[{}]},"namespace":null,"stream":"a"},"type":"RECORD","state":null}"#, #"record of a: {"x":[{}]}"#),
    (#"{"type":"RECORD","record":{"stream":"a","data":5}}"#, "record of a: no object"), (#"{"type":"RECORD","record":{"data":{}}}"#, "malformed"),
    (#"{"type":"RECORD"}"#, "malformed"), (#"{"type":"STATE","state":{}}"#, "STATE"), (#"{"type":5}"#, "junk"), ("[]", "junk"), ("5", "junk"),
    ("{}", "junk"), ("", "malformed"), ("Loading…", "malformed"), (#"{"type":"RECORD","#, "malformed"), (#"{"type":"RECORD"} {}"#, "malformed"),
  ])
  func aLineIsWhatItIs(line: String, meaning: String) {
    var reader = MessageReader()
    #expect(MessageReaderTests.read(Array(line.utf8), &reader) == meaning)
  }

  @Test(arguments: [
    (#"{"type":"RECORD","stream":"a","record":{"x":1},"version":7}"#, #"record of a: {"x":1}"#),
    (#"{"type":"SCHEMA","stream":"a"}"#, "SCHEMA"), (#"{"type":"RECORD","record":{}}"#, "malformed"),
  ])
  func aTapsLineIsWhatItIs(line: String, meaning: String) {
    var reader = MessageReader()
    #expect(MessageReaderTests.read(Array(line.utf8), &reader, singer: true) == meaning)
  }

  static let samples = [
    #"{"type":"RECORD","record":{"stream":"a","namespace":"n","data":{"x":1.5e3,"y":"\u00e9\n","z":[null,true,{"k":-1}]},"emitted_at":1700000000000}}"#,
    #"{"type":"RECORD","stream":"a","record":{"x":12345678901234567890},"time_extracted":"2024-01-01T00:00:00Z","version":1}"#,
    #"{"type":"STATE","state":{"type":"STREAM","stream":{"stream_descriptor":{"name":"a"},"stream_state":{"n":1}}}}"#,
  ].map { Array($0.utf8) }

  @Test func everyBeginningOfALineIsRefused() {
    var reader = MessageReader()
    for sample in MessageReaderTests.samples {
      for length in 0..<sample.count {
        #expect(MessageReaderTests.read(Array(sample[..<length]), &reader, singer: length % 2 == 0) == "malformed")
      }
    }
  }

  @Test func randomBytesNeverCrashTheReader() {
    var reader = MessageReader()
    var generator = SystemRandomNumberGenerator()
    for _ in 0..<20_000 {
      let bytes = (0..<Int.random(in: 0..<80, using: &generator)).map { _ in UInt8.random(in: 0...255, using: &generator) }
      _ = MessageReaderTests.read(bytes, &reader, singer: Bool.random(using: &generator))
    }
  }

  @Test func randomDamageNeverCrashesTheReader() {
    var reader = MessageReader()
    var generator = SystemRandomNumberGenerator()
    let evil = Array("\"{}[]:,0-.eE\\ntu \u{1}\u{7F}".utf8) + [0, 0x80, 0xC3, 0xFF]
    for sample in MessageReaderTests.samples {
      for _ in 0..<5_000 {
        var damaged = sample
        for _ in 0..<Int.random(in: 1...4, using: &generator) {
          damaged[Int.random(in: 0..<damaged.count, using: &generator)] = evil.randomElement(using: &generator) ?? 0
        }
        _ = MessageReaderTests.read(damaged, &reader, singer: Bool.random(using: &generator))
      }
    }
  }

  @Test func whatIsReadIsWhatWasWritten() throws {
    var reader = MessageReader()
    var generator = Seeded()
    let seed = generator.description
    func value(_ depth: Int) -> JSON {
      switch Int.random(in: 0..<(depth > 3 ? 6 : 8), using: &generator) {
      case 0: .null
      case 1: .bool(Bool.random(using: &generator))
      case 2: .int(Int64.random(in: .min ... .max, using: &generator))
      case 3: .double(Double.random(in: -1e6...1e6, using: &generator))
      case 4: .number(String(UInt64.random(in: (1 << 63)...UInt64.max, using: &generator)))
      case 5: .string(String((0..<Int.random(in: 0..<12, using: &generator)).map { _ in "aé\"\\\n\u{0}🧑 ".randomElement(using: &generator) ?? "a" }))
      case 6: .array((0..<Int.random(in: 0..<4, using: &generator)).map { _ in value(depth + 1) })
      default:
        .object(.init((0..<Int.random(in: 0..<4, using: &generator)).map { ("k\($0)", value(depth + 1)) }) { first, _ in first })
      }
    }
    for _ in 0..<2_000 {
      let data: JSON = ["v": value(0), "w": value(0)]
      let line = JSON.object(["type": "RECORD", "record": ["stream": "s", "data": data, "emitted_at": 1]]).utf8()
      #expect(MessageReaderTests.read(line, &reader) == "record of s: \(data.text())", "\(seed)")
    }
  }
}
