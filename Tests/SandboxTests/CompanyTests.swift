import DataFormats
import Testing

@testable import Sandbox

@Suite struct CompanyTests {
  private let world = SandboxOptions(customers: 3_000).world()

  private func records(_ system: System) -> [CustomerRecord] {
    (0..<world.population).flatMap { person in
      (0..<Presence(person, of: world.company).count(system)).compactMap { copy in
        let life = RecordLife(system, person: person, copy: copy, of: world.company)
        return life.state(at: world.now).map { CustomerRecord(life, $0, of: world.company) }
      }
    }
  }

  private func share(_ records: [CustomerRecord], _ holds: (CustomerRecord) -> Bool) -> Double {
    Double(records.count(where: holds)) / Double(max(1, records.count))
  }

  @Test("records carry the dirt of real life in the usual shares")
  func dirt() {
    let records = records(.shopify) + records(.contact)
    let withMail = records.filter { $0.mail != nil && $0.mail != "" }
    let other = share(withMail) { record in record.mail?.lowercased().contains(record.person.otherMail) ?? false }
    #expect((0.12...0.3).contains(other))
    #expect((0.003...0.03).contains(share(records) { CustomerRecord.junkMails.contains($0.mail ?? "") }))
    #expect((0.001...0.012).contains(share(records) { PhoneNumber.junk.contains($0.phone ?? "") }))
    #expect((0.02...0.15).contains(share(withMail) { $0.mail != $0.mail?.lowercased() }))
    #expect((0.22...0.36).contains(share(records) { $0.person.household != $0.person.index }))
    #expect(share(records) { $0.phone == nil } > 0.1)
    #expect(Set(records.compactMap { $0.phone.map { String($0.prefix(1)) } }).isSuperset(of: ["+", "0", "("]))
    #expect(records.contains { record in (record.lastName ?? "").unicodeScalars.contains { $0.value > 0x3000 } })
  }

  @Test("people are known in several systems under different identifiers, and some in one only")
  func presence() {
    let counts = (0..<world.population).map { person in
      System.allCases.count { Presence(person, of: world.company).count($0) > 0 }
    }
    #expect(counts.allSatisfy { $0 >= 1 })
    #expect(counts.contains(1) && counts.contains { $0 >= 4 })
  }

  @Test("nobody shares a main mail address or a mobile number by accident")
  func unique() {
    let people = (0..<world.population).map { Person($0, of: world.company) }
    #expect(Set(people.map(\.mail)).count == people.count)
    let mobiles = people.flatMap { person in
      (0..<2).map { PhoneNumber.mobile(person.index, line: $0, region: person.region, seed: world.company.seed).e164 }
    }
    #expect(Set(mobiles).count == mobiles.count)
  }

  @Test("a charge pays its order: the same amount, the order's number in its metadata, the same refund")
  func coherentPayments() throws {
    let visitor = Visitor()
    let orders = Dictionary(uniqueKeysWithValues: try visitor.shopify("orders").map { (identifier($0), $0) })
    var seen = 0
    for charge in try visitor.stripe("charges") {
      guard let id = charge["metadata"]?["order_id"]?.string else { continue }
      let order = try #require(orders[id])
      #expect(order["total_price"]?.string == Money.text(cents: charge["amount"]?.int ?? 0))
      guard charge["status"]?.string == "succeeded" else { continue }
      seen += 1
      let back = order["refunds"]?.array?.first?["transactions"]?.array?.first?["amount"]?.string ?? "0.00"
      #expect(back == Money.text(cents: charge["amount_refunded"]?.int ?? -1))
    }
    #expect(seen > 50)
  }

  @Test("an order's sums agree with its lines")
  func coherentOrders() throws {
    for order in try Visitor().shopify("orders") {
      func cents(_ text: String?) -> Int64 { Int64(text?.replacing(".", with: "") ?? "") ?? .min }
      let lines = order["line_items"]?.array ?? []
      #expect((1...6).contains(lines.count))
      let sum = lines.reduce(Int64(0)) { $0 + cents($1["price"]?.string) * ($1["quantity"]?.int ?? 0) }
      #expect(sum == cents(order["total_line_items_price"]?.string))
      let shipping = order["shipping_lines"]?.array?.first?["price"]?.string
      #expect(sum - cents(order["total_discounts"]?.string) + cents(shipping) == cents(order["total_price"]?.string))
    }
  }

  @Test("every record that the truth names is delivered by its system")
  func truthIsDelivered() throws {
    let visitor = Visitor()
    let lines = String(decoding: visitor.get("/_sandbox/truth.csv").body, as: UTF8.self).split(separator: "\n")
    #expect(lines.first == "source_system,source_id,person_id,record_id")
    var delivered: Set<String> = []
    for (stream, system) in [
      (Stream.contact, "salesforce"), (.lead, "salesforce"), (.stripeCustomers, "stripe"), (.shopifyCustomers, "shopify"), (.zendeskUsers, "zendesk"),
    ] {
      for record in try visitor.all(stream) { delivered.insert("\(system):\(identifier(record))") }
    }
    for line in String(decoding: visitor.get("/files/exports/app_users.csv").body, as: UTF8.self).split(separator: "\n").dropFirst() {
      delivered.insert("app:\(line.prefix { $0 != "," })")
    }
    let named = Set(lines.dropFirst().compactMap { $0.split(separator: ",").last.map(String.init) })
    #expect(named.count == lines.count - 1)
    // Only agents, who are no customers, are delivered without standing in the truth.
    #expect(delivered.subtracting(named).count == Agent.count)
    #expect(named.subtracting(delivered).isEmpty)
  }
}
