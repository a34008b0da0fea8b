/// A paid membership: a subscription that is invoiced every 30 days until it is cancelled.
struct Membership: Sendable {
  static let period = 30 * CivilTime.day

  let person: Int
  let started: Int64
  /// How many periods are invoiced before it is cancelled.
  let periods: Int
  let cents: Int64
  private let seed: UInt64

  init?(_ person: Int, presence: Presence, of company: Company) {
    guard presence.isMember else { return nil }
    self.person = person
    seed = company.seed
    var draw = company.draw(.membership, person)
    let customer = RecordLife(.stripe, person: person, copy: 0, of: company)
    let first = customer.created + 600 + draw.wait(mean: 25 * Double(CivilTime.day))
    started = first
    let lasting = min(1_000, 2 + Int(draw.wait(mean: 14)))
    // Who has the customer record deleted loses the membership with it.
    let limit = customer.deleted.map { Int(($0 - first) / Membership.period) }
    if let limit, limit < 1 { return nil }
    periods = min(lasting, limit ?? lasting)
    cents = draw.chance(0.7) ? 990 : 1_990
  }

  /// When it was cancelled or will be.
  var cancelled: Int64 { started + Int64(periods) * Membership.period }

  /// How many invoices were made by `time`.
  func invoices(at time: Int64) -> Int {
    guard started <= time else { return 0 }
    let made = Int((time - started) / Membership.period) + 1
    return min(made, periods)
  }

  /// How an invoice was paid.
  struct Payment: Sendable {
    let created: Int64
    let firstAttemptFailed: Bool
    /// When it was paid; nil if it never is.
    let paid: Int64?
    /// When it was given up.
    let writtenOff: Int64?

    /// The time of the first attempt, an hour after the invoice was made.
    var attempted: Int64 { created + CivilTime.hour }
  }

  func payment(ofInvoice number: Int) -> Payment {
    var draw = Draw(seed, .membership, person, 1, number)
    let created = started + Int64(number) * Membership.period
    let fails = draw.chance(0.05)
    let lost = fails && draw.chance(0.2)
    return Payment(
      created: created, firstAttemptFailed: fails, paid: lost ? nil : created + CivilTime.hour + (fails ? 3 * CivilTime.day : 0),
      writtenOff: lost ? created + 14 * CivilTime.day : nil)
  }

  /// Whether the newest invoice by `time` waits for a payment that failed.
  func isPastDue(at time: Int64) -> Bool {
    let count = invoices(at: time)
    guard count > 0 else { return false }
    let last = payment(ofInvoice: count - 1)
    return last.firstAttemptFailed && last.attempted <= time && (last.paid ?? .max) > time
  }
}
