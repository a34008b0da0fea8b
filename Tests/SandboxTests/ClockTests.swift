import DataFormats
import Testing

@testable import Sandbox

@Suite struct ClockTests {
  @Test("the same seed makes the same company, and another seed another one")
  func deterministic() {
    for target in ["/stripe/v1/customers?limit=20", "/shopify/admin/api/2025-01/orders.json?status=any", "/files/exports/app_users.csv"] {
      #expect(Visitor().get(target).body == Visitor().get(target).body)
      #expect(Visitor().get(target).body != Visitor(seed: 8).get(target).body)
    }
    #expect(Truth(Visitor().playground.world).csv() == Truth(Visitor().playground.world).csv())
  }

  @Test("advancing a running server and starting one later show the same world")
  func restart() throws {
    let running = Visitor()
    #expect(running.get("/_sandbox/advance?by=1d12h", method: "POST").status == 200)
    let restarted = Visitor(advance: 36 * CivilTime.hour)
    for stream in Visitor.paged { #expect(try running.all(stream) == restarted.all(stream)) }
    #expect(running.get("/_sandbox/truth.csv").body == restarted.get("/_sandbox/truth.csv").body)
    #expect(running.get("/_sandbox/counts.json").body == restarted.get("/_sandbox/counts.json").body)
  }

  /// What a client that kept its cursors is told after the clock moved, by the system's own incremental filter.
  private func delta(_ stream: Stream, _ visitor: Visitor, since: Int64) throws -> [JSON] {
    let name = String(stream.rawValue.split(separator: ".")[1])
    let stamp = CivilTime.timestamp(since)
    return switch stream {
    case .account, .contact, .lead, .opportunity, .supportCase:
      try visitor.salesforce(name, "WHERE SystemModstamp > \(stamp) ORDER BY SystemModstamp ASC")
    case .tickets, .zendeskUsers: try visitor.zendesk(name, since: since + 1)
    default: try visitor.shopify(name, "status=any&order=updated_at+asc&updated_at_min=\(CivilTime.timestamp(since + 1))")
    }
  }

  @Test(
    "after the clock moved, the incremental filter delivers exactly what changed",
    arguments: [Stream.account, .contact, .lead, .opportunity, .supportCase, .tickets, .zendeskUsers, .shopifyCustomers, .orders, .products])
  func incremental(stream: Stream) throws {
    let visitor = Visitor(customers: 300)
    var kept = Dictionary(uniqueKeysWithValues: try visitor.all(stream).map { (identifier($0), $0) })
    let since = visitor.playground.world.now
    _ = visitor.playground.advance(by: 12 * CivilTime.day)
    let changes = try delta(stream, visitor, since: since)
    let count = visitor.count(stream)
    #expect(changes.count == count.changed && !changes.isEmpty)
    #expect(changes.filter { kept[identifier($0)] == nil }.count == count.new)
    for change in changes {
      #expect(kept[identifier(change)] != change, "delivered although nothing changed")
      kept[identifier(change)] = change
    }
    let now = Dictionary(uniqueKeysWithValues: try visitor.all(stream).map { (identifier($0), $0) })
    #expect(kept == now)
    #expect(now.count == count.kept)
  }

  @Test(
    "Stripe's events tell every change of its objects, each with the object as it then was",
    arguments: [Stream.stripeCustomers, .charges, .refunds, .invoices, .subscriptions])
  func events(stream: Stream) throws {
    let visitor = Visitor(customers: 500)
    var kept = Dictionary(uniqueKeysWithValues: try visitor.all(stream).map { (identifier($0), $0) })
    let since = visitor.playground.world.now
    _ = visitor.playground.advance(by: 20 * CivilTime.day)
    let object = ["customers": "customer", "charges": "charge", "refunds": "refund", "invoices": "invoice", "subscriptions": "subscription"]
    let events = try visitor.stripe("events", "&created[gt]=\(since)").reversed()
    var touched: Set<String> = []
    var deleted: Set<String> = []
    for event in events {
      guard let subject = event["data"]?["object"], subject["object"]?.string == object[String(stream.rawValue.dropFirst(7))] else { continue }
      let id = identifier(subject)
      touched.insert(id)
      if event["type"]?.string == "customer.deleted" {
        deleted.insert(id)
        kept[id] = nil
      } else {
        kept[id] = subject
      }
    }
    let count = visitor.count(stream)
    #expect(touched.count == count.changed && !touched.isEmpty)
    #expect(deleted.count == count.deleted)
    #expect(count.kept == kept.count + deleted.count)
    let now = Dictionary(uniqueKeysWithValues: try visitor.all(stream).map { (identifier($0), $0) })
    #expect(kept.count == now.count && count.records == now.count)
    for (id, record) in now where kept[id] != record { Issue.record("\(id) differs from what its events told") }
  }

  @Test("Stripe forgets events after 30 days")
  func retention() throws {
    let visitor = Visitor(advance: 45 * CivilTime.day)
    let oldest = try visitor.stripe("events").compactMap { $0["created"]?.int }.min() ?? 0
    #expect(oldest >= visitor.playground.world.now - 30 * CivilTime.day)
    let count = visitor.count(.stripeEvents)
    #expect(count.kept > count.records)
  }

  @Test("a customer that was deleted leaves Stripe's list but can still be retrieved as a stub")
  func deletedCustomer() throws {
    let visitor = Visitor(customers: 600)
    let before = Set(try visitor.stripe("customers").map(identifier))
    _ = visitor.playground.advance(by: 60 * CivilTime.day)
    let gone = before.subtracting(try visitor.stripe("customers").map(identifier))
    #expect(gone.count == (visitor.count(.stripeCustomers).deleted) && !gone.isEmpty)
    for id in gone { #expect(try visitor.json("/stripe/v1/customers/\(id)")["deleted"]?.bool == true) }
  }

  @Test("a company of millions costs no more than one of hundreds until somebody asks")
  func randomAccess() {
    let company = Company(seed: 7, customers: 5_000_000, opening: SandboxOptions.defaultOpening)
    for index in [0, 1, 2_499_999, 4_999_999] {
      let person = Person(index, of: company)
      #expect(person.joined < company.opening && person.mail.contains("@"))
    }
    #expect(company.population(at: company.opening) == 5_000_000)
  }
}
