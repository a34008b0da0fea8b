/// One record of a stream, as far as lists and counts need it.
struct StreamRecord {
  let ref: Ref
  let created: Int64
  /// The last change, its deletion included.
  let updated: Int64
  /// Whether the system's list shows it now.
  var isListed = true
  /// Whether a warehouse holds it that has followed every change since the company's opening.
  var isKept = true
  /// When it was deleted.
  var deleted: Int64?
}

extension Stream {
  /// Calls `body` with every record that has existed by the clock of `world`, in no particular order.
  func forEach(in world: World, _ body: (StreamRecord) -> Void) {
    switch self {
    case .account, .opportunity, .organizations: Business.forEach(self, in: world, body)
    case .contact: Stream.customers(.contact, in: world, body)
    case .lead: Stream.customers(.lead, in: world, body)
    case .supportCase: SupportCase.forEach(in: world, body)
    case .stripeCustomers: Stream.stripeCustomers(in: world, body)
    case .zendeskUsers:
      Agent.forEach(in: world, body)
      Stream.customers(.zendesk, in: world, body)
    case .tickets: Ticket.forEach(in: world, body)
    case .shopifyCustomers: Stream.shopifyCustomers(in: world, body)
    case .orders: Stream.orders(in: world, body)
    case .products: Stream.products(in: world, body)
    case .charges: StripeCharge.forEach(in: world, body)
    case .refunds: StripeRefund.forEach(in: world, body)
    case .invoices: StripeInvoice.forEach(in: world, body)
    case .subscriptions: StripeSubscription.forEach(in: world, body)
    case .stripeEvents: StripeEvent.forEach(in: world, body)
    case .appUsers: AppUsers.forEach(in: world, body)
    case .logEvents: break  // The logs are files, made a day at a time; nothing pages through their lines.
    }
  }

  /// The records of people in one system; deleted ones stay listed, with a flag.
  private static func customers(_ system: System, in world: World, _ body: (StreamRecord) -> Void) {
    let company = world.company
    for person in 0..<world.population {
      for copy in 0..<Presence(person, of: company).count(system) {
        let life = RecordLife(system, person: person, copy: copy, of: company)
        guard let state = life.state(at: world.now) else { continue }
        body(
          StreamRecord(
            ref: Ref(person, copy), created: life.created, updated: state.updated, deleted: state.isDeleted ? life.deleted : nil))
      }
    }
  }

  /// Stripe's lists leave out deleted customers; who followed the events keeps those deleted since the opening.
  private static func stripeCustomers(in world: World, _ body: (StreamRecord) -> Void) {
    customers(.stripe, in: world) { record in
      var record = record
      if let deleted = record.deleted {
        record.isListed = false
        record.isKept = deleted > world.company.opening
      }
      body(record)
    }
  }

  /// A Shopify customer changes with each of its orders.
  private static func shopifyCustomers(in world: World, _ body: (StreamRecord) -> Void) {
    let company = world.company
    for person in 0..<world.population {
      let presence = Presence(person, of: company)
      let copies = presence.count(.shopify)
      guard copies > 0 else { continue }
      var ordered: (Int64, Int64) = (0, 0)
      OrderLife.forEach(of: person, presence: presence, until: world.now, company: company) { order in
        let updated = order.updated(at: world.now)
        if order.copy == 0 { ordered.0 = max(ordered.0, updated) } else { ordered.1 = max(ordered.1, updated) }
      }
      for copy in 0..<copies {
        let life = RecordLife(.shopify, person: person, copy: copy, of: company)
        guard let state = life.state(at: world.now) else { continue }
        body(
          StreamRecord(ref: Ref(person, copy), created: life.created, updated: max(state.updated, copy == 0 ? ordered.0 : ordered.1)))
      }
    }
  }

  private static func orders(in world: World, _ body: (StreamRecord) -> Void) {
    let company = world.company
    for person in 0..<world.population {
      let presence = Presence(person, of: company)
      OrderLife.forEach(of: person, presence: presence, until: world.now, company: company) { order in
        body(StreamRecord(ref: Ref(person, order.number), created: order.placed, updated: order.updated(at: world.now)))
      }
    }
  }

  private static func products(in world: World, _ body: (StreamRecord) -> Void) {
    for index in 0..<Product.count(at: world.now, of: world.company) {
      let product = Product(index, of: world.company)
      body(StreamRecord(ref: Ref(index), created: product.created, updated: product.updated(at: world.now)))
    }
  }
}
