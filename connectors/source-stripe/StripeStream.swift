import ConnectorKit
import DataFormats
import HTTP

/// One kind of object: first by its list, then by the events that tell of changes, since lists cannot be asked for those.
///
/// Every record bears `updated`, the second as of which it is known (from the list, when it was made), and `is_deleted`.
/// Deletions are seen as long as a sync runs within every 30 days; after a longer pause the list is read again whole.
struct StripeStream: SourceStream {
  let api: API
  let session: SourceSession
  let object: StripeObject
  let startDate: Instant?

  var name: String { object.name.description }

  func describe() -> StreamDescription {
    StreamDescription(name, object.schema.adding(["updated": .integer, "is_deleted": .boolean]), cursorField: "updated")
  }

  func read(_ request: ReadRequest, to output: StreamOutput) throws {
    var repeated = false
    if var progress = try StripeProgress(request.state), !progress.isTooOld(at: session.now) {
      if progress.isBackfilling {
        if try backfill(&progress, output) { return }
      } else {
        if try follow(&progress, output) { return }
        try session.log(.info, "\(name): Stripe's events no longer reach back to the last sync; reading everything again")
        repeated = true
      }
    } else {
      repeated = try StripeProgress(request.state) != nil
    }
    var progress = StripeProgress()
    try takePosition(&progress)
    progress.isRepeated = repeated
    _ = try backfill(&progress, output)
  }

  /// Takes the newest event as the place from which the next sync will follow, before the list is read: what changes meanwhile
  /// is seen again then.
  private func takePosition(_ progress: inout StripeProgress) throws {
    try api.get("events", query: eventTypes + [("limit", "100")]) { page in
      for event in try page.records("data") {
        guard let id = event.string("id"), let created = event.int("created") else { continue }
        progress.account(for: id, created: created)
      }
    }
  }

  private var eventTypes: [(String, String)] { object.events.map { ("types[]", $0) } }

  /// Reads the list to its end, newest objects first.
  ///
  /// - Returns: false if it cannot be gone on with where an earlier sync stopped, since that object is gone.
  private func backfill(_ progress: inout StripeProgress, _ output: StreamOutput) throws -> Bool {
    progress.isBackfilling = true
    var query = object.query + [("limit", "100")]
    if let startDate { query.append(("created[gte]", String(startDate.seconds))) }
    if let last = progress.startingAfter { query.append(("starting_after", last)) }
    let asOf = progress.isRepeated ? progress.updated : nil
    var done = 0
    let paginator = LastRecordPaginator(records: "data", identifier: "id", parameter: "starting_after", more: "has_more")
    do {
      try api.getPages(name, query: query, paginator: paginator) { page in
        for record in try page.records("data") {
          let updated = max(record.int("created") ?? 0, asOf ?? 0)
          try output.send(record, adding: StripeStream.additions(updated: updated, isDeleted: false))
          progress.startingAfter = record.string("id") ?? progress.startingAfter
          done += 1
        }
        progress.syncedAt = session.now.seconds
        try output.checkpoint(progress.state)
      }
    } catch let failure as HTTPFailure where done == 0 && progress.startingAfter != nil && [.status(400), .status(404)].contains(failure.kind) {
      return false
    }
    progress.isBackfilling = false
    progress.startingAfter = nil
    try output.checkpoint(progress.state)
    return true
  }

  /// Reads the events since the last sync, newest first: the first that tells of an object tells how it is now.
  ///
  /// - Returns: false if there is a gap: Stripe has dropped the events that the last sync ended with.
  private func follow(_ progress: inout StripeProgress, _ output: StreamOutput) throws -> Bool {
    let before = progress
    var isContinuous = before.events.isEmpty
    var seen: Set<String> = []
    var query = eventTypes + [("limit", "100")]
    if let updated = before.updated { query.append(("created[gte]", String(updated))) }
    let paginator = LastRecordPaginator(records: "data", identifier: "id", parameter: "starting_after", more: "has_more")
    try api.getPages("events", query: query, paginator: paginator) { page in
      for event in try page.records("data") {
        guard let id = event.string("id"), let created = event.int("created"), let type = event.string("type") else { continue }
        if before.events.contains(id) {
          isContinuous = true
          continue
        }
        progress.account(for: id, created: created)
        guard let record = event.object("data")?.object("object"), record.string("object") == object.type, let key = record.string("id"),
          seen.insert(key).inserted
        else { continue }
        if let startDate, let made = record.int("created"), made < startDate.seconds { continue }
        try output.send(record, adding: StripeStream.additions(updated: created, isDeleted: type == object.deletion))
      }
    }
    guard isContinuous else { return false }
    progress.syncedAt = session.now.seconds
    try output.checkpoint(progress.state)
    return true
  }

  private static func additions(updated: Int64, isDeleted: Bool) -> [UInt8] {
    Array(#""updated":\#(updated),"is_deleted":\#(isDeleted)"#.utf8)
  }
}
