import ConnectorKit

/// Organizations. Their list cannot be asked for changes: it is read whole, and what has not changed is not sent again.
struct ZendeskOrganizations: SourceStream {
  let api: API
  let startDate: Instant?

  let name = "organizations"

  func describe() -> StreamDescription { StreamDescription(name, ZendeskSchemas.organizations, cursorField: "updated_at") }

  func read(_ request: ReadRequest, to output: StreamOutput) throws {
    var cursor = try IncrementalCursor(field: "updated_at", state: request.state)
    let since = cursor.lowerBound ?? startDate
    let paginator = CursorPaginator(cursor: ["meta", "after_cursor"], parameter: "page[after]", more: ["meta", "has_more"])
    try api.getPages("organizations.json", query: [("page[size]", "100")], paginator: paginator) { page in
      for record in try page.records("organizations") {
        if let since, let updated = record.instant("updated_at"), updated < since { continue }
        if cursor.admits(record) { try output.send(record) }
      }
    }
    try output.checkpoint(cursor.state(isFinal: true))
  }
}
