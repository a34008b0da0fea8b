import ArgumentParser
import DataFormats
import Diagnostics
import OrderedCollections
import Project
import Transform
import Warehouse

/// `scv customer`: one customer on one page, their attributes and their timeline.
struct CustomerCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "customer", abstract: "Show one customer: who they are, and what they did.",
    discussion: """
      Reads dim_user_attributes, fct_user_events_unioned and int_customer_identity_map. WHO is a customer id, an e-mail address, a \
      name, or the id of a record in any source (cus_123, stripe:cus_123); without it, the customer with the most to show.
      """)

  /// How the customer is shown.
  enum Output: String, ExpressibleByArgument, CaseIterable {
    case text, json
  }

  @Argument(help: "Whom to show.") var who: String?
  @Option(parsing: .unconditional, help: "How many of the latest events to show; -1 for all.") var limit = 20
  @Option(help: "How to show it: text, json.") var output = Output.text
  @OptionGroup var options: ProjectOptions

  func run() throws {
    let workspace = try Workspace(options, command: "show")
    let adapter = try workspace.adapter(mayCreate: false)
    let tables = try CustomerTables(workspace.project.manifest, adapter)
    let id = try adapter.read { try tables.find(who, $0) }
    let page = try adapter.read { try tables.page(id, events: limit, $0) }
    switch output {
    case .json: Terminal.say(page.json.text(pretty: true))
    case .text: for line in CustomerView(page).lines(width: min(120, Terminal.standardOutput.width)) { Terminal.say(line) }
    }
  }
}

/// What is known of one customer.
struct CustomerPage {
  /// The row of dim_user_attributes.
  var attributes: OrderedDictionary<String, SQLValue>
  /// The latest rows of fct_user_events_unioned, newest first.
  var events: [OrderedDictionary<String, SQLValue>]
  /// How many events there are in all.
  var eventCount: Int

  func text(_ column: String) -> String? {
    attributes[column]?.text.flatMap { $0.isEmpty ? nil : $0 }
  }

  var json: JSON {
    func object(_ row: OrderedDictionary<String, SQLValue>) -> JSON {
      .object(
        row.mapValues { value in
          // Columns that hold JSON are shown as what they hold.
          if case .text(let text) = value, text.first == "{" || text.first == "[", let parsed = try? JSON.parse(text) { return parsed }
          return JSON(value)
        })
    }
    return ["attributes": object(attributes), "event_count": .int(Int64(eventCount)), "events": .array(events.map(object))]
  }
}

/// Finds customers in the tables of the single customer view.
struct CustomerTables {
  private let attributes: String
  private let events: String
  private let identities: String

  /// The tables that the project's models build.
  ///
  /// - Throws: `Diagnostic` (`customer.no-model`, `customer.not-built`).
  init(_ manifest: Manifest, _ adapter: any Adapter) throws {
    func table(_ name: String) throws -> String {
      guard let node = manifest.nodes.values.first(where: { $0.name == name && $0.resourceType == .model }) else {
        throw Diagnostic(
          .configuration, "customer.no-model", "the project has no model \(name)",
          hint: "the single customer view is built by the models dim_user_attributes, fct_user_events_unioned and int_customer_identity_map")
      }
      let relation = Relation(schema: node.schema, identifier: node.alias)
      guard try adapter.read({ try $0.find(relation) }) != nil else {
        throw Diagnostic(.database, "customer.not-built", "the model \(name) has not been built yet", hint: "build it: scv run --select +\(name)")
      }
      return adapter.render(relation)
    }
    attributes = try table("dim_user_attributes")
    events = try table("fct_user_events_unioned")
    identities = try table("int_customer_identity_map")
  }

  /// The id of the customer whom `who` means.
  ///
  /// - Throws: `Diagnostic` (`customer.unknown`, `customer.ambiguous`).
  func find(_ who: String?, _ session: any Session) throws -> String {
    guard let who else {
      let best = try session.query(
        """
        select customer_id from \(attributes)
        order by source_system_count desc, min(order_count, 12) + min(ticket_count, 4) + min(session_count, 12) desc, customer_id limit 1
        """
      ).rows.first?.first?.text
      guard let best else {
        throw Diagnostic(.database, "customer.unknown", "there are no customers yet", hint: "load and build them: scv sync, scv seed, scv run")
      }
      return best
    }
    let ways: [(String, [SQLValue])] = [
      ("select customer_id from \(attributes) where customer_id = ?", [.text(who)]),
      ("select customer_id from \(attributes) where lower(email) = lower(?)", [.text(who)]),
      ("select customer_id from \(identities) where record_id = ?1 or source_id = ?1", [.text(who)]),
      ("select customer_id from \(attributes) where lower(first_name || ' ' || last_name) = lower(?)", [.text(who)]),
      ("select customer_id from \(attributes) where instr(lower(first_name || ' ' || last_name || ' ' || coalesce(email, '')), lower(?)) > 0", [.text(who)]),
    ]
    for (sql, arguments) in ways {
      let found = try session.query("select distinct customer_id from (\(sql)) order by 1 limit 11", arguments).rows.compactMap { $0.first?.text }
      if found.count == 1, let id = found.first { return id }
      guard found.count > 1 else { continue }
      let people = try session.query(
        """
        select customer_id, coalesce(first_name || ' ', '') || coalesce(last_name, ''), coalesce(email, '') from \(attributes)
        where customer_id in (\(found.prefix(10).map { _ in "?" }.joined(separator: ", "))) order by 2
        """, found.prefix(10).map { .text($0) }
      ).rows.map { row in row.compactMap(\.text).filter { !$0.isEmpty }.joined(separator: "  ") }
      throw Diagnostic(
        .usage, "customer.ambiguous", "'\(who)' could be \(found.count > 10 ? "more than 10" : "\(found.count)") customers",
        hint: "name one by its id:\n" + people.joined(separator: "\n"))
    }
    throw Diagnostic(
      .usage, "customer.unknown", "nobody is known as '\(who)'", hint: "give a customer id, an e-mail address, a name or the id of a source record")
  }

  /// Everything about one customer, with the latest `events` events.
  func page(_ id: String, events limit: Int, _ session: any Session) throws -> CustomerPage {
    func rows(_ table: Table) -> [OrderedDictionary<String, SQLValue>] {
      table.rows.map { OrderedDictionary(zip(table.columns, $0)) { first, _ in first } }
    }
    let attributes = try rows(session.query("select * from \(attributes) where customer_id = ?", [.text(id)])).first
    guard let attributes else {
      throw Diagnostic(
        .usage, "customer.no-attributes", "the customer \(id) has no attributes: test accounts are left out of dim_user_attributes")
    }
    let count = try session.query("select count(*) from \(events) where customer_id = ?", [.text(id)]).rows.first?.first?.integer ?? 0
    let latest = try session.query(
      "select * from \(events) where customer_id = ? order by event_at desc, event_id desc limit ?", [.text(id), .integer(Int64(limit))])
    return CustomerPage(attributes: attributes, events: rows(latest), eventCount: Int(count))
  }
}
