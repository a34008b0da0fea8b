/// Stripe's charge object (https://docs.stripe.com/api/charges/object): the payment of an order or of an invoice.
struct StripeCharge {
  /// What a charge pays, as written in the number of its place.
  enum Purpose: Int {
    case order, failedOrder, invoice, failedInvoice
  }

  let ref: Ref
  let purpose: Purpose
  let created: Int64
  let cents: Int64
  let order: OrderLife?
  let refunded: Int64?
  let refundCents: Int64

  static func place(_ person: Int, _ purpose: Purpose, _ number: Int) -> Ref {
    Ref(person, purpose.rawValue << 12 | number)
  }

  static func identifier(_ ref: Ref, _ company: Company) -> String {
    company.identifiers.text("ch_3", .charge, ref)
  }

  static func purpose(of ref: Ref) -> Purpose { Purpose(rawValue: ref.number >> 12) ?? .order }

  /// The charge at `ref`; nil if there is none by `time`.
  init?(_ ref: Ref, at time: Int64, company: Company) {
    self.ref = ref
    let number = ref.number & 0xFFF
    purpose = StripeCharge.purpose(of: ref)
    let presence = Presence(ref.owner, of: company)
    switch purpose {
    case .order, .failedOrder:
      guard let order = OrderLife.find(person: ref.owner, number: number, presence: presence, until: time, company: company) else { return nil }
      let basket = Basket(order, buyer: Person(ref.owner, of: company), of: company)
      self.order = order
      cents = basket.totalCents
      created = purpose == .order ? order.paid : order.placed + 10
      refunded = purpose == .order ? order.refunded : nil
      refundCents = basket.refundCents(all: order.refundsAll)
    case .invoice, .failedInvoice:
      guard let membership = Membership(ref.owner, presence: presence, of: company) else { return nil }
      let payment = membership.payment(ofInvoice: number)
      order = nil
      cents = membership.cents
      created = purpose == .invoice ? payment.paid ?? .max : payment.attempted
      refunded = nil
      refundCents = 0
    }
    if created > time { return nil }
  }

  /// Calls `body` with every charge by the clock of `world`.
  static func forEach(in world: World, _ body: (StreamRecord) -> Void) {
    let company = world.company
    for person in 0..<world.population {
      let presence = Presence(person, of: company)
      guard presence.count(.stripe) > 0 else { continue }
      OrderLife.forEach(of: person, presence: presence, until: world.now, company: company) { order in
        guard order.payment == .card else { return }
        if order.failedFirst, order.placed + 10 <= world.now {
          body(StreamRecord(ref: place(person, .failedOrder, order.number), created: order.placed + 10, updated: order.placed + 10))
        }
        guard order.paid <= world.now else { return }
        let refunded = order.refunded.flatMap { $0 <= world.now ? $0 : nil }
        body(StreamRecord(ref: place(person, .order, order.number), created: order.paid, updated: refunded ?? order.paid))
      }
      guard let membership = Membership(person, presence: presence, of: company) else { continue }
      for number in 0..<membership.invoices(at: world.now) {
        let payment = membership.payment(ofInvoice: number)
        if payment.firstAttemptFailed, payment.attempted <= world.now {
          body(StreamRecord(ref: place(person, .failedInvoice, number), created: payment.attempted, updated: payment.attempted))
        }
        if let paid = payment.paid, paid <= world.now {
          body(StreamRecord(ref: place(person, .invoice, number), created: paid, updated: paid))
        }
      }
    }
  }

  /// The Stripe customer that pays: a second record takes part of the orders; one that is deleted by then takes none.
  func customer(_ company: Company) -> Ref? {
    let person = ref.owner
    var copy = 0
    if order != nil, ref.number % 3 == 2, Presence(person, of: company).count(.stripe) > 1,
      RecordLife(.stripe, person: person, copy: 1, of: company).created < created
    {
      copy = 1
    }
    let life = RecordLife(.stripe, person: person, copy: copy, of: company)
    return life.deleted.map { $0 > created } ?? true ? Ref(person, copy) : nil
  }

