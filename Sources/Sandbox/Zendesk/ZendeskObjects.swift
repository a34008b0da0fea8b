/// Zendesk's user, ticket and organization objects (https://developer.zendesk.com/api-reference/ticketing/).
enum ZendeskObjects {
  static func identifier(user ref: Ref, _ company: Company) -> Int64 {
    guard ref.owner < Agent.base else { return 360_000_000_000 + Int64(ref.owner - Agent.base) * 7 }
    return 370_000_000_000 + Int64(ref.owner * 4 + ref.number) * 61 + Int64(company.identifiers.scramble(.session, ref) % 61)
  }

  static func identifier(organization index: Int) -> Int64 { 350_000_000_000 + Int64(index) * 17 }

  static func identifier(ticket ref: Ref) -> Int64 { 1_000 + Int64(ref.owner) << 13 + Int64(ref.number) }

  static func write(user ref: Ref, in world: World, origin: String, to json: inout JSONBytes) {
    let company = world.company
    let id = identifier(user: ref, company)
    guard ref.owner < Agent.base else {
      return write(agent: ref.owner - Agent.base, id: id, world, origin, to: &json)
    }
    let life = RecordLife(.zendesk, person: ref.owner, copy: ref.number, of: company)
    guard let state = life.state(at: world.now) else { return json.null() }
    let record = CustomerRecord(life, state, of: company)
    var draw = company.draw(.dirt, ref.owner, 102, ref.number)
    let usesApp = Presence(ref.owner, of: company).count(.app) > 0
    let employer = Business.employer(of: ref.owner, company: company)
    json.object { json in
      json.field("id", id)
      json.field("url", "\(origin)/zendesk/api/v2/users/\(id).json")
      json.field("name", record.name ?? record.mail ?? "Unknown caller")
      json.field("email", state.isDeleted ? nil : record.mail)
      json.time("created_at", life.created)
      json.time("updated_at", state.updated)
      json.field("time_zone", record.person.region.timeZone)
      json.field("iana_time_zone", "Europe/Berlin")
      json.field("phone", state.isDeleted ? nil : record.phone)
      json.field("shared_phone_number", draw.chance(0.1))
      json.null("photo")
      json.field("locale_id", 1)
      json.field("locale", record.person.region.language)
      json.field("organization_id", employer.map { identifier(organization: $0) })
      json.field("role", "end-user")
      json.field("verified", draw.chance(0.8))
      json.field("external_id", usesApp && draw.chance(0.6) ? AppUsers.identifier(ref.owner, company) : nil)
      json.array("tags") { json in
        if draw.chance(0.1) { json.string("vip") }
        if state.notes > 0 { json.string("contacted_\(state.notes)") }
      }
      json.field("alias", "")
      json.field("active", !state.isDeleted)
      json.field("shared", false)
      json.field("shared_agent", false)
      json.null("last_login_at")
      json.null("two_factor_auth_enabled")
      json.null("signature")
      json.field("details", "")
      json.field("notes", state.notes > 0 ? "Called \(state.notes)× – \"please be kind\"" : "")
      json.field("moderator", false)
      json.field("suspended", false)
      json.object("user_fields") { json in
        json.field("city", record.address?.city)
        json.field("marketing", state.consent)
      }
    }
  }

  private static func write(agent index: Int, id: Int64, _ world: World, _ origin: String, to json: inout JSONBytes) {
    let names = [
      "Mara Voss", "Joel Okafor", "Ingrid Öst", "Tomás Rey", "Lin Chao", "Beata Król", "Sam Reed", "Ayşe Kaya", "Noa Levi", "Paul Brandt", "Elin Dahl",
      "Ravi Rao",
    ]
    let created = world.company.opening - Company.past - Int64(index + 1) * CivilTime.day
    json.object { json in
      json.field("id", id)
      json.field("url", "\(origin)/zendesk/api/v2/users/\(id).json")
      json.field("name", names[index % names.count])
      json.field("email", "agent\(index + 1)@sandbox.test")
      json.time("created_at", created)
      json.time("updated_at", created)
      json.field("time_zone", "Berlin")
      json.field("iana_time_zone", "Europe/Berlin")
      json.null("phone")
      json.null("shared_phone_number")
      json.null("photo")
      json.field("locale_id", 1)
      json.field("locale", "de")
      json.null("organization_id")
      json.field("role", index == 0 ? "admin" : "agent")
      json.field("verified", true)
      json.null("external_id")
      json.array("tags") { _ in }
      json.field("alias", names[index % names.count].split(separator: " ").first.map(String.init))
      json.field("active", true)
      json.field("shared", false)
      json.field("shared_agent", false)
      json.time("last_login_at", created + CivilTime.day)
      json.field("two_factor_auth_enabled", true)
      json.field("signature", "Your Sandbox team")
      json.field("details", "")
      json.field("notes", "")
      json.field("moderator", true)
      json.field("suspended", false)
      json.object("user_fields") { json in
        json.null("city")
        json.field("marketing", false)
      }
    }
  }

