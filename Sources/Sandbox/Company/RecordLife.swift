/// The life of one record of a person in one system: when it was made, each time it was changed, when it was deleted.
///
/// The whole of it is fixed in advance; `state(at:)` is what shows at a time.
struct RecordLife: Sendable {
  /// What a change changed.
  enum Change: Int, Sendable {
    case phone, address, consent, note, nameCorrected, mail
  }

  /// What shows at a time.
  struct State: Sendable {
    /// How often the record was changed.
    var changes = 0
    /// The last time at which anything about it changed.
    var updated: Int64
    var isDeleted = false
    var phones = 0
    var moves = 0
    var mails = 0
    var notes = 0
    var consent: Bool
    var nameCorrected = false
  }

  let system: System
  let person: Int
  let copy: Int
  let created: Int64
  /// When the record is deleted, if it ever is.
  let deleted: Int64?
  private let startsWithConsent: Bool
  private let seed: UInt64

  /// A record is never deleted before this age, so that no clock step of up to this span makes and deletes one unseen.
  static let youngestDeletion = 40 * CivilTime.day

  init(_ system: System, person: Int, copy: Int, of company: Company) {
    self.system = system
    self.person = person
    self.copy = copy
    seed = company.seed
    var draw = company.draw(.record, person, system.rawValue, copy)
    let joined = company.joined(person)
    var delay: Int64 =
      switch system {
      case .app: 0
      case .shopify: Int64(draw.within(60...3_600))
      case .stripe: Int64(draw.within(3_700...7_000))
      case .zendesk: draw.wait(mean: 20 * Double(CivilTime.day))
      case .contact: draw.wait(mean: 10 * Double(CivilTime.day))
      case .lead: Int64(draw.within(30...86_400))
      }
    if copy > 0 { delay += Int64(CivilTime.day) + draw.wait(mean: 40 * Double(CivilTime.day)) }
    created = joined + delay
    startsWithConsent = draw.chance(0.55)
    let share: Double =
      switch system {
      case .shopify: 0
      case .app, .zendesk: 0.02
      case .stripe, .contact: 0.025
      case .lead: 0.06
      }
    deleted = draw.chance(share) ? created + Self.youngestDeletion + draw.wait(mean: 250 * Double(CivilTime.day)) : nil
  }

  /// Calls `body` with the number (from 1), time and kind of each change up to `time`, in order.
  func forEachChange(until time: Int64, _ body: (Int, Int64, Change) -> Void) {
    var at = created
    var number = 0
    let end = min(time, deleted.map { $0 - 1 } ?? time)
    let mean = (system == .lead ? 60.0 : 140.0) * Double(CivilTime.day)
    while true {
      number += 1
      var draw = Draw(seed, .touch, person, system.rawValue * 4 + copy, number)
      at += CivilTime.hour + draw.wait(mean: mean)
      if at > end || number > 4_000 { return }
      body(number, at, [.phone, .address, .consent, .consent, .note, .note, .note, .nameCorrected, .mail][draw.below(9)])
    }
  }

  /// What shows at `time`; nil before the record was made.
  func state(at time: Int64) -> State? {
    guard created <= time else { return nil }
    var state = State(updated: created, consent: startsWithConsent)
    forEachChange(until: time) { number, at, change in
      state.changes = number
      state.updated = at
      switch change {
      case .phone: state.phones += 1
      case .address: state.moves += 1
      case .consent: state.consent.toggle()
      case .note: state.notes += 1
      case .nameCorrected: state.nameCorrected = true
      case .mail: state.mails += 1
      }
    }
    if let deleted, deleted <= time {
      state.updated = deleted
      state.isDeleted = true
    }
    return state
  }
}