  /// The charge as it was at `time`.
  func write(at time: Int64, company: Company, to json: inout JSONBytes) {
    let failed = purpose == .failedOrder || purpose == .failedInvoice
    let back = refunded.map { $0 <= time } ?? false ? refundCents : 0
    let payer = customer(company)
    let life = RecordLife(.stripe, person: ref.owner, copy: payer?.number ?? 0, of: company)
    let record = life.state(at: created).map { CustomerRecord(life, $0, of: company) }
    var draw = company.draw(.order, ref.owner, ref.number, 7)
    let codes = company.identifiers
    json.object { json in
      json.field("id", StripeCharge.identifier(ref, company))
      json.field("object", "charge")
      json.field("amount", cents)
      json.field("amount_captured", failed ? 0 : cents)
      json.field("amount_refunded", back)
      json.null("application_fee_amount")
      json.field("balance_transaction", failed ? nil : codes.text("txn_3", .charge, ref))
      json.object("billing_details") { json in
        StripeCustomer.write(record?.address, to: &json)
        json.field("email", record?.mail)
        json.field("name", record?.name)
        json.field("phone", record?.phone)
      }
      json.field("calculated_statement_descriptor", "SANDBOX SHOP")
      json.field("captured", !failed)
      json.field("created", created)
      json.field("currency", "eur")
      json.field("customer", payer.map { StripeCustomer.identifier($0, company) })
      json.field("description", order.map { "Order \(ShopifyOrder.identifier(Ref($0.person, $0.number), company))" } ?? "Membership")
      json.field("disputed", false)
      json.field("failure_code", failed ? "card_declined" : nil)
      json.field("failure_message", failed ? "Your card was declined." : nil)
      json.object("fraud_details") { _ in }
      json.field("invoice", order == nil ? StripeInvoice.identifier(Ref(ref.owner, ref.number & 0xFFF), company) : nil)
      json.field("livemode", false)
      json.object("metadata") { json in
        guard let order else { return }
        json.field("order_id", String(ShopifyOrder.identifier(Ref(order.person, order.number), company)))
        json.field("source", "shopify")
      }
      json.object("outcome") { json in
        json.field("network_status", failed ? "declined_by_network" : "approved_by_network")
        json.field("reason", failed ? "generic_decline" : nil)
        json.field("risk_level", "normal")
        json.field("risk_score", draw.below(64))
        json.field("seller_message", failed ? "The bank did not return any further details with this decline." : "Payment complete.")
        json.field("type", failed ? "issuer_declined" : "authorized")
      }
      json.field("paid", !failed)
      json.field("payment_intent", codes.text("pi_3", .paymentIntent, Ref(ref.owner, ref.number & 0x2FFF)))
      json.field("payment_method", codes.text("pm_1", .paymentMethod, payer ?? Ref(ref.owner)))
      json.object("payment_method_details") { json in
        json.object("card") { json in
          json.field("brand", draw.chance(0.6) ? "visa" : "mastercard")
          json.field("country", record?.person.region.code)
          json.field("exp_month", draw.within(1...12))
          json.field("exp_year", draw.within(2026...2031))
          json.field("fingerprint", codes.text("", .paymentMethod, Ref(ref.owner, 9)))
          json.field("funding", draw.chance(0.7) ? "credit" : "debit")
          json.field("last4", String(1_000 + draw.below(9_000)))
        }
        json.field("type", "card")
      }
      json.field("receipt_email", record?.mail)
      json.field("refunded", back > 0 && back == cents)
      json.null("shipping")
      json.null("source")
      json.field("statement_descriptor", "SANDBOX SHOP")
      json.field("status", failed ? "failed" : "succeeded")
    }
  }
}

/// Stripe's refund object (https://docs.stripe.com/api/refunds/object).
enum StripeRefund {
  static func identifier(_ ref: Ref, _ company: Company) -> String {
    company.identifiers.text("re_3", .refund, ref)
  }

  /// Calls `body` with every refund by the clock of `world`; a refund stands at the place of its charge.
  static func forEach(in world: World, _ body: (StreamRecord) -> Void) {
    let company = world.company
    for person in 0..<world.population {
      let presence = Presence(person, of: company)
      guard presence.count(.stripe) > 0 else { continue }
      OrderLife.forEach(of: person, presence: presence, until: world.now, company: company) { order in
        guard order.payment == .card, let refunded = order.refunded, refunded <= world.now else { return }
        body(StreamRecord(ref: StripeCharge.place(person, .order, order.number), created: refunded, updated: refunded))
      }
    }
  }

  static func write(_ ref: Ref, at time: Int64, company: Company, to json: inout JSONBytes) {
    guard let charge = StripeCharge(ref, at: time, company: company), let refunded = charge.refunded else { return }
    json.object { json in
      json.field("id", identifier(ref, company))
      json.field("object", "refund")
      json.field("amount", charge.refundCents)
      json.field("balance_transaction", company.identifiers.text("txn_3", .refund, ref))
      json.field("charge", StripeCharge.identifier(ref, company))
      json.field("created", refunded)
      json.field("currency", "eur")
      json.object("destination_details") { json in
        json.object("card") {
          $0.field("reference_status", "available")
          $0.field("type", "refund")
        }
        json.field("type", "card")
      }
      json.object("metadata") { json in
        guard let order = charge.order else { return }
        json.field("order_id", String(ShopifyOrder.identifier(Ref(order.person, order.number), company)))
      }
      json.field("payment_intent", company.identifiers.text("pi_3", .paymentIntent, Ref(ref.owner, ref.number & 0x2FFF)))
      json.field("reason", charge.order?.cancelled != nil ? nil : "requested_by_customer")
      json.null("receipt_number")
      json.null("source_transfer_reversal")
      json.field("status", "succeeded")
      json.null("transfer_reversal")
    }
  }
}
