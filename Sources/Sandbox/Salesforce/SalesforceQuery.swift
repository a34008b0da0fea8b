/// A query that was resolved against an object: which records answer it, and what is shown of each.
struct SalesforceQuery: Sendable {
  let object: SObject
  /// Positions among the object's fields, in the order of the SELECT list.
  let columns: [Int]
  let isCount: Bool
  let refs: [Ref]

  /// Runs `soql` on `world`; `withDeleted` as `queryAll` does.
  init(_ soql: SOQL, in world: World, withDeleted: Bool) throws(SOQL.Problem) {
    guard let object = SObject(named: soql.object) else {
      throw SOQL.Problem(code: "INVALID_TYPE", message: "sObject type '\(soql.object)' is not supported.")
    }
    let names = object.fields.map { $0.name.lowercased() }
    func position(_ field: String) throws(SOQL.Problem) -> Int {
      guard let position = names.firstIndex(of: field.lowercased()) else {
        throw SOQL.Problem(code: "INVALID_FIELD", message: "No such column '\(field)' on entity '\(object.rawValue)'.")
      }
      return position
    }
    var columns: [Int] = []
    if let word = soql.allFields {
      guard ["ALL", "STANDARD"].contains(word) else { throw SOQL.Problem(code: "MALFORMED_QUERY", message: "unknown field group: \(word)") }
      guard word != "ALL" || (soql.limit ?? .max) <= 200 else {
        throw SOQL.Problem(code: "MALFORMED_QUERY", message: "The SOQL FIELDS function must have a LIMIT of at most 200")
      }
      columns = Array(names.indices)
    }
    for field in soql.fields {
      let column = try position(field)
      if !columns.contains(column) { columns.append(column) }
    }
    self.object = object
    self.columns = columns
    isCount = soql.isCount

    let order: World.Order =
      switch soql.order.first?.field.lowercased() {
      case "systemmodstamp", "lastmodifieddate": .updated
      case "createddate": .created
      case nil, "id": .id
      default: throw SOQL.Problem(code: "MALFORMED_QUERY", message: "the sandbox sorts by SystemModstamp, CreatedDate and Id only")
      }
    let list = world.list(object.stream, by: order)
    var (low, high) = (0, list.count)
    if order != .id, let condition = soql.condition {
      let (from, to) = Self.bounds(condition, order)
      low = list.firstIndex(notBefore: from)
      high = to == .max ? list.count : list.firstIndex(notBefore: to + 1)
    }
    let descending = soql.order.first?.descending ?? false
    let limit = soql.limit ?? .max
    var refs: [Ref] = []
    var at = descending ? high - 1 : low
    while at >= low, at < high, refs.count < limit {
      var row = Row(object: object, entry: list[at], isUpdated: order == .updated, names: names, world: world)
      if withDeleted || !row.isDeleted, try soql.condition.map({ condition throws(SOQL.Problem) in try row.meets(condition) }) ?? true {
        refs.append(list[at].ref)
      }
      at += descending ? -1 : 1
    }
    self.refs = refs
  }

  /// The range of times outside of which `condition` cannot hold, as far as the conditions that must all hold tell.
  private static func bounds(_ condition: SOQL.Condition, _ order: World.Order) -> (Int64, Int64) {
    switch condition {
    case .both(let a, let b):
      let (x, y) = (bounds(a, order), bounds(b, order))
      return (max(x.0, y.0), min(x.1, y.1))
    case .compare(let field, let comparison, .time(let time)):
      let fits = order == .updated ? ["systemmodstamp", "lastmodifieddate"] : ["createddate"]
      guard fits.contains(field.lowercased()) else { return (.min, .max) }
      switch comparison {
      case .equal: return (time, time)
      case .greater: return (time + 1, .max)
      case .greaterOrEqual: return (time, .max)
      case .less: return (.min, time - 1)
      case .lessOrEqual: return (.min, time)
      case .notEqual: return (.min, .max)
      }
    default: return (.min, .max)
    }
  }

