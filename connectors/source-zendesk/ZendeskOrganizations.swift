import ConnectorKit

/// Organizations, by the time-based incremental export: pages begin at the second at which the last one ended.
struct ZendeskOrganizations: SourceStream {
  let api: API
  let startDate: Instant?

  let name = "organizations"

  func describe() -> StreamDescription { StreamDescription(name, ZendeskSchemas.organizations, cursorField: "updated_at") }

  func read(_ request: ReadRequest, to output: StreamOutput) throws {
    var cursor = IncrementalCursor(field: "updated_at", state: request.state)
    let start = (cursor.lowerBound ?? startDate)?.seconds ?? 0
    var next: String? = "incremental/organizations.json?start_time=\(max(0, start))&per_page=1000"
    while let reference = next {
      next = try api.get(reference) { page in
        for record in try page.records("organizations") where cursor.admits(record) { try output.send(record) }
        let isAtEnd = page.value("end_of_stream")?.bool ?? ((page.value("count")?.int ?? 0) < 1_000)
        let following = page.value("next_page")?.string
        return isAtEnd || following == reference ? nil : following
      }
      if cursor.isInOrder { try output.checkpoint(cursor.state(isFinal: false)) }
    }
    try output.checkpoint(cursor.state(isFinal: true))
  }
}
