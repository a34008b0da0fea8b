import Glibc
import HTTPTypes
import Hummingbird
import NIOCore

/// Sends an answer as it is, or in one of the ways in which bodies go wrong.
enum FaultyBody {
  static func response(_ answer: SandboxResponse, fault: Fault?, head: Bool, connection: SandboxServer.Connection) -> Response {
    var headers = HTTPFields()
    for (name, value) in answer.headers {
      guard let name = HTTPField.Name(name) else { continue }
      headers.append(HTTPField(name: name, value: value))
    }
    let status = HTTPResponse.Status(code: answer.status)
    if head {
      headers[.contentLength] = String(answer.body.count)
      return Response(status: status, headers: headers)
    }
    let body: ResponseBody =
      switch fault {
      case .truncated: ResponseBody(byteBuffer: ByteBuffer(bytes: answer.body.prefix(answer.body.count / 2)))
      case .reset: reset(answer.body, connection)
      case .slow: slow(answer.body)
      default: ResponseBody(byteBuffer: ByteBuffer(bytes: answer.body))
      }
    return Response(status: status, headers: headers, body: body)
  }

  /// Promises the whole body, sends half of it, and resets the connection.
  private static func reset(_ bytes: [UInt8], _ connection: SandboxServer.Connection) -> ResponseBody {
    ResponseBody(contentLength: bytes.count) { writer in
      try await writer.write(ByteBuffer(bytes: bytes.prefix(bytes.count / 2)))
      // What was written is on its way before the connection goes.
      try await Task.sleep(for: .milliseconds(5))
      // Closing a socket that must not linger sends RST instead of FIN (socket(7), SO_LINGER).
      if let socket = connection.channel as? any SocketOptionProvider {
        try? await socket.setSoLinger(linger(l_onoff: 1, l_linger: 0)).get()
      }
      try? await connection.channel.close()
      throw CancellationError()
    }
  }

  /// Sends the body in about thirty drops, 5 ms apart.
  private static func slow(_ bytes: [UInt8]) -> ResponseBody {
    ResponseBody(contentLength: bytes.count) { writer in
      let drop = max(1, bytes.count / 30)
      var at = 0
      while at < bytes.count {
        try await writer.write(ByteBuffer(bytes: bytes[at..<min(bytes.count, at + drop)]))
        at += drop
        try await Task.sleep(for: .milliseconds(5))
      }
      try await writer.finish(nil)
    }
  }
}
