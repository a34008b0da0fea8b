import Diagnostics
import HTTP
import TestServer
import Testing

@Suite struct HTTPClientTests {
  private func text(_ response: HTTPResponse) -> String { String(decoding: response.body, as: UTF8.self) }

  @Test func sendsMethodHeadersAndBodyAndReadsTheAnswer() throws {
    let server = try ScriptedServer([ScriptedServer.answer(201, "made", headers: "X-Thing: a\r\n")])
    defer { server.stop() }
    let response = try HTTPClient().send(HTTPRequest("POST", server.url + "/things?a=1", headers: ["X-Key": "k"], body: Array("{}".utf8)))
    #expect(response.status == 201)
    #expect(response.headers["x-thing"] == "a")
    #expect(text(response) == "made")
    let request = try #require(server.requests.first)
    #expect(request.hasPrefix("POST /things?a=1 HTTP/1.1\r\n"))
    #expect(request.contains("X-Key: k\r\n"))
    #expect(request.hasSuffix("\r\n\r\n{}"))
  }

  @Test func keepsItsConnectionFromOneRequestToTheNext() throws {
    let server = try ScriptedServer([ScriptedServer.answer(200, "a")])
    defer { server.stop() }
    let client = HTTPClient()
    for _ in 0..<3 { _ = try client.send(.get(server.url)) }
    #expect(server.requests.count == 3)
    #expect(server.connections == 1)
  }

  @Test func unpacksCompressedAnswers() throws {
    let packed: [UInt8] = [
      0x1f, 0x8b, 0x08, 0, 0, 0, 0, 0, 0x02, 0x03, 0xcb, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00, 0x86, 0xa6, 0x10, 0x36, 0x05, 0, 0, 0,
    ]
    let server = try ScriptedServer([
      [.text("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: \(packed.count)\r\n\r\n"), .send(packed)]
    ])
    defer { server.stop() }
    #expect(text(try HTTPClient().send(.get(server.url))) == "hello")
  }

  @Test func triesAgainWithGrowingWaits() throws {
    let server = try ScriptedServer([500, 502, 408, 200].map { ScriptedServer.answer($0, "x") })
    defer { server.stop() }
    let clock = FakeClock()
    let client = HTTPClient(retry: RetryPolicy(firstDelay: 1, longestDelay: 3), clock: clock.clock())
    #expect(try client.send(.get(server.url)).status == 200)
    #expect(clock.sleeps == [1, 2, 3])
    #expect(client.requestCount == 4)
  }

  @Test func drawsItsWaitsAtRandomFromZeroUp() throws {
    let server = try ScriptedServer([500, 500, 200].map { ScriptedServer.answer($0) })
    defer { server.stop() }
    let clock = FakeClock()
    _ = try HTTPClient(retry: RetryPolicy(firstDelay: 1), clock: clock.clock(random: 0.25)).send(.get(server.url))
    #expect(clock.sleeps == [0.25, 0.5])
  }

  @Test(arguments: [
    ("Retry-After: 7\r\n", 7.0), ("Retry-After: 2.5\r\n", 2.5), ("Retry-After: soon\r\n", 0),
    ("Date: Tue, 14 Nov 2023 22:13:20 GMT\r\nRetry-After: Tue, 14 Nov 2023 22:13:50 GMT\r\n", 30),
    ("Retry-After: Tue, 14 Nov 2023 22:13:30 GMT\r\n", 10),
  ])
  func waitsAsLongAsTheServerAsks(headers: String, seconds: Double) throws {
    let server = try ScriptedServer([ScriptedServer.answer(429, headers: headers), ScriptedServer.answer(200)])
    defer { server.stop() }
    let clock = FakeClock()
    _ = try HTTPClient(clock: clock.clock(random: 0)).send(.get(server.url))
    #expect(clock.sleeps == [seconds])
  }

  @Test(arguments: [
    [ScriptedServer.Step.text("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"), .close],
    [.text("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"), .reset],
    [.text("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n"), .close],
    [.reset], [.close], [.text("HTTP/1.1 20"), .close],
  ])
  func triesAgainWhenTheAnswerIsCutOff(steps: [ScriptedServer.Step]) throws {
    let server = try ScriptedServer([steps, ScriptedServer.answer(200, "whole")])
    defer { server.stop() }
    #expect(text(try HTTPClient(clock: FakeClock().clock()).send(.get(server.url))) == "whole")
  }

