import Synchronization

/// The access tokens that are good, and the queries whose pages are still being fetched.
final class SalesforceSessions: Sendable {
  private struct State {
    var issued = 0
    var valid: Set<String> = []
    var calls = 0
    var cursors: [String: SalesforceQuery] = [:]
    var cursorOrder: [String] = []
  }

  /// How many unfinished queries are kept; the oldest makes room.
  private static let cursorLimit = 40
  private let state = Mutex(State())

  /// A new access token.
  func issue() -> String {
    state.withLock { state in
      state.issued += 1
      let token = "00DSandbox!AQ4AQ\(String(Draw.mix(UInt64(state.issued)), radix: 36))"
      state.valid.insert(token)
      return token
    }
  }

  func isValid(_ token: String?) -> Bool {
    state.withLock { state in token.map(state.valid.contains) ?? false }
  }

  /// Makes every access token bad.
  func expireAll() {
    state.withLock { $0.valid.removeAll() }
  }

  /// The number of this call.
  func count() -> Int {
    state.withLock { state in
      state.calls += 1
      return state.calls
    }
  }

  /// Keeps a query for its further pages.
  func keep(_ query: SalesforceQuery) -> String {
    state.withLock { state in
      let locator = "01g" + String(decoding: IdentifierCode.base62(Draw.mix(UInt64(state.cursorOrder.count + state.calls)), width: 12), as: UTF8.self) + "AAA"
      state.cursors[locator] = query
      state.cursorOrder.append(locator)
      if state.cursorOrder.count > Self.cursorLimit { state.cursors[state.cursorOrder.removeFirst()] = nil }
      return locator
    }
  }

  func query(_ locator: String) -> SalesforceQuery? {
    state.withLock { $0.cursors[locator] }
  }
}
