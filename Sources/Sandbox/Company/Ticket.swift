/// A request to customer support, in Zendesk.
struct Ticket: Sendable {
  let person: Int
  let copy: Int
  let number: Int
  let created: Int64
  let opened: Int64
  let pending: Int64?
  let solved: Int64?
  let closed: Int64?
  let rated: Int64?
  let deleted: Int64?
  let topic: Int
  let priority: String?
  let channel: String
  let isRatedGood: Bool
  let agent: Int

  static let topics: [(subject: String, text: String, tag: String)] = [
    ("Where is my order?", "Hello, I am still waiting for my order. Could you check? Thanks 🙏", "shipping"),
    ("Return request", "The size does not fit. How can I send it back?", "return"),
    ("Damaged item", "The parcel arrived damaged; see photos.\nI would like a replacement.", "damage"),
    ("Rechnung benötigt", "Guten Tag, bitte senden Sie mir die Rechnung mit ausgewiesener MwSt. – mit freundlichen Grüßen", "invoice"),
    ("Cannot log in", "It says \"password wrong\", but it is not.", "account"),
    ("Change delivery address", "I moved: please send it to my new address.", "address"),
    ("Question about sizing", "Does the jacket run small?", "product"),
    ("Wrong amount charged", "I was charged twice?!", "payment"),
  ]

  init(_ life: RecordLife, number: Int, created: Int64, of company: Company) {
    person = life.person
    copy = life.copy
    self.number = number
    self.created = created
    var draw = company.draw(.ticket, life.person, life.copy, number)
    opened = created + Int64(draw.within(300...20_000))
    pending = draw.chance(0.5) ? opened + Int64(draw.within(600...90_000)) : nil
    solved = draw.chance(0.96) ? (pending ?? opened) + Int64(draw.within(3_600...400_000)) : nil
    closed = solved.map { $0 + 4 * CivilTime.day }
    rated = solved.flatMap { draw.chance(0.25) ? $0 + Int64(draw.within(600...200_000)) : nil }
    isRatedGood = draw.chance(0.8)
    deleted = draw.chance(0.015) ? created + 40 * CivilTime.day + Int64(draw.within(0...30)) * CivilTime.day : nil
    topic = draw.below(Ticket.topics.count)
    priority = draw.chance(0.3) ? nil : draw.pick(["low", "normal", "normal", "high", "urgent"])
    channel = draw.pick(["email", "web", "email", "chat", "voice", "api"])
    agent = draw.below(Agent.count)
  }

  func status(at time: Int64) -> String {
    if let deleted, deleted <= time { return "deleted" }
    if let closed, closed <= time { return "closed" }
    if let solved, solved <= time { return "solved" }
    if let pending, pending <= time { return "pending" }
    return opened <= time ? "open" : "new"
  }

  func updated(at time: Int64) -> Int64 {
    if let deleted, deleted <= time { return deleted }
    return [opened, pending, solved, closed, rated].compactMap { $0 }.filter { $0 <= time }.max() ?? created
  }

  /// Calls `body` with each ticket of one Zendesk user up to `time`, in order. The first one is why the user exists.
  static func forEach(of life: RecordLife, until time: Int64, company: Company, _ body: (Ticket) -> Void) {
    let end = min(time, life.deleted ?? time)
    var at = life.created + 5
    var number = 0
    while at <= end, number < 4_000 {
      body(Ticket(life, number: number, created: at, of: company))
      number += 1
      var draw = company.draw(.ticketGap, life.person, life.copy, number)
      if draw.chance(0.35) { return }
      at += CivilTime.day + draw.wait(mean: 110 * Double(CivilTime.day))
    }
  }

  /// Calls `body` with every ticket by the clock of `world`.
  static func forEach(in world: World, _ body: (StreamRecord) -> Void) {
    for person in 0..<world.population {
      for copy in 0..<Presence(person, of: world.company).count(.zendesk) {
        let life = RecordLife(.zendesk, person: person, copy: copy, of: world.company)
        forEach(of: life, until: world.now, company: world.company) { ticket in
          let deleted = ticket.deleted.flatMap { $0 <= world.now ? $0 : nil }
          body(
            StreamRecord(
              ref: Ref(person, copy << 12 | ticket.number), created: ticket.created, updated: ticket.updated(at: world.now), deleted: deleted))
        }
      }
    }
  }

