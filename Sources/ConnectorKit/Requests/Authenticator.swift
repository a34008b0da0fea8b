import FoundationEssentials
import HTTP

/// Puts credentials on requests.
public protocol Authenticator: AnyObject {
  /// Adds the credentials to a request.
  ///
  /// - Throws: why there are none: a token that could not be got.
  func authorize(_ request: inout HTTPRequest) throws

  /// Gets new credentials after the system has refused the old ones (401).
  ///
  /// - Returns: whether there are new ones, so that the request is worth another try.
  func renew() throws -> Bool
}

extension Authenticator {
  /// Credentials that do not change cannot be renewed.
  public func renew() throws -> Bool { false }
}

/// A fixed header on every request.
public final class HeaderAuthenticator: Authenticator {
  private let name: String
  private let value: String

  /// A header with a key: `X-Api-Key`.
  public init(name: String, value: String) {
    self.name = name
    self.value = value
  }

  /// `Authorization: Bearer …` (RFC 6750, section 2.1).
  public static func bearer(_ token: String) -> HeaderAuthenticator {
    HeaderAuthenticator(name: "Authorization", value: "Bearer \(token)")
  }

  /// `Authorization: Basic …` (RFC 7617).
  public static func basic(user: String, password: String) -> HeaderAuthenticator {
    HeaderAuthenticator(name: "Authorization", value: "Basic " + Data("\(user):\(password)".utf8).base64EncodedString())
  }

  /// Adds the header.
  public func authorize(_ request: inout HTTPRequest) throws {
    request.headers[name] = value
  }
}
