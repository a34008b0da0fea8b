/// A value of a Salesforce field.
enum SalesforceValue {
  case null
  case text(String)
  case int(Int64)
  case cents(Int64)
  case bool(Bool)
  /// Unix seconds.
  case time(Int64)
  /// Days since 1970-01-01.
  case date(Int64)
  case address(Address)

  static func text(_ text: String?) -> SalesforceValue { text.map { .text($0) } ?? .null }
}

/// A field of a Salesforce object, as `describe` tells of it.
struct SalesforceField: Sendable {
  let name: String
  /// `id`, `string`, `email`, `phone`, `boolean`, `datetime`, `date`, `currency`, `int`, `address`, `reference`, `picklist`, `textarea`.
  let type: String
  let refersTo: String?

  init(_ name: String, _ type: String, refersTo: String? = nil) {
    self.name = name
    self.type = type
    self.refersTo = refersTo
  }
}

/// An object of Salesforce (https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/).
enum SObject: String, CaseIterable, Sendable {
  case account = "Account"
  case contact = "Contact"
  case lead = "Lead"
  case opportunity = "Opportunity"
  case supportCase = "Case"

  init?(named name: String) {
    guard let object = SObject.allCases.first(where: { $0.rawValue.lowercased() == name.lowercased() }) else { return nil }
    self = object
  }

  var stream: Stream {
    switch self {
    case .account: .account
    case .contact: .contact
    case .lead: .lead
    case .opportunity: .opportunity
    case .supportCase: .supportCase
    }
  }

  var keyPrefix: String {
    switch self {
    case .account: "001"
    case .contact: "003"
    case .lead: "00Q"
    case .opportunity: "006"
    case .supportCase: "500"
    }
  }

  private static let system = [
    SalesforceField("CreatedDate", "datetime"), SalesforceField("LastModifiedDate", "datetime"), SalesforceField("SystemModstamp", "datetime"),
  ]

  /// The fields, in the order of `values(of:in:)`.
  var fields: [SalesforceField] {
    let identity = [SalesforceField("Id", "id"), SalesforceField("IsDeleted", "boolean")]
    let own: [SalesforceField] =
      switch self {
      case .account:
        [
          SalesforceField("Name", "string"), SalesforceField("Type", "picklist"), SalesforceField("Industry", "picklist"),
          SalesforceField("Website", "string"), SalesforceField("BillingCountry", "string"), SalesforceField("NumberOfEmployees", "int"),
          SalesforceField("OwnerId", "reference", refersTo: "User"),
        ]
      case .contact:
        [
          SalesforceField("AccountId", "reference", refersTo: "Account"), SalesforceField("FirstName", "string"), SalesforceField("LastName", "string"),
          SalesforceField("Name", "string"), SalesforceField("Email", "email"), SalesforceField("Phone", "phone"),
          SalesforceField("MobilePhone", "phone"), SalesforceField("Birthdate", "date"), SalesforceField("GenderIdentity", "picklist"),
          SalesforceField("MailingStreet", "textarea"), SalesforceField("MailingCity", "string"), SalesforceField("MailingPostalCode", "string"),
          SalesforceField("MailingCountry", "string"), SalesforceField("MailingAddress", "address"), SalesforceField("LeadSource", "picklist"),
          SalesforceField("HasOptedOutOfEmail", "boolean"), SalesforceField("Description", "textarea"),
          SalesforceField("OwnerId", "reference", refersTo: "User"),
        ]
      case .lead:
        [
          SalesforceField("FirstName", "string"), SalesforceField("LastName", "string"), SalesforceField("Name", "string"),
          SalesforceField("Company", "string"), SalesforceField("Email", "email"), SalesforceField("Phone", "phone"),
          SalesforceField("Street", "textarea"), SalesforceField("City", "string"), SalesforceField("PostalCode", "string"),
          SalesforceField("Country", "string"), SalesforceField("Address", "address"), SalesforceField("LeadSource", "picklist"),
          SalesforceField("Status", "picklist"), SalesforceField("IsConverted", "boolean"),
          SalesforceField("ConvertedContactId", "reference", refersTo: "Contact"), SalesforceField("OwnerId", "reference", refersTo: "User"),
        ]
      case .opportunity:
        [
          SalesforceField("AccountId", "reference", refersTo: "Account"), SalesforceField("Name", "string"), SalesforceField("StageName", "picklist"),
          SalesforceField("Amount", "currency"), SalesforceField("CloseDate", "date"), SalesforceField("IsClosed", "boolean"),
          SalesforceField("IsWon", "boolean"), SalesforceField("OwnerId", "reference", refersTo: "User"),
        ]
      case .supportCase:
        [
          SalesforceField("CaseNumber", "string"), SalesforceField("ContactId", "reference", refersTo: "Contact"),
          SalesforceField("AccountId", "reference", refersTo: "Account"), SalesforceField("Subject", "string"),
          SalesforceField("Description", "textarea"), SalesforceField("Status", "picklist"), SalesforceField("Priority", "picklist"),
          SalesforceField("Origin", "picklist"), SalesforceField("IsClosed", "boolean"), SalesforceField("ClosedDate", "datetime"),
          SalesforceField("SuppliedEmail", "email"), SalesforceField("OwnerId", "reference", refersTo: "User"),
        ]
      }
    return identity + own + SObject.system
  }