  @Test func triesAgainWhenTheAnswerStalls() throws {
    let server = try ScriptedServer([
      [.text("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"), .wait(6), .close], ScriptedServer.answer(200, "whole"),
    ])
    defer { server.stop() }
    let client = HTTPClient(timeouts: HTTPTimeouts(stall: 1), clock: FakeClock().clock())
    #expect(text(try client.send(.get(server.url))) == "whole")
  }

  @Test func triesAgainWhenTheBodyCannotBeDecoded() throws {
    let server = try ScriptedServer([ScriptedServer.answer(200, "{\"a\":"), ScriptedServer.answer(200, "{}")])
    defer { server.stop() }
    let body = try HTTPClient(clock: FakeClock().clock()).send(.get(server.url)) { response in
      guard response.body.last == UInt8(ascii: "}") else { throw DamagedBody(Diagnostic(.parsing, "json.malformed", "no JSON")) }
      return text(response)
    }
    #expect(body == "{}")
  }

  @Test func givesUpAfterSoManyTries() throws {
    let server = try ScriptedServer([ScriptedServer.answer(503, "down")])
    defer { server.stop() }
    let client = HTTPClient(retry: RetryPolicy(attempts: 3), clock: FakeClock().clock())
    let failure = #expect(throws: HTTPFailure.self) { try client.send(.get(server.url)) }
    #expect(server.requests.count == 3)
    #expect(failure?.kind == .status(503))
    #expect(failure?.isTransient == true)
    #expect(failure?.diagnostic.code == "http.server-error")
    #expect(failure?.diagnostic.message.contains("tried 3 times") == true)
  }

