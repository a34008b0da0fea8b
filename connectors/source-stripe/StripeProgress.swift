import ConnectorKit
import DataFormats
import Diagnostics

/// How far a stream of objects has come: the state.
///
/// `{"updated": 1700000000, "events": ["evt_…"], "synced_at": …}`, and `"backfill": {"starting_after": "cus_…"}` as long as the
/// list is being read. A state that holds `updated` alone, as other Stripe connectors write it, is understood.
struct StripeProgress {
  /// When the last event that is accounted for was made, in seconds since 1970; nil if there was none.
  var updated: Int64?
  /// The events made at that second that are accounted for.
  var events: Set<String> = []
  /// When the state was written, by this machine's clock.
  var syncedAt: Int64?
  /// The last object that has been read from the list; nil at its beginning and when it has been read to its end.
  var startingAfter: String?
  /// Whether the list is still to be read to its end.
  var isBackfilling = false
  /// Whether the list is read because the events no longer reach back, so that rows of an earlier reading exist.
  var isRepeated = false

  init() {}

  /// The progress that a state tells; nil if it tells none.
  ///
  /// - Throws: `Diagnostic` (`state.malformed`).
  init?(_ state: JSON?) throws {
    for name in ["updated", "synced_at"] {
      guard let value = state?[name], !value.isNull, value.int.flatMap({ Instant(stated: $0) }) == nil else { continue }
      throw Diagnostic.malformedState("says that '\(name)' is \(value.text().prefix(40)), which is no moment in seconds since 1970")
    }
    guard let state, state["updated"]?.int != nil || state["synced_at"]?.int != nil else { return nil }
    updated = state["updated"]?.int
    events = Set(state["events"]?.array?.compactMap(\.string) ?? [])
    syncedAt = state["synced_at"]?.int
    if let backfill = state["backfill"], backfill.object != nil {
      isBackfilling = true
      startingAfter = backfill["starting_after"]?.string
      isRepeated = backfill["is_repeated"]?.bool ?? false
    }
  }

  var state: JSON {
    var state: JSON = [:]
    if let updated { state["updated"] = .int(updated) }
    state["events"] = .array(events.sorted().map { .string($0) })
    if let syncedAt { state["synced_at"] = .int(syncedAt) }
    if isBackfilling {
      state["backfill"] = ["starting_after": startingAfter.map { .string($0) } ?? .null, "is_repeated": .bool(isRepeated)]
    }
    return state
  }

  /// Whether Stripe may have dropped events since: it keeps them for 30 days.
  func isTooOld(at now: Instant) -> Bool {
    guard let since = syncedAt ?? updated else { return true }
    return now.seconds - since > 29 * 86_400
  }

  /// Takes note of an event as accounted for.
  mutating func account(for event: String, created: Int64) {
    if created > updated ?? .min {
      updated = created
      events = [event]
    } else if created == updated {
      events.insert(event)
    }
  }
}
