/// The user table of the company's own application, exported as CSV every midnight.
enum AppUsers {
  static func identifier(_ person: Int, _ company: Company) -> String {
    company.identifiers.text("usr_", .appUser, Ref(person))
  }

  /// The last midnight by `time`: when the export was written.
  static func exported(by time: Int64) -> Int64 {
    CivilTime.day(of: time) * CivilTime.day
  }

  /// Calls `body` with every user in the export that shows by the clock of `world`.
  static func forEach(in world: World, _ body: (StreamRecord) -> Void) {
    let time = exported(by: world.now)
    for person in 0..<world.population where Presence(person, of: world.company).count(.app) > 0 {
      let life = RecordLife(.app, person: person, copy: 0, of: world.company)
      guard let state = life.state(at: time) else { continue }
      body(
        StreamRecord(ref: Ref(person), created: life.created, updated: state.updated, deleted: state.isDeleted ? life.deleted : nil))
    }
  }

  private static let header =
    "user_id,email,phone,first_name,last_name,birth_date,gender,country_code,city,marketing_opt_in,acquisition_source,signup_date,updated_at,deleted_at,shopify_customer_id\n"

  /// The export (RFC 4180, line ends LF). Closed accounts stay, without what identified their owner.
  static func csv(in world: World) -> [UInt8] {
    let company = world.company
    let time = exported(by: world.now)
    var bytes = Array(header.utf8)
    for person in 0..<world.population where Presence(person, of: company).count(.app) > 0 {
      let life = RecordLife(.app, person: person, copy: 0, of: company)
      guard let state = life.state(at: time) else { continue }
      let record = CustomerRecord(life, state, of: company)
      var draw = company.draw(.dirt, person, 104)
      let linked = draw.chance(0.4) && Presence(person, of: company).count(.shopify) > 0
      let isOpen = !state.isDeleted
      let columns: [String?] = [
        identifier(person, company), isOpen ? record.mail : nil, isOpen ? record.phone : nil, isOpen ? record.firstName : nil,
        isOpen ? record.lastName : nil, isOpen ? record.birthDay.map(CivilTime.dateText) : nil, record.gender, record.person.region.code,
        record.address?.city, state.consent ? "true" : "false", record.person.acquisition, CivilTime.timestamp(life.created),
        CivilTime.timestamp(state.updated), state.isDeleted ? life.deleted.map { CivilTime.timestamp($0) } : nil,
        linked ? String(ShopifyCustomer.identifier(Ref(person), company)) : nil,
      ]
      for (position, column) in columns.enumerated() {
        if position > 0 { bytes.append(UInt8(ascii: ",")) }
        append(column ?? "", to: &bytes)
      }
      bytes.append(UInt8(ascii: "\n"))
    }
    return bytes
  }

  private static func append(_ value: String, to bytes: inout [UInt8]) {
    guard value.utf8.contains(where: { [0x22, 0x2C, 0x0A, 0x0D].contains($0) }) else {
      bytes.append(contentsOf: value.utf8)
      return
    }
    bytes.append(0x22)
    bytes.append(contentsOf: value.replacing("\"", with: "\"\"").utf8)
    bytes.append(0x22)
  }
}
