import HTTP
import TestServer
import Testing

@Suite struct DownloadTests {
  private let first = ScriptedServer.Step.text("HTTP/1.1 200 OK\r\nETag: \"v1\"\r\nContent-Length: 10\r\n\r\n01234")

  private func download(_ answers: [[ScriptedServer.Step]]) throws -> (body: String, server: ScriptedServer) {
    let server = try ScriptedServer(answers)
    defer { server.stop() }
    var body = ""
    try HTTPClient(clock: FakeClock().clock()).download(.get(server.url)) { body += String(decoding: $0, as: UTF8.self) }
    return (body, server)
  }

  @Test func handsOnTheBodyAsItComes() throws {
    #expect(try download([ScriptedServer.answer(200, "0123456789")]).body == "0123456789")
  }

  @Test func goesOnWhereItBroke() throws {
    let rest = ScriptedServer.Step.text(
      "HTTP/1.1 206 Partial Content\r\nETag: \"v1\"\r\nContent-Range: bytes 5-9/10\r\nContent-Length: 5\r\n\r\n56789")
    let (body, server) = try download([[first, .reset], [rest]])
    #expect(body == "0123456789")
    #expect(server.requests[1].contains("Range: bytes=5-"))
    #expect(server.requests[1].contains("If-Range: \"v1\""))
  }

  @Test func skipsWhatCameAlreadyWhenTheServerKnowsNoRanges() throws {
    let (body, _) = try download([[first, .reset], [.text("HTTP/1.1 200 OK\r\nETag: \"v1\"\r\nContent-Length: 10\r\n\r\n0123456789")]])
    #expect(body == "0123456789")
  }

  @Test func anAnswerShorterThanTheFileIsGoneOnWith() throws {
    let server = try ScriptedServer([
      [.text("HTTP/1.1 200 OK\r\nETag: \"v1\"\r\nContent-Length: 5\r\n\r\n01234")],
      [.text("HTTP/1.1 206 Partial Content\r\nETag: \"v1\"\r\nContent-Range: bytes 5-9/10\r\nContent-Length: 5\r\n\r\n56789")],
    ])
    defer { server.stop() }
    var body = ""
    try HTTPClient(clock: FakeClock().clock()).download(.get(server.url), expecting: 10) { body += String(decoding: $0, as: UTF8.self) }
    #expect(body == "0123456789")
  }

  @Test func stopsWhenTheFileChangesMeanwhile() throws {
    let failure = #expect(throws: HTTPFailure.self) {
      try download([[first, .reset], [.text("HTTP/1.1 200 OK\r\nETag: \"v2\"\r\nContent-Length: 10\r\n\r\nabcdefghij")]])
    }
    #expect(failure?.diagnostic.code == "http.changed-download")
  }

  @Test func doesNotHandOnTheBodyOfAnError() throws {
    let (body, server) = try download([ScriptedServer.answer(500, "oh no"), ScriptedServer.answer(200, "fine")])
    #expect(body == "fine")
    #expect(server.requests.count == 2)
  }

  @Test func endsWithTheErrorOfWhoeverTakesTheBody() throws {
    struct Full: Error {}
    let server = try ScriptedServer([ScriptedServer.answer(200, "0123456789")])
    defer { server.stop() }
    #expect(throws: Full.self) { try HTTPClient().download(.get(server.url)) { _ in throw Full() } }
    #expect(server.requests.count == 1)
  }
}
