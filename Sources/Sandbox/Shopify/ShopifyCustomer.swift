/// Shopify's customer resource (https://shopify.dev/docs/api/admin-rest/latest/resources/customer).
enum ShopifyCustomer {
  /// The shop's clock is an hour ahead of UTC all year, and Shopify's times are written in it.
  static let zone: StaticString = "+01:00"
  static let offset = CivilTime.hour

  static func identifier(_ ref: Ref, _ company: Company) -> Int64 {
    6_100_000_000_000 + Int64(ref.owner * 4 + ref.number) * 977 + Int64(company.identifiers.scramble(.device, ref) % 977)
  }

  /// The customer as it was at `time`; `full` adds what is missing where it is nested in an order.
  static func write(_ ref: Ref, at time: Int64, full: Bool, company: Company, to json: inout JSONBytes) {
    let life = RecordLife(.shopify, person: ref.owner, copy: ref.number, of: company)
    guard let state = life.state(at: time) else { return json.null() }
    let record = CustomerRecord(life, state, of: company)
    let id = identifier(ref, company)
    var (count, cents, updated): (Int64, Int64, Int64) = (0, 0, state.updated)
    var last: OrderLife?
    if full {
      OrderLife.forEach(of: ref.owner, presence: Presence(ref.owner, of: company), until: time, company: company) { order in
        guard order.copy == ref.number else { return }
        updated = max(updated, order.updated(at: time))
        last = order
        guard order.cancelled.map({ $0 > time }) ?? true else { return }
        count += 1
        let basket = Basket(order, buyer: record.person, of: company)
        cents += basket.totalCents - (order.refunded.map { $0 <= time } ?? false ? basket.refundCents(all: order.refundsAll) : 0)
      }
    }
    var draw = company.draw(.dirt, ref.owner, 101, ref.number)
    let notes = [
      "Prefers delivery after 18:00", "VIP — handle with care ✨", "Asked for invoice with \"Straße\" spelled out", "Allergic to wool\nno knitwear offers",
    ]
    let note = state.notes > 0 ? notes[(ref.owner + state.notes) % notes.count] : nil
    let tags = [draw.chance(0.2) ? "newsletter" : nil, state.notes > 1 ? "returning" : nil, draw.chance(0.05) ? "vip" : nil].compactMap { $0 }
    json.object { json in
      json.field("id", id)
      json.field("email", record.mail)
      json.time("created_at", life.created + offset, suffix: zone)
      json.time("updated_at", updated + offset, suffix: zone)
      json.field("first_name", record.firstName)
      json.field("last_name", record.lastName)
      if full {
        json.field("orders_count", count)
        json.money("total_spent", cents: cents)
        json.field("last_order_id", last.map { ShopifyOrder.identifier(Ref($0.person, $0.number), company) })
      }
      json.field("state", draw.chance(0.7) ? "enabled" : "disabled")
      json.field("note", note)
      json.field("verified_email", draw.chance(0.9))
      json.null("multipass_identifier")
      json.field("tax_exempt", false)
      json.field("tags", tags.joined(separator: ", "))
      json.field("currency", "EUR")
      json.field("phone", record.phone)
      if full {
        json.array("addresses") { json in
          if record.address != nil { write(record, id: id + 7, owner: id, isDefault: true, to: &json) }
        }
        json.array("tax_exemptions") { _ in }
        json.object("email_marketing_consent") { json in
          json.field("state", state.consent ? "subscribed" : "not_subscribed")
          json.field("opt_in_level", "single_opt_in")
          json.time("consent_updated_at", state.consent ? life.created + offset : nil, suffix: zone)
        }
        json.null("sms_marketing_consent")
      }
      json.field("admin_graphql_api_id", "gid://shopify/Customer/\(id)")
      if record.address != nil {
        json.key("default_address")
        write(record, id: id + 7, owner: id, isDefault: true, to: &json)
      }
    }
  }

  /// An address of a customer, or, without an identifier, of an order.
  static func write(_ record: CustomerRecord, id: Int64?, owner: Int64?, isDefault: Bool, to json: inout JSONBytes) {
    json.object { json in
      if let id {
        json.field("id", id)
        json.field("customer_id", owner)
      }
      json.field("first_name", record.firstName)
      json.field("last_name", record.lastName)
      json.null("company")
      json.field("address1", record.address?.street)
      json.field("address2", record.address?.extra)
      json.field("city", record.address?.city)
      json.field("province", record.address?.province)
      json.field("country", record.address?.country ?? record.person.region.country)
      json.field("zip", record.address?.postalCode)
      json.field("phone", record.phone)
      json.field("name", record.name)
      json.field("country_code", record.address?.countryCode ?? record.person.region.code)
      if id != nil { json.field("default", isDefault) }
    }
  }
}
