/// Stripe's subscription object (https://docs.stripe.com/api/subscriptions/object): a membership.
enum StripeSubscription {
  static func identifier(_ person: Int, _ company: Company) -> String {
    company.identifiers.text("sub_1", .subscription, Ref(person))
  }

  /// Calls `body` with every subscription by the clock of `world`.
  static func forEach(in world: World, _ body: (StreamRecord) -> Void) {
    for person in 0..<world.population {
      let presence = Presence(person, of: world.company)
      guard let membership = Membership(person, presence: presence, of: world.company), membership.started <= world.now else { continue }
      var updated = membership.started
      forEachStep(of: membership, until: world.now) { time, _ in updated = max(updated, time) }
      body(StreamRecord(ref: Ref(person), created: membership.started, updated: updated))
    }
  }

  /// The number of the step that ends a subscription.
  static let end = 0xFFF
  /// From here on count the steps in which a payment failed, and those in which it came in after all.
  private static let failure = 1_600
  private static let recovery = 2_800

  /// Calls `body` with time and number of each change up to `time`: 0 is its making, `end` its end.
  static func forEachStep(of membership: Membership, until time: Int64, _ body: (Int64, Int) -> Void) {
    let count = membership.invoices(at: time)
    for number in 0..<count {
      let payment = membership.payment(ofInvoice: number)
      body(payment.created, number)
      guard payment.firstAttemptFailed else { continue }
      if payment.attempted <= time { body(payment.attempted, failure + number) }
      // A recovery after the end of the membership changes nothing any more.
      if let paid = payment.paid, paid <= time, paid < membership.cancelled { body(paid, recovery + number) }
    }
    if membership.cancelled <= time, count > 0 { body(membership.cancelled, end) }
  }

  /// The subscription as it was at `time`.
  static func write(_ person: Int, at time: Int64, company: Company, to json: inout JSONBytes) {
    guard let membership = Membership(person, presence: Presence(person, of: company), of: company) else { return }
    let isOver = membership.cancelled <= time
    let periods = max(1, membership.invoices(at: time))
    let begin = membership.started + Int64(periods - 1) * Membership.period
    let codes = company.identifiers
    json.object { json in
      json.field("id", identifier(person, company))
      json.field("object", "subscription")
      json.null("application")
      json.field("billing_cycle_anchor", membership.started)
      json.field("cancel_at_period_end", false)
      json.field("canceled_at", isOver ? membership.cancelled : nil)
      json.field("collection_method", "charge_automatically")
      json.field("created", membership.started)
      json.field("currency", "eur")
      json.field("current_period_end", begin + Membership.period)
      json.field("current_period_start", begin)
      json.field("customer", StripeCustomer.identifier(Ref(person), company))
      json.null("description")
      json.field("ended_at", isOver ? membership.cancelled : nil)
      json.object("items") { json in
        json.field("object", "list")
        json.array("data") { json in
          json.object { json in
            json.field("id", codes.text("si_", .subscriptionItem, Ref(person)))
            json.field("object", "subscription_item")
            json.field("created", membership.started)
            write(price: membership.cents, to: &json)
            json.field("quantity", 1)
          }
        }
        json.field("has_more", false)
        json.field("total_count", 1)
        json.field("url", "/v1/subscription_items?subscription=\(identifier(person, company))")
      }
      json.field("latest_invoice", StripeInvoice.identifier(Ref(person, periods - 1), company))
      json.field("livemode", false)
      json.object("metadata") { _ in }
      json.field("start_date", membership.started)
      json.field("status", isOver ? "canceled" : membership.isPastDue(at: time) ? "past_due" : "active")
      json.null("trial_end")
      json.null("trial_start")
    }
  }

  /// The price of a membership, as the member `price`.
  static func write(price cents: Int64, to json: inout JSONBytes) {
    json.object("price") { json in
      json.field("id", cents < 1_000 ? "price_plus_monthly" : "price_premium_monthly")
      json.field("object", "price")
      json.field("active", true)
      json.field("currency", "eur")
      json.field("nickname", cents < 1_000 ? "Plus" : "Premium")
      json.field("product", cents < 1_000 ? "prod_plus" : "prod_premium")
      json.object("recurring") {
        $0.field("interval", "day")
        $0.field("interval_count", 30)
      }
      json.field("type", "recurring")
      json.field("unit_amount", cents)
    }
  }
}

/// Stripe's invoice object (https://docs.stripe.com/api/invoices/object): one period of a membership.
enum StripeInvoice {
  static func identifier(_ ref: Ref, _ company: Company) -> String {
    company.identifiers.text("in_1", .invoice, ref)
  }

