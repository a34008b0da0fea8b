import HTTP
import Testing

@testable import ConnectorKit

@Suite struct APITests {
  @Test(arguments: [
    ("customers.json", "http://h/shop/api/customers.json"), ("/shop/api/x?y=1", "http://h/shop/api/x?y=1"),
    ("https://evil.example/shop/api/x?page_info=1", "http://h/shop/api/x?page_info=1"), ("/x", "http://h/shop/api/x"),
  ])
  func credentialsGoToItsOwnHostOnly(reference: String, url: String) {
    let session = SourceSession(MessageWriter { _ in }, client: HTTPClient())
    let api = API(session, baseURL: "http://h/shop/api", authenticator: HeaderAuthenticator.bearer("t"))
    #expect(api.resolve(reference) == url)
  }

  @Test func anAddressOnTheInstanceIsBelowTheInstance() {
    let session = SourceSession(MessageWriter { _ in }, client: HTTPClient())
    let api = API(session, baseURL: "http://h/salesforce", authenticator: HeaderAuthenticator.bearer("t"))
    #expect(api.resolve("/services/data/v62.0/query/01g-2000") == "http://h/salesforce/services/data/v62.0/query/01g-2000")
  }

  @Test func basicCredentialsAreEncoded() throws {
    var request = HTTPRequest.get("http://h")
    try HeaderAuthenticator.basic(user: "a@b.c/token", password: "x").authorize(&request)
    #expect(request.headers["Authorization"] == "Basic YUBiLmMvdG9rZW46eA==")
  }
}
