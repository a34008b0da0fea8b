import Diagnostics
import Dispatch
@preconcurrency import Glibc

/// Serves the files of one folder over HTTP/1.1, read-only: enough for a browser that looks at documentation.
struct FileServer {
  /// The port that it listens on.
  let port: UInt16
  private let folder: String
  private let listener: Int32

  /// Begins to listen.
  ///
  /// - Throws: `Diagnostic` (`docs.cannot-listen`).
  init(folder: String, host: String, port: UInt16) throws {
    self.folder = FileServer.resolved(folder) ?? folder
    var hints = addrinfo()
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    hints.ai_flags = AI_PASSIVE
    var found: UnsafeMutablePointer<addrinfo>?
    guard getaddrinfo(host, String(port), &hints, &found) == 0, let address = found else {
      throw Diagnostic(.usage, "docs.cannot-listen", "'\(host)' is no address of this machine", hint: "try --host 127.0.0.1")
    }
    defer { freeaddrinfo(address) }
    let descriptor = socket(address.pointee.ai_family, address.pointee.ai_socktype | Int32(SOCK_CLOEXEC.rawValue), 0)
    var yes: Int32 = 1
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
    guard descriptor >= 0, bind(descriptor, address.pointee.ai_addr, address.pointee.ai_addrlen) == 0, listen(descriptor, 64) == 0 else {
      let cause = String(cString: strerror(errno))
      if descriptor >= 0 { close(descriptor) }
      throw Diagnostic(
        .system, "docs.cannot-listen", "cannot listen on \(host):\(port)", hint: "choose another port: --port 8081, or --port 0 for any", cause: cause)
    }
    listener = descriptor
    self.port = FileServer.port(of: descriptor) ?? port
  }

  /// Answers until the process ends.
  ///
  /// - Throws: `Diagnostic` (`docs.cannot-listen`) if the machine refuses to go on.
  func run() throws {
    while true {
      let connection = accept(listener, nil, nil)
      if connection < 0 {
        if [EINTR, ECONNABORTED, EMFILE, ENFILE].contains(errno) { continue }
        throw Diagnostic(.system, "docs.cannot-listen", "the server was interrupted", cause: String(cString: strerror(errno)))
      }
      DispatchQueue.global().async { [self] in
        answer(connection)
        close(connection)
      }
    }
  }

  // MARK: One request

  private func answer(_ connection: Int32) {
    // Nobody may hold a thread by saying nothing.
    var patience = timeval(tv_sec: 10, tv_usec: 0)
    for option in [SO_RCVTIMEO, SO_SNDTIMEO] { setsockopt(connection, SOL_SOCKET, option, &patience, socklen_t(MemoryLayout<timeval>.size)) }
    guard let head = readHead(connection) else { return }
    let words = head.prefix { $0 != "\r" && $0 != "\n" }.split(separator: " ")
    guard words.count >= 2, words[0] == "GET" || words[0] == "HEAD" else {
      return send(connection, "405 Method Not Allowed", "text/plain; charset=utf-8", Array("only GET and HEAD\n".utf8), isHead: false)
    }
    let isHead = words[0] == "HEAD"
    let path = words[1].prefix { $0 != "?" && $0 != "#" }
    guard let file = file(for: String(path)), let bytes = FileServer.contents(file) else {
      return send(connection, "404 Not Found", "text/plain; charset=utf-8", Array("there is no such file\n".utf8), isHead: isHead)
    }
    send(connection, "200 OK", FileServer.type(of: file), bytes, isHead: isHead)
  }

  private func readHead(_ connection: Int32) -> String? {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while bytes.count < 65_536 {
      let count = recv(connection, &buffer, buffer.count, 0)
      guard count > 0 else { return nil }
      bytes += buffer[..<count]
      let text = String(decoding: bytes, as: UTF8.self)
      if text.contains("\r\n\r\n") || text.contains("\n\n") { return text }
    }
    return nil
  }

  /// The file that a path means; nil if there is none, or if it lies outside of the folder, by dots or by links.
  func file(for path: String) -> String? {
    guard let decoded = FileServer.decoded(path), decoded.hasPrefix("/"), !decoded.utf8.contains(0) else { return nil }
    guard let file = FileServer.resolved(folder + (decoded.hasSuffix("/") ? decoded + "index.html" : decoded)), file.hasPrefix(folder + "/") else { return nil }
    return file
  }

  private func send(_ connection: Int32, _ status: String, _ type: String, _ body: [UInt8], isHead: Bool) {
    let head =
      "HTTP/1.1 \(status)\r\nContent-Type: \(type)\r\nContent-Length: \(body.count)\r\nCache-Control: no-cache\r\nX-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n"
    let bytes = Array(head.utf8) + (isHead ? [] : body)
    bytes.withUnsafeBytes { buffer in
      var rest = buffer[...]
      while !rest.isEmpty {
        let count = Glibc.send(connection, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count, Int32(MSG_NOSIGNAL))
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { return }
        rest = rest.dropFirst(count)
      }
    }
  }

  // MARK: Files

  private static func port(of descriptor: Int32) -> UInt16? {
    var storage = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    let code = withUnsafeMutablePointer(to: &storage) { $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) } }
    guard code == 0 else { return nil }
    // Both families keep the port in the same place.
    return withUnsafePointer(to: &storage) { $0.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { UInt16(bigEndian: $0.pointee.sin_port) } }
  }

  private static func resolved(_ path: String) -> String? {
    guard let pointer = realpath(path, nil) else { return nil }
    defer { free(pointer) }
    return String(cString: pointer)
  }

  private static func contents(_ path: String) -> [UInt8]? {
    var status = stat()
    guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG, let stream = fopen(path, "rb") else { return nil }
    defer { fclose(stream) }
    var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
    let count = fread(&bytes, 1, bytes.count, stream)
    return Array(bytes.prefix(count))
  }

  private static func decoded(_ path: String) -> String? {
    var bytes: [UInt8] = []
    var rest = Array(path.utf8)[...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        bytes.append(byte)
        continue
      }
      guard rest.count >= 2, let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) else { return nil }
      bytes.append(value)
      rest = rest.dropFirst(2)
    }
    return String(validating: bytes, as: UTF8.self)
  }

  private static func type(of file: String) -> String {
    switch file[(file.lastIndex(of: ".") ?? file.startIndex)...].lowercased() {
    case ".html", ".htm": "text/html; charset=utf-8"
    case ".json": "application/json"
    case ".js": "text/javascript; charset=utf-8"
    case ".css": "text/css; charset=utf-8"
    case ".svg": "image/svg+xml"
    case ".png": "image/png"
    case ".jpg", ".jpeg": "image/jpeg"
    case ".gif": "image/gif"
    case ".sql", ".txt", ".md", ".yml", ".csv": "text/plain; charset=utf-8"
    default: "application/octet-stream"
    }
  }
}
