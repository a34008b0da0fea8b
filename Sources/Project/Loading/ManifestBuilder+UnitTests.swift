import DataFormats
import Diagnostics
import Jinja
import OrderedCollections

extension ManifestBuilder {
  /// Unit tests.
  func addUnitTests(_ factory: NodeFactory) {
    for entry in entries["unit_tests"] ?? [] {
      do {
        try addUnitTest(entry, factory)
      } catch {
        report(error)
      }
    }
  }

  private func addUnitTest(_ entry: PropertyEntry, _ factory: NodeFactory) throws {
    let versions = entry.value["versions"]?.object?.filter { $0.value != .null } ?? [:]
    if versions["include"] != nil, versions["exclude"] != nil {
      throw entry.diagnostic(
        "project.malformed-unit-test", "Unit tests can have include or exclude in versions, not both: '\(entry.name)'", at: ["versions"],
        hint: "keep one of them")
    }
    guard let model = entry.text("model") else {
      throw entry.diagnostic("project.malformed-unit-test", "unit test '\(entry.name)' names no model", at: ["name"], hint: "add model: …")
    }
    let tested = testedModels(model, entry)
    guard !tested.isEmpty else {
      let isDisabled = manifest.disabled.values.contains { $0.contains { if case .node(let node) = $0 { node.name == model } else { false } } }
      if isDisabled || breakage.explains(model) { return }
      throw entry.diagnostic(
        "project.malformed-unit-test", "Unable to find model '\(entry.package).\(model)' for unit test '\(entry.name)' in \(entry.file)", at: ["model"],
        hint: Suggestion.didYouMean(model, among: manifest.nodes.values.filter { $0.resourceType == .model }.map(\.name)))
    }
    if !versions.isEmpty, tested.contains(where: { $0.version == nil }) {
      throw entry.diagnostic(
        "project.malformed-unit-test", "Unit test '\(entry.name)' names versions of the model '\(model)', which has none", at: ["versions"],
        hint: "take versions out")
    }
    for node in tested {
      let id = "unit_test.\(entry.package).\(model).\(entry.name)" + (node.version.map { "_v\($0.plainText)" } ?? "")
      var test = UnitTest(uniqueID: id, name: entry.name, model: model, packageName: entry.package, originalFilePath: entry.file)
      test.fqn = [entry.package] + entry.folders + [model, entry.name]
      test.location = entry.place
      test.version = node.version
      test.schema = node.schema
      test.description = entry.text("description") ?? ""
      test.given = try entry.array("given").enumerated().map { try fixture($1, entry, ["given", .index($0)], isInput: true) }
      guard let expected = entry.value["expect"], expected.object != nil else {
        throw entry.diagnostic("project.malformed-unit-test", "unit test '\(entry.name)' expects nothing", at: ["name"], hint: "add expect: {rows: […]}")
      }
      test.expect = try fixture(expected, entry, ["expect"])
      test.overrides = entry.object("overrides")
      var values = ConfigurationMerge.defaults(.unitTest)
      let own = entry.configuration(["meta", "tags", "enabled"])
      let levels = factory.projectLevels(.unitTest, package: entry.package, fqn: test.fqn)
      for level in levels.before + [own] + levels.after { ConfigurationMerge.merge(level, into: &values) }
      test.config = NodeConfiguration(values)
      test.tags = test.config.tags
      test.dependsOnNodes = [node.uniqueID]
      let fixtures = (test.given + [test.expect]).filter { $0.fixture != nil }.compactMap(\.rows.string)
      test.checksum = Intake.checksum(([entry.raw.text()] + fixtures).joined(separator: "\n")).value
      try checkIncremental(test, node, entry)
      try checkSeeds(test, entry)
      guard test.config.isEnabled else {
        manifest.disabled[id, default: []].append(.unitTest(test))
        continue
      }
      if manifest.unitTests[id] != nil {
        throw entry.diagnostic(
          "project.duplicate-name", "dbt found two unit tests named '\(entry.name)' on model '\(model)'", at: ["name"], hint: "rename one of them",
          category: .compilation)
      }
      manifest.unitTests[id] = test
    }
  }

  /// A test of a model that asks whether it is incremental must say whether it is, and if so, what is there already.
  private func checkIncremental(_ test: UnitTest, _ node: Node, _ entry: PropertyEntry) throws {
    guard node.config.materialized == "incremental", node.dependsOnMacros.contains("macro.dbt.is_incremental") else { return }
    guard let isIncremental = test.overrides["macros"]?["is_incremental"]?.bool else {
      throw entry.diagnostic(
        "project.malformed-unit-test", "Boolean override for 'is_incremental' must be provided for unit test '\(test.name)' in model '\(test.model)'",
        at: ["name"], hint: "add overrides: {macros: {is_incremental: true}}")
    }
    guard isIncremental, !test.given.contains(where: { $0.input == "this" }) else { return }
    throw entry.diagnostic(
      "project.malformed-unit-test", "Unit test '\(test.name)' for incremental model '\(test.model)' must have a 'this' input", at: ["name"],
      hint: "add given: [{input: this, rows: […]}]")
  }

  /// An input without rows is a seed: its rows are those of the file.
  private func checkSeeds(_ test: UnitTest, _ entry: PropertyEntry) throws {
    for (index, given) in test.given.enumerated() where given.rows == .null && given.format != .sql {
      guard let input = given.input, input.hasPrefix("ref("), let name = input.split(whereSeparator: { "'\"".contains($0) }).dropFirst().first,
        !manifest.nodes.values.contains(where: { $0.name == name && $0.resourceType.isRefable })
      else { continue }
      let folders = (packages[entry.package] ?? root).seedPaths
      throw entry.diagnostic(
        "project.malformed-unit-test",
        "Unable to find seed '\(entry.package).\(name)' for unit tests in directories: [\(folders.map { "'\($0)'" }.joined(separator: ", "))]",
        at: ["given", .index(index)], hint: "give rows, or the name of a seed")
    }
  }

