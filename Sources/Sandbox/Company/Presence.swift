/// A system that keeps records of people.
enum System: Int, CaseIterable, Sendable {
  case app = 0, shopify, stripe, zendesk, contact, lead

  /// The name under which the truth lists its records.
  var name: String {
    switch self {
    case .app: "app"
    case .shopify: "shopify"
    case .stripe: "stripe"
    case .zendesk: "zendesk"
    case .contact, .lead: "salesforce"
    }
  }
}

/// In which systems a person is known, and how often in each.
struct Presence: Sendable {
  private var copies: (UInt8, UInt8, UInt8, UInt8, UInt8, UInt8) = (0, 0, 0, 0, 0, 0)
  /// Whether the person pays for the membership.
  let isMember: Bool

  init(_ person: Int, of company: Company) {
    var draw = company.draw(.presence, person)
    let shops = draw.chance(0.7)
    let paysByCard = draw.chance(0.85)
    let usesApp = draw.chance(shops ? 0.85 : 0.6)
    copies.1 = shops ? (draw.chance(0.05) ? 2 : 1) : 0
    copies.0 = usesApp ? 1 : 0
    copies.2 = shops && paysByCard ? (draw.chance(0.03) ? 2 : 1) : (!shops && draw.chance(0.1) ? 1 : 0)
    copies.3 = draw.chance(0.3) ? (draw.chance(0.04) ? 2 : 1) : 0
    let isContact = draw.chance(shops ? 0.4 : 0.2)
    copies.4 = isContact ? 1 : 0
    copies.5 = draw.chance(isContact ? 0.06 : 0.2) ? 1 : 0
    isMember = copies.2 > 0 && (!shops || draw.chance(0.08))
    // Everybody is known somewhere: who is nowhere else is a lead.
    if copies.0 + copies.1 + copies.2 + copies.3 + copies.4 + copies.5 == 0 { copies.5 = 1 }
  }

  /// How many records `system` has of the person.
  func count(_ system: System) -> Int {
    switch system {
    case .app: Int(copies.0)
    case .shopify: Int(copies.1)
    case .stripe: Int(copies.2)
    case .zendesk: Int(copies.3)
    case .contact: Int(copies.4)
    case .lead: Int(copies.5)
    }
  }
}
