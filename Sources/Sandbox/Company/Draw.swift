import Glibc

/// What a draw is about: each aspect of an entity draws from a stream of its own, so that one can be computed without the others.
enum Topic: UInt64 {
  case person = 1, household, joining, presence, profile, record, touch, dirt, order, orderGap, basket, product, membership, ticket, ticketGap
  case session, sessionDay, account, opportunity, lead, identifier, agent
}

/// A stream of random numbers that is a pure function of seed, topic and up to three numbers.
///
/// Counter-based, so that any person, order or session can be generated on its own, in any order, and always comes out
/// the same. The mixing is splitmix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014).
struct Draw {
  private var state: UInt64

  init(_ seed: UInt64, _ topic: Topic, _ a: Int, _ b: Int = 0, _ c: Int = 0) {
    var state = Draw.mix(seed &+ topic.rawValue &* 0x9E37_79B9_7F4A_7C15)
    state = Draw.mix(state ^ UInt64(bitPattern: Int64(a)))
    state = Draw.mix(state &+ UInt64(bitPattern: Int64(b)) &* 0xD1B5_4A32_D192_ED03)
    self.state = Draw.mix(state ^ (UInt64(bitPattern: Int64(c)) &* 0x8CB9_2BA7_2F3D_8DD7))
  }

  /// The finalizer of splitmix64: a bijection on 64 bits.
  static func mix(_ value: UInt64) -> UInt64 {
    var z = value &+ 0x9E37_79B9_7F4A_7C15
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    return Draw.mix(state)
  }

  /// A number from 0 up to, not including, `count` (which is at least 1).
  mutating func below(_ count: Int) -> Int {
    Int(next().multipliedFullWidth(by: UInt64(max(1, count))).high)
  }

  /// A number in `range`.
  mutating func within(_ range: ClosedRange<Int>) -> Int {
    range.lowerBound + below(range.upperBound - range.lowerBound + 1)
  }

  /// A number from 0 up to, not including, 1.
  mutating func unit() -> Double {
    Double(next() >> 11) * 0x1p-53
  }

  /// True with probability `share`.
  mutating func chance(_ share: Double) -> Bool {
    unit() < share
  }

  /// A waiting time of mean `mean` seconds, exponentially distributed.
  mutating func wait(mean: Double) -> Int64 {
    Int64(-log(1 - unit()) * mean)
  }

  /// One of `choices`, which are not empty.
  mutating func pick<Choices: RandomAccessCollection>(_ choices: Choices) -> Choices.Element where Choices.Index == Int {
    choices[choices.startIndex + below(choices.count)]
  }

  /// The position of a weight in `weights`, drawn in proportion to it.
  mutating func weighted(_ weights: [Double]) -> Int {
    var rest = unit() * weights.reduce(0, +)
    for (position, weight) in weights.enumerated() {
      rest -= weight
      if rest < 0 { return position }
    }
    return max(0, weights.count - 1)
  }
}
