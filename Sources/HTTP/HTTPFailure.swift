import Diagnostics

/// A request that failed for good: after all tries, or with an answer that no try would better.
public struct HTTPFailure: Error, Sendable, CustomStringConvertible {
  /// What kind of failure it was.
  public enum Kind: Sendable, Equatable {
    /// The server answered with this status.
    case status(Int)
    /// No connection came about: unknown host, refused, timed out.
    case connection
    /// The connection broke or stalled while the answer was on its way, or the answer was cut off.
    case transfer
    /// The server's certificate does not hold.
    case certificate
    /// The request could not be sent as it is: a malformed URL, a redirect that leads astray.
    case request
  }

  /// What kind of failure it was.
  public var kind: Kind
  /// The answer, where there was one.
  public var response: HTTPResponse?
  /// The failure as its reader sees it, secrets taken out.
  public var diagnostic: Diagnostic

  /// A failure; see the properties for the parameters.
  public init(_ kind: Kind, response: HTTPResponse? = nil, diagnostic: Diagnostic) {
    self.kind = kind
    self.response = response
    self.diagnostic = diagnostic
  }

  /// Whether the same request may well succeed later.
  public var isTransient: Bool {
    switch kind {
    case .status(let status): status == 408 || status == 425 || status == 429 || status >= 500
    case .connection, .transfer: true
    case .certificate, .request: false
    }
  }

  /// The failure as its reader sees it.
  public var description: String { diagnostic.description }
}

/// Thrown while an answer is decoded: it is damaged, and the request is worth another try.
public struct DamagedBody: Error, Sendable {
  /// What is wrong with the answer.
  public var problem: Diagnostic

  /// An answer with this problem.
  public init(_ problem: Diagnostic) {
    self.problem = problem
  }
}
