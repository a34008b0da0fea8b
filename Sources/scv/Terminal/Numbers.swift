/// Numbers as people read them.
enum Numbers {
  /// `1234567` as `1,234,567`.
  static func grouped(_ value: Int) -> String {
    var digits = String(value.magnitude)
    var groups: [Substring] = []
    while digits.count > 3 {
      groups.insert(digits.suffix(3), at: 0)
      digits.removeLast(3)
    }
    groups.insert(Substring(digits), at: 0)
    return (value < 0 ? "-" : "") + groups.joined(separator: ",")
  }

  /// `1234.5` as `1,234.50`.
  static func money(_ value: Double) -> String {
    guard value.isFinite, value.magnitude < 1e15 else { return "\(value)" }
    let cents = Int((value * 100).rounded())
    let rest = Int(cents.magnitude % 100)
    return (cents < 0 ? "-" : "") + grouped(Int(cents.magnitude / 100)) + (rest < 10 ? ".0" : ".") + String(rest)
  }

  /// Bytes with a unit: `12.3 MB`.
  static func bytes(_ value: Int) -> String {
    var amount = Double(value)
    for unit in ["B", "kB", "MB", "GB"] {
      if amount < 1000 { return unit == "B" ? "\(value) B" : decimal(amount, 1) + " " + unit }
      amount /= 1000
    }
    return decimal(amount, 1) + " TB"
  }

  /// Seconds: `0.12 s`, `3 min 4 s`.
  static func duration(_ seconds: Double) -> String {
    if seconds < 60 { return decimal(seconds, 2) + " s" }
    let whole = Int(seconds.rounded())
    return "\(whole / 60) min \(whole % 60) s"
  }

  /// A decimal with so many places.
  static func decimal(_ value: Double, _ places: Int) -> String {
    guard value.isFinite, value.magnitude < 1e12 else { return "\(value)" }
    var factor = 1
    for _ in 0..<places { factor *= 10 }
    let scaled = Int((value * Double(factor)).rounded())
    guard places > 0 else { return String(scaled) }
    let fraction = String(Int(scaled.magnitude) % factor)
    return (scaled < 0 ? "-" : "") + String(Int(scaled.magnitude) / factor) + "." + String(repeating: "0", count: places - fraction.count) + fraction
  }
}
