import AirbyteProtocol
import DataFormats

/// A refresh that has come up to a state of its source: if it breaks off, the next attempt goes on from there, with the same numbers
/// (https://docs.airbyte.com/understanding-airbyte/resumability).
struct Refresh: Equatable {
  /// Where the rows of a refresh stand until it is complete.
  enum Place: String {
    /// Beside those that they will replace.
    case beside
    /// Among those that were there before, which stay.
    case among
    /// In the place of earlier versions, by their key.
    case merged
  }

  /// Where the source goes on.
  var state: StateMessage
  /// The number of the sync that began it.
  var syncID: Int64
  /// When that was, in milliseconds since 1970.
  var startedAt: Int64
  /// How many records came up to the state.
  var rowsRead: Int64
  /// Where its rows stand.
  var place: Place
  /// The generation of its rows; nil for refreshes of earlier versions.
  var generation: Int64?
  /// The row numbers at which its attempts began.
  var attempts: [String] = []
  /// What its rows come from, see `Connection.fingerprint`; nil for refreshes of earlier versions.
  var source: String?

  /// What is older begins anew: half of it would be of yesterday.
  private static let longest: Int64 = 24 * 60 * 60 * 1000

  /// Whether it is recent enough to go on with.
  var isRecent: Bool { Clock.milliseconds - startedAt < Refresh.longest }
}

extension Refresh {
  /// Reads what `json` gives; nil if it is something else.
  init?(json: JSON) {
    guard let message = json["state"], let state = try? StateMessage(json: message), let syncID = json["sync_id"]?.int,
      let startedAt = json["started_at"]?.int, let rowsRead = json["rows_read"]?.int
    else { return nil }
    // Earlier versions had but two places.
    guard let place = json["place"]?.string.flatMap(Place.init(rawValue:)) ?? json["replaces"]?.bool.map({ $0 ? .beside : .merged }) else { return nil }
    self.init(
      state: state, syncID: syncID, startedAt: startedAt, rowsRead: rowsRead, place: place, generation: json["generation"]?.int,
      attempts: (json["attempts"]?.array ?? []).compactMap(\.string), source: json["source"]?.string)
  }

  /// As it is stored.
  var json: JSON {
    [
      "state": state.json, "sync_id": .int(syncID), "started_at": .int(startedAt), "rows_read": .int(rowsRead), "place": .string(place.rawValue),
      "generation": generation.map { .int($0) } ?? .null, "attempts": .array(attempts.map { .string($0) }),
      "source": source.map { .string($0) } ?? .null,
    ]
  }
}
