import ConnectorKit

/// One object of an organization, in the order of its changes; deleted records come with `IsDeleted`.
struct SalesforceStream: SourceStream {
  let api: API
  let name: String
  let schema: StreamSchema
  let startDate: Instant?
  let lookback: Double

  func describe() -> StreamDescription {
    StreamDescription(name, schema, primaryKey: ["Id"], cursorField: "SystemModstamp")
  }

  func read(_ request: ReadRequest, to output: StreamOutput) throws {
    var cursor = try IncrementalCursor(field: "SystemModstamp", identifier: "Id", state: request.state, lookback: lookback)
    let query = soql(since: cursor.lowerBound ?? startDate)
    // queryAll includes what is deleted. The pages behind the first are a snapshot that Salesforce keeps.
    try SalesforceLogin.explainingQuota {
      try api.getPages(SalesforceSource.root + "queryAll", query: [("q", query)], paginator: AddressPaginator(member: "nextRecordsUrl")) { page in
        for record in try page.records("records") where cursor.admits(record) { try output.send(record, without: "attributes") }
        if cursor.isInOrder { try output.checkpoint(cursor.state(isFinal: false)) }
      }
    }
    try output.checkpoint(cursor.state(isFinal: true))
  }

  private func soql(since: Instant?) -> String {
    let fields = schema.properties.map(\.name).joined(separator: ", ")
    let condition = since.map { " WHERE SystemModstamp >= \($0.text(decimals: 3))" } ?? ""
    return "SELECT \(fields) FROM \(name)\(condition) ORDER BY SystemModstamp"
  }
}
