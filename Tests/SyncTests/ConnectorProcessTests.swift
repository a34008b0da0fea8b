import Glibc
import Synchronization
import Testing

@testable import Sync

/// Connectors as processes.
@Suite struct ConnectorProcessTests {
  private final class Heard: Sendable {
    let lines = Mutex<[String]>([])
  }

  @Test func everythingThatItSaidBeforeItsEndIsHeard() throws {
    let heard = Heard()
    // Whoever hears it is slower than it speaks, and it ends at once.
    let process = try ConnectorProcess(["/bin/sh", "-c", "i=0; while [ $i -lt 2000 ]; do echo line $i >&2; i=$((i + 1)); done; exit 7"], in: "/tmp") { line in
      usleep(100)
      heard.lines.withLock { $0.append(line) }
    }
    #expect(process.finish() == .exit(7))
    #expect(heard.lines.withLock { $0 } == (0..<2000).map { "line \($0)" })
  }

  @Test func whatItLeavesBehindIsEndedWithIt() throws {
    let process = try ConnectorProcess(["/bin/sh", "-c", "sleep 600 & echo $!"], in: "/tmp") { _ in }
    var child: pid_t?
    if case .block(let block) = process.output.next(within: 30) {
      child = pid_t(String(decoding: UnsafeRawBufferPointer(start: block.base, count: block.count), as: UTF8.self).split(separator: "\n").first ?? "")
      process.output.recycle(block)
    }
    let stray = try #require(child)
    #expect(process.finish() == .exit(0) && process.hasEnded)
    // A process without a parent is taken back by whoever adopts it; until then it is a zombie.
    var waited = 0
    while kill(stray, 0) == 0 && !isZombie(stray) && waited < 1_000 {
      usleep(10_000)
      waited += 1
    }
    #expect(kill(stray, 0) != 0 || isZombie(stray))
  }

  private func isZombie(_ process: pid_t) -> Bool {
    guard let file = fopen("/proc/\(process)/stat", "r") else { return true }
    defer { fclose(file) }
    var text = [CChar](repeating: 0, count: 400)
    guard fgets(&text, 400, file) != nil else { return true }
    return String(decoding: text.map { UInt8(bitPattern: $0) }, as: UTF8.self).contains(") Z ")
  }

  @Test func howItEndedCanBeAskedAgain() throws {
    let process = try ConnectorProcess(["/bin/sh", "-c", "kill -9 $$"], in: "/tmp") { _ in }
    #expect(process.finish() == .signal(SIGKILL))
    process.terminate()
    #expect(process.finish() == .signal(SIGKILL))
  }
}
