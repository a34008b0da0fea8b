/// The life of an order: when each thing happened to it. Computed without its contents.
struct OrderLife: Sendable {
  enum Payment: Sendable {
    case card, paypal, bank
  }

  let person: Int
  let number: Int
  let placed: Int64
  /// Which of the person's Shopify records placed it.
  let copy: Int
  let payment: Payment
  /// Whether a first attempt to charge the card failed.
  let failedFirst: Bool
  let paid: Int64
  let fulfilled: Int64?
  let cancelled: Int64?
  let refunded: Int64?
  let refundsAll: Bool
  /// A late change: support added a note.
  let noted: Int64?

  init(person: Int, number: Int, placed: Int64, presence: Presence, of company: Company) {
    self.person = person
    self.number = number
    self.placed = placed
    var draw = company.draw(.order, person, number)
    let prefersSecond = draw.chance(0.4)
    let hasSecond = presence.count(.shopify) > 1 && RecordLife(.shopify, person: person, copy: 1, of: company).created < placed
    copy = hasSecond && prefersSecond ? 1 : 0
    let paysByCard = draw.chance(0.8)
    payment = paysByCard && presence.count(.stripe) > 0 ? .card : draw.chance(0.7) ? .paypal : .bank
    failedFirst = draw.chance(0.03)
    let delay: Int64 = draw.chance(0.9) ? 45 : Int64(draw.within(3_600...172_800))
    paid = placed + (payment == .bank ? Int64(draw.within(86_400...260_000)) : payment == .card ? 45 : delay)
    let fate = draw.unit()
    let isCancelled = fate < 0.04
    cancelled = isCancelled ? paid + Int64(draw.within(1_800...100_000)) : nil
    fulfilled = isCancelled || fate > 0.985 ? nil : paid + Int64(draw.within(20_000...430_000))
    let returned = fulfilled.map { $0 + Int64(draw.within(2...24)) * CivilTime.day + Int64(draw.below(80_000)) }
    refunded = isCancelled ? cancelled.map { $0 + 120 } : fate < 0.13 ? returned : nil
    refundsAll = isCancelled || draw.chance(0.4)
    noted = draw.chance(0.06) ? placed + CivilTime.day + draw.wait(mean: 60 * Double(CivilTime.day)) : nil
  }

  /// The last of its events by `time`.
  func updated(at time: Int64) -> Int64 {
    var last = placed
    for event in [paid, fulfilled, cancelled, refunded, noted] {
      if let event, event <= time, event > last { last = event }
    }
    return last
  }

  /// Calls `body` with each order that `person` placed up to `time`, in order.
  static func forEach(of person: Int, presence: Presence, until time: Int64, company: Company, _ body: (OrderLife) -> Void) {
    guard presence.count(.shopify) > 0 else { return }
    let habit = Person.habit(person, of: company)
    var first = company.draw(.orderGap, person, 0)
    // Some register and never buy.
    guard first.chance(0.93) else { return }
    var at = company.joined(person) + 7_200 + first.wait(mean: 4 * Double(CivilTime.day))
    var number = 0
    while at <= time, number < 4_000 {
      body(OrderLife(person: person, number: number, placed: at, presence: presence, of: company))
      number += 1
      var draw = company.draw(.orderGap, person, number)
      if draw.chance(habit.churn) { return }
      at += CivilTime.hour + draw.wait(mean: habit.daysBetweenOrders * Double(CivilTime.day))
    }
  }

  /// Order `number` of `person`, placed by `time`; nil if there is none.
  static func find(person: Int, number: Int, presence: Presence, until time: Int64, company: Company) -> OrderLife? {
    var found: OrderLife?
    forEach(of: person, presence: presence, until: time, company: company) { if $0.number == number { found = $0 } }
    return found
  }
}

/// What an order holds.
struct Basket: Sendable {
  struct Line: Sendable {
    let product: Product
    let variant: Int
    let quantity: Int
    /// Whether the line is what comes back when part of the order is returned.
    let isReturned: Bool

    var cents: Int64 { product.cents * Int64(quantity) }
  }

  let lines: [Line]
  let discountCents: Int64
  let shippingCents: Int64

  init(_ order: OrderLife, buyer: Person, of company: Company) {
    var draw = company.draw(.basket, order.person, order.number)
    var taste = company.draw(.profile, order.person, 1)
    let age = Int((CivilTime.day(of: order.placed) - buyer.birthDay) / 365)
    let weights = Product.appeal(isFemale: buyer.isFemale, age: age, favourite: taste.below(Product.categories.count))
    let count = [1, 1, 1, 2, 2, 3, 3, 4, 5, 6][draw.below(10)]
    // Older products only: everything in an order existed when it was placed.
    let rows = Product.firstCount / Product.categories.count
    lines = (0..<count).map { position in
      let category = draw.weighted(weights)
      let product = Product(draw.below(rows) * Product.categories.count + category, of: company)
      return Line(
        product: product, variant: draw.below(product.variants.count), quantity: draw.chance(0.85) ? 1 : draw.within(2...4), isReturned: position == 0)
    }
    let subtotal = lines.reduce(0) { $0 + $1.cents }
    discountCents = draw.chance(0.15) ? subtotal / 10 : 0
    shippingCents = subtotal >= 10_000 ? 0 : 490
  }

  var subtotalCents: Int64 { lines.reduce(0) { $0 + $1.cents } }
  var totalCents: Int64 { subtotalCents - discountCents + shippingCents }
  /// Value added tax contained in the total, at 19 %.
  var taxCents: Int64 { totalCents * 19 / 119 }

  /// What is paid back when the order is refunded, in whole or in its returned lines.
  func refundCents(all: Bool) -> Int64 {
    guard !all else { return totalCents }
    let returned = lines.filter(\.isReturned).reduce(0) { $0 + $1.cents }
    return min(totalCents, discountCents > 0 ? returned - returned / 10 : returned)
  }
}
