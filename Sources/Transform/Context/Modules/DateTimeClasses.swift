import FoundationEssentials
import Jinja

/// `modules.datetime.datetime`, `.date`, `.time`: Python's classes, as far as projects call them.
final class DateTimeClass: JinjaObject {
  private let kind: DateTimeObject.Kind

  init(_ kind: DateTimeObject.Kind) { self.kind = kind }

  var typeName: String { "type" }
  var isCallable: Bool { true }
  var representation: String { "<class 'datetime.\(kind.rawValue)'>" }

  func call(_ call: Call) throws -> Value {
    let names = kind == .time ? ["hour", "minute", "second", "microsecond"] : ["year", "month", "day", "hour", "minute", "second", "microsecond"]
    var named = Dictionary(call.keywords.map { ($0.name, $0.value) }) { $1 }
    for (name, value) in zip(names, call.positional) { named[name] = value }
    return .object(DateTimeObject(try DateTimeClass.time(named, from: CivilTime()), kind))
  }

  func attribute(_ name: String) -> Value? {
    switch name {
    case "min": .object(DateTimeObject(CivilTime(year: 1), kind))
    case "max": .object(DateTimeObject(CivilTime(year: 9999, month: 12, day: 31, hour: 23, minute: 59, second: 59, microsecond: 999_999), kind))
    default: nil
    }
  }

  func callMethod(_ name: String, _ call: Call) throws -> Value? {
    switch name {
    case "now", "today", "utcnow":
      // The local zone is UTC: what a warehouse holds must not depend on where scv runs.
      var now = DateTimeObject(Date(), offset: nil).time
      if let zone = call.argument(0, "tz"), let offset = TimeZoneObject.offset(of: zone, at: now) {
        now = CivilTime(microseconds: now.microseconds + Int64(offset) * 1_000_000, offset: offset)
      }
      return .object(DateTimeObject(kind == .date ? CivilTime(year: now.year, month: now.month, day: now.day) : now, kind))
    case "strptime":
      return .object(
        DateTimeObject(try CivilTime(try call.argument(0, "date_string")?.str() ?? "", format: try call.argument(1, "format")?.str() ?? "")))
    case "fromisoformat":
      let text = try call.argument(0, "date_string")?.str() ?? ""
      guard let time = CivilTime(iso: text) else { throw Fault(.value, "Invalid isoformat string: '\(text)'") }
      return .object(DateTimeObject(time, kind))
    case "fromtimestamp", "utcfromtimestamp":
      let seconds = call.argument(0, "timestamp")?.double ?? 0
      let offset = TimeZoneObject.offset(of: call.argument(1, "tz"), at: CivilTime())
      return .object(
        DateTimeObject(CivilTime(microseconds: Int64((seconds * 1_000_000).rounded()) + Int64(offset ?? 0) * 1_000_000, offset: offset), kind))
    case "combine":
      guard case .object(let date)? = call.positional.first, case .object(let clock)? = call.positional.last,
        let date = date as? DateTimeObject, let clock = clock as? DateTimeObject
      else { return nil }
      var time = clock.time
      (time.year, time.month, time.day) = (date.time.year, date.time.month, date.time.day)
      return .object(DateTimeObject(time))
    case "strftime", "date", "isoformat", "weekday":
      guard case .object(let object)? = call.positional.first, let object = object as? DateTimeObject else { return nil }
      var rest = call
      rest.positional.removeFirst()
      return try object.callMethod(name, rest)
    default: return nil
    }
  }

  /// `time` with the parts that the keywords of a call give.
  static func parts(_ call: Call, from time: CivilTime) throws -> CivilTime {
    try self.time(Dictionary(call.keywords.map { ($0.name, $0.value) }) { $1 }, from: time)
  }

  private static func time(_ named: [String: Value], from start: CivilTime) throws -> CivilTime {
    var time = start
    for (name, value) in named {
      if name == "tzinfo" {
        time.offset = TimeZoneObject.offset(of: value, at: time)
        continue
      }
      guard let number = value.int.flatMap({ Int(exactly: $0) }) else { throw Fault(.type, "'\(name)' of a date must be an integer") }
      switch name {
      case "year": time.year = number
      case "month": time.month = number
      case "day": time.day = number
      case "hour": time.hour = number
      case "minute": time.minute = number
      case "second": time.second = number
      case "microsecond": time.microsecond = number
      default: throw Fault(.type, "'\(name)' is no part of a date")
      }
    }
    guard time.month >= 1, time.month <= 12, time.isValid else { throw Fault(.value, "a part of the date is out of range") }
    return time
  }
}

