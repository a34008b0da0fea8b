/// Stripe's event object (https://docs.stripe.com/api/events/object): each change of another object, kept for 30 days.
struct StripeEvent {
  static let retention = 30 * CivilTime.day

  /// What an event is about.
  enum Subject: UInt64 {
    case customer = 0, charge, refund, invoice, subscription
  }

  let subject: Subject
  let object: Ref
  let step: Int

  init(_ subject: Subject, _ object: Ref, step: Int) {
    self.subject = subject
    self.object = object
    self.step = step
  }

  /// The event at a place in the list of events.
  init?(_ ref: Ref) {
    guard let subject = Subject(rawValue: ref.raw >> 52) else { return nil }
    self.init(subject, Ref(raw: ref.raw >> 12 & 0xFF_FFFF_FFFF), step: Int(ref.raw & 0xFFF))
  }

  /// Its place in the list of events: 4 bits of subject, 40 of object, 12 of step.
  var ref: Ref { Ref(raw: subject.rawValue << 52 | object.raw << 12 | UInt64(step)) }

  /// Step numbers of customers: 0 made, then each change, and this for the deletion.
  static let deletion = 0xFFF

  var type: String {
    switch (subject, step) {
    case (.customer, 0): "customer.created"
    case (.customer, Self.deletion): "customer.deleted"
    case (.customer, _): "customer.updated"
    case (.charge, 0):
      [.failedOrder, .failedInvoice].contains(StripeCharge.purpose(of: object)) ? "charge.failed" : "charge.succeeded"
    case (.charge, _): "charge.refunded"
    case (.refund, _): "refund.created"
    case (.invoice, 0): "invoice.created"
    case (.invoice, 1): "invoice.payment_failed"
    case (.invoice, 2): "invoice.paid"
    case (.invoice, _): "invoice.marked_uncollectible"
    case (.subscription, 0): "customer.subscription.created"
    case (.subscription, StripeSubscription.end): "customer.subscription.deleted"
    case (.subscription, _): "customer.subscription.updated"
    }
  }

  /// Calls `body` with every event of the last 30 days, and with those that a follower has kept since the opening.
  static func forEach(in world: World, _ body: (StreamRecord) -> Void) {
    let company = world.company
    let oldest = world.now - retention
    let oldestKept = min(oldest, company.opening - retention)
    func report(_ time: Int64, _ subject: Subject, _ object: Ref, _ step: Int) {
      guard time >= oldestKept, time <= world.now else { return }
      body(StreamRecord(ref: StripeEvent(subject, object, step: step).ref, created: time, updated: time, isListed: time >= oldest))
    }
    for person in 0..<world.population {
      let presence = Presence(person, of: company)
      guard presence.count(.stripe) > 0 else { continue }
      for copy in 0..<presence.count(.stripe) {
        let life = RecordLife(.stripe, person: person, copy: copy, of: company)
        guard life.created <= world.now else { continue }
        report(life.created, .customer, Ref(person, copy), 0)
        life.forEachChange(until: world.now) { number, time, _ in report(time, .customer, Ref(person, copy), number) }
        if let deleted = life.deleted { report(deleted, .customer, Ref(person, copy), deletion) }
      }
      OrderLife.forEach(of: person, presence: presence, until: world.now, company: company) { order in
        guard order.payment == .card else { return }
        let charge = StripeCharge.place(person, .order, order.number)
        if order.failedFirst { report(order.placed + 10, .charge, StripeCharge.place(person, .failedOrder, order.number), 0) }
        report(order.paid, .charge, charge, 0)
        if let refunded = order.refunded {
          report(refunded, .charge, charge, 1)
          report(refunded, .refund, charge, 0)
        }
      }
      guard let membership = Membership(person, presence: presence, of: company) else { continue }
      StripeSubscription.forEachStep(of: membership, until: world.now) { time, step in report(time, .subscription, Ref(person), step) }
      for number in 0..<membership.invoices(at: world.now) {
        let payment = membership.payment(ofInvoice: number)
        StripeInvoice.forEachStep(of: payment, until: world.now) { time, step in report(time, .invoice, Ref(person, number), step) }
        if payment.firstAttemptFailed { report(payment.attempted, .charge, StripeCharge.place(person, .failedInvoice, number), 0) }
        if let paid = payment.paid { report(paid, .charge, StripeCharge.place(person, .invoice, number), 0) }
      }
    }
  }

  /// The event, which happened at `time`, with the object as it was then.
  func write(at time: Int64, company: Company, to json: inout JSONBytes) {
    json.object { json in
      json.field("id", company.identifiers.text("evt_1", .event, ref))
      json.field("object", "event")
      json.field("api_version", "2024-04-10")
      json.field("created", time)
      json.object("data") { json in
        json.key("object")
        switch subject {
        case .customer: StripeCustomer.write(object, at: time, company: company, to: &json)
        case .charge:
          if let charge = StripeCharge(object, at: time, company: company) { charge.write(at: time, company: company, to: &json) } else { json.null() }
        case .refund: StripeRefund.write(object, at: time, company: company, to: &json)
        case .invoice: StripeInvoice.write(object, at: time, company: company, to: &json)
        case .subscription: StripeSubscription.write(object.owner, at: time, company: company, to: &json)
        }
      }
      json.field("livemode", false)
      json.field("pending_webhooks", 0)
      json.object("request") {
        $0.null("id")
        $0.null("idempotency_key")
      }
      json.field("type", type)
    }
  }
}
