import Glibc
import Synchronization

/// A web server on loopback that knows some paths, each with its body.
final class FileServer: Sendable {
  let port: UInt16
  private let listener: Int32
  private let files: Mutex<[String: [UInt8]]> = Mutex([:])

  var url: String { "http://127.0.0.1:\(port)/" }

  init() {
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
    var thread = pthread_t()
    pthread_create(
      &thread, nil,
      { raw in
        guard let raw else { return nil }
        Unmanaged<FileServer>.fromOpaque(raw).takeRetainedValue().serve()
        return nil
      }, Unmanaged.passRetained(self).toOpaque())
    pthread_detach(thread)
  }

  subscript(path: String) -> [UInt8]? {
    get { files.withLock { $0[path] } }
    set { files.withLock { $0[path] = newValue } }
  }

  func stop() { shutdown(listener, Int32(SHUT_RDWR)) }

  private func serve() {
    while true {
      let connection = accept(listener, nil, nil)
      guard connection >= 0 else { return }
      var request: [UInt8] = []
      var buffer = [UInt8](repeating: 0, count: 4096)
      while !request.suffix(4).elementsEqual([13, 10, 13, 10]) {
        let count = read(connection, &buffer, buffer.count)
        guard count > 0 else { break }
        request += buffer[..<count]
      }
      let path = String(decoding: request.split(separator: 32).dropFirst().first ?? [], as: UTF8.self)
      let body = self[path]
      let answer = Array("HTTP/1.1 \(body == nil ? 404 : 200) X\r\nConnection: close\r\nContent-Length: \(body?.count ?? 0)\r\n\r\n".utf8) + (body ?? [])
      var sent = 0
      while sent < answer.count {
        let count = answer[sent...].withUnsafeBytes { send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
        guard count > 0 else { break }
        sent += count
      }
      close(connection)
    }
  }
}
