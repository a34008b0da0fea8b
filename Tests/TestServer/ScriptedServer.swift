import Glibc
import Synchronization

/// A server on loopback that answers as it was told to, byte for byte, and remembers what it was asked.
public final class ScriptedServer: Sendable {
  /// What it does next on a connection.
  public enum Step: Sendable {
    case send([UInt8])
    case wait(Double)
    /// Resets the connection.
    case reset
    /// Closes the connection.
    case close

    /// Sends a text.
    public static func text(_ text: String) -> Step { .send(Array(text.utf8)) }
  }

  private struct State {
    var requests: [String] = []
    var connections = 0
  }

  private let port: UInt16
  private let listener: Int32
  private let state = Mutex(State())
  private let answer: @Sendable (_ request: String) -> [Step]

  /// Where it listens, without a slash at the end.
  public var url: String { "http://127.0.0.1:\(port)" }
  /// What it was asked: heads and bodies.
  public var requests: [String] { state.withLock { $0.requests } }
  /// How many connections were made.
  public var connections: Int { state.withLock { $0.connections } }

  /// A server that gives `answers` in order, and the last one for ever.
  public convenience init(_ answers: [[Step]]) throws {
    let left = Mutex(answers)
    try self.init { _ in left.withLock { $0.count > 1 ? $0.removeFirst() : $0.first ?? [] } }
  }

  /// A server that answers each request with what `answer` makes of it.
  public init(_ answer: @escaping @Sendable (_ request: String) -> [Step]) throws {
    self.answer = answer
    listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let descriptor = listener
    withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        _ = bind(descriptor, $0, length)
        _ = listen(descriptor, 16)
        _ = getsockname(descriptor, $0, &length)
      }
    }
    port = UInt16(bigEndian: address.sin_port)
    ScriptedServer.start { [self] in accept() }
  }

  /// A whole answer with this body.
  public static func answer(_ status: Int, _ body: String = "", headers: String = "") -> [Step] {
    answer(status, bytes: Array(body.utf8), headers: headers)
  }

  /// A whole answer with these bytes.
  public static func answer(_ status: Int, bytes: [UInt8], headers: String = "") -> [Step] {
    [.text("HTTP/1.1 \(status) X\r\nContent-Length: \(bytes.count)\r\n\(headers)\r\n"), .send(bytes)]
  }

  /// Stops listening.
  public func stop() { shutdown(listener, Int32(SHUT_RDWR)) }

  private func accept() {
    while true {
      let connection = Glibc.accept(listener, nil, nil)
      guard connection >= 0 else { return }
      state.withLock { $0.connections += 1 }
      ScriptedServer.start { [self] in serve(connection) }
    }
  }

  private func serve(_ connection: Int32) {
    defer { close(connection) }
    while let request = read(connection) {
      state.withLock { $0.requests.append(request) }
      for step in answer(request) {
        switch step {
        case .send(let bytes): send(bytes, on: connection)
        case .wait(let seconds): usleep(UInt32(seconds * 1_000_000))
        case .reset:
          usleep(20_000)
          var option = linger(l_onoff: 1, l_linger: 0)
          setsockopt(connection, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
          return
        case .close: return
        }
      }
    }
  }

  private func send(_ bytes: [UInt8], on connection: Int32) {
    var sent = 0
    while sent < bytes.count {
      let count = bytes[sent...].withUnsafeBytes { Glibc.send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      guard count > 0 else { return }
      sent += count
    }
  }

  /// The next request: head, and body of the length that the head tells.
  private func read(_ connection: Int32) -> String? {
    var bytes: [UInt8] = []
    var byte: UInt8 = 0
    while !bytes.suffix(4).elementsEqual([13, 10, 13, 10]) {
      guard recv(connection, &byte, 1, 0) == 1 else { return nil }
      bytes.append(byte)
    }
    let head = String(decoding: bytes, as: UTF8.self)
    let length = head.split(separator: "\r\n").first { $0.lowercased().hasPrefix("content-length:") }.flatMap { Int($0.split(separator: " ")[1]) }
    for _ in 0..<(length ?? 0) {
      guard recv(connection, &byte, 1, 0) == 1 else { return nil }
      bytes.append(byte)
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func start(_ body: @escaping @Sendable () -> Void) {
    final class Box: Sendable {
      let body: @Sendable () -> Void
      init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
    var thread = pthread_t()
    pthread_create(
      &thread, nil,
      { context in
        if let context { Unmanaged<Box>.fromOpaque(context).takeRetainedValue().body() }
        return nil
      }, Unmanaged.passRetained(Box(body)).toOpaque())
    pthread_detach(thread)
  }
}
