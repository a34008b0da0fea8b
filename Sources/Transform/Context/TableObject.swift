import DataFormats
import Jinja
import OrderedCollections
import Warehouse

extension Value {
  /// A value of a result, as templates see it.
  init(_ value: SQLValue) {
    switch value {
    case .null: self = .none
    case .integer(let number): self = .int(number)
    case .real(let number): self = .double(number)
    case .text(let text): self = .string(text)
    case .blob: self = .string(value.text ?? "")
    }
  }
}

/// The result of a query as templates see it: rows, columns and their names, after the library that dbt uses
/// (agate.readthedocs.io). Immutable.
final class TableObject: JinjaObject {
  let table: Table
  private let print: @Sendable (String) -> Void

  /// - Parameter print: where `print_table` and its like write.
  init(_ table: Table, print: @escaping @Sendable (String) -> Void) {
    self.table = table
    self.print = print
  }

  var typeName: String { "Table" }
  var representation: String { "<Table \(table.columns.count) columns, \(table.rows.count) rows>" }
  var count: Int? { table.rows.count }
  var isTrue: Bool { true }

  func attribute(_ name: String) -> Value? {
    switch name {
    case "rows": .object(TableSequence(rows))
    case "columns": .object(TableSequence(columns, names: table.columns))
    case "column_names": .tuple(table.columns.map { .string($0) })
    case "column_types": .tuple(table.types.map { .string($0) })
    default: nil
    }
  }

  func item(_ key: Value) -> Value? { key.int.flatMap { rows.indices.contains(Int($0)) ? rows[Int($0)] : nil } }

  func makeIterator() -> ValueIterator? { ValueIterator(rows) }

  func callMethod(_ name: String, _ call: Call) throws -> Value? {
    switch name {
    case "print_table":
      print(ResultTable(table).text(maxRows: call.argument(0, "max_rows")?.int.map { Int($0) } ?? 20))
    case "print_csv": print(ResultTable(table).csv)
    case "print_json": print(ResultTable(table).json.text())
    case "to_csv", "to_json": return .string(name == "to_csv" ? ResultTable(table).csv : ResultTable(table).json.text())
    case "select", "exclude":
      let first = call.argument(0, "key")
      let names = Set((first?.elements ?? first.map { [$0] } ?? []).compactMap(\.text))
      return .object(TableObject(table.keeping { names.contains($0) == (name == "select") }, print: print))
    case "rename":
      var renamed = table
      if let names = call.argument(0, "column_names") {
        if let list = names.elements {
          renamed.columns = table.columns.enumerated().map { $0.offset < list.count ? list[$0.offset].text ?? $0.element : $0.element }
        } else if let map = names.dict {
          renamed.columns = table.columns.map { map[$0]?.text ?? $0 }
        }
      }
      return .object(TableObject(renamed, print: print))
    case "limit":
      var short = table
      short.rows = Array(table.rows.prefix(Int(call.argument(0, "start_or_stop")?.int ?? .max)))
      return .object(TableObject(short, print: print))
    default: return nil
    }
    return Value.none
  }

  private var rows: [Value] { table.rows.map { .object(TableRow(table.columns, $0.map { Value($0) })) } }

  private var columns: [Value] {
    table.columns.indices.map { index in
      .object(TableColumn(table.columns[index], index, table.rows.map { Value($0[index]) }))
    }
  }
}

extension Table {
  /// The table with just the columns whose names `isKept`.
  func keeping(_ isKept: (String) -> Bool) -> Table {
    let indices = columns.indices.filter { isKept(columns[$0]) }
    return Table(columns: indices.map { columns[$0] }, types: indices.map { types[$0] }, rows: rows.map { row in indices.map { row[$0] } })
  }
}

/// A sequence whose elements are found by place, and by name where they have names.
final class TableSequence: JinjaObject {
  private let elements: [Value]
  private let names: [String]

  init(_ elements: [Value], names: [String] = []) {
    self.elements = elements
    self.names = names
  }

  var typeName: String { "MappedSequence" }
  var count: Int? { elements.count }
  var representation: String { "<MappedSequence of \(elements.count)>" }
  func makeIterator() -> ValueIterator? { ValueIterator(elements) }

  func item(_ key: Value) -> Value? {
    if let index = key.int {
      let place = index < 0 ? elements.count + Int(index) : Int(index)
      return elements.indices.contains(place) ? elements[place] : nil
    }
    return key.text.flatMap { names.firstIndex(of: $0) }.map { elements[$0] }
  }

  func callMethod(_ name: String, _ call: Call) throws -> Value? {
    switch name {
    case "values": return .tuple(elements)
    case "keys": return .tuple(names.map { .string($0) })
    case "items": return Value(zip(names, elements).map { .tuple([.string($0), $1]) })
    case "get": return call.argument(0, "key").flatMap(item) ?? call.argument(1, "default") ?? Value.none
    case "dict": return Value(OrderedDictionary(zip(names, elements)) { $1 })
    default: return nil
    }
  }
}

/// A row: values by place and by column name.
final class TableRow: JinjaObject {
  private let names: [String]
  private let cells: [Value]

  init(_ names: [String], _ cells: [Value]) {
    self.names = names
    self.cells = cells
  }

  var typeName: String { "Row" }
  var count: Int? { cells.count }
  var representation: String { "<Row (" + cells.map { (try? $0.str()) ?? "" }.joined(separator: ", ") + ")>" }
  func makeIterator() -> ValueIterator? { ValueIterator(cells) }
  func attribute(_ name: String) -> Value? { names.firstIndex(of: name).map { cells[$0] } }

  func item(_ key: Value) -> Value? {
    if let index = key.int {
      let place = index < 0 ? cells.count + Int(index) : Int(index)
      return cells.indices.contains(place) ? cells[place] : nil
    }
    guard let name = key.text else { return nil }
    return attribute(name) ?? names.firstIndex { $0.lowercased() == name.lowercased() }.map { cells[$0] }
  }

  func callMethod(_ name: String, _ call: Call) throws -> Value? {
    switch name {
    case "values": return .tuple(cells)
    case "keys": return .tuple(names.map { .string($0) })
    case "items": return Value(zip(names, cells).map { .tuple([.string($0), $1]) })
    case "get": return call.argument(0, "key").flatMap(item) ?? call.argument(1, "default") ?? Value.none
    case "dict": return Value(OrderedDictionary(zip(names, cells)) { $1 })
    default: return nil
    }
  }
}

/// A column of a result: its name and values.
final class TableColumn: JinjaObject {
  private let name: String
  private let index: Int
  private let cells: [Value]

  init(_ name: String, _ index: Int, _ cells: [Value]) {
    self.name = name
    self.index = index
    self.cells = cells
  }

  var typeName: String { "Column" }
  var count: Int? { cells.count }
  var representation: String { "<Column \(name)>" }
  func makeIterator() -> ValueIterator? { ValueIterator(cells) }

  func attribute(_ name: String) -> Value? {
    switch name {
    case "name": .string(self.name)
    case "index": .int(Int64(index))
    default: nil
    }
  }

  func item(_ key: Value) -> Value? {
    guard let index = key.int else { return nil }
    let place = index < 0 ? cells.count + Int(index) : Int(index)
    return cells.indices.contains(place) ? cells[place] : nil
  }

  func callMethod(_ name: String, _ call: Call) throws -> Value? {
    switch name {
    case "values": return .tuple(cells)
    case "values_distinct": return .tuple(Array(OrderedSet(cells)))
    case "values_without_nulls": return .tuple(cells.filter { !$0.isNone })
    default: return nil
    }
  }
}
