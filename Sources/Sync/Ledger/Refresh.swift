import AirbyteProtocol
import DataFormats

/// A refresh that has come up to a state of its source: if it breaks off, the next attempt goes on from there, with the same numbers
/// (https://docs.airbyte.com/understanding-airbyte/resumability).
struct Refresh: Equatable {
  /// Where the source goes on.
  var state: StateMessage
  /// The number of the sync that began it.
  var syncID: Int64
  /// When that was, in milliseconds since 1970.
  var startedAt: Int64
  /// How many records came up to the state.
  var rowsRead: Int64
  /// Whether its rows lie beside those that they will replace.
  var replaces: Bool

  /// What is older begins anew: half of it would be of yesterday.
  private static let longest: Int64 = 24 * 60 * 60 * 1000

  /// Whether it is recent enough to go on with.
  var isRecent: Bool { Clock.milliseconds - startedAt < Refresh.longest }
}

extension Refresh {
  /// Reads what `json` gives; nil if it is something else.
  init?(json: JSON) {
    guard let message = json["state"], let state = try? StateMessage(json: message), let syncID = json["sync_id"]?.int,
      let startedAt = json["started_at"]?.int, let rowsRead = json["rows_read"]?.int, let replaces = json["replaces"]?.bool
    else { return nil }
    self.init(state: state, syncID: syncID, startedAt: startedAt, rowsRead: rowsRead, replaces: replaces)
  }

  /// As it is stored.
  var json: JSON {
    ["state": state.json, "sync_id": .int(syncID), "started_at": .int(startedAt), "rows_read": .int(rowsRead), "replaces": .bool(replaces)]
  }
}