  // MARK: Identifiers

  /// The 18-character identifier: prefix, 12 digits of base 62 that grow with the place, and three characters that say which letters
  /// are upper-case, for systems that do not see the difference.
  func identifier(_ ref: Ref, _ company: Company) -> String {
    let noise = company.identifiers.scramble(.device, Ref(raw: ref.raw << 3 | UInt64(stream.rawValue.count & 7))) % 61
    let characters = Array(keyPrefix.utf8) + IdentifierCode.base62(ref.raw * 61 + noise, width: 12)
    let suffix = stride(from: 0, to: 15, by: 5).map { start -> UInt8 in
      var bits = 0
      for offset in 0..<5 where (65...90).contains(characters[start + offset]) { bits |= 1 << offset }
      return UInt8(bits < 26 ? 65 + bits : 48 + bits - 26)
    }
    return String(decoding: characters + suffix, as: UTF8.self)
  }

  /// The place that a 15- or 18-character identifier names, if it can be one of this object.
  func ref(_ identifier: String) -> Ref? {
    guard identifier.hasPrefix(keyPrefix), [15, 18].contains(identifier.utf8.count) else { return nil }
    return IdentifierCode.number(base62: identifier.utf8.dropFirst(3).prefix(12), width: 12).map { Ref(raw: $0 / 61) }
  }

  private static func owner(_ index: Int) -> SalesforceValue {
    .text("005000000000\(100 + index % 12)AAA")
  }

  // MARK: Values

  /// The values of the record at `ref`, in the order of `fields`.
  func values(of ref: Ref, in world: World) -> [SalesforceValue]? {
    let company = world.company
    let time = world.now
    let id = SalesforceValue.text(identifier(ref, company))
    func stamps(_ created: Int64, _ updated: Int64) -> [SalesforceValue] { [.time(created), .time(updated), .time(updated)] }
    switch self {
    case .account:
      let business = Business(ref.owner, of: company)
      let own: [SalesforceValue] = [
        .text(business.name), .text(["Customer", "Prospect", "Partner"][ref.owner % 3]), .text(business.industry),
        ref.owner % 4 == 0 ? .null : .text("https://www.\(business.domain)"), .text(business.region.country),
        ref.owner % 3 == 1 ? .null : .int(Int64(5 + ref.owner * 37 % 900)), SObject.owner(ref.owner),
      ]
      return [id, .bool(false)] + own + stamps(business.created, business.updated(at: time))
    case .contact, .lead: return personValues(ref, id, world)
    case .opportunity:
      let opportunity = Opportunity(Business(ref.owner, of: company), ref.number, of: company)
      let isClosed = opportunity.closed <= time
      let own: [SalesforceValue] = [
        .text(SObject.account.identifier(Ref(ref.owner), company)), .text(opportunity.title), .text(opportunity.stage(at: time)),
        opportunity.proposed <= time ? .cents(opportunity.cents) : .null, .date(CivilTime.day(of: opportunity.closed)), .bool(isClosed),
        .bool(isClosed && opportunity.isWon), SObject.owner(ref.owner),
      ]
      return [id, .bool(opportunity.deleted.map { $0 <= time } ?? false)] + own + stamps(opportunity.created, opportunity.updated(at: time))
    case .supportCase:
      guard let item = SupportCase.find(ref, until: time, company: company) else { return nil }
      let topic = Ticket.topics[item.topic]
      let life = RecordLife(.contact, person: ref.owner, copy: 0, of: company)
      let mail = life.state(at: item.created).flatMap { CustomerRecord(life, $0, of: company).mail }
      let employer = Business.employer(of: ref.owner, company: company)
      let isClosed = item.closed.map { $0 <= time } ?? false
      let digits = String(1_000 + ref.owner * 8 + ref.number)
      let own: [SalesforceValue] = [
        .text(String(repeating: "0", count: max(0, 8 - digits.utf8.count)) + digits), .text(SObject.contact.identifier(Ref(ref.owner), company)),
        .text(employer.map { SObject.account.identifier(Ref($0), company) }), .text(topic.subject), .text(topic.text),
        .text(item.status(at: time)), .text(item.isUrgent ? "High" : "Medium"), .text(["Web", "Email", "Phone"][ref.number % 3]), .bool(isClosed),
        isClosed ? item.closed.map { .time($0) } ?? .null : .null, .text(mail), SObject.owner(ref.owner),
      ]
      return [id, .bool(item.deleted.map { $0 <= time } ?? false)] + own + stamps(item.created, item.updated(at: time))
    }
  }

