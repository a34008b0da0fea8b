import Diagnostics
import Synchronization

/// A way in which the sandbox misbehaves when told to.
public enum Fault: String, CaseIterable, Sendable {
  /// 429 with `Retry-After: 1`.
  case rateLimit = "rate-limit"
  /// 500, and the same request succeeds when it is repeated.
  case serverError = "server-error"
  /// The connection is reset in the middle of the body.
  case reset
  /// Half of the body, with a Content-Length that says so: JSON that ends in mid-air.
  case truncated
  /// 401: the access token is no longer good; a new one is. Only where tokens expire: Salesforce.
  case expiredToken = "expired-token"
  /// The body drips, a few bytes at a time.
  case slow
  /// Salesforce's daily quota is spent: 403 `REQUEST_LIMIT_EXCEEDED` for every query. Not part of `all`, since it never ends.
  case quota

  /// The faults of a list such as `rate-limit,reset`; `all` stands for every one that ends by itself, an empty text for none.
  ///
  /// - Throws: a `Diagnostic` of the code `sandbox.unknown-fault`.
  public static func list(_ text: String) throws -> [Fault] {
    var faults: [Fault] = []
    for name in text.split(separator: ",").map({ $0.filter { $0 != " " } }) {
      if name == "all" {
        faults += allCases.filter { $0 != .quota }
      } else if let fault = Fault(rawValue: name) {
        faults.append(fault)
      } else if name != "none" {
        let names = allCases.map(\.rawValue) + ["all", "none"]
        throw Diagnostic(
          .usage, "sandbox.unknown-fault", "there is no fault '\(name)'",
          hint: Suggestion.didYouMean(name, among: names) ?? "one of \(names.joined(separator: ", "))")
      }
    }
    return allCases.filter(faults.contains)
  }
}

/// Decides which request fails, and how.
///
/// Deterministic and bounded: of the requests of one kind (path and system), numbers 0, 3, 6, 9, 12 and 15 fail, each in the next of the
/// ways that are on, then every 25th. The repetition of a request that failed always succeeds.
final class FaultPlan: Sendable {
  private struct State {
    var faults: [Fault] = []
    var requests: [String: Int] = [:]
    var played: [Fault: Int] = [:]
  }

  private let state: Mutex<State>

  init(_ faults: [Fault]) {
    state = Mutex(State(faults: faults))
  }

  /// The faults that are on.
  var faults: [Fault] { state.withLock { $0.faults } }

  /// How often each fault was played.
  var played: [Fault: Int] { state.withLock { $0.played } }

  /// Sets the faults that are on, and begins to count anew.
  func set(_ faults: [Fault]) {
    state.withLock { $0 = State(faults: faults) }
  }

  /// The fault to play for the next request of a kind, of those that make sense for it.
  func next(_ kind: String, among possible: [Fault]) -> Fault? {
    state.withLock { state in
      guard !state.faults.isEmpty else { return nil }
      let number = state.requests[kind, default: 0]
      state.requests[kind] = number + 1
      let faults = state.faults.filter { $0 != .quota && possible.contains($0) }
      guard !faults.isEmpty, number <= 15 ? number % 3 == 0 : number % 25 == 0 else { return nil }
      // Each kind starts with a fault of its own, so that also streams of one page see different ones.
      let start = kind.utf8.reduce(0) { ($0 &* 31 &+ Int($1)) & 0xFFFF }
      let fault = faults[(start + (number <= 15 ? number / 3 : 6 + number / 25)) % faults.count]
      state.played[fault, default: 0] += 1
      return fault
    }
  }
}
