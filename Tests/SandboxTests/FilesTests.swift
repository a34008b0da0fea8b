import DataFormats
import Testing

@testable import Sandbox

@Suite struct FilesTests {
  private func unzip(_ bytes: [UInt8]) throws -> [UInt8] {
    let reader = GzipReader()
    var result: [UInt8] = []
    try bytes.withUnsafeBytes { try reader.read($0) { result.append(contentsOf: $0) } }
    try reader.finish()
    return result
  }

  @Test("the logs hold every event exactly once, as JSON lines, and as many as the truth says")
  func logs() throws {
    let visitor = Visitor(customers: 120, advance: CivilTime.day)
    let listing = try visitor.json("/files/?format=json").array ?? []
    var ids: Set<String> = []
    var lines = 0
    for file in listing {
      let name = try #require(file["name"]?.string)
      let bytes = visitor.get("/files/\(name)").body
      #expect(Int64(bytes.count) == file["size"]?.int)
      guard name.hasSuffix(".jsonl.gz") else { continue }
      for line in try unzip(bytes).split(separator: UInt8(ascii: "\n")) {
        let event = try JSON.parse(line)
        ids.insert(event["event_id"]?.string ?? "")
        #expect(event["timestamp"]?.string.flatMap(CivilTime.parse) != nil && event["context"]?["device"]?["type"] != nil)
        lines += 1
      }
    }
    #expect(ids.count == lines)
    let count = visitor.count(.logEvents)
    #expect(lines == count.records && count.new > 0 && count.new < count.records)
    #expect(listing.count == 92)
  }

  @Test("a new day adds one file, and writes the export of the users anew")
  func newDay() throws {
    let visitor = Visitor(customers: 60)
    func listing() throws -> [String: String] {
      let files = try visitor.json("/files/?format=json").array ?? []
      return Dictionary(uniqueKeysWithValues: files.map { ($0["name"]?.string ?? "", "\($0["modified"]?.string ?? "") \($0["size"]?.int ?? 0)") })
    }
    let before = try listing()
    _ = visitor.playground.advance(by: CivilTime.day)
    let changed = try listing().filter { before[$0.key] != $0.value }.keys.sorted()
    #expect(changed == ["events/events-2026-03-01.jsonl.gz", "exports/app_users.csv"])
  }

  @Test("the user export has a row for every user, quoted where needed")
  func users() throws {
    let visitor = Visitor(customers: 300)
    let text = String(decoding: visitor.get("/files/exports/app_users.csv").body, as: UTF8.self)
    let rows = text.split(separator: "\n")
    #expect(rows.count - 1 == (visitor.count(.appUsers).records))
    #expect(rows.allSatisfy { $0.count { $0 == "," } >= 14 })
  }

  @Test("files answer HEAD, ranges and conditional requests")
  func protocolDetails() throws {
    let visitor = Visitor(customers: 60)
    let target = "/files/exports/app_users.csv"
    let whole = visitor.get(target)
    let tag = try #require(whole.headers.first { $0.name == "etag" }?.value)
    let modified = try #require(whole.headers.first { $0.name == "last-modified" }?.value)
    #expect(modified == "Sun, 01 Mar 2026 00:00:00 GMT")
    let middle = visitor.get(target, headers: ["range": "bytes=10-29"])
    #expect(middle.status == 206 && middle.body == Array(whole.body[10..<30]))
    #expect(visitor.get(target, headers: ["range": "bytes=-5"]).body == Array(whole.body.suffix(5)))
    #expect(visitor.get(target, headers: ["range": "bytes=\(whole.body.count)-"]).status == 416)
    #expect(visitor.get(target, headers: ["if-none-match": tag]).status == 304)
    #expect(visitor.get(target, headers: ["if-modified-since": modified]).status == 304)
    #expect(visitor.get(target, headers: ["range": "bytes=0-1", "if-range": "\"old\""]).body == whole.body)
    #expect(String(decoding: visitor.get("/files/events/").body, as: UTF8.self).contains("href=\"/files/events/events-2026-02-28.jsonl.gz\""))
    #expect(visitor.get("/files/nothing.csv").status == 404)
  }
}