  private func personValues(_ ref: Ref, _ id: SalesforceValue, _ world: World) -> [SalesforceValue]? {
    let company = world.company
    let life = RecordLife(self == .contact ? .contact : .lead, person: ref.owner, copy: ref.number, of: company)
    guard let state = life.state(at: world.now) else { return nil }
    let record = CustomerRecord(life, state, of: company)
    let address = record.address
    let source = SalesforceValue.text(record.person.acquisition)
    let employer = Business.employer(of: ref.owner, company: company)
    let start: [SalesforceValue] = [id, .bool(state.isDeleted)]
    let end: [SalesforceValue] = [SObject.owner(ref.owner), .time(life.created), .time(state.updated), .time(state.updated)]
    let names: [SalesforceValue] = [.text(record.firstName), .text(record.lastName), .text(record.name)]
    let place: [SalesforceValue] = [
      .text(address.map { $0.extra == nil ? $0.street : "\($0.street)\n\($0.extra ?? "")" }), .text(address?.city), .text(address?.postalCode),
      .text(address?.country), address.map { .address($0) } ?? .null, source,
    ]
    if self == .lead {
      let stages = ["Open - Not Contacted", "Working - Contacted", "Closed - Not Converted", "Closed - Converted"]
      let stage = min(3, state.changes)
      let isConverted = stage == 3 && Presence(ref.owner, of: company).count(.contact) > 0
      let contact = isConverted ? SObject.contact.identifier(Ref(ref.owner), company) : nil
      let business: SalesforceValue = .text(employer.map { Business($0, of: company).name } ?? "[not provided]")
      let rest: [SalesforceValue] = [.text(stages[stage == 3 && !isConverted ? 2 : stage]), .bool(isConverted), .text(contact)]
      return start + names + [business, .text(record.mail), .text(record.phone)] + place + rest + end
    }
    var draw = company.draw(.dirt, ref.owner, 103)
    let inMobile = draw.chance(0.4)
    let gender = record.gender.map { draw.chance(0.9) ? ($0 == "female" ? "Female" : "Male") : "Not Listed" }
    let contact: [SalesforceValue] = [
      .text(record.mail), inMobile ? .null : .text(record.phone), inMobile ? .text(record.phone) : .null,
      record.birthDay.map { .date($0) } ?? .null, .text(gender),
    ]
    let account = SalesforceValue.text(employer.map { SObject.account.identifier(Ref($0), company) })
    let note = SalesforceValue.text(state.notes > 0 ? "Spoke on the phone \(state.notes)×.\nSays \"hello\" & sends <3" : nil)
    return start + [account] + names + contact + place + [.bool(!state.consent), note] + end
  }
}
