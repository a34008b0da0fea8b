import Synchronization

/// A place in a list sorted by time.
struct Entry: Comparable, Sendable {
  var time: Int64
  var ref: Ref

  static func < (a: Entry, b: Entry) -> Bool {
    a.time != b.time ? a.time < b.time : a.ref < b.ref
  }
}

/// A stream of records, under the name that connectors give it.
enum Stream: String, CaseIterable, Sendable {
  case account = "salesforce.Account"
  case contact = "salesforce.Contact"
  case lead = "salesforce.Lead"
  case opportunity = "salesforce.Opportunity"
  case supportCase = "salesforce.Case"
  case stripeCustomers = "stripe.customers"
  case charges = "stripe.charges"
  case refunds = "stripe.refunds"
  case invoices = "stripe.invoices"
  case subscriptions = "stripe.subscriptions"
  case stripeEvents = "stripe.events"
  case tickets = "zendesk.tickets"
  case zendeskUsers = "zendesk.users"
  case organizations = "zendesk.organizations"
  case shopifyCustomers = "shopify.customers"
  case orders = "shopify.orders"
  case products = "shopify.products"
  case logEvents = "files.events"
  case appUsers = "files.app_users"
}

/// The company as it shows at one moment, with the sorted lists that its systems page through.
///
/// A list holds 16 bytes a record and is made when first asked for; the records themselves are computed for each page.
final class World: Sendable {
  /// By what a list is sorted.
  enum Order: Hashable, Sendable {
    case created, updated, id
  }

  private struct Key: Hashable {
    let stream: Stream
    let order: Order
  }

  let company: Company
  /// The sandbox's clock, Unix seconds.
  let now: Int64
  /// Where the clock stood before it was last moved on.
  let previous: Int64
  /// How many people have joined.
  let population: Int
  private let lists = Mutex<[Key: [Entry]]>([:])

  init(company: Company, now: Int64, previous: Int64) {
    self.company = company
    self.now = now
    self.previous = previous
    population = company.population(at: now)
  }

  /// The same company `seconds` later.
  func advanced(by seconds: Int64) -> World {
    World(company: company, now: now + seconds, previous: now)
  }

  /// The records of `stream` that show now, in ascending order.
  func list(_ stream: Stream, by order: Order) -> [Entry] {
    lists.withLock { lists in
      let key = Key(stream: stream, order: order)
      if let list = lists[key] { return list }
      var list: [Entry] = []
      stream.forEach(in: self) { record in
        guard record.isListed else { return }
        let time =
          switch order {
          case .created: record.created
          case .updated: record.updated
          case .id: Int64(0)
          }
        list.append(Entry(time: time, ref: record.ref))
      }
      list.sort()
      lists[key] = list
      return list
    }
  }
}

extension Array<Entry> {
  /// The position of the first entry that is not before `entry`.
  func firstIndex(notBefore entry: Entry) -> Int {
    var low = 0
    var high = count
    while low < high {
      let middle = (low + high) / 2
      if self[middle] < entry { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// The position of the first entry at or after `time`.
  func firstIndex(notBefore time: Int64) -> Int {
    firstIndex(notBefore: Entry(time: time, ref: Ref(raw: 0)))
  }
}
