import Glibc

/// Random numbers whose seed a failing test shows, so that what failed can be had again: `SCV_TEST_SEED=… swift test --filter …`.
struct Seeded: RandomNumberGenerator, CustomStringConvertible {
  /// Where the numbers begin.
  let seed: UInt64
  private var state: UInt64

  init() {
    seed = getenv("SCV_TEST_SEED").flatMap { UInt64(String(cString: $0)) } ?? UInt64.random(in: 0...UInt64(UInt32.max))
    state = seed
  }

  var description: String { "SCV_TEST_SEED=\(seed)" }

  /// SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014).
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
