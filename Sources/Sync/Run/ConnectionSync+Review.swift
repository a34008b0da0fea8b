import AirbyteProtocol
import Diagnostics
import Warehouse

extension ConnectionSync {
  /// Tells what the source has otherwise than the last time, and what becomes of it.
  func tell(_ review: SchemaReview) {
    guard !review.changes.isEmpty else { return }
    let isHeld = !options.approves && (connection.schemaPolicy != .propagateAll)
    let held = review.changes.filter { change in
      switch change {
      case .newStream: isHeld
      case .newColumn(let stream, let column, _): review.withheld[stream]?.contains(column) == true
      default: false
      }
    }
    if !held.isEmpty {
      warn(
        "sync.schema-held", "the source has something new that is not taken up: \(held.map(\.description).joined(separator: "; "))",
        hint: "take it up: scv sync --select \(connection.name) --approve")
    }
    let gone = review.changes.compactMap { change in
      // What is asked for by name fails by itself.
      if case .removedStream(let stream) = change, connection.wish(stream) != nil, connection.streams?.contains(where: { $0.name == stream.name }) != true {
        return stream.name
      }
      return nil
    }
    if let first = gone.first, !options.approves {
      warn(
        "sync.stream-gone", "the source no longer has \(gone.map { "'\($0)'" }.joined(separator: ", ")): the tables stay as they are",
        hint: "check what the credentials may read; if that is meant, say so in connections.yml: streams: {\(first): false, \"*\": true}")
    }
    for change in review.changes where !held.contains(change) {
      emit(.log(connection: connection.name, LogMessage(.info, "schema change: \(change)")))
    }
  }

  /// That the source has these streams no longer is approved once: it is not a change the next time. What connections.yml asks for by
  /// name is missed until it no longer does.
  func forgetRemoved(_ review: SchemaReview) throws {
    try adapter.write { session in
      for case .removedStream(let stream) in review.changes {
        let isNamed = connection.streams?.contains { $0.isWanted && [stream.name, stream.description].contains($0.name) } ?? false
        guard !isNamed, var line = lines[stream] else { continue }
        line.configured = nil
        try ledger.save(line, of: stream, session)
      }
    }
  }
}
