import DataFormats
import Diagnostics

/// How far an incremental stream has come: the greatest value of its cursor field, and the records that stand at it.
///
/// APIs answer "since then" inclusively, and several records may share one moment, so a sync asks from the boundary on, the
/// boundary included: nothing is lost. The records at the boundary are remembered by identifier and fingerprint, and those that
/// come again unchanged are not sent again: a sync with nothing new sends nothing. With a lookback, for systems in which
/// changes become visible late, the whole window counts as the boundary.
///
/// As state: `{"updated_at": "2024-01-31T12:00:00Z", "recent": {"id": "fingerprint"}}`. States of other connectors, without
/// `recent`, are understood; then the records at the boundary are sent again.
public struct IncrementalCursor {
  /// How many records a state remembers at most; beyond, some unchanged records are sent again.
  static let mostRemembered = 5_000

  private struct Sighting {
    var at: Instant
    var fingerprint: UInt64
  }

  private let field: StaticString
  private let identifier: StaticString
  private let lookback: Double
  private var latest: Instant?
  private var latestValue: JSON?
  /// What the last sync remembered; stays as it is, since streams may come newest first.
  private var known: [String: UInt64] = [:]
  private var recent: [String: Sighting] = [:]
  private var pruneAbove = 1_024
  private var previous: Instant?

  /// Whether the records have come in the order of the cursor so far: only then a state before the end is true.
  public private(set) var isInOrder = true

  /// A cursor that goes on from a state.
  ///
  /// - Parameters:
  ///   - field: the cursor field: ISO 8601 texts, or seconds since 1970.
  ///   - identifier: the field that identifies a record.
  ///   - state: the state of the last sync; nil begins anew.
  ///   - lookback: how many seconds before the greatest value a sync begins.
  /// - Throws: `Diagnostic` (`state.malformed`) if the state's value is no moment.
  public init(field: StaticString, identifier: StaticString = "id", state: JSON? = nil, lookback: Double = 0) throws {
    self.field = field
    self.identifier = identifier
    self.lookback = lookback
    guard let value = state?[field.description], !value.isNull else { return }
    guard let latest = value.string.flatMap({ Instant($0) }) ?? value.int.flatMap({ Instant(stated: $0) }) else {
      throw Diagnostic.malformedState("says that '\(field)' is \(value.text().prefix(40)), which is no moment")
    }
    self.latest = latest
    latestValue = value
    for (id, fingerprint) in state?["recent"]?.object ?? [:] {
      guard let fingerprint = fingerprint.string.flatMap({ UInt64($0, radix: 36) }) else { continue }
      known[id] = fingerprint
      recent[id] = Sighting(at: latest, fingerprint: fingerprint)
    }
  }

  /// From when on to ask, inclusively; nil asks for everything.
  public var lowerBound: Instant? { latest?.advanced(bySeconds: -lookback) }

  /// The greatest value seen; nil if there is none.
  public var position: Instant? { latest }

  /// Takes note of a record, and tells whether it is new or changed.
  public mutating func admits(_ record: Record) -> Bool {
    guard let at = record.instant(field), let id = record.identifier(identifier) else { return true }
    if let previous, at < previous { isInOrder = false }
    previous = at
    if latest.map({ at > $0 }) ?? true {
      latest = at
      latestValue = record.value(field)
      if lookback == 0 { recent.removeAll(keepingCapacity: true) }
    }
    let isAtBoundary = lowerBound.map { at >= $0 } ?? false
    guard isAtBoundary || known[id] != nil else { return true }
    let fingerprint = record.fingerprint
    if recent.count > pruneAbove { prune() }
    let before = isAtBoundary ? recent.updateValue(Sighting(at: at, fingerprint: fingerprint), forKey: id)?.fingerprint : nil
    return known[id] != fingerprint && before != fingerprint
  }

  /// The state as of now; only true for a stream that comes in the order of its cursor, or has been read to its end.
  ///
  /// - Parameter isFinal: whether the stream has been read to its end; before, only the records at the very boundary are
  ///   remembered, to keep states short.
  public func state(isFinal: Bool) -> JSON {
    guard let latest, let latestValue else { return [:] }
    let bound = isFinal ? lowerBound ?? latest : latest
    var kept = recent.filter { $0.value.at >= bound }.sorted { ($0.value.at, $0.key) > ($1.value.at, $1.key) }
    if kept.count > IncrementalCursor.mostRemembered { kept.removeSubrange(IncrementalCursor.mostRemembered...) }
    var remembered: JSON = [:]
    for (id, sighting) in kept { remembered[id] = .string(String(sighting.fingerprint, radix: 36)) }
    var state: JSON = [:]
    state[field.description] = latestValue
    state["recent"] = remembered
    return state
  }

  private mutating func prune() {
    guard let bound = lowerBound else { return }
    recent = recent.filter { $0.value.at >= bound }
    pruneAbove = max(1_024, recent.count * 2)
  }
}