  /// A record under test; its values are computed only when a condition needs them.
  private struct Row {
    let object: SObject
    let entry: Entry
    let isUpdated: Bool
    let names: [String]
    let world: World
    private var loaded: [SalesforceValue]?

    init(object: SObject, entry: Entry, isUpdated: Bool, names: [String], world: World) {
      self.object = object
      self.entry = entry
      self.isUpdated = isUpdated
      self.names = names
      self.world = world
    }

    /// Whether the record is in the recycle bin, without computing its values where that is costly.
    var isDeleted: Bool {
      switch object {
      case .contact, .lead:
        let life = RecordLife(object == .contact ? .contact : .lead, person: entry.ref.owner, copy: entry.ref.number, of: world.company)
        return life.deleted.map { $0 <= world.now } ?? false
      case .account: return false
      case .opportunity:
        return Opportunity(Business(entry.ref.owner, of: world.company), entry.ref.number, of: world.company).deleted.map { $0 <= world.now } ?? false
      case .supportCase:
        return SupportCase.find(entry.ref, until: world.now, company: world.company)?.deleted.map { $0 <= world.now } ?? false
      }
    }

    mutating func meets(_ condition: SOQL.Condition) throws(SOQL.Problem) -> Bool {
      switch condition {
      case .both(let a, let b):
        guard try meets(a) else { return false }
        return try meets(b)
      case .either(let a, let b):
        if try meets(a) { return true }
        return try meets(b)
      case .not(let inner): return try !meets(inner)
      case .among(let field, let literals):
        let value = try value(field)
        for literal in literals where try Row.compare(value, .equal, literal, field) { return true }
        return false
      case .compare(let field, let comparison, let literal): return try Row.compare(value(field), comparison, literal, field)
      }
    }

    private mutating func value(_ field: String) throws(SOQL.Problem) -> SalesforceValue {
      let name = field.lowercased()
      if name == "id" { return .text(object.identifier(entry.ref, world.company)) }
      if isUpdated, name == "systemmodstamp" || name == "lastmodifieddate" { return .time(entry.time) }
      guard let position = names.firstIndex(of: name) else {
        throw SOQL.Problem(code: "INVALID_FIELD", message: "No such column '\(field)' on entity '\(object.rawValue)'.")
      }
      if loaded == nil { loaded = object.values(of: entry.ref, in: world) ?? [] }
      guard let loaded, position < loaded.count else { return .null }
      return loaded[position]
    }

    private static func compare(
      _ value: SalesforceValue, _ comparison: SOQL.Comparison, _ literal: SOQL.Literal, _ field: String
    ) throws(SOQL.Problem) -> Bool {
      func holds<T: Comparable>(_ a: T, _ b: T) -> Bool {
        switch comparison {
        case .equal: a == b
        case .notEqual: a != b
        case .less: a < b
        case .lessOrEqual: a <= b
        case .greater: a > b
        case .greaterOrEqual: a >= b
        }
      }
      switch (value, literal) {
      case (.null, .null): return comparison == .equal
      case (_, .null): return comparison == .notEqual
      case (.null, _): return comparison == .notEqual
      case (.text(let a), .text(let b)):
        // Identifiers are given in 15 or 18 characters; the first 15 tell.
        let isShortId = field.lowercased().hasSuffix("id") && b.utf8.count == 15
        return holds(isShortId ? String(a.prefix(15)) : a, b)
      case (.bool(let a), .bool(let b)): return comparison == .equal ? a == b : a != b
      case (.int(let a), .number(let b)): return holds(Double(a), b)
      case (.cents(let a), .number(let b)): return holds(Double(a) / 100, b)
      case (.time(let a), .time(let b)), (.date(let a), .date(let b)): return holds(a, b)
      default:
        throw SOQL.Problem(code: "INVALID_FIELD", message: "filter criterion must be of the type of the field '\(field)'")
      }
    }
  }
}