  /// The model of that name, or the versions of it that the unit test is for.
  private func testedModels(_ name: String, _ entry: PropertyEntry) -> [Node] {
    if let node = manifest.nodes["model.\(entry.package).\(name)"] { return [node] }
    let versions = manifest.nodes.values.filter { $0.resourceType == .model && $0.name == name && $0.packageName == entry.package && $0.version != nil }
    guard !versions.isEmpty else { return [] }
    let included = entry.value["versions"]?["include"]?.array?.map(\.plainText)
    let excluded = entry.value["versions"]?["exclude"]?.array?.map(\.plainText) ?? []
    return versions.filter { node in
      let version = node.version?.plainText ?? ""
      return included?.contains(version) ?? true && !excluded.contains(version)
    }
  }

  private func fixture(
    _ value: JSON, _ entry: PropertyEntry, _ steps: [YAMLDocument.Step], isInput: Bool = false
  ) throws -> UnitTest.Fixture {
    let written = value["format"]?.string ?? "dict"
    guard let format = UnitTest.Fixture.Format(rawValue: written.lowercased()) else {
      throw entry.diagnostic("project.malformed-unit-test", "'\(written)' is no format of rows", at: steps + ["format"], hint: "formats are dict, csv and sql")
    }
    var rows = value["rows"] ?? .null
    let name = value["fixture"]?.string
    if let name {
      guard rows == .null else {
        throw entry.diagnostic("project.malformed-unit-test", "rows and fixture exclude each other", at: steps, hint: "keep one of them")
      }
      rows = .string(try fixtureText(name, format, entry, steps))
    }
    if isInput, rows == .null { return UnitTest.Fixture(input: value["input"]?.string, format: format, rows: rows, fixture: name) }
    switch format {
    case .dict:
      if rows == .null { rows = .array([]) }
      guard rows.array != nil else {
        throw entry.diagnostic(
          "project.malformed-unit-test", "rows of the format dict are a list of mappings", at: steps + ["rows"],
          hint: "say format: csv or format: sql for texts")
      }
    case .csv, .sql:
      if rows == .null { rows = .string("") }
      guard rows.string != nil else {
        throw entry.diagnostic(
          "project.malformed-unit-test", "rows of the format \(format.rawValue) are a text", at: steps + ["rows"], hint: "write rows: | and the text below")
      }
    }
    return UnitTest.Fixture(input: value["input"]?.string, format: format, rows: rows, fixture: name)
  }

  /// The text of `fixtures/name.csv` in one of the test folders.
  private func fixtureText(_ name: String, _ format: UnitTest.Fixture.Format, _ entry: PropertyEntry, _ steps: [YAMLDocument.Step]) throws -> String {
    let package = packages[entry.package] ?? root
    let suffix = "." + format.rawValue
    var names: [String] = []
    var found: (path: String, text: String)?
    for folder in package.testPaths {
      for file in FileReader.files(below: folder, root: package.root) where file.relativePath.hasPrefix("fixtures/") {
        if file.stem == name, file.fileName.hasSuffix(suffix), let text = try FileReader.text(file.absolutePath, name: file.path) {
          if let found {
            throw entry.diagnostic(
              "project.duplicate-name", "dbt found two fixtures with the name \"\(name)\"", at: steps + ["fixture"],
              hint: "they are \(found.path) and \(file.path): rename one of them", category: .compilation)
          }
          found = (file.path, text)
        }
        names.append(file.stem)
      }
    }
    if let found { return found.text }
    throw entry.diagnostic(
      "project.malformed-unit-test", "there is no fixture '\(name)\(suffix)'", at: steps + ["fixture"],
      hint: Suggestion.didYouMean(name, among: names) ?? "fixtures stand in \(package.testPaths.first ?? "tests")/fixtures")
  }

  // MARK: Operations

  /// `on-run-start` and `on-run-end` of every package, the root project's last.
  func addHooks(_ factory: NodeFactory) {
    for package in packages.values {
      for (key, hooks) in [("on-run-start", package.onRunStart), ("on-run-end", package.onRunEnd)] {
        for (index, sql) in hooks.enumerated() { addHook(sql, key, index, package, factory) }
      }
    }
  }

  private func addHook(_ sql: String, _ key: String, _ index: Int, _ package: ProjectConfiguration, _ factory: NodeFactory) {
    let name = "\(package.name)-\(key)-\(index)"
    do {
      var input = NodeInput(
        type: .operation, package: package.name, name: name, path: "hooks/\(name).sql", originalFilePath: "./dbt_project.yml",
        displayPath: package.file, fqn: [package.name, "hooks", name], rawCode: sql)
      input.template = try ProjectTemplates.environment.template(sql, name: "\(package.file) (\(key))")
      var built = try factory.make(input)
      built.node.tags = [key]
      built.node.index = index + 1
      add(built, input)
    } catch {
      report(error)
    }
  }

  /// SQL of the command line.
  func addInlineSQL(_ factory: NodeFactory) {
    guard let sql = options.inlineSQL else { return }
    do {
      var input = NodeInput(
        type: .sqlOperation, package: root.name, name: "inline_query", path: "sql/inline_query", originalFilePath: "from remote system.sql",
        displayPath: "--inline", fqn: [root.name, "sql", "inline_query"], rawCode: sql)
      input.template = try ProjectTemplates.environment.template(sql, name: "--inline")
      add(try factory.make(input), input)
    } catch {
      report(error)
    }
  }
}