/// A zone at a fixed distance from UTC.
final class TimeZoneObject: JinjaObject {
  let name: String
  let offset: Int

  init(name: String, offset: Int) {
    self.name = name
    self.offset = offset
  }

  var typeName: String { "timezone" }
  func text() -> String { name }
  var representation: String { "<\(name)>" }

  /// Seconds east of UTC in a zone at a time; nil if `value` is no zone.
  static func offset(of value: Value?, at time: CivilTime) -> Int? {
    switch value {
    case .object(let object): (object as? TimeZoneObject)?.offset ?? (object as? NamedTimeZone)?.offset(at: time)
    default: nil
    }
  }

  func callMethod(_ name: String, _ call: Call) -> Value? {
    NamedTimeZone.method(name, call) { [offset] _ in offset }
  }
}

/// A zone of the IANA database: `pytz.timezone('Europe/Berlin')`.
final class NamedTimeZone: JinjaObject {
  private let name: String
  private let zone: TimeZone

  init(_ name: String) throws {
    guard let zone = TimeZone(identifier: name) else {
      throw Fault(.value, "there is no time zone '\(name)'", hint: "names are those of the IANA database: Europe/Berlin")
    }
    self.name = name
    self.zone = zone
  }

  var typeName: String { "tzinfo" }
  func text() -> String { name }
  var representation: String { "<DstTzInfo '\(name)'>" }

  /// Seconds east of UTC at a time on the wall (or in UTC, if the time says so).
  func offset(at time: CivilTime) -> Int {
    let instant = Date(timeIntervalSince1970: Double(time.utcMicroseconds) / 1_000_000)
    return zone.secondsFromGMT(for: instant)
  }

  func callMethod(_ name: String, _ call: Call) -> Value? {
    NamedTimeZone.method(name, call) { offset(at: $0) }
  }

  static func method(_ name: String, _ call: Call, _ offset: (CivilTime) -> Int) -> Value? {
    guard ["localize", "normalize", "utcoffset"].contains(name), case .object(let object)? = call.positional.first,
      let date = object as? DateTimeObject
    else { return nil }
    var time = date.time
    switch name {
    case "localize": time.offset = offset(time)
    case "utcoffset": return .object(DurationObject(Int64(offset(time)) * 1_000_000))
    default:
      let seconds = offset(time)
      time = CivilTime(microseconds: time.utcMicroseconds + Int64(seconds) * 1_000_000, offset: seconds)
    }
    return .object(DateTimeObject(time))
  }
}

/// `modules`: the parts of Python's library that dbt lends to templates (docs.getdbt.com/reference/dbt-jinja-functions/modules).
enum Modules {
  /// The value of `modules`.
  static let value = Value(names: [
    "datetime": Value(names: [
      "datetime": .object(DateTimeClass(.datetime)), "date": .object(DateTimeClass(.date)), "time": .object(DateTimeClass(.time)),
      "timedelta": Value(function: "timedelta", duration),
      "timezone": Value(names: [
        "utc": .object(TimeZoneObject(name: "UTC", offset: 0))
      ]),
    ]),
    "pytz": Value(names: [
      "timezone": Value(function: "timezone") { call in .object(try NamedTimeZone(try call.argument(0, "zone")?.str() ?? "")) },
      "utc": .object(TimeZoneObject(name: "UTC", offset: 0)), "UTC": .object(TimeZoneObject(name: "UTC", offset: 0)),
    ]),
    "re": .object(RegexModule()),
    "itertools": .object(IterationModule()),
  ])

  private static let units: [(name: String, microseconds: Double)] = [
    ("days", 86_400_000_000), ("seconds", 1_000_000), ("microseconds", 1), ("milliseconds", 1_000), ("minutes", 60_000_000),
    ("hours", 3_600_000_000), ("weeks", 604_800_000_000),
  ]

  private static let duration: @Sendable (Call) throws -> Value = { call in
    var total = 0.0
    for (index, unit) in units.enumerated() {
      guard let value = call.argument(index, unit.name) else { continue }
      guard let number = value.double else { throw Fault(.type, "timedelta() takes numbers; '\(unit.name)' is none") }
      total += number * unit.microseconds
    }
    guard abs(total) < 9e18 else { throw Fault(.overflow, "the duration is too long") }
    return .object(DurationObject(Int64(total.rounded())))
  }
}

extension Value {
  /// A dict of functions and constants.
  init(names members: KeyValuePairs<String, Value>) {
    let box = DictBox()
    for (key, value) in members { box.members[.string(key)] = value }
    self = .dict(box)
  }
}