  static func write(ticket ref: Ref, in world: World, origin: String, to json: inout JSONBytes) {
    let company = world.company
    guard let ticket = Ticket.find(ref, until: world.now, company: company) else { return json.null() }
    let id = identifier(ticket: ref)
    let time = world.now
    let status = ticket.status(at: time)
    let requester = identifier(user: Ref(ticket.person, ticket.copy), company)
    let topic = Ticket.topics[ticket.topic]
    let assigned = ticket.opened <= time
    // Half of the tickets name the order that they are about: the last one before them.
    var order: OrderLife?
    OrderLife.forEach(of: ticket.person, presence: Presence(ticket.person, of: company), until: ticket.created, company: company) { order = $0 }
    let orderName = order.flatMap { order -> String? in
      guard ticket.topic != 4, (ticket.number + ticket.person) % 5 != 0 else { return nil }
      let entry = Entry(time: order.placed, ref: Ref(order.person, order.number))
      return "#\(1_001 + world.list(.orders, by: .created).firstIndex(notBefore: entry))"
    }
    let subject = orderName.map { "\(topic.subject) (\($0))" } ?? topic.subject
    json.object { json in
      json.field("id", id)
      json.field("url", "\(origin)/zendesk/api/v2/tickets/\(id).json")
      json.null("external_id")
      json.object("via") { json in
        json.field("channel", ticket.channel)
        json.object("source") { json in
          json.object("from") { _ in }
          json.object("to") { _ in }
          json.null("rel")
        }
      }
      json.time("created_at", ticket.created)
      json.time("updated_at", ticket.updated(at: time))
      json.field("generated_timestamp", ticket.updated(at: time))
      json.field("type", ["question", "incident", "problem", "task"][ticket.topic % 4])
      json.field("subject", status == "deleted" ? "SCRUBBED" : subject)
      json.field("raw_subject", status == "deleted" ? "SCRUBBED" : subject)
      json.field("description", status == "deleted" ? "SCRUBBED" : topic.text)
      json.field("priority", ticket.priority)
      json.field("status", status)
      json.field("recipient", ticket.channel == "email" ? "support@sandbox.test" : nil)
      json.field("requester_id", requester)
      json.field("submitter_id", requester)
      json.field("assignee_id", assigned ? identifier(user: Ref(Agent.base + ticket.agent), company) : nil)
      json.field("organization_id", Business.employer(of: ticket.person, company: company).map { identifier(organization: $0) })
      json.field("group_id", assigned ? 36_000_001 + Int64(ticket.agent % 3) : nil)
      json.array("collaborator_ids") { _ in }
      json.array("follower_ids") { _ in }
      json.array("email_cc_ids") { _ in }
      json.null("forum_topic_id")
      json.null("problem_id")
      json.field("has_incidents", false)
      json.field("is_public", true)
      json.null("due_at")
      json.array("tags") { json in
        json.string(topic.tag)
        if ticket.priority == "urgent" { json.string("escalated") }
      }
      json.array("custom_fields") { json in
        json.object {
          $0.field("id", 25_000_001)
          $0.field("value", orderName)
        }
        json.object {
          $0.field("id", 25_000_002)
          $0.field("value", order.flatMap { orderName == nil ? nil : String(ShopifyOrder.identifier(Ref($0.person, $0.number), company)) })
        }
      }
      let rated = ticket.rated.map { $0 <= time } ?? false
      json.object("satisfaction_rating") { json in
        json.field("score", rated ? (ticket.isRatedGood ? "good" : "bad") : ticket.solved.map { $0 <= time } ?? false ? "offered" : "unoffered")
        if rated { json.field("comment", ticket.isRatedGood ? "Super schnell, danke! 😊" : nil) }
      }
      json.array("sharing_agreement_ids") { _ in }
      json.field("ticket_form_id", 36_000_100)
      json.field("brand_id", 36_000_200)
      json.field("allow_channelback", false)
      json.field("allow_attachments", true)
    }
  }

  static func write(organization ref: Ref, in world: World, origin: String, to json: inout JSONBytes) {
    let business = Business(ref.owner, of: world.company)
    let id = identifier(organization: ref.owner)
    json.object { json in
      json.field("id", id)
      json.field("url", "\(origin)/zendesk/api/v2/organizations/\(id).json")
      json.field("name", business.name)
      json.field("shared_tickets", false)
      json.field("shared_comments", false)
      json.field("external_id", "acc-\(ref.owner)")
      json.time("created_at", business.created)
      json.time("updated_at", business.updated(at: world.now))
      json.array("domain_names") { $0.string(business.domain) }
      json.field("details", "")
      json.field("notes", "")
      json.null("group_id")
      json.array("tags") { $0.string(business.industry.lowercased()) }
      json.object("organization_fields") { _ in }
    }
  }
}