  @Test func givesUpRatherThanWaitLongerThanItMay() throws {
    let server = try ScriptedServer([ScriptedServer.answer(429, headers: "Retry-After: 90\r\n")])
    defer { server.stop() }
    let clock = FakeClock()
    let failure = #expect(throws: HTTPFailure.self) {
      try HTTPClient(retry: RetryPolicy(totalTime: 60), clock: clock.clock()).send(.get(server.url))
    }
    #expect(clock.sleeps == [])
    #expect(failure?.diagnostic.hint?.contains("due in") == true)
  }

  @Test(arguments: [(400, "http.rejected"), (401, "http.unauthorized"), (403, "http.forbidden"), (404, "http.not-found")])
  func doesNotTryAgainWhatNoTryBetters(status: Int, code: String) throws {
    let server = try ScriptedServer([ScriptedServer.answer(status, "{\"error\": \"no such thing\"}")])
    defer { server.stop() }
    let failure = #expect(throws: HTTPFailure.self) { try HTTPClient().send(.get(server.url)) }
    #expect(server.requests.count == 1)
    #expect(failure?.diagnostic.code == code)
    #expect(failure?.diagnostic.cause == "{\"error\": \"no such thing\"}")
  }

  @Test func showsNoSecretInItsErrors() throws {
    let server = try ScriptedServer([ScriptedServer.answer(400, "the key sk_live_12345 is bad")])
    defer { server.stop() }
    let client = HTTPClient()
    client.redactor = Redactor(["sk_live_12345"])
    let failure = #expect(throws: HTTPFailure.self) {
      try client.send(.get(server.url, query: [("access_token", "unknown-to-all"), ("page", "2"), ("q", "sk_live_12345")]))
    }
    let shown = failure?.description ?? ""
    #expect(!shown.contains("sk_live_12345"))
    #expect(!shown.contains("unknown-to-all"))
    #expect(shown.contains("page=2"))
  }

  @Test func saysWhenNobodyListens() throws {
    let server = try ScriptedServer([])
    let url = server.url
    server.stop()
    let failure = #expect(throws: HTTPFailure.self) { try HTTPClient(retry: .never).send(.get("http://127.0.0.1:1")) }
    #expect(failure?.kind == .connection)
    #expect(failure?.diagnostic.code == "http.no-connection")
    #expect(failure?.diagnostic.message.contains("http://127.0.0.1:1") == true)
    _ = url
  }

  @Test func sendsNoHeaderThatALineEndWouldBreak() throws {
    let server = try ScriptedServer([ScriptedServer.answer(200)])
    defer { server.stop() }
    for secret in ["key\n", "key\r\nX-Other: 1", "a\0b"] {
      let failure = #expect(throws: HTTPFailure.self) { try HTTPClient().send(HTTPRequest("GET", server.url, headers: ["Authorization": secret])) }
      #expect(failure?.diagnostic.code == "http.unusable-header")
      #expect(failure?.description.contains("key") == false)
    }
    #expect(server.requests.isEmpty)
  }

  @Test func givesUpSoonOnAnAddressThatNeverAnswered() throws {
    let clock = FakeClock()
    let failure = #expect(throws: HTTPFailure.self) { try HTTPClient(clock: clock.clock()).send(.get("http://127.0.0.1:1")) }
    #expect(failure?.diagnostic.message.contains("tried 4 times") == true)
  }

  @Test func isPatientWithAnAddressThatHasAnswered() throws {
    let server = try ScriptedServer([ScriptedServer.answer(200, "here", headers: "Connection: close\r\n")])
    let client = HTTPClient(clock: FakeClock().clock())
    _ = try client.send(.get(server.url))
    server.stop()
    let failure = #expect(throws: HTTPFailure.self) { try client.send(.get(server.url)) }
    #expect(failure?.diagnostic.message.contains("tried 8 times") == true)
  }

  @Test(arguments: ["", "ftp://example.com/x", "file:///etc/passwd", "http://", "http://a b/"])
  func refusesWhatIsNoAddress(url: String) {
    let failure = #expect(throws: HTTPFailure.self) { try HTTPClient(retry: .never).send(.get(url)) }
    #expect(failure?.response == nil)
  }

  @Test func followsRedirectsWithItsHeadersOnTheSameHostOnly() throws {
    let other = try ScriptedServer([ScriptedServer.answer(200, "other")])
    defer { other.stop() }
    let server = try ScriptedServer([
      ScriptedServer.answer(302, headers: "Location: /there\r\n"), ScriptedServer.answer(307, headers: "Location: \(other.url)/far\r\n"),
    ])
    defer { server.stop() }
    let request = HTTPRequest("GET", server.url, headers: ["Authorization": "Bearer secret", "X-Api-Key": "secret", "Accept": "application/json"])
    #expect(text(try HTTPClient().send(request)) == "other")
    #expect(server.requests.count == 2 && server.requests[1].hasPrefix("GET /there") && server.requests[1].contains("Bearer secret"))
    let far = try #require(other.requests.first)
    #expect(far.hasPrefix("GET /far"))
    #expect(!far.contains("secret"))
    #expect(far.contains("Accept: application/json"))
  }

  @Test func stopsInARoundOfRedirects() throws {
    let server = try ScriptedServer([ScriptedServer.answer(302, headers: "Location: /\r\n")])
    defer { server.stop() }
    let failure = #expect(throws: HTTPFailure.self) { try HTTPClient().send(.get(server.url)) }
    #expect(failure?.diagnostic.code == "http.redirect-loop")
  }

  @Test func keepsToItsRate() throws {
    let server = try ScriptedServer([ScriptedServer.answer(200)])
    defer { server.stop() }
    let clock = FakeClock()
    let client = HTTPClient(rateLimit: RateLimit(perSecond: 2, burst: 2), clock: clock.clock())
    for _ in 0..<5 { _ = try client.send(.get(server.url)) }
    #expect(clock.sleeps == [0.5, 0.5, 0.5])
  }

  @Test func survivesWhateverAServerSays() throws {
    var generator = SystemRandomNumberGenerator()
    let valid = Array("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nRetry-After: 1\r\nLink: <a>; rel=\"next\"\r\n\r\nhello".utf8)
    for _ in 0..<40 {
      var bytes = valid
      for _ in 0..<4 { bytes[Int.random(in: 0..<bytes.count, using: &generator)] = UInt8.random(in: 0...255, using: &generator) }
      let server = try ScriptedServer([[.send(bytes), .close]])
      defer { server.stop() }
      do {
        let response = try HTTPClient(retry: .never, timeouts: HTTPTimeouts(stall: 1, total: 2)).send(.get(server.url))
        #expect((200..<300).contains(response.status))
      } catch {
        #expect(error is HTTPFailure)
      }
    }
  }
}
