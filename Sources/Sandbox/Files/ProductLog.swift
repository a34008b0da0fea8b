/// The product log: what visitors did on the site, one JSON object a line, one file a day.
///
/// A visitor is anonymous until they log in; one event in a hundred arrives late, in the file of the next day.
enum ProductLog {
  /// The first day of the archive, as days since 1970-01-01.
  static func firstDay(of company: Company) -> Int64 {
    CivilTime.day(of: company.opening - Company.logArchive)
  }

  /// The days whose files are complete by the clock of `world`.
  static func days(in world: World) -> Range<Int64> {
    let first = firstDay(of: world.company)
    return first..<max(first, CivilTime.day(of: world.now))
  }

  /// Hands the lines of the file of `day` to `sink`, many at a time; returns how many they are.
  static func write(_ day: Int64, in world: World, to sink: ([UInt8]) throws -> Void) throws -> Int {
    var json = JSONBytes(capacity: 160 << 10)
    var count = 0
    try forEachEvent(of: day, in: world) { session, event in
      event.write(session, company: world.company, to: &json)
      json.newline()
      count += 1
      if json.bytes.count >= 128 << 10 {
        try sink(json.bytes)
        json.clear()
      }
    }
    try sink(json.bytes)
    return count
  }

  /// How many lines the file of `day` has.
  static func count(_ day: Int64, in world: World) -> Int {
    var count = 0
    forEachEvent(of: day, in: world) { _, _ in count += 1 }
    return count
  }

  /// Calls `body` with each event in the file of `day`: first those of the day before that came late.
  private static func forEachEvent<Failure: Error>(
    of day: Int64, in world: World, _ body: (BrowsingSession, LogEvent) throws(Failure) -> Void
  ) throws(Failure) {
    for source in [day - 1, day] where source >= firstDay(of: world.company) {
      let isLate = source == day - 1
      for session in sessions(on: source, in: world) {
        for event in session.events() where event.isLate == isLate { try body(session, event) }
      }
    }
  }

  /// The visits of one day, in the order in which they began.
  private static func sessions(on day: Int64, in world: World) -> [BrowsingSession] {
    let company = world.company
    let midnight = day * CivilTime.day
    var sessions: [BrowsingSession] = []
    // Some look around for a few days before they join.
    let visitors = company.population(at: midnight + 4 * CivilTime.day)
    for person in 0..<visitors {
      var draw = company.draw(.sessionDay, person, Int(day))
      guard draw.chance(Person.habit(person, of: company).dailyVisit) else { continue }
      sessions.append(BrowsingSession(person, began: midnight + Int64(draw.within(300...84_000)), order: nil, number: 0, of: company))
    }
    let orders = world.list(.orders, by: .created)
    var at = orders.firstIndex(notBefore: midnight)
    while at < orders.count, orders[at].time < midnight + CivilTime.day {
      let ref = orders[at].ref
      // What is bought in a shop leaves no visit.
      if ref.raw % 8 != 0 { sessions.append(BrowsingSession(ref.owner, began: orders[at].time - 540, order: ref, number: 1 + ref.number, of: company)) }
      at += 1
    }
    return sessions.sorted { ($0.began, $0.person, $0.number) < ($1.began, $1.person, $1.number) }
  }
}

/// One visit to the site.
struct BrowsingSession: Sendable {
  let person: Int
  let began: Int64
  let order: Ref?
  let number: Int
  let device: Ref
  /// The position of the event from which on the visitor is logged in; nil for a visitor who stays anonymous.
  let login: Int?
  private let views: Int
  private let company: Company

  init(_ person: Int, began: Int64, order: Ref?, number: Int, of company: Company) {
    self.person = person
    self.began = began
    self.order = order
    self.number = number
    self.company = company
    var draw = company.draw(.session, person, Int(began / CivilTime.day), number)
    views = draw.within(1...7)
    let household = company.household(of: person)
    let (borrows, second) = (draw.chance(0.1), draw.chance(0.2))
    device = borrows && household != person ? Ref(household, 0) : Ref(person, second ? 1 : 0)
    let hasAccount = Presence(person, of: company).count(.app) > 0 && company.joined(person) <= began
    login = hasAccount && draw.chance(order == nil ? 0.55 : 0.8) ? draw.below(2) + 1 : nil
  }

