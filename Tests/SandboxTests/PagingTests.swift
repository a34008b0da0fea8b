import DataFormats
import Testing

@testable import Sandbox

@Suite struct PagingTests {
  @Test("the pages of a stream hold every record exactly once", arguments: Visitor.paged)
  func everyRecordOnce(stream: Stream) throws {
    let visitor = Visitor(advance: 3 * CivilTime.day)
    let records = try visitor.all(stream)
    let ids = Set(records.map(identifier))
    #expect(ids.count == records.count)
    #expect(records.count == (visitor.count(stream).records))
    #expect(!records.isEmpty)
  }

  @Test("the clock may move while a list is being paged: nothing is lost")
  func clockMovesMidway() throws {
    let visitor = Visitor(customers: 80)
    let before = Set(try visitor.zendesk("users").map(identifier))
    let first = try visitor.json("/zendesk/api/v2/incremental/users/cursor.json?per_page=5&start_time=0")
    _ = visitor.playground.advance(by: 20 * CivilTime.day)
    var seen = Set((first["users"]?.array ?? []).map(identifier))
    var cursor = first["after_cursor"]?.string ?? ""
    while true {
      let page = try visitor.json("/zendesk/api/v2/incremental/users/cursor.json?per_page=5&cursor=\(cursor)")
      seen.formUnion((page["users"]?.array ?? []).map(identifier))
      cursor = page["after_cursor"]?.string ?? ""
      if page["end_of_stream"]?.bool == true { break }
    }
    #expect(before.isSubset(of: seen))
  }

  @Test("Stripe lists newest first, and ending_before goes back the same way")
  func stripeBackwards() throws {
    let visitor = Visitor()
    let all = try visitor.stripe("charges")
    let times = all.compactMap { $0["created"]?.int }
    #expect(times == times.sorted(by: >))
    let back = try visitor.json("/stripe/v1/charges?limit=10&ending_before=\(identifier(all[25]))")
    #expect((back["data"]?.array ?? []).map(identifier) == all[15..<25].map(identifier))
    #expect(back["has_more"]?.bool == true)
    let start = try visitor.json("/stripe/v1/charges?limit=10&ending_before=\(identifier(all[4]))")
    #expect((start["data"]?.array ?? []).map(identifier) == all[0..<4].map(identifier))
    #expect(start["has_more"]?.bool == false)
  }

  @Test("Stripe's created filters cut at the second")
  func stripeCreated() throws {
    let visitor = Visitor()
    let all = try visitor.stripe("charges")
    let middle = all[all.count / 2]["created"]?.int ?? 0
    #expect(try visitor.stripe("charges", "&created[gte]=\(middle)").allSatisfy { ($0["created"]?.int ?? 0) >= middle })
    let (gte, gt) = (try visitor.stripe("charges", "&created%5Bgte%5D=\(middle)").count, try visitor.stripe("charges", "&created[gt]=\(middle)").count)
    let (lte, lt) = (try visitor.stripe("charges", "&created[lte]=\(middle)").count, try visitor.stripe("charges", "&created[lt]=\(middle)").count)
    #expect(gte > gt && lte > lt)
    #expect(gte + lt == all.count && gt + lte == all.count)
  }

  @Test("Shopify's previous link leads back to the page before")
  func shopifyPrevious() throws {
    let visitor = Visitor()
    let first = visitor.get("/shopify/admin/api/2025-01/orders.json?status=any&limit=10&order=updated_at+asc")
    let second = visitor.get(try #require(Visitor.link(first, "next")))
    let again = visitor.get(try #require(Visitor.link(second, "previous")))
    #expect(first.body == again.body)
    #expect(Visitor.link(first, "previous") == nil)
  }

  @Test("Shopify pages by since_id as well, and refuses other parameters beside page_info")
  func shopifySinceID() throws {
    let visitor = Visitor()
    var ids: [Int64] = []
    while true {
      let page = try visitor.json("/shopify/admin/api/2025-01/customers.json?limit=40&since_id=\(ids.last ?? 0)")["customers"]?.array ?? []
      ids += page.compactMap { $0["id"]?.int }
      if page.count < 40 { break }
    }
    #expect(ids == ids.sorted() && Set(ids).count == ids.count)
    #expect(ids.count == (visitor.count(.shopifyCustomers).records))
    #expect(visitor.get("/shopify/admin/api/2025-01/orders.json?page_info=abc&status=any").status == 400)
    #expect(visitor.get("/shopify/admin/api/2025-01/orders.json?limit=251").status == 400)
  }

  @Test("Salesforce's query leaves out what is in the recycle bin, queryAll flags it")
  func salesforceDeleted() throws {
    let visitor = Visitor(customers: 600)
    let (live, all) = (try visitor.salesforce("Lead", all: false), try visitor.salesforce("Lead"))
    let flagged = all.filter { $0["IsDeleted"]?.bool == true }
    #expect(!flagged.isEmpty && live.count + flagged.count == all.count)
    #expect(flagged.count == (visitor.count(.lead).flaggedDeleted))
  }
}
