/// How large templates may make things. What would end the process for want of memory, or keep it busy for hours, is an error
/// of the template instead; nothing that a template is written for comes near.
enum Limits {
  /// The longest text, in bytes.
  static let textLength = 50_000_000
  /// The longest list.
  static let listLength = 10_000_000
  /// The digits of the longest integer that is read or printed, as Python has it
  /// (docs.python.org/3/library/stdtypes.html#int-max-str-digits).
  static let integerDigits = 4300

  /// Refuses texts that are too long.
  @inline(__always)
  static func check(text length: Int) throws {
    guard length <= textLength else {
      throw Fault(.overflow, "the text would be longer than \(textLength / 1_000_000) MB", hint: "does a loop grow it without an end?")
    }
  }

  /// Refuses lists that are too long.
  @inline(__always)
  static func check(list count: Int) throws {
    guard count <= listLength else {
      throw Fault(.overflow, "the list would have more than \(listLength / 1_000_000) million elements", hint: "does a loop grow it without an end?")
    }
  }

  /// Refuses to widen a text beyond reason.
  static func width(_ wanted: Int64) throws -> Int {
    guard wanted <= 1_000_000 else { throw Fault(.overflow, "the width \(wanted) is too large") }
    return Int(max(0, wanted))
  }
}
