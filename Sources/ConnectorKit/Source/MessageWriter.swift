import AirbyteProtocol
import Glibc

/// Thrown when nobody reads what the connector writes any more: it ends without a word.
struct BrokenPipe: Error {}

/// Writes messages as JSON lines, many at a time.
final class MessageWriter {
  private static let fullAt = 128 << 10
  private static let longestDelay: Int64 = 1_000

  /// Takes the bytes; throws `BrokenPipe` when nobody reads them.
  private let sink: (UnsafeRawBufferPointer) throws -> Void
  private var buffer: [UInt8] = []
  private var flushedAt: Int64 = 0

  init(to sink: @escaping (UnsafeRawBufferPointer) throws -> Void = MessageWriter.standardOutput) {
    self.sink = sink
    buffer.reserveCapacity(2 * MessageWriter.fullAt)
    flushedAt = MessageWriter.now
  }

  /// Milliseconds since 1970.
  static var now: Int64 {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000
  }

  /// Seconds since 1970.
  static var seconds: Double { Double(now) / 1_000 }

  /// Writes a message; anything but a record goes out at once.
  func send(_ message: Message) throws {
    message.writeLine(to: &buffer)
    try flush()
  }

  /// Writes a line that `body` appends, its end included.
  ///
  /// - Parameter time: now, in milliseconds since 1970.
  func line(at time: Int64, _ body: (inout [UInt8]) -> Void) throws {
    body(&buffer)
    if buffer.count >= MessageWriter.fullAt || time - flushedAt >= MessageWriter.longestDelay { try flush() }
  }

  /// Hands on what is buffered.
  func flush() throws {
    flushedAt = MessageWriter.now
    guard !buffer.isEmpty else { return }
    defer { buffer.removeAll(keepingCapacity: true) }
    try buffer.withUnsafeBytes(sink)
  }

  private static func standardOutput(_ bytes: UnsafeRawBufferPointer) throws {
    var rest = bytes[...]
    while !rest.isEmpty {
      let written = write(STDOUT_FILENO, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
      if written >= 0 {
        rest = rest.dropFirst(written)
      } else if errno != EINTR {
        throw BrokenPipe()
      }
    }
  }
}
