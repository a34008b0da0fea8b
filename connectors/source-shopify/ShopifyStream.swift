import ConnectorKit

/// One resource of a shop, in the order of its changes.
struct ShopifyStream: SourceStream {
  let api: API
  let resource: StaticString
  let schema: StreamSchema
  var query: [(String, String)] = []
  let startDate: Instant?

  var name: String { resource.description }

  func describe() -> StreamDescription { StreamDescription(name, schema, cursorField: "updated_at") }

  func read(_ request: ReadRequest, to output: StreamOutput) throws {
    var cursor = try IncrementalCursor(field: "updated_at", state: request.state)
    var fields = query + [("limit", "250"), ("order", "updated_at asc")]
    if let since = cursor.lowerBound ?? startDate { fields.append(("updated_at_min", since.text())) }
    // Behind the first page the link holds the whole query: Shopify allows nothing beside it.
    try api.getPages("\(name).json", query: fields, paginator: LinkPaginator()) { page in
      for record in try page.records(resource) where cursor.admits(record) { try output.send(record) }
      if cursor.isInOrder { try output.checkpoint(cursor.state(isFinal: false)) }
    }
    try output.checkpoint(cursor.state(isFinal: true))
  }
}
