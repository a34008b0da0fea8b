import DataFormats
import Glibc
import Testing

@testable import Sandbox

/// One request over a socket of its own, to see what a client sees: also connections that die.
struct Socket {
  var status = 0
  var headers: [String: String] = [:]
  var body: [UInt8] = []
  /// The error number with which the connection ended; 0 after an orderly end.
  var failure: Int32 = 0
  /// How many pieces arrived.
  var pieces = 0
  /// How many records the body lists, if it is a whole list of Stripe's.
  var records: Int? { (try? JSON.parse(body))?["data"]?.array?.count }

  static func get(_ target: String, port: Int, method: String = "GET", headers: [String: String] = [:], body: String = "") -> Socket {
    var result = Socket()
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = UInt16(port).bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let connected = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
    }
    guard connected == 0 else {
      result.failure = errno
      return result
    }
    var text = "\(method) \(target) HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\nConnection: close\r\n"
    for (name, value) in headers { text += "\(name): \(value)\r\n" }
    text += "Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
    _ = Array(text.utf8).withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, 0) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = recv(descriptor, &buffer, buffer.count, 0)
      if count < 0 { result.failure = errno }
      guard count > 0 else { break }
      bytes += buffer[0..<count]
      result.pieces += 1
    }
    let separator = Array("\r\n\r\n".utf8)
    let end = bytes.indices.first { bytes[$0...].starts(with: separator) } ?? bytes.count
    let lines = String(decoding: bytes[..<end], as: UTF8.self).split(separator: "\r\n")
    result.status = lines.first.flatMap { Int($0.split(separator: " ").dropFirst().first ?? "") } ?? 0
    for line in lines.dropFirst() {
      let parts = line.split(separator: ":", maxSplits: 1)
      result.headers[parts[0].lowercased()] = parts.count > 1 ? parts[1].drop { $0 == " " }.description : ""
    }
    result.body = Array(bytes.dropFirst(end + 4))
    return result
  }
}

@Suite(.serialized) struct FaultTests {
  private static let stripe = ["Authorization": "Bearer sk_test_sandbox"]

  private func serving<Result: Sendable>(_ faults: [Fault], _ work: (SandboxServer) throws -> Result) async throws -> Result {
    let server = try await SandboxServer.start(SandboxOptions(customers: 60, port: 0, faults: faults))
    do {
      let result = try work(server)
      await server.stop()
      return result
    } catch {
      await server.stop()
      throw error
    }
  }

  @Test("a server on a free port serves, and HEAD tells the length without the body")
  func serves() async throws {
    try await serving([]) { server in
      let page = Socket.get("/stripe/v1/customers?limit=3", port: server.port, headers: Self.stripe)
      #expect(page.status == 200 && page.records == 3)
      let head = Socket.get("/files/exports/app_users.csv", port: server.port, method: "HEAD")
      #expect(head.status == 200 && head.body.isEmpty && Int(head.headers["content-length"] ?? "") ?? 0 > 100)
      #expect(Socket.get("/_sandbox/advance?by=1d", port: server.port, method: "POST").status == 200)
    }
  }

  @Test("a port that is taken is told with a hint")
  func portTaken() async throws {
    let server = try await SandboxServer.start(SandboxOptions(customers: 10, port: 0))
    await #expect(throws: (any Error).self) { _ = try await SandboxServer.start(SandboxOptions(customers: 10, port: server.port)) }
    await server.stop()
  }

  @Test("each fault shows on the wire, and the repeated request succeeds", arguments: [Fault.rateLimit, .serverError, .reset, .truncated, .slow])
  func onTheWire(fault: Fault) async throws {
    try await serving([fault]) { server in
      let target = "/stripe/v1/charges?limit=50"
      let first = Socket.get(target, port: server.port, headers: Self.stripe)
      switch fault {
      case .rateLimit: #expect(first.status == 429 && first.headers["retry-after"] == "1")
      case .serverError: #expect(first.status == 500)
      case .reset:
        #expect(first.status == 200 && first.body.count < Int(first.headers["content-length"] ?? "") ?? 0)
        #expect(first.failure == ECONNRESET)
      case .truncated:
        #expect(first.status == 200 && first.body.count == Int(first.headers["content-length"] ?? ""))
        #expect(throws: (any Error).self) { try JSON.parse(first.body) }
      default: #expect(first.status == 200 && first.pieces > 3 && (try? JSON.parse(first.body)) != nil)
      }
      let second = Socket.get(target, port: server.port, headers: Self.stripe)
      #expect(second.status == 200 && second.records == 50)
      #expect(server.playedFaults == [fault: 1])
    }
  }

  @Test("an expired token is told once, and a new one works")
  func expiredToken() throws {
    let visitor = Visitor(customers: 60, faults: [.expiredToken])
    let query = "/salesforce/services/data/v62.0/query?q=SELECT+Id+FROM+Contact"
    #expect(visitor.get(query).status == 401)
    #expect(visitor.get(query).status == 200)
    #expect(visitor.get("/stripe/v1/customers").status == 200)
  }

  @Test("a spent quota refuses every query of Salesforce, with 403")
  func quota() {
    let visitor = Visitor(customers: 60, faults: [.quota])
    for _ in 0..<3 {
      let response = visitor.get("/salesforce/services/data/v62.0/query?q=SELECT+Id+FROM+Contact")
      #expect(response.status == 403 && String(decoding: response.body, as: UTF8.self).contains("REQUEST_LIMIT_EXCEEDED"))
    }
    #expect(visitor.get("/zendesk/api/v2/users/me.json").status == 200)
  }

  @Test("with every fault on, no request fails twice in a row, all faults are played, and they become rare")
  func bounded() throws {
    let plan = FaultPlan(try Fault.list("all"))
    var played: [Fault?] = []
    for _ in 0..<500 { played.append(plan.next("stripe/v1/charges", among: Fault.allCases)) }
    for (a, b) in zip(played, played.dropFirst()) { #expect(a == nil || b == nil) }
    #expect(Set(played.prefix(16).compactMap { $0 }).count == 6)
    #expect(played.dropFirst(16).count { $0 != nil } == 19)
    let again = FaultPlan(try Fault.list("all"))
    #expect(played == (0..<500).map { _ in again.next("stripe/v1/charges", among: Fault.allCases) })
    #expect(throws: (any Error).self) { try Fault.list("rate-limit,nonsense") }
  }
}
