/// A business that some customers work for: an account in Salesforce, an organization in Zendesk. One for every 40 people.
struct Business: Sendable {
  let index: Int
  let name: String
  let domain: String
  let industry: String
  let created: Int64
  let region: Region
  private let period: Int64
  private let phase: Int64

  static let peopleEach = 40

  init(_ index: Int, of company: Company) {
    self.index = index
    var draw = company.draw(.account, index)
    region = Region.all[draw.weighted(Region.weights)]
    let founder = Spelling.shown(draw.pick(region.surnames))
    let form = draw.pick(["GmbH", "& Söhne KG", "Ltd", "Inc.", "SARL", "Design Studio", "Logistics AG", "Café & Bäckerei", "S.p.A."])
    name = "\(founder) \(form)"
    let domainName = Spelling.ascii(founder)
    domain = "\(domainName.isEmpty ? "firm" : domainName)\(index).example"
    industry = draw.pick(["Retail", "Hospitality", "Consulting", "Education", "Healthcare", "Technology"])
    created = company.joined(index * Business.peopleEach)
    period = Int64(draw.within(60...240)) * CivilTime.day
    phase = Int64(draw.within(1...Int(period)))
  }

  /// The business that a person buys for; most people buy for themselves.
  static func employer(of person: Int, company: Company) -> Int? {
    var draw = company.draw(.account, person, 1)
    guard draw.chance(0.15) else { return nil }
    return person / peopleEach
  }

  /// The last change by `time`: somebody looks after it every few months.
  func updated(at time: Int64) -> Int64 {
    time - created < phase ? created : created + phase + (time - created - phase) / period * period
  }

  /// How many businesses there are.
  static func count(in world: World) -> Int {
    (world.population + peopleEach - 1) / peopleEach
  }

  /// Calls `body` with every account, organization or opportunity by the clock of `world`.
  static func forEach(_ stream: Stream, in world: World, _ body: (StreamRecord) -> Void) {
    for index in 0..<count(in: world) {
      let business = Business(index, of: world.company)
      guard stream == .opportunity else {
        body(StreamRecord(ref: Ref(index), created: business.created, updated: business.updated(at: world.now)))
        continue
      }
      for number in 0..<4_000 {
        let opportunity = Opportunity(business, number, of: world.company)
        guard opportunity.created <= world.now else { break }
        let deleted = opportunity.deleted.flatMap { $0 <= world.now ? $0 : nil }
        body(
          StreamRecord(ref: Ref(index, number), created: opportunity.created, updated: opportunity.updated(at: world.now), deleted: deleted))
      }
    }
  }
}

/// A larger deal with a business.
struct Opportunity: Sendable {
  let business: Int
  let number: Int
  let title: String
  let cents: Int64
  let created: Int64
  let proposed: Int64
  let closed: Int64
  let isWon: Bool
  let deleted: Int64?

  init(_ business: Business, _ number: Int, of company: Company) {
    self.business = business.index
    self.number = number
    var draw = company.draw(.opportunity, business.index, number)
    created = business.created + Int64(number) * 75 * CivilTime.day + Int64(draw.within(1...70)) * CivilTime.day
    proposed = created + Int64(draw.within(2...12)) * CivilTime.day
    closed = proposed + Int64(draw.within(3...40)) * CivilTime.day
    isWon = draw.chance(0.45)
    cents = Int64(draw.within(200...9_000)) * 100
    title = "\(business.name) – \(["Gift boxes", "Workwear", "Office restock", "Event outfit"][draw.below(4)])"
    deleted = draw.chance(0.02) ? closed + 45 * CivilTime.day : nil
  }

  func stage(at time: Int64) -> String {
    closed <= time ? (isWon ? "Closed Won" : "Closed Lost") : proposed <= time ? "Proposal/Price Quote" : "Prospecting"
  }

  func updated(at time: Int64) -> Int64 {
    [deleted, closed, proposed].compactMap { $0 }.first { $0 <= time } ?? created
  }
}
