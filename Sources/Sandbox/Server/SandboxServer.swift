import Diagnostics
import HTTPTypes
import Hummingbird
import Logging
import NIOCore

/// A running sandbox: one synthetic company behind the shapes of the real systems' APIs, on 127.0.0.1.
///
///     let server = try await SandboxServer.start(SandboxOptions(customers: 200, port: 0))
///     print(server.url)   // http://127.0.0.1:41231; Stripe is at …/stripe/v1, Shopify at …/shopify/admin/api, and so on
///     await server.stop()
public final class SandboxServer: Sendable {
  /// The port that is listened on.
  public let port: Int
  private let playground: Playground
  private let task: Task<Void, any Error>

  /// `http://127.0.0.1:PORT`.
  public var url: String { "http://127.0.0.1:\(port)" }

  private init(port: Int, playground: Playground, task: Task<Void, any Error>) {
    self.port = port
    self.playground = playground
    self.task = task
  }

  /// Starts a server and returns when it listens.
  ///
  /// - Throws: a `Diagnostic` of the code `sandbox.cannot-listen` when the port is taken.
  public static func start(_ options: SandboxOptions) async throws -> SandboxServer {
    let playground = Playground(options.world(), faults: options.faults)
    let (listening, report) = AsyncThrowingStream.makeStream(of: Int.self)
    let application = application(playground, port: options.port) { report.yield($0) }
    let task = Task {
      do {
        try await application.run()
        report.finish()
      } catch {
        report.finish(throwing: error)
        throw error
      }
    }
    do {
      for try await port in listening { return SandboxServer(port: port, playground: playground, task: task) }
    } catch {
      throw Diagnostic(
        .system, "sandbox.cannot-listen", "cannot listen on 127.0.0.1:\(options.port)",
        hint: "another program may use the port: choose one with --port, or --port 0 for any", cause: "\(error)")
    }
    throw Diagnostic(.system, "sandbox.cannot-listen", "the server ended before it listened on 127.0.0.1:\(options.port)")
  }

  /// Serves until the process is told to stop (SIGINT, SIGTERM); calls `ready` with the port once it listens.
  public static func serve(_ options: SandboxOptions, ready: @escaping @Sendable (Int) -> Void) async throws {
    let playground = Playground(options.world(), faults: options.faults)
    do {
      try await application(playground, port: options.port, ready: ready).runService()
    } catch is CancellationError {
      return
    } catch {
      throw Diagnostic(
        .system, "sandbox.cannot-listen", "cannot serve on 127.0.0.1:\(options.port)",
        hint: "another program may use the port: choose one with --port, or --port 0 for any", cause: "\(error)")
    }
  }

  /// Moves the company's clock on by `seconds`.
  public func advance(by seconds: Int64) {
    _ = playground.advance(by: seconds)
  }

  /// Sets the ways in which the server misbehaves.
  public func set(faults: [Fault]) {
    playground.faults.set(faults)
  }

  /// How often each fault was played since the faults were set.
  public var playedFaults: [Fault: Int] { playground.faults.played }

  /// How many records every stream holds now, as JSON: what `/_sandbox/counts.json` answers.
  public func counts() -> [UInt8] { Truth(playground.world).counts(archive: playground.files) }

  /// Who is who in all systems now, as CSV: what `/_sandbox/truth.csv` answers.
  public func truth() -> [UInt8] { Truth(playground.world).csv() }

  /// Stops listening.
  public func stop() async {
    task.cancel()
    _ = await task.result
  }

  // MARK: Hummingbird

  /// Keeps hold of the connection, which a fault may reset.
  struct Connection: InitializableFromSource, Sendable {
    let channel: any Channel

    init(source: ApplicationRequestContextSource) {
      channel = source.channel
    }
  }

  private static func application(
    _ playground: Playground, port: Int, ready: @escaping @Sendable (Int) -> Void
  ) -> Application<CallbackResponder<Connection>> {
    var logger = Logger(label: "scv-sandbox")
    logger.logLevel = .critical
    let responder = CallbackResponder<Connection> { request, connection in
      let (answer, fault) = playground.respond(to: try await read(request, port: port))
      return FaultyBody.response(answer, fault: fault, head: request.method == .head, connection: connection)
    }
    return Application(
      responder: responder, configuration: .init(address: .hostname("127.0.0.1", port: port), serverName: "scv-sandbox"),
      onServerRunning: { channel in ready(channel.localAddress?.port ?? port) }, logger: logger)
  }

  private static func read(_ request: Request, port: Int) async throws -> SandboxRequest {
    var headers: [String: String] = [:]
    for field in request.headers { headers[field.name.canonicalName] = field.value }
    let body = request.method == .post ? Array(try await request.body.collect(upTo: 1 << 20).readableBytesView) : []
    let authority = request.head.authority ?? headers["host"] ?? "127.0.0.1:\(port)"
    return SandboxRequest(
      method: request.method.rawValue, path: request.uri.path, query: SandboxRequest.parse(query: request.uri.query ?? ""),
      headers: headers, body: body, origin: "http://\(authority)")
  }
}