  /// What happens in the visit, in order.
  func events() -> [LogEvent] {
    var events: [LogEvent] = []
    var draw = company.draw(.session, person, Int(began / CivilTime.day), 0x1_0000 + number)
    var at = began
    var position = 0
    func report(_ kind: LogEvent.Kind, product: Int? = nil, pause: ClosedRange<Int> = 8...90) {
      events.append(LogEvent(position: position, kind: kind, time: at, millis: draw.below(1_000), product: product, isLate: draw.chance(0.01)))
      position += 1
      at += Int64(draw.within(pause))
    }
    report(.home)
    if login == 1 { report(.login) }
    let taste = Product.firstCount
    for view in 0..<views {
      if view % 3 == 0 { report(.category, product: draw.below(taste)) }
      report(.product, product: draw.below(taste))
    }
    if login == 2 { report(.login) }
    if order != nil {
      report(.cart, pause: 5...30)
      report(.checkout, pause: 20...40)
      report(.purchase)
    } else if draw.chance(0.15) {
      report(.cart)
    }
    return events
  }
}

/// One line of the product log.
struct LogEvent: Sendable {
  enum Kind: String, Sendable {
    case home = "page_view"
    case category = "category_view"
    case product = "product_view"
    case login, cart, checkout, purchase
  }

  let position: Int
  let kind: Kind
  let time: Int64
  let millis: Int
  let product: Int?
  let isLate: Bool

  private static let agents = [
    ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X)", "mobile", "iOS"), ("Mozilla/5.0 (Linux; Android 15; Pixel 8)", "mobile", "Android"),
    ("Mozilla/5.0 (Windows NT 10.0; Win64; x64)", "desktop", "Windows"), ("Mozilla/5.0 (Macintosh; Intel Mac OS X 14_5)", "desktop", "macOS"),
  ]

  func write(_ session: BrowsingSession, company: Company, to json: inout JSONBytes) {
    let codes = company.identifiers
    let visit = Ref(session.person, Int(session.began / CivilTime.day) & 0x7FFF)
    let isKnown = session.login.map { position >= $0 } ?? false
    let item = product.map { Product($0, of: company) }
    let host = "https://shop.sandbox.test"
    let uri =
      switch kind {
      case .home: host + "/"
      case .category: "\(host)/\(Spelling.ascii(item?.category ?? ""))"
      case .product: "\(host)/products/\(ShopifyProduct.identifier(product ?? 0))"
      case .login: host + "/account/login"
      case .cart: host + "/cart"
      case .checkout: host + "/checkout"
      case .purchase: host + "/checkout/thank-you"
      }
    let agent = Self.agents[(session.device.owner + session.device.number) % Self.agents.count]
    let millisText = String(millis + 1_000).dropFirst()
    let anonymous = session.device
    // Session and position tell events apart; visits of one person and day differ by their number.
    let key = Ref(
      raw: (UInt64(session.person) << 32 | UInt64(visit.number) << 17 | UInt64(session.number & 0xFFF) << 5 | UInt64(position & 31)) & 0xFF_FFFF_FFFF_FFFF)
    json.object { json in
      json.field("event_id", codes.uuid(.logEvent, key))
      json.field("event_type", kind.rawValue)
      json.field("timestamp", "\(CivilTime.timestamp(time, suffix: "."))\(millisText)Z")
      json.field("anonymous_id", codes.uuid(.anonymousVisitor, anonymous))
      json.field("user_id", isKnown ? AppUsers.identifier(session.person, company) : nil)
      json.field("session_id", codes.uuid(.session, Ref(raw: key.raw >> 5)))
      json.field("page_uri", uri)
      json.field("page_title", kind == .category ? item?.category : item?.title)
      json.object("context") { json in
        json.field("ip", "\(11 + session.person % 180).\(session.person / 180 % 256).\(session.device.owner % 256).\(1 + session.device.number)")
        json.field("user_agent", agent.0)
        json.object("device") {
          $0.field("type", agent.1)
          $0.field("os", agent.2)
        }
        if position == 0, session.person % 3 == 0 {
          json.object("campaign") {
            $0.field("source", Person.acquisitions[session.person % Person.acquisitions.count].lowercased())
            $0.field("medium", "cpc")
          }
        } else {
          json.null("campaign")
        }
      }
      json.object("properties") { json in
        if let item, kind == .product {
          json.field("product_id", ShopifyProduct.identifier(item.index))
          json.field("category", item.category)
          json.amount("price", cents: item.cents)
        }
        if kind == .purchase, let order = session.order { json.field("order_id", ShopifyOrder.identifier(order, company)) }
      }
    }
  }
}
