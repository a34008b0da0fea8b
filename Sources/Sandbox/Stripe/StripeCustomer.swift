/// Stripe's customer object (https://docs.stripe.com/api/customers/object).
enum StripeCustomer {
  static func identifier(_ ref: Ref, _ company: Company) -> String {
    company.identifiers.text("cus_", .stripeCustomer, ref)
  }

  /// The customer as it was at `time`.
  static func write(_ ref: Ref, at time: Int64, company: Company, to json: inout JSONBytes) {
    let life = RecordLife(.stripe, person: ref.owner, copy: ref.number, of: company)
    guard let state = life.state(at: time) else { return }
    let record = CustomerRecord(life, state, of: company)
    var draw = company.draw(.dirt, ref.owner, 100, ref.number)
    let presence = Presence(ref.owner, of: company)
    json.object { json in
      json.field("id", identifier(ref, company))
      json.field("object", "customer")
      write(record.address, to: &json)
      json.field("balance", 0)
      json.field("created", life.created)
      json.field("currency", "eur")
      json.null("default_source")
      json.field("delinquent", false)
      json.field("description", draw.chance(0.2) ? "Customer since \(CivilTime.dateText(day: CivilTime.day(of: life.created)))" : nil)
      json.null("discount")
      json.field("email", record.mail)
      json.field("invoice_prefix", "SB\(company.identifiers.scramble(.stripeCustomer, ref) % 900_000 + 100_000)")
      json.object("invoice_settings") {
        $0.null("custom_fields")
        $0.null("default_payment_method")
        $0.null("footer")
        $0.null("rendering_options")
      }
      json.field("livemode", false)
      json.object("metadata") { json in
        // The shop's integration notes its own id, as far as the customer came through it.
        if draw.chance(0.6), presence.count(.shopify) > 0 {
          json.field("shopify_customer_id", String(ShopifyCustomer.identifier(Ref(ref.owner, 0), company)))
        }
        if state.notes > 0 { json.field("note_count", String(state.notes)) }
      }
      json.field("name", record.name)
      json.field("next_invoice_sequence", 1)
      json.field("phone", record.phone)
      json.array("preferred_locales") { if draw.chance(0.5) { $0.string(record.person.region.language) } }
      json.null("shipping")
      json.field("tax_exempt", "none")
      json.null("test_clock")
    }
  }

  /// An address, as the member `address`.
  static func write(_ address: Address?, to json: inout JSONBytes) {
    guard let address else { return json.null("address") }
    json.object("address") {
      $0.field("city", address.city)
      $0.field("country", address.countryCode)
      $0.field("line1", address.street)
      $0.field("line2", address.extra)
      $0.field("postal_code", address.postalCode)
      $0.field("state", address.province)
    }
  }
}
