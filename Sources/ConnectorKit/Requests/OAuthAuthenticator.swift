import DataFormats
import Diagnostics
import HTTP

/// Access tokens from an OAuth 2.0 token endpoint (RFC 6749), got when needed and again when they expire or are refused.
public final class OAuthAuthenticator: Authenticator {
  /// What the endpoint is asked with.
  public enum Grant {
    /// A refresh token (RFC 6749, section 6); one that the endpoint replaces is replaced in the configuration too.
    case refreshToken(String)
    /// The client's own credentials (RFC 6749, section 4.4).
    case clientCredentials
  }

  private let session: SourceSession
  private let tokenURL: String
  private let clientID: String
  private let clientSecret: String
  private var grant: Grant
  private let refreshTokenSetting: String
  private var accessToken: String?
  private var expiry: Double?
  /// The endpoint's last answer: systems put more than tokens there, such as the address to use.
  public private(set) var answer: JSON = [:]

  /// Credentials for a token endpoint.
  ///
  /// - Parameter refreshTokenSetting: the setting that holds the refresh token, to be replaced when the endpoint does so.
  public init(
    _ session: SourceSession, tokenURL: String, clientID: String, clientSecret: String, grant: Grant, refreshTokenSetting: String = "refresh_token"
  ) {
    self.session = session
    self.tokenURL = tokenURL
    self.clientID = clientID
    self.clientSecret = clientSecret
    self.grant = grant
    self.refreshTokenSetting = refreshTokenSetting
  }

  /// Adds the access token, as a bearer token.
  public func authorize(_ request: inout HTTPRequest) throws {
    request.headers["Authorization"] = "Bearer \(try token())"
  }

  /// Gets a new access token.
  public func renew() throws -> Bool {
    accessToken = nil
    _ = try token()
    return true
  }

  /// The access token, got now if there is none or it ends within half a minute.
  ///
  /// - Throws: `HTTPFailure`, or `Diagnostic` (`connector.login-refused`, `connector.unexpected-answer`).
  public func token() throws -> String {
    if let accessToken, expiry.map({ MessageWriter.seconds + 30 < $0 }) ?? true { return accessToken }
    var fields: [(String, String)] = []
    switch grant {
    case .refreshToken(let token): fields = [("grant_type", "refresh_token"), ("refresh_token", token)]
    case .clientCredentials: fields = [("grant_type", "client_credentials")]
    }
    fields += [("client_id", clientID), ("client_secret", clientSecret)]
    var request = HTTPRequest.form(tokenURL, fields)
    request.headers["Accept"] = "application/json"
    do {
      answer = try session.client.send(request) { response in
        do { return try JSON.parse(response.body) } catch let problem as Diagnostic { throw DamagedBody(problem) }
      }
    } catch let failure as HTTPFailure where failure.response != nil && !failure.isTransient {
      throw refused(failure)
    }
    guard let token = answer["access_token"]?.string else {
      throw Diagnostic(
        .connector, "connector.unexpected-answer", "the answer of \(URLText.shown(tokenURL)) holds no access_token",
        hint: "check that the address is that of the system's login")
    }
    session.hide(token)
    accessToken = token
    let seconds = answer["expires_in"]?.double ?? answer["expires_in"]?.string.flatMap { Double($0) }
    expiry = seconds.map { MessageWriter.seconds + $0 }
    try takeRotation()
    return token
  }

  private func takeRotation() throws {
    guard case .refreshToken(let old) = grant, let new = answer["refresh_token"]?.string, new != old else { return }
    grant = .refreshToken(new)
    try session.replaceSetting(refreshTokenSetting, with: .string(new))
  }

  /// The endpoint says in its own words (RFC 6749, section 5.2) what it does not like.
  private func refused(_ failure: HTTPFailure) -> Diagnostic {
    let body = failure.response.flatMap { try? JSON.parse($0.body) }
    let words = [body?["error"]?.string, body?["error_description"]?.string].compactMap { $0 }.joined(separator: ": ")
    let hint =
      switch body?["error"]?.string {
      case "invalid_grant": "the refresh token is expired, revoked or not of this client: authorize the connector again"
      case "invalid_client", "invalid_client_id", "unauthorized_client": "check client_id and client_secret"
      default: "check client_id, client_secret, refresh token and the login address"
      }
    return session.redactor.redact(
      Diagnostic(
        .configuration, "connector.login-refused", "the login at \(URLText.shown(tokenURL)) was refused", hint: hint,
        cause: words.isEmpty ? failure.diagnostic.message : words))
  }
}
