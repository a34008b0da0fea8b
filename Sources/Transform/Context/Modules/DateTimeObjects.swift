import FoundationEssentials
import Jinja

/// A `datetime.datetime`, `date` or `time` of Python. Immutable.
final class DateTimeObject: JinjaObject {
  enum Kind: String, Sendable {
    case datetime, date, time
  }

  let time: CivilTime
  let kind: Kind

  init(_ time: CivilTime, _ kind: Kind = .datetime) {
    self.time = time
    self.kind = kind
  }

  convenience init(_ date: Date, offset: Int? = 0) {
    self.init(CivilTime(microseconds: Int64((date.timeIntervalSince1970 * 1_000_000).rounded()), offset: offset))
  }

  var typeName: String { kind == .datetime ? "datetime" : kind.rawValue }
  var isTrue: Bool { true }

  func text() -> String {
    switch kind {
    case .datetime: time.iso(separator: " ")
    case .date: time.dateText
    case .time: time.timeText
    }
  }

  var representation: String { "datetime.\(kind.rawValue)(\(text()))" }

  func attribute(_ name: String) -> Value? {
    switch name {
    case "year": .int(Int64(time.year))
    case "month": .int(Int64(time.month))
    case "day": .int(Int64(time.day))
    case "hour": .int(Int64(time.hour))
    case "minute": .int(Int64(time.minute))
    case "second": .int(Int64(time.second))
    case "microsecond": .int(Int64(time.microsecond))
    case "tzinfo": time.offset.map { .object(TimeZoneObject(name: "UTC", offset: $0)) } ?? Value.none
    default: nil
    }
  }

  func callMethod(_ name: String, _ call: Call) throws -> Value? {
    switch name {
    case "strftime": return .string(time.formatted(try call.argument(0, "format")?.str() ?? ""))
    case "isoformat":
      return .string(kind == .datetime ? time.iso(separator: call.argument(0, "sep")?.text ?? "T") : text())
    case "date": return .object(DateTimeObject(CivilTime(year: time.year, month: time.month, day: time.day), .date))
    case "time": return .object(DateTimeObject(time, .time))
    case "timestamp": return .double(Double(time.utcMicroseconds) / 1_000_000)
    case "weekday": return .int(Int64(time.weekday))
    case "isoweekday": return .int(Int64(time.weekday + 1))
    case "isocalendar": return .tuple([.int(Int64(time.isoWeek.year)), .int(Int64(time.isoWeek.week)), .int(Int64(time.weekday + 1))])
    case "toordinal": return .int(Int64(time.days + 719_163))
    case "utcoffset": return time.offset.map { .object(DurationObject(Int64($0) * 1_000_000)) } ?? Value.none
    case "replace": return .object(DateTimeObject(try DateTimeClass.parts(call, from: time), kind))
    case "astimezone":
      let offset = TimeZoneObject.offset(of: call.argument(0, "tz"), at: time) ?? 0
      return .object(DateTimeObject(CivilTime(microseconds: time.utcMicroseconds + Int64(offset) * 1_000_000, offset: offset)))
    default: return nil
    }
  }

  func isEqual(to other: Value) -> Bool { compare(to: other) == 0 }
  func hash(into hasher: inout Hasher) { hasher.combine(time.utcMicroseconds) }

  func compare(to other: Value) -> Int? {
    guard case .object(let object) = other, let other = object as? DateTimeObject else { return nil }
    let (a, b) = (time.utcMicroseconds, other.time.utcMicroseconds)
    return a < b ? -1 : a > b ? 1 : 0
  }

  func apply(_ operation: BinaryOperation, _ other: Value, reversed: Bool) -> Value? {
    guard case .object(let object) = other else { return nil }
    if let duration = object as? DurationObject, operation == .add || (operation == .subtract && !reversed) {
      let change = operation == .add ? duration.microseconds : -duration.microseconds
      return .object(DateTimeObject(CivilTime(microseconds: time.microseconds + change, offset: time.offset), kind))
    }
    if let date = object as? DateTimeObject, operation == .subtract {
      let difference = time.utcMicroseconds - date.time.utcMicroseconds
      return .object(DurationObject(reversed ? -difference : difference))
    }
    return nil
  }

  func formatted(_ specification: String) -> String? { specification.isEmpty ? nil : time.formatted(specification) }
}

/// A `datetime.timedelta` of Python. Immutable.
final class DurationObject: JinjaObject {
  let microseconds: Int64

  init(_ microseconds: Int64) { self.microseconds = microseconds }

  var typeName: String { "timedelta" }
  var isTrue: Bool { microseconds != 0 }
  var representation: String { "datetime.timedelta(\(text()))" }

  func text() -> String {
    let days = microseconds.flooredDivision(by: 86_400_000_000)
    let time = CivilTime(microseconds: microseconds - days * 86_400_000_000)
    let clock = String(time.hour) + time.timeText.dropFirst(2)
    return days == 0 ? clock : "\(days) day\(abs(days) == 1 ? "" : "s"), \(clock)"
  }

  func attribute(_ name: String) -> Value? {
    let days = microseconds.flooredDivision(by: 86_400_000_000)
    switch name {
    case "days": return .int(days)
    case "seconds": return .int((microseconds - days * 86_400_000_000) / 1_000_000)
    case "microseconds": return .int((microseconds - days * 86_400_000_000) % 1_000_000)
    default: return nil
    }
  }

  func callMethod(_ name: String, _ call: Call) -> Value? {
    name == "total_seconds" ? .double(Double(microseconds) / 1_000_000) : nil
  }

  func isEqual(to other: Value) -> Bool { compare(to: other) == 0 }
  func hash(into hasher: inout Hasher) { hasher.combine(microseconds) }

  func compare(to other: Value) -> Int? {
    guard case .object(let object) = other, let other = object as? DurationObject else { return nil }
    return microseconds < other.microseconds ? -1 : microseconds > other.microseconds ? 1 : 0
  }

  func apply(_ operation: BinaryOperation, _ other: Value, reversed: Bool) -> Value? {
    if case .object(let object) = other, let other = object as? DurationObject {
      switch operation {
      case .add: return .object(DurationObject(microseconds + other.microseconds))
      case .subtract: return .object(DurationObject(reversed ? other.microseconds - microseconds : microseconds - other.microseconds))
      case .divide where other.microseconds != 0: return .double(Double(microseconds) / Double(other.microseconds))
      default: return nil
      }
    }
    guard let factor = other.double else { return nil }
    switch operation {
    case .multiply: return .object(DurationObject(Int64((Double(microseconds) * factor).rounded())))
    case .divide where factor != 0 && !reversed: return .object(DurationObject(Int64((Double(microseconds) / factor).rounded())))
    default: return nil
    }
  }
}
