/// A telephone number and the many ways in which people write it.
struct PhoneNumber: Sendable {
  let dial: String
  let trunk: String
  /// Area or mobile prefix, without the trunk prefix.
  let area: String
  let subscriber: String

  /// A mobile number of nobody else: `number` is an index, `line` tells a person's numbers apart.
  static func mobile(_ number: Int, line: Int, region: Region, seed: UInt64) -> PhoneNumber {
    let prefix = region.mobilePrefixes[(number + line) % region.mobilePrefixes.count]
    // In North America seven digits follow the area code, elsewhere eight: the multiplication by a unit modulo a prime never collides.
    let (modulus, width) = region.dial == "1" ? (7_999_993, 7) : (79_999_987, 8)
    let value = ((number * 2 + line + 1) &* 27_644_437 &+ Int(seed % 1_000_003)) % modulus
    return PhoneNumber(dial: region.dial, trunk: region.trunk, area: prefix, subscriber: padded(value, width))
  }

  /// The landline of a household.
  static func landline(household: Int, city: Region.City, region: Region, seed: UInt64) -> PhoneNumber {
    let value = (household &* 7_368_787 &+ Int(seed % 1_000_003)) % 7_999_993
    return PhoneNumber(dial: region.dial, trunk: region.trunk, area: city.area, subscriber: padded(value, 7))
  }

  /// `+4915112345678`.
  var e164: String { "+\(dial)\(area)\(subscriber)" }

  /// The number in one of the ways in which people write numbers.
  func written(_ style: Int) -> String {
    let half = subscriber.index(subscriber.startIndex, offsetBy: 3)
    let (front, back) = (subscriber[..<half], subscriber[half...])
    switch style % 8 {
    case 0, 1: return e164
    case 2: return "+\(dial) \(area) \(front)\(back)"
    case 3: return "00\(dial)\(area)\(subscriber)"
    case 4: return dial == "1" ? "(\(area)) \(front)-\(back)" : "(\(trunk)\(area)) \(front) \(back)"
    case 5: return dial == "1" ? "\(area)-\(front)-\(back)" : "\(trunk)\(area)/\(subscriber)"
    case 6: return dial == "1" ? "1\(area)\(subscriber)" : "\(trunk)\(area)\(subscriber)"
    default: return "+\(dial)-\(area)-\(front)-\(back)"
    }
  }

  /// What people type who do not want to be called.
  static let junk = ["000-0000", "0000000000", "1234567890", "+49 0000 000000"]

  private static func padded(_ value: Int, _ width: Int) -> String {
    // The leading digit goes from 2 to 9, as those of subscriber numbers do; values stay below 8 times the rest.
    var scale = 1
    for _ in 0..<width { scale *= 10 }
    return String(value % scale + scale / 5)
  }
}
