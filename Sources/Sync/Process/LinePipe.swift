import Diagnostics
import Glibc

/// Whole lines of a connector's output, read ahead on a thread of its own.
///
/// Bytes go from the pipe straight into large blocks, and from there to the parser, without a copy except for the line that a
/// block ends in. A few blocks are all there is (the one given back last is filled first, so that few are touched): when they are full, the connector waits. A block grows only for a single line
/// that is longer than it.
final class LinePipe: @unchecked Sendable {
  /// What a block holds: `count` bytes at `base`, behind them at least `padding` readable bytes.
  struct Block {
    fileprivate(set) var base: UnsafeMutableRawPointer
    fileprivate(set) var count: Int
    fileprivate var capacity: Int
  }

  /// The answer to `next`.
  enum Next {
    /// Lines; to be given back by `recycle`.
    case block(Block)
    /// Nothing came in time.
    case late
    /// There is no more.
    case end
  }

  /// SIMD parsers read beyond the end.
  static let padding = 64
  /// The longest line; SQLite would not take a longer value either.
  static let longestLine = 1 << 30
  /// How many blocks may be kept while the reading goes on.
  static let mostHeld = 3

  private let descriptor: Int32
  private let blockSize: Int
  private let monitor = Monitor()
  private var free: [Block] = []
  private var ready: [Block] = []
  private var ended = false
  private var cancelled = false
  private var tooLong = false
  private var thread: NativeThread?

  /// Starts to read `descriptor`, which it closes in the end.
  init(reading descriptor: Int32, blockSize: Int = 4 << 20, blocks: Int = mostHeld + 2) throws {
    self.descriptor = descriptor
    self.blockSize = blockSize
    for _ in 0..<blocks { free.append(LinePipe.makeBlock(blockSize)) }
    thread = try NativeThread.start { [self] in run() }
  }

  deinit {
    for block in free + ready { block.base.deallocate() }
  }

  private static func makeBlock(_ capacity: Int) -> Block {
    let base = UnsafeMutableRawPointer.allocate(byteCount: capacity + padding, alignment: 64)
    memset(base + capacity, 0, padding)
    return Block(base: base, count: 0, capacity: capacity)
  }

  /// Whether a line was so long that reading ended there.
  var sawTooLongALine: Bool { monitor.withLock { tooLong } }

  /// The next lines, waiting for them up to `seconds`.
  func next(within seconds: Double) -> Next {
    let deadline = Clock.now + seconds
    return monitor.withLock {
      while true {
        if !ready.isEmpty { return .block(ready.removeFirst()) }
        if ended { return .end }
        if seconds <= 0 || !monitor.wait(until: deadline) && ready.isEmpty && !ended { return .late }
      }
    }
  }

  /// Gives back a block that has been dealt with.
  func recycle(_ block: Block) {
    var block = block
    block.count = 0
    if block.capacity > blockSize {
      block.base.deallocate()
      block = LinePipe.makeBlock(blockSize)
    }
    monitor.withLock {
      free.append(block)
      monitor.wake()
    }
  }

  /// Ends the reading; the connector should have been told to stop before.
  func close() {
    monitor.withLock {
      cancelled = true
      monitor.wake()
    }
    thread?.join()
    thread = nil
  }

  private func takeFree() -> Block? {
    monitor.withLock {
      while free.isEmpty && !cancelled { _ = monitor.wait(until: nil) }
      return cancelled ? nil : free.removeLast()
    }
  }

  private func hand(over block: Block) {
    // The parser wants no digit directly behind the last line.
    block.base.storeBytes(of: 0, toByteOffset: block.count, as: UInt8.self)
    monitor.withLock {
      ready.append(block)
      monitor.wake()
    }
  }

  /// Where the last line ends in the `count` bytes from `start` on; nil if none does.
  private static func lastLineEnd(_ block: Block, from start: Int, _ count: Int) -> Int? {
    var at = start + count
    while at > start {
      if block.base.load(fromByteOffset: at - 1, as: UInt8.self) == 10 { return at }
      at -= 1
    }
    return nil
  }

  private func run() {
    defer {
      Glibc.close(descriptor)
      monitor.withLock {
        ended = true
        monitor.wake()
      }
    }
    guard var block = takeFree() else { return }
    // Up to here the block holds whole lines.
    var lines = 0
    while true {
      // Not to be stuck in `read`, should a stray grandchild keep the pipe open for ever; and not to sit on lines that nobody else is
      // busy enough to wait for, should the connector be silent from now on.
      let holds = lines > 0
      let goesOn = { self.monitor.withLock { !self.cancelled && !(holds && self.ready.isEmpty) } }
      guard Descriptor.waitForInput(descriptor, every: holds ? 10 : 250, while: goesOn) else {
        guard holds, !monitor.withLock({ cancelled }) else { break }
        guard let following = handOver(&block, upTo: lines) else { break }
        block = following
        lines = 0
        continue
      }
      let count = read(descriptor, block.base + block.count, block.capacity - block.count)
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { break }
      if let end = LinePipe.lastLineEnd(block, from: block.count, count) { lines = end }
      block.count += count
      // While the other side is busy, larger blocks are worth more than early ones.
      guard block.count == block.capacity || monitor.withLock({ ready.isEmpty }) else { continue }
      guard lines > 0 else {
        guard block.count == block.capacity else { continue }
        guard block.capacity < LinePipe.longestLine else {
          monitor.withLock { tooLong = true }
          block.count = 0
          break
        }
        var larger = LinePipe.makeBlock(block.capacity * 2)
        memcpy(larger.base, block.base, block.count)
        larger.count = block.count
        block.base.deallocate()
        block = larger
        continue
      }
      guard let following = handOver(&block, upTo: lines) else { break }
      block = following
      lines = 0
    }
    if block.count > 0 { hand(over: block) } else { block.base.deallocate() }
  }

  /// Hands over the first `lines` bytes of a block, which are whole lines.
  ///
  /// - Returns: the block to go on with, which begins with the rest; nil if nobody wants more.
  private func handOver(_ block: inout Block, upTo lines: Int) -> Block? {
    guard var following = takeFree() else { return nil }
    let rest = block.count - lines
    // A block without room could not be read into: no bytes read is what the end of the output looks like.
    if rest >= following.capacity {
      following.base.deallocate()
      following = LinePipe.makeBlock(block.capacity)
    }
    memcpy(following.base, block.base + lines, rest)
    following.count = rest
    block.count = lines
    hand(over: block)
    return following
  }
}

/// Waiting for a file descriptor.
enum Descriptor {
  /// Waits until `descriptor` has something to read or has come to its end; asks every so many `milliseconds` whether to go on.
  ///
  /// - Returns: false if not.
  static func waitForInput(_ descriptor: Int32, every milliseconds: Int32 = 250, while goOn: () -> Bool) -> Bool {
    while goOn() {
      var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      if poll(&request, 1, milliseconds) != 0 { return true }
    }
    return false
  }
  /// Whether `descriptor` has something to read at this moment, or has come to its end.
  static func hasInput(_ descriptor: Int32) -> Bool {
    var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    return poll(&request, 1, 0) > 0
  }
}
