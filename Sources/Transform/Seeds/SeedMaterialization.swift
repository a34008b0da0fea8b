import DataFormats
import Diagnostics
import Project
import Warehouse

/// A CSV file that becomes a table (docs.getdbt.com/docs/build/seeds).
struct SeedMaterialization {
  /// Loads the seed: into the table that is there if its columns fit, otherwise into a new one; all in one transaction.
  func build(_ node: NodeContext) throws -> Outcome {
    let file = try SeedFile(node.node)
    return try Materializations.inTransaction(node) { session in
      var target = node.relation
      target.kind = .table
      let existing = try node.find(node.relation)
      let isFull = node.node.config.flag("full_refresh") ?? node.run.options.fullRefresh
      if let existing, existing.kind == .table, !isFull, try fits(file, node) {
        try session.execute("DELETE FROM \(node.run.adapter.render(existing))")
      } else {
        if let existing { try session.execute("DROP \(existing.kind == .view ? "VIEW" : "TABLE") \(node.run.adapter.render(existing))") }
        let create = create(file, node)
        try node.ran(create)
        try session.execute(create)
        node.run.cache.add(target)
      }
      let rows = node.run.options.isEmpty ? 0 : try insert(file, into: target, node, session)
      if node.node.config["indexes"] != nil { _ = try node.call("create_indexes", [.object(node.object(target))]) }
      return Outcome(message: "INSERT \(rows)", rowsAffected: rows)
    }
  }

  private func fits(_ file: SeedFile, _ node: NodeContext) throws -> Bool {
    let columns = try node.columns(of: node.relation)
    return columns.map { $0.name.lowercased() } == file.columns.map { $0.name.lowercased() }
      && columns.map { $0.type.lowercased() } == file.columns.map { $0.declaration.lowercased() }
  }

  private func create(_ file: SeedFile, _ node: NodeContext) -> String {
    let quotes = node.node.config.flag("quote_columns") ?? true
    let columns = file.columns.map { column in
      "\(quotes ? node.run.adapter.quote(column.name) : column.name) \(column.declaration)"
    }
    return "CREATE TABLE \(node.run.adapter.render(node.relation)) (\(columns.joined(separator: ", ")))"
  }

  private func insert(_ file: SeedFile, into target: Relation, _ node: NodeContext, _ session: any Session) throws -> Int {
    let names = file.columns.map { node.run.adapter.quote($0.name) }.joined(separator: ", ")
    let types = file.columns.map(\.type)
    if let session = session as? SQLiteSession {
      let places = file.columns.map { _ in "?" }.joined(separator: ", ")
      let statement = try SQLiteStatement(
        session.handle, "INSERT INTO \(node.run.adapter.render(target)) (\(names)) VALUES (\(places))")
      defer { statement.finalize() }
      try file.forEach { row in
        try statement.bind(types.indices.map { types[$0].value(row[$0].bytes) })
        while try statement.step() {}
        statement.reset()
      }
      return file.count
    }
    var rows: [[SQLValue]] = []
    try file.forEach { row in rows.append(types.indices.map { types[$0].value(row[$0].bytes) }) }
    var next = rows.makeIterator()
    return try session.insert(into: target, columns: file.columns.map(\.name)) { next.next() }
  }
}
