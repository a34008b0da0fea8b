import DataFormats
import Diagnostics
import Testing

@Suite struct GzipReaderTests {
  /// `hello`, packed.
  private let hello: [UInt8] = [
    0x1f, 0x8b, 0x08, 0, 0, 0, 0, 0, 0x02, 0x03, 0xcb, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00, 0x86, 0xa6, 0x10, 0x36, 0x05, 0, 0, 0,
  ]

  private func unpack(_ bytes: [UInt8], chunk: Int = .max) throws -> String {
    let reader = GzipReader()
    var output: [UInt8] = []
    var at = 0
    while at < bytes.count {
      let end = at + min(chunk, bytes.count - at)
      try Array(bytes[at..<end]).withUnsafeBytes { try reader.read($0) { output.append(contentsOf: $0) } }
      at = end
    }
    try reader.finish()
    return String(decoding: output, as: UTF8.self)
  }

  @Test(arguments: [1, 2, 5, Int.max])
  func unpacksInAnyPieces(chunk: Int) throws {
    #expect(try unpack(hello, chunk: chunk) == "hello")
  }

  @Test(arguments: [1, 7, Int.max])
  func readsSeveralMembersAsOneAndIgnoresPadding(chunk: Int) throws {
    #expect(try unpack(hello + hello + [0, 0, 0, 0], chunk: chunk) == "hellohello")
  }

  @Test func saysWhenTheEndIsMissing() throws {
    for length in 0..<hello.count {
      let error = #expect(throws: Diagnostic.self) { try unpack(Array(hello.prefix(length))) }
      #expect(error?.code == "gzip.truncated")
    }
  }

  @Test func saysWhenItIsNoGzip() throws {
    let error = #expect(throws: Diagnostic.self) { try unpack(Array("hello, world".utf8)) }
    #expect(error?.code == "gzip.malformed")
    var damaged = hello
    damaged[19] ^= 0xFF
    #expect(throws: Diagnostic.self) { try unpack(damaged) }
  }

  @Test func knowsItsMark() {
    #expect(GzipReader.isGzip(hello))
    #expect(!GzipReader.isGzip([0x1f]))
    #expect(!GzipReader.isGzip(Array("id,name".utf8)))
  }
}
