import AirbyteProtocol
import DataFormats
import Testing
import Warehouse

@testable import Sync

/// Rows that are sorted before they are written.
@Suite struct RowWindowTests {
  @Test func inWhateverOrderVersionsComeTheLatestStays() throws {
    var generator = Generator(state: 7)
    for _ in 0..<3 {
      let bench = try Bench()
      try bench.offer()
      var latest: [Int: (stamp: String, name: String)] = [:]
      for _ in 0..<2 {
        var lines: [String] = []
        for number in 0..<2000 {
          let id = Int(generator.next() % 300)
          // Without the Z, a fraction comes after the whole second.
          let stamp = "2024-01-01T00:00:\(10 + generator.next() % 5)" + (generator.next() % 2 == 0 ? "Z" : ".5Z")
          let name = "\"\(generator.next() % 1000)\"\n\(number)"
          lines.append(Bench.record(["id": .int(Int64(id)), "name": .string(name), "updated_at": .string(stamp)]))
          if latest[id].map({ $0.stamp.dropLast() <= stamp.dropLast() }) ?? true { latest[id] = (stamp, name) }
        }
        try bench.say(lines + [Bench.state(["n": 1])])
        #expect(bench.sync(bench.connection(.incremental, .appendDedup)).succeeded)
      }
      let rows = try bench.rows("SELECT id, updated_at, name FROM toy__users ORDER BY id")
      #expect(rows == latest.sorted { $0.key < $1.key }.map { [.integer(Int64($0.key)), .text($0.value.stamp), .text($0.value.name)] })
    }
  }

  @Test func keysOfAllKindsAreInOneOrder() {
    let texts = ["", "a", "abcdefgh", "abcdefghi", "abcdefgz", "b", "é"].map { Array($0.utf8) }
    withExtendedLifetime(texts) {
      let window = RowWindow(capacity: 100, width: 1, keys: [0])
      func add(_ cell: RowWindow.Cell) {
        window.cells[window.count] = cell
        window.take(.init(text: window.copy("", 0), length: 0, counter: 0, milliseconds: 0))
      }
      for bytes in texts.reversed() {
        let copy = bytes.withUnsafeBufferPointer { bytes in
          bytes.withMemoryRebound(to: CChar.self) { window.copy($0.baseAddress ?? window.copy("", 0), $0.count) }
        }
        add(.init(kind: .text, length: UInt32(bytes.count), bits: UInt64(UInt(bitPattern: copy))))
      }
      let numbers: [Double] = [7.5, -3, 1e30, 0, -0.5, -1e30]
      for number in numbers { add(.init(kind: .real, length: 0, bits: number.bitPattern)) }
      for integer: Int64 in [7, -4, .max, 0, .min, .max - 1] { add(.init(kind: .integer, length: 0, bits: UInt64(bitPattern: integer))) }
      // Behind the texts stand at 7 the reals and at 13 the integers; 0.0 came before the 0 that equals it.
      #expect(window.order() == [12, 17, 14, 8, 11, 10, 16, 13, 7, 18, 15, 9, 6, 5, 4, 3, 2, 1, 0])
    }
  }

  private struct Generator: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return state >> 33
    }
  }
}