  /// The ticket at `ref`, made by `time`.
  static func find(_ ref: Ref, until time: Int64, company: Company) -> Ticket? {
    var found: Ticket?
    let life = RecordLife(.zendesk, person: ref.owner, copy: ref.number >> 12, of: company)
    forEach(of: life, until: time, company: company) { if $0.number == ref.number & 0xFFF { found = $0 } }
    return found
  }
}

/// Somebody who answers tickets: a Zendesk user who is no customer.
enum Agent {
  static let count = 12
  /// Owners from here on are agents, not people.
  static let base = 1 << 30

  static func forEach(in world: World, _ body: (StreamRecord) -> Void) {
    for index in 0..<count {
      let created = world.company.opening - Company.past - Int64(index + 1) * CivilTime.day
      body(StreamRecord(ref: Ref(base + index), created: created, updated: created))
    }
  }
}

/// A case in Salesforce: the key accounts' own way to ask for help.
struct SupportCase: Sendable {
  let person: Int
  let number: Int
  let created: Int64
  let worked: Int64
  let closed: Int64?
  let deleted: Int64?
  let topic: Int
  let isUrgent: Bool

  init(_ life: RecordLife, number: Int, created: Int64, of company: Company) {
    person = life.person
    self.number = number
    self.created = created
    var draw = company.draw(.ticket, life.person, 9, number)
    worked = created + Int64(draw.within(900...60_000))
    closed = draw.chance(0.9) ? worked + Int64(draw.within(3_600...700_000)) : nil
    deleted = draw.chance(0.02) ? created + 42 * CivilTime.day : nil
    topic = draw.below(Ticket.topics.count)
    isUrgent = draw.chance(0.1)
  }

  func status(at time: Int64) -> String {
    if let closed, closed <= time { return "Closed" }
    return worked <= time ? "Working" : "New"
  }

  func updated(at time: Int64) -> Int64 {
    if let deleted, deleted <= time { return deleted }
    return [worked, closed].compactMap { $0 }.filter { $0 <= time }.max() ?? created
  }

  /// Calls `body` with each case of one contact up to `time`, in order.
  static func forEach(of life: RecordLife, until time: Int64, company: Company, _ body: (SupportCase) -> Void) {
    let end = min(time, life.deleted ?? time)
    var at = life.created
    var number = 0
    while number < 4_000 {
      var draw = company.draw(.ticketGap, life.person, 9, number)
      guard draw.chance(number == 0 ? 0.25 : 0.5) else { return }
      at += CivilTime.day + draw.wait(mean: 90 * Double(CivilTime.day))
      guard at <= end else { return }
      body(SupportCase(life, number: number, created: at, of: company))
      number += 1
    }
  }

  /// Calls `body` with every case by the clock of `world`.
  static func forEach(in world: World, _ body: (StreamRecord) -> Void) {
    for person in 0..<world.population where Presence(person, of: world.company).count(.contact) > 0 {
      let life = RecordLife(.contact, person: person, copy: 0, of: world.company)
      forEach(of: life, until: world.now, company: world.company) { item in
        let deleted = item.deleted.flatMap { $0 <= world.now ? $0 : nil }
        body(StreamRecord(ref: Ref(person, item.number), created: item.created, updated: item.updated(at: world.now), deleted: deleted))
      }
    }
  }

  /// The case at `ref`, made by `time`.
  static func find(_ ref: Ref, until time: Int64, company: Company) -> SupportCase? {
    var found: SupportCase?
    forEach(of: RecordLife(.contact, person: ref.owner, copy: 0, of: company), until: time, company: company) {
      if $0.number == ref.number { found = $0 }
    }
    return found
  }
}
