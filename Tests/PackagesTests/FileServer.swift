import Synchronization
import TestServer

/// A web server that knows some paths, each with its body.
final class FileServer: Sendable {
  private let server: ScriptedServer
  private let files: Files

  private final class Files: Sendable {
    let bodies: Mutex<[String: [UInt8]]> = Mutex([:])
  }

  var url: String { server.url + "/" }

  init() throws {
    let files = Files()
    self.files = files
    server = try ScriptedServer { request in
      let words = request.split(separator: " ", maxSplits: 2)
      let body = files.bodies.withLock { $0[words.count > 1 ? String(words[1]) : ""] }
      return ScriptedServer.answer(body == nil ? 404 : 200, bytes: body ?? [])
    }
  }

  subscript(path: String) -> [UInt8]? {
    get { files.bodies.withLock { $0[path] } }
    set { files.bodies.withLock { $0[path] = newValue } }
  }

  func stop() { server.stop() }
}
