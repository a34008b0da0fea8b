import DataFormats
import Warehouse

/// Draws a customer as a person would want to see them: a name, a few facts in two columns, the ids they are known by, and the timeline.
struct CustomerView {
  private let page: CustomerPage

  init(_ page: CustomerPage) {
    self.page = page
  }

  /// The lines of the page, at most `width` columns wide.
  func lines(width: Int) -> [String] {
    let out = Terminal.standardOutput
    let name = [page.text("first_name"), page.text("last_name")].compactMap { $0 }.joined(separator: " ")
    let title = name.isEmpty ? page.text("email") ?? "Customer" : name
    let id = page.text("customer_id") ?? ""
    let gap = max(2, width - TextTable.width(title) - TextTable.width(id))
    var lines = ["", out.styled(title, .bold) + String(repeating: " ", count: gap) + out.styled(id, .dim), rule(width)]
    lines += facts(width)
    let ids = knownAs()
    if !ids.isEmpty {
      lines += ["", out.styled("Known as", .bold)]
      for (system, values) in ids { lines.append("  " + padded(system, 12) + TextTable.shortened(values.joined(separator: ", "), to: width - 14)) }
    }
    lines += [
      "",
      out.styled("Timeline", .bold)
        + (page.events.count < page.eventCount ? "  the last \(page.events.count) of \(Numbers.grouped(page.eventCount)) events" : ""),
    ]
    for event in page.events { lines.append(line(event, width)) }
    if page.events.isEmpty { lines.append("  no events") }
    return lines + [""]
  }

  private func facts(_ width: Int) -> [String] {
    let age = page.text("age").map { ", \($0)" } ?? ""
    let place = [page.text("city"), page.text("country")].compactMap { $0 }.joined(separator: ", ")
    let left: [(String, String?)] = [
      ("e-mail", page.text("email")),
      ("phone", page.text("phone")),
      ("person", page.text("gender").map { $0 + age } ?? page.text("birth_date")),
      ("lives in", place.isEmpty ? nil : place),
      ("customer since", page.text("created_at").map(day)),
      ("came from", page.text("acquisition_source")),
      ("last seen", page.text("last_seen_at").map(day)),
      ("records", page.text("source_record_count").map { "\($0) in \(page.text("source_system_count") ?? "?") systems" }),
    ]
    let right: [(String, String?)] = [
      ("orders", counted("order_count", [("returned_order_count", "returned"), ("cancelled_order_count", "cancelled")])),
      ("revenue", money("revenue").map { $0 + (money("average_order_value").map { ", \($0) an order" } ?? "") }),
      ("buys mostly", page.text("most_purchased_category").map { $0 + (money("most_purchased_category_revenue").map { " (\($0))" } ?? "") }),
      ("ordered", period("first_order_at", "last_order_at")),
      ("payments", counted("charge_count", [("failed_charge_count", "failed"), ("refund_count", "refunded")])),
      ("subscription", page.text("subscription_plan")),
      ("tickets", counted("ticket_count", [("open_ticket_count", "open")])),
      ("visits", counted("session_count", [("page_view_count", "pages")])),
    ]
    let column = max(30, width / 2)
    let known = (left.filter { $0.1 != nil }, right.filter { $0.1 != nil })
    return (0..<max(known.0.count, known.1.count)).map { index in
      let first = index < known.0.count ? fact(known.0[index], column - 2) : ""
      guard index < known.1.count else { return first }
      return padded(first, column) + fact(known.1[index], width - column)
    }
  }

  private func fact(_ fact: (String, String?), _ width: Int) -> String {
    padded(fact.0, 16) + TextTable.shortened(fact.1 ?? "", to: max(8, width - 16))
  }

  private func knownAs() -> [(String, [String])] {
    guard let text = page.text("known_as"), let parsed = try? JSON.parse(text) else { return [] }
    func words(_ value: JSON) -> [String] {
      switch value {
      case .array(let values): values.flatMap(words)
      case .string(let text): [text]
      case .null: []
      default: [value.text()]
      }
    }
    if let systems = parsed.object { return systems.map { ($0.key, words($0.value)) } }
    var grouped: [(String, [String])] = []
    for record in words(parsed) {
      let parts = record.split(separator: ":", maxSplits: 1).map(String.init)
      let system = parts.count == 2 ? parts[0] : ""
      if let index = grouped.firstIndex(where: { $0.0 == system }) {
        grouped[index].1.append(parts.last ?? record)
      } else {
        grouped.append((system, [parts.last ?? record]))
      }
    }
    return grouped
  }

  private func line(_ event: [String: SQLValue], _ width: Int) -> String {
    let at = (event["event_at"]?.text ?? "").replacing("T", with: " ").prefix(16)
    let type = (event["event_type"]?.text ?? "").replacing("_", with: " ")
    let amount: String =
      switch event["amount"] {
      case .integer(let value): Numbers.money(Double(value))
      case .real(let value): Numbers.money(value)
      default: ""
      }
    let left = "  " + padded(String(at), 18) + padded(event["source_system"]?.text ?? "", 12) + padded(type, 22)
    let room = max(10, width - TextTable.width(left) - 12)
    let value = padded(TextTable.shortened(event["event_value"]?.text ?? "", to: room), room)
    return left + value + String(repeating: " ", count: max(1, 12 - amount.count)) + amount
  }

  private func line(_ event: some Sequence<(key: String, value: SQLValue)>, _ width: Int) -> String {
    line(Dictionary(event.map { ($0.key, $0.value) }) { first, _ in first }, width)
  }

  private func counted(_ column: String, _ details: [(String, String)]) -> String? {
    guard let count = page.attributes[column]?.integer else { return nil }
    let parts = details.compactMap { column, word in
      page.attributes[column]?.integer.flatMap { $0 == 0 ? nil : "\(Numbers.grouped(Int($0))) \(word)" }
    }
    return ([Numbers.grouped(Int(count))] + parts).joined(separator: ", ")
  }

  private func money(_ column: String) -> String? {
    switch page.attributes[column] {
    case .integer(let value): Numbers.money(Double(value))
    case .real(let value): Numbers.money(value)
    default: nil
    }
  }

  private func period(_ first: String, _ last: String) -> String? {
    guard let from = page.text(first).map(day), let to = page.text(last).map(day) else { return nil }
    return from == to ? from : "\(from) to \(to)"
  }

  private func day(_ timestamp: String) -> String { String(timestamp.prefix(10)) }

  private func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(1, width - TextTable.width(text)))
  }

  private func rule(_ width: Int) -> String { String(repeating: "─", count: width) }
}
