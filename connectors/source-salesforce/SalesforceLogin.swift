import ConnectorKit
import DataFormats
import Diagnostics
import HTTP

/// Signs in, which also tells where the organization's data is.
final class SalesforceLogin {
  private let session: SourceSession
  private let authenticator: OAuthAuthenticator
  private let loginURL: String
  private let batchSize: Int
  private var signedIn: API?

  init(_ session: SourceSession, loginURL: String, clientID: String, clientSecret: String, refreshToken: String?, batchSize: Int) {
    self.batchSize = batchSize
    self.session = session
    self.loginURL = loginURL
    authenticator = OAuthAuthenticator(
      session, tokenURL: URLText.joined(loginURL, "services/oauth2/token"), clientID: clientID, clientSecret: clientSecret,
      grant: refreshToken.map { .refreshToken($0) } ?? .clientCredentials)
    // The quota of a day does not come back within a run.
    session.client.isWorthRetrying = { SalesforceLogin.isQuotaUsedUp($0) ? false : nil }
  }

  /// The API of the organization; signs in on first use.
  func api() throws -> API {
    if let signedIn { return signedIn }
    _ = try authenticator.token()
    guard let instance = authenticator.answer["instance_url"]?.string else {
      throw Diagnostic(
        .connector, "connector.unexpected-answer", "the login at \(URLText.shown(loginURL)) names no instance_url",
        hint: "check that login_url is that of Salesforce")
    }
    // The instance alone: addresses of further pages begin there (nextRecordsUrl is /services/data/…).
    let api = API(session, baseURL: instance, authenticator: authenticator)
    api.headers = ["Sforce-Query-Options": "batchSize=\(batchSize)"]
    signedIn = api
    return api
  }

  /// Runs `body`; an error that says that the quota is used up becomes one that a user understands.
  static func explainingQuota<Result>(_ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch let failure as HTTPFailure where isQuotaUsedUp(failure) {
      throw HTTPFailure(
        .quota, response: failure.response,
        diagnostic: Diagnostic(
          .connector, "salesforce.request-limit", "Salesforce's daily quota of API requests is used up",
          hint:
            "wait until the quota has recovered (it counts the last 24 hours), or let other clients of the organization send less; the next sync goes on here",
          cause: failure.diagnostic.cause))
    }
  }

  private static func isQuotaUsedUp(_ failure: HTTPFailure) -> Bool {
    guard failure.kind == .status(403), let body = failure.response?.body else { return false }
    return String(decoding: body, as: UTF8.self).contains("REQUEST_LIMIT_EXCEEDED")
  }
}
