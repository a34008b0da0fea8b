/// Where somebody lives.
struct Address: Sendable {
  let street: String
  let extra: String?
  let city: String
  let province: String
  let postalCode: String
  let country: String
  let countryCode: String

  /// The `home`th home of a household, 0 being the first; people who move leave it for one of their own.
  init(household: Int, home: Int, region: Region, company: Company) {
    var draw = company.draw(.household, household, 1, home)
    let place = draw.pick(region.cities)
    let number = draw.within(1...180)
    let name = draw.pick(region.streets)
    let numberFirst = ["US", "GB", "FR"].contains(region.code)
    street = numberFirst ? "\(number) \(name)" : "\(name) \(number)\(draw.chance(0.08) ? "a" : "")"
    extra = draw.chance(0.15) ? (numberFirst ? "Apt \(draw.within(1...40))" : "\(draw.within(1...5)). OG") : nil
    city = place.name
    province = place.province
    let fill = max(0, region.postalDigits - place.postal.filter(\.isNumber).count)
    var digits = ""
    for _ in 0..<min(fill, 4) { digits += String(draw.below(10)) }
    postalCode = region.code == "GB" ? "\(place.postal) \(draw.below(9))AB" : place.postal + digits
    country = region.country
    countryCode = region.code
  }

  /// The city of a household's first home: its landline has that area code.
  static func city(household: Int, region: Region, company: Company) -> Region.City {
    var draw = company.draw(.household, household, 1, 0)
    return draw.pick(region.cities)
  }
}
