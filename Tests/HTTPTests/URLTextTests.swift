import HTTP
import Testing

@Suite struct URLTextTests {
  @Test func encodesWhatIsNotUnreserved() {
    #expect(URLText.encoded("a b/ü&=~") == "a%20b%2F%C3%BC%26%3D~")
    #expect(URLText.decoded("a%20b%2F%C3%BC%zz%") == "a b/ü%zz%")
  }

  @Test(arguments: [
    ("https://Example.com/a", "https://example.com:443"), ("http://u:p@h:81?x", "http://h:81"), ("http://[::1]:80/", "http://[::1]:80"),
    ("http://[::1]/", "http://[::1]:80"),
  ])
  func tellsOrigins(url: String, origin: String) {
    #expect(URLText.origin(url) == origin)
  }

  @Test(arguments: ["", "/a", "ftp://a", "http://"])
  func tellsNoOriginOfOtherTexts(url: String) {
    #expect(URLText.origin(url) == nil)
  }

  @Test func joinsWithOneSlash() {
    #expect(URLText.joined("http://a/", "/b") == "http://a/b")
    #expect(URLText.joined("http://a", "b") == "http://a/b")
    #expect(URLText.appending([("a", "1")], to: "http://a?b=2") == "http://a?b=2&a=1")
  }

  @Test func showsNoUsersAndNoSecretFields() {
    #expect(URLText.shown("https://me:pw@a.b/c?page=1&api_key=x&X-Amz-Signature=y&sig=z") == "https://a.b/c?page=1&api_key=****&X-Amz-Signature=****&sig=****")
  }

  @Test func findsTheNextLink() {
    let response = HTTPResponse(status: 200, headers: ["Link": "<https://a/1>; rel=\"previous\", <https://a/2?x=1>; rel=\"next\""])
    #expect(response.link("next") == "https://a/2?x=1")
    #expect(response.link("previous") == "https://a/1")
    #expect(HTTPResponse(status: 200).link("next") == nil)
  }
}
