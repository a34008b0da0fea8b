/// What the shop sells. The catalogue grows by a product every five days.
struct Product: Sendable {
  let index: Int
  let title: String
  let category: String
  let vendor: String
  let tags: String
  /// The price of its variants, in cents.
  let cents: Int64
  let created: Int64
  let variants: [String]

  /// The categories with what they hold and what it costs, in cents.
  private static let ranges: [(category: String, kinds: [String], cents: ClosedRange<Int>, sizes: [String])] = [
    ("Jeans", ["Slim Fit Jeans", "Bootcut Jeans", "Mom Jeans", "Straight Leg Jeans", "Skinny Jeans"], 4_900...14_900, ["28/32", "30/32", "32/34", "34/34"]),
    ("Baby", ["Baby Bodysuit", "Diaper Bag", "Baby Blanket", "Pacifier Set", "Stroller Organiser", "Baby Romper"], 900...8_900, ["0-3 M", "3-6 M", "6-12 M"]),
    ("Dresses", ["Wrap Dress", "Maxi Dress", "Linen Dress", "Cocktail Dress"], 3_900...18_900, ["S", "M", "L"]),
    ("Shoes", ["Sneaker", "Chelsea Boot", "Running Shoe", "Sandal", "Loafer"], 4_900...19_900, ["38", "40", "42", "44"]),
    ("Electronics", ["Wireless Earbuds", "Smart Watch", "Bluetooth Speaker", "Power Bank", "E-Reader"], 2_900...39_900, ["Black", "White"]),
    ("Sports", ["Yoga Mat", "Resistance Bands", "Cycling Jersey", "Trail Backpack"], 1_500...12_900, ["One Size"]),
    ("Home", ["Scented Candle", "Throw Pillow", "Desk Lamp", "Wool Rug"], 1_200...24_900, ["One Size", "Large"]),
    ("Beauty", ["Face Serum", "Hand Cream", "Shampoo Bar", "Eau de Parfum"], 800...9_900, ["50 ml", "100 ml"]),
    ("Toys", ["Wooden Train", "Plush Bear", "Building Blocks", "Puzzle 1000"], 1_200...7_900, ["One Size"]),
    ("Books", ["Cookbook", "Travel Guide", "Novel", "Picture Book"], 900...3_900, ["Hardcover", "Paperback"]),
    ("Outerwear", ["Rain Jacket", "Down Coat", "Trench Coat", "Fleece"], 6_900...29_900, ["S", "M", "L", "XL"]),
    ("Accessories", ["Leather Belt", "Silk Scarf", "Sunglasses", "Beanie"], 1_500...12_900, ["One Size"]),
    ("Kitchen", ["Cast Iron Pan", "Espresso Cup Set", "Chef's Knife", "Cutting Board"], 1_900...15_900, ["One Size"]),
    ("Garden", ["Raised Bed", "Watering Can", "Pruning Shears", "Bird Feeder"], 1_500...11_900, ["One Size"]),
  ]
  private static let adjectives = ["Classic", "Vintage", "Everyday", "Premium", "Eco", "Urban", "Nordic", "Café", "Été", "Signature", "Essential", "Küsten"]
  private static let vendors = ["Nordlicht", "Blue Heron", "Atelier Été", "Fjäll & Sö", "Common Thread", "Maple & Co", "Kōyō", "Studio Łódź"]
  private static let colours = ["Indigo", "Black", "Sand", "Olive", "Ivory", "Rust", "Navy"]

  /// The names of the categories.
  static var categories: [String] { ranges.map(\.category) }
  /// How many products there are when the first customer joins.
  static let firstCount = 210

  init(_ index: Int, of company: Company) {
    self.index = index
    var draw = company.draw(.product, index)
    let range = Product.ranges[index % Product.ranges.count]
    category = range.category
    title = "\(draw.pick(Product.adjectives)) \(draw.pick(range.kinds)) \(draw.pick(Product.colours))"
    vendor = draw.pick(Product.vendors)
    cents = Int64(draw.within(range.cents)) / 100 * 100 + 90
    tags = [category.lowercased(), draw.chance(0.3) ? "sale" : nil, draw.chance(0.2) ? "new" : nil].compactMap { $0 }.joined(separator: ", ")
    variants = range.sizes
    let start = company.opening - Company.past
    created =
      index < Product.firstCount
      ? start - Int64(draw.within(1...300)) * CivilTime.day : start + Int64(index - Product.firstCount + 1) * 5 * CivilTime.day
  }

  /// How many products the catalogue holds at `time`.
  static func count(at time: Int64, of company: Company) -> Int {
    firstCount + max(0, Int((time - company.opening + Company.past) / (5 * CivilTime.day)))
  }

  /// The last change by `time`: stock is counted every few months, each product on a day of its own.
  func updated(at time: Int64) -> Int64 {
    let period = 90 * CivilTime.day
    let rounds = max(0, time - created - phase) / period
    return time - created < phase ? created : created + phase + rounds * period
  }

  /// How often the stock was counted by `time`.
  func counts(at time: Int64) -> Int64 {
    time - created < phase ? 0 : 1 + (time - created - phase) / (90 * CivilTime.day)
  }

  private var phase: Int64 { Int64(index * 37 % 90 + 1) * CivilTime.day }

  /// The category positions that appeal to a person, by weight.
  static func appeal(isFemale: Bool, age: Int, favourite: Int) -> [Double] {
    ranges.enumerated().map { position, range in
      var weight: Double =
        switch range.category {
        case "Dresses": isFemale ? 3 : 0.2
        case "Jeans": isFemale ? 2.4 : 2
        case "Beauty": isFemale ? 1.8 : 0.5
        case "Baby": (20...40).contains(age) ? 1.6 : 0.15
        case "Toys": (24...45).contains(age) ? 1 : 0.4
        case "Electronics": isFemale ? 0.8 : 2
        case "Garden": age > 45 ? 1.5 : 0.4
        default: 1
        }
      if position == favourite { weight *= 6 }
      return weight
    }
  }
}
