/// Who somebody really is; what the systems know of them is written in `CustomerRecord`s.
struct Person: Sendable {
  /// How a person shops.
  enum Habit: Int, Sendable {
    case once, occasional, regular, loyal

    /// The mean time between two orders, in days.
    var daysBetweenOrders: Double { [0, 150, 60, 25][rawValue] }
    /// The chance that an order was the last one.
    var churn: Double { [1, 0.15, 0.06, 0.03][rawValue] }
    /// The chance of a visit to the site on any day.
    var dailyVisit: Double { [0.008, 0.015, 0.04, 0.09][rawValue] }
  }

  let index: Int
  let household: Int
  let region: Region
  let isFemale: Bool
  let givenName: String
  let surname: String
  /// Days since 1970-01-01.
  let birthDay: Int64
  let joined: Int64
  let acquisition: String
  private let mailNumber: Int
  private let mailStyle: Int
  private let mailDomain: String
  private let otherDomain: String

  static let acquisitions = ["Search", "Organic", "Facebook", "Email", "Display", "Referral", "Instagram", "TikTok"]
  private static let acquisitionWeights: [Double] = [34, 22, 14, 10, 6, 6, 5, 3]

  init(_ index: Int, of company: Company) {
    self.index = index
    household = company.household(of: index)
    var home = company.draw(.person, household, 1)
    region = Region.all[home.weighted(Region.weights)]
    let familyName = home.pick(region.surnames)
    var own = company.draw(.person, index)
    isFemale = own.chance(0.54)
    givenName = own.pick(isFemale ? region.female : region.male)
    surname = own.chance(0.9) ? familyName : own.pick(region.surnames)
    joined = company.joined(index)
    // Most customers are between 18 and 60; a tail is older.
    let age = 18 + own.below(28) + own.below(16) + (own.chance(0.12) ? own.below(25) : 0)
    birthDay = CivilTime.day(of: company.opening) - Int64(age) * 365 - Int64(own.below(365))
    acquisition = Person.acquisitions[own.weighted(Person.acquisitionWeights)]
    mailNumber = (index &* 48_271 &+ Int(company.seed % 9_973)) % 99_991
    mailStyle = own.below(4)
    mailDomain = own.pick(region.mailDomains)
    otherDomain = own.pick(["outlook.com", "icloud.com", "proton.me", "corp-mail.example", "yahoo.com"])
  }

  /// The habit, without computing the person.
  static func habit(_ index: Int, of company: Company) -> Habit {
    var draw = company.draw(.profile, index)
    return Habit(rawValue: draw.weighted([45, 30, 18, 7])) ?? .once
  }

  /// Whether the household shares one mailbox.
  static func sharesMailbox(household: Int, of company: Company) -> Bool {
    var draw = company.draw(.person, household, 2)
    return draw.chance(0.06)
  }

  /// The main mail address, as its owner would write it.
  var mail: String { address(style: mailStyle, domain: mailDomain, number: mailNumber % 100 == 0 ? mailNumber + 1 : mailNumber) }

  /// A second mail address: work, or an old one.
  var otherMail: String { address(style: (mailStyle + 2) % 4, domain: otherDomain, number: mailNumber + 7) }

  private func address(style: Int, domain: String, number: Int) -> String {
    let first = Spelling.ascii(givenName)
    let last = Spelling.ascii(surname)
    let local =
      switch style {
      case 0: "\(first).\(last)\(number)"
      case 1: "\(first.prefix(1))\(last)\(number)"
      case 2: "\(first)_\(number)"
      default: "\(last).\(first)\(number)"
      }
    return "\(local)@\(domain)"
  }
}
