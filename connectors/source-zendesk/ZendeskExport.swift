import ConnectorKit
import DataFormats
import Diagnostics

/// A cursor-based incremental export: the cursor of a page is the place to go on from, in this sync and in the next.
struct ZendeskExport: SourceStream {
  let api: API
  let resource: StaticString
  let schema: StreamSchema
  let cursorField: String
  let startDate: Instant?

  var name: String { resource.description }

  func describe() -> StreamDescription { StreamDescription(name, schema, cursorField: cursorField) }

  func read(_ request: ReadRequest, to output: StreamOutput) throws {
    var cursor = try ZendeskExport.cursor(request.state)
    var isAtEnd = false
    while !isAtEnd {
      var query = [("per_page", "1000")]
      query.append(cursor.map { ("cursor", $0) } ?? ("start_time", String(max(0, startDate?.seconds ?? 0))))
      try api.get("incremental/\(name)/cursor.json", query: query) { page in
        for record in try page.records(resource) { try output.send(record) }
        let next = page.value("after_cursor")?.string
        // Without a way on there is nothing more, whatever the page says.
        isAtEnd = page.value("end_of_stream")?.bool ?? true || next == nil || next == cursor
        cursor = next ?? cursor
      }
      if let cursor { try output.checkpoint(["cursor": .string(cursor)]) }
    }
  }

  private static func cursor(_ state: JSON?) throws -> String? {
    guard let value = state?["cursor"], !value.isNull else { return nil }
    guard let cursor = value.string, !cursor.isEmpty else { throw Diagnostic.malformedState("says that 'cursor' is \(value.text().prefix(40)), which is none") }
    return cursor
  }
}