  /// Calls `body` with every invoice by the clock of `world`.
  static func forEach(in world: World, _ body: (StreamRecord) -> Void) {
    for person in 0..<world.population {
      let presence = Presence(person, of: world.company)
      guard let membership = Membership(person, presence: presence, of: world.company) else { continue }
      for number in 0..<membership.invoices(at: world.now) {
        let payment = membership.payment(ofInvoice: number)
        var updated = payment.created
        forEachStep(of: payment, until: world.now) { time, _ in updated = max(updated, time) }
        body(StreamRecord(ref: Ref(person, number), created: payment.created, updated: updated))
      }
    }
  }

  /// Calls `body` with time and number of each change up to `time`: 0 made, 1 payment failed, 2 paid, 3 written off.
  static func forEachStep(of payment: Membership.Payment, until time: Int64, _ body: (Int64, Int) -> Void) {
    body(payment.created, 0)
    if payment.firstAttemptFailed, payment.attempted <= time { body(payment.attempted, 1) }
    if let paid = payment.paid, paid <= time { body(paid, 2) }
    if let lost = payment.writtenOff, lost <= time { body(lost, 3) }
  }

  /// The invoice as it was at `time`.
  static func write(_ ref: Ref, at time: Int64, company: Company, to json: inout JSONBytes) {
    guard let membership = Membership(ref.owner, presence: Presence(ref.owner, of: company), of: company) else { return }
    let payment = membership.payment(ofInvoice: ref.number)
    let isPaid = payment.paid.map { $0 <= time } ?? false
    let isLost = payment.writtenOff.map { $0 <= time } ?? false
    let attempts = (payment.attempted <= time ? 1 : 0) + (isPaid && payment.firstAttemptFailed ? 1 : 0)
    let life = RecordLife(.stripe, person: ref.owner, copy: 0, of: company)
    let record = life.state(at: payment.created).map { CustomerRecord(life, $0, of: company) }
    json.object { json in
      json.field("id", identifier(ref, company))
      json.field("object", "invoice")
      json.field("account_country", "DE")
      json.field("account_name", "Sandbox Shop GmbH")
      json.field("amount_due", membership.cents)
      json.field("amount_paid", isPaid ? membership.cents : 0)
      json.field("amount_remaining", isPaid ? 0 : membership.cents)
      json.field("attempt_count", attempts)
      json.field("attempted", attempts > 0)
      json.field("auto_advance", !isPaid && !isLost)
      json.field("billing_reason", ref.number == 0 ? "subscription_create" : "subscription_cycle")
      json.field("charge", isPaid ? StripeCharge.identifier(StripeCharge.place(ref.owner, .invoice, ref.number), company) : nil)
      json.field("collection_method", "charge_automatically")
      json.field("created", payment.created)
      json.field("currency", "eur")
      json.field("customer", StripeCustomer.identifier(Ref(ref.owner), company))
      json.field("customer_email", record?.mail)
      json.field("customer_name", record?.name)
      json.field("customer_phone", record?.phone)
      json.null("due_date")
      json.object("lines") { json in
        json.field("object", "list")
        json.array("data") { json in
          json.object { json in
            json.field("id", company.identifiers.text("il_1", .invoice, ref))
            json.field("object", "line_item")
            json.field("amount", membership.cents)
            json.field("currency", "eur")
            json.field("description", "1 × Membership")
            json.object("period") {
              $0.field("end", payment.created + Membership.period)
              $0.field("start", payment.created)
            }
            StripeSubscription.write(price: membership.cents, to: &json)
            json.field("quantity", 1)
          }
        }
        json.field("has_more", false)
        json.field("total_count", 1)
        json.field("url", "/v1/invoices/\(identifier(ref, company))/lines")
      }
      json.field("livemode", false)
      json.object("metadata") { _ in }
      json.field("number", "SB\(ref.owner)-\(ref.number + 1)")
      json.field("paid", isPaid)
      json.field("period_end", payment.created)
      json.field("period_start", payment.created - (ref.number == 0 ? 0 : Membership.period))
      json.field("status", isPaid ? "paid" : isLost ? "uncollectible" : "open")
      json.object("status_transitions") { json in
        json.field("finalized_at", payment.created)
        json.field("marked_uncollectible_at", isLost ? payment.writtenOff : nil)
        json.field("paid_at", isPaid ? payment.paid : nil)
        json.null("voided_at")
      }
      json.field("subscription", StripeSubscription.identifier(ref.owner, company))
      json.field("subtotal", membership.cents)
      json.field("tax", membership.cents * 19 / 119)
      json.field("total", membership.cents)
    }
  }
}
