/// One synthetic company: everything about it follows from a seed, a size and the time at which its books are opened.
///
/// The company's whole past and future is fixed; a clock only decides how much of it shows. Nothing is held in memory: a person,
/// an order, a page view is computed when asked for, so that any of 100,000 customers costs the same.
struct Company: Sendable {
  /// What all draws start from.
  let seed: UInt64
  /// How many people have joined when the books are opened.
  let customers: Int
  /// When the books are opened: the sandbox's first "now", Unix seconds.
  let opening: Int64
  /// How places become identifiers.
  let identifiers: IdentifierCode

  /// How long before `opening` the first person joined.
  static let past: Int64 = 730 * CivilTime.day
  /// How long before `opening` the archive of product logs begins.
  static let logArchive: Int64 = 90 * CivilTime.day

  init(seed: UInt64, customers: Int, opening: Int64) {
    self.seed = seed
    self.customers = max(1, customers)
    self.opening = opening
    identifiers = IdentifierCode(seed: seed)
  }

  func draw(_ topic: Topic, _ a: Int, _ b: Int = 0, _ c: Int = 0) -> Draw {
    Draw(seed, topic, a, b, c)
  }

  /// When person number `person` joined; later numbers join later. After the opening at least five join every day.
  func joined(_ person: Int) -> Int64 {
    var draw = Draw(seed, .joining, person)
    let start = opening - Company.past
    if person < customers {
      return start + Int64((Double(person) + draw.unit()) / Double(customers) * Double(Company.past - 1))
    }
    let gap = Double(CivilTime.day) / max(5, Double(customers) / 500)
    return opening + 1 + Int64((Double(person - customers) + draw.unit()) * gap)
  }

  /// How many people have joined by `time`.
  func population(at time: Int64) -> Int {
    var low = 0
    var high = max(customers, 1)
    while joined(high) <= time { high *= 2 }
    while low < high {
      let middle = (low + high) / 2
      if joined(middle) <= time { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// The first member of `person`'s household: 30 in 100 people live with the person before them.
  func household(of person: Int) -> Int {
    var head = person
    while head > 0, person - head < 4 {
      var draw = Draw(seed, .household, head)
      guard draw.chance(0.3) else { break }
      head -= 1
    }
    return head
  }
}
