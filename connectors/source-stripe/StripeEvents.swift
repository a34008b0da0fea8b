import ConnectorKit
import DataFormats

/// The events themselves, of the last 30 days: what Stripe keeps.
struct StripeEvents: SourceStream {
  let api: API
  let startDate: Instant?

  let name = "events"

  func describe() -> StreamDescription { StreamDescription(name, StripeSchemas.events, cursorField: "created") }

  func read(_ request: ReadRequest, to output: StreamOutput) throws {
    var cursor = try IncrementalCursor(field: "created", state: request.state)
    var query = [("limit", "100")]
    if let since = cursor.lowerBound ?? startDate { query.append(("created[gte]", String(since.seconds))) }
    let paginator = LastRecordPaginator(records: "data", identifier: "id", parameter: "starting_after", more: "has_more")
    // Newest first: how far the stream has come is only known at its end.
    try api.getPages("events", query: query, paginator: paginator) { page in
      for record in try page.records("data") where cursor.admits(record) { try output.send(record) }
    }
    try output.checkpoint(cursor.state(isFinal: true))
  }
}
