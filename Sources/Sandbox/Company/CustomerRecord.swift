/// What one system knows of a person: the truth with the dirt of real life on it.
struct CustomerRecord: Sendable {
  let life: RecordLife
  let state: RecordLife.State
  let person: Person
  let firstName: String?
  let lastName: String?
  let mail: String?
  let phone: String?
  let address: Address?
  /// Days since 1970-01-01, where the system asks for it.
  let birthDay: Int64?
  /// `female` or `male`, where the system asks for it.
  let gender: String?

  var name: String? {
    let parts = [firstName, lastName].compactMap { $0 }
    return parts.isEmpty ? nil : parts.joined(separator: " ")
  }

  /// What people type who do not want to tell their mail address.
  static let junkMails = ["test@test.com", "none@none.com", "noemail@example.com", "asdf@asdf.de", "n/a"]

  init(_ life: RecordLife, _ state: RecordLife.State, of company: Company) {
    self.life = life
    self.state = state
    let person = Person(life.person, of: company)
    self.person = person
    var draw = company.draw(.dirt, life.person, life.system.rawValue, life.copy)

    (firstName, lastName) = Self.names(person, life, state, &draw)
    mail = Self.mail(person, life, state, company, &draw)
    phone = Self.phone(person, life, state, company, &draw)

    let share: Double =
      switch life.system {
      case .shopify: 0.92
      case .stripe: 0.75
      case .contact: 0.85
      case .lead: 0.4
      case .app: 0.5
      case .zendesk: 0.2
      }
    let moved = draw.chance(0.1) || state.moves > 0
    // Who moves leaves the household's address: to a home of their own.
    address =
      draw.chance(share)
      ? Address(
        household: moved ? person.index : person.household, home: moved ? 1 + state.moves : 0, region: person.region, company: company) : nil
    let asksBirthday: Bool = [.app, .contact].contains(life.system)
    let wrongDay = draw.chance(0.03) ? Int64(draw.within(-40...40)) : 0
    birthDay = asksBirthday && draw.chance(0.72) ? person.birthDay + wrongDay : nil
    gender = asksBirthday && draw.chance(0.85) ? (person.isFemale ? "female" : "male") : nil
  }

  private static func names(
    _ person: Person, _ life: RecordLife, _ state: RecordLife.State, _ draw: inout Draw
  ) -> (String?, String?) {
    var first = Spelling.shown(person.givenName)
    var last = Spelling.shown(person.surname)
    // All draws happen whatever the outcome, so that a correction changes nothing but the name.
    let (nick, slip, onLast, upper, swap, initial) =
      (draw.chance(0.05), draw.chance(0.05), draw.chance(0.5), draw.chance(0.02), draw.chance(0.01), draw.chance(0.02))
    var slips = draw
    _ = draw.next()
    if nick { first = Spelling.nickname(first) }
    if slip && !state.nameCorrected {
      if onLast { last = Spelling.typo(last, &slips) } else { first = Spelling.typo(first, &slips) }
    }
    if initial { first = first.prefix(1) + "." }
    if upper { (first, last) = (first.uppercased(), last.uppercased()) }
    if swap { swap_(&first, &last) }
    let missing = draw.unit()
    let system = life.system
    return (
      missing < (system == .app ? 0.2 : system == .zendesk ? 0.08 : 0.02) ? nil : first,
      // Salesforce insists on a last name.
      system != .contact && system != .lead && missing < (system == .app ? 0.22 : 0.06) ? nil : last
    )
  }

  private static func swap_(_ a: inout String, _ b: inout String) {
    (a, b) = (b, a)
  }

  private static func mail(
    _ person: Person, _ life: RecordLife, _ state: RecordLife.State, _ company: Company, _ draw: inout Draw
  ) -> String? {
    let (other, shared, junk, absent) = (draw.chance(0.18), draw.chance(0.7), draw.chance(0.01), draw.unit())
    let (upper, plus, slip, blank) = (draw.unit(), draw.unit(), draw.chance(0.015), draw.chance(0.005))
    let choice = draw.below(junkMails.count)
    var slips = draw
    _ = draw.next()
    if junk { return junkMails[choice] }
    let missing: Double =
      switch life.system {
      case .contact: 0.08
      case .lead: 0.12
      case .zendesk: 0.1
      default: 0.03
      }
    if absent < missing { return absent < missing / 4 ? "" : nil }
    var mail = other != (state.mails % 2 == 1) ? person.otherMail : person.mail
    if !other, shared, person.household != person.index, Person.sharesMailbox(household: person.household, of: company) {
      mail = Person(person.household, of: company).mail
    }
    if slip {
      let parts = mail.split(separator: "@")
      if let local = parts.first, let domain = parts.last { mail = "\(Spelling.typo(String(local), &slips))@\(domain)" }
    }
    if mail.hasSuffix("@gmail.com"), let at = mail.firstIndex(of: "@") {
      let local = mail[..<at]
      if plus < 0.03 {
        mail = "\(local)+\(["shop", "news", "orders"][life.system.rawValue % 3])@gmail.com"
      } else if plus < 0.06, local.count > 4 {
        let middle = local.index(local.startIndex, offsetBy: 2)
        mail = "\(local[..<middle]).\(local[middle...])@gmail.com"
      } else if plus < 0.075 {
        mail = "\(local)@googlemail.com"
      }
    }
    if upper < 0.03 { mail = mail.uppercased() } else if upper < 0.08 { mail = mail.prefix(1).uppercased() + mail.dropFirst() }
    return blank ? mail + " " : mail
  }

  private static func phone(
    _ person: Person, _ life: RecordLife, _ state: RecordLife.State, _ company: Company, _ draw: inout Draw
  ) -> String? {
    let (kind, junk, absent, style) = (draw.unit(), draw.chance(0.004), draw.unit(), draw.below(8))
    let choice = draw.below(PhoneNumber.junk.count)
    if junk { return PhoneNumber.junk[choice] }
    let known: Double =
      switch life.system {
      case .shopify: 0.75
      case .stripe: 0.4
      case .zendesk: 0.65
      case .contact: 0.85
      case .lead: 0.6
      case .app: 0.45
      }
    guard absent < known || state.phones > 0 else { return nil }
    let number: PhoneNumber
    if (kind < 0.75) == (state.phones % 2 == 0) {
      number = .mobile(person.index, line: 0, region: person.region, seed: company.seed)
    } else if kind < 0.87 {
      number = .mobile(person.index, line: 1, region: person.region, seed: company.seed)
    } else {
      let city = Address.city(household: person.household, region: person.region, company: company)
      number = .landline(household: person.household, city: city, region: person.region, seed: company.seed)
    }
    // Stripe and the application ask for the international form; typing it is optional everywhere else.
    return number.written(life.system == .stripe || life.system == .app ? style % 4 : style)
  }
}
