import Glibc
import Testing

@testable import Sync

/// A connector's output in blocks of whole lines.
@Suite struct LinePipeTests {
  /// A pipe that the connectors of other tests do not keep open.
  struct Ends {
    let read: Int32
    let write: Int32

    init() throws {
      var ends: [Int32] = [-1, -1]
      try #require(pipe(&ends) == 0)
      for end in ends { try #require(fcntl(end, F_SETFD, FD_CLOEXEC) == 0) }
      (read, write) = (ends[0], ends[1])
    }

    /// Writes all of `bytes`; how much that was.
    @discardableResult func send(_ bytes: [UInt8]) -> Int {
      var at = 0
      while at < bytes.count {
        let count = bytes.withUnsafeBytes { Glibc.write(write, $0.baseAddress.map { $0 + at }, bytes.count - at) }
        if count < 0 && errno == EINTR { continue }
        guard count > 0 else { break }
        at += count
      }
      return at
    }
  }

  /// All lines of `output`; `slowly` lets it read ahead as far as it can.
  func lines(of output: LinePipe, slowly: Bool = false) -> [String] {
    var received: [String] = []
    while true {
      if slowly { usleep(200) }
      switch output.next(within: 1) {
      case .block(let block):
        let text = String(decoding: UnsafeRawBufferPointer(start: block.base, count: block.count), as: UTF8.self)
        received += text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        if text.hasSuffix("\n") { received.removeLast() }
        output.recycle(block)
      case .late: continue
      case .end:
        output.close()
        return received
      }
    }
  }

  @Test func linesComeWholeHoweverTheyArrive() throws {
    var generator = Seeded()
    let seed = generator.description
    for round in 0..<60 {
      let ends = try Ends()
      let lines = (0..<200).map { "\($0):" + String(repeating: "x", count: Int.random(in: 0..<($0 % 20 == 0 ? 3_000 : 40), using: &generator)) }
      var rest = Array(lines.joined(separator: "\n").utf8)[...]
      var pieces: [[UInt8]] = []
      while !rest.isEmpty {
        let count = min(rest.count, Int.random(in: 1...700, using: &generator))
        pieces.append(Array(rest.prefix(count)))
        rest = rest.dropFirst(count)
      }
      // Blocks of 256 bytes: most lines cross a border, and some are longer than a block.
      let output = try LinePipe(reading: ends.read, blockSize: 256, blocks: 3)
      let writer = try NativeThread.start { [pieces] in
        for piece in pieces { ends.send(piece) }
        close(ends.write)
      }
      let received = self.lines(of: output, slowly: round % 3 == 0)
      writer.join()
      #expect(received == lines, "round \(round) of \(seed)")
    }
  }

  @Test(arguments: 250...262) func whatIsLeftOfALargeBlockMayFillTheNextOne(rest: Int) throws {
    let ends = try Ends()
    // A line for which the block has grown to 1,024 bytes, and the beginning of the next one as long as a fresh block, or nearly.
    let lines = [String(repeating: "a", count: 1_023 - rest), String(repeating: "b", count: rest + 40), "c"]
    let bytes = Array(lines.map { $0 + "\n" }.joined().utf8)
    // All is there before the first byte is read.
    #expect(ends.send(bytes) == bytes.count)
    close(ends.write)
    #expect(lines == self.lines(of: try LinePipe(reading: ends.read, blockSize: 256, blocks: 3)))
  }

  @Test func linesAreNotKeptBackWhileTheConnectorIsSilent() throws {
    for _ in 0..<20 {
      let ends = try Ends()
      let output = try LinePipe(reading: ends.read)
      // The second line comes while nobody has taken the first.
      for line in ["first\n", "second\n"] {
        ends.send(Array(line.utf8))
        usleep(5_000)
      }
      var received = ""
      while received != "first\nsecond\n", case .block(let block) = output.next(within: 5) {
        received += String(decoding: UnsafeRawBufferPointer(start: block.base, count: block.count), as: UTF8.self)
        output.recycle(block)
      }
      #expect(received == "first\nsecond\n")
      close(ends.write)
      output.close()
    }
  }
}
