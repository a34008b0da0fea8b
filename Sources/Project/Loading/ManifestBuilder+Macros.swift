import DataFormats
import Diagnostics
import Glibc
import Jinja
import OrderedCollections

extension ManifestBuilder {
  /// The macros that come with scv: known by name now, compiled when used.
  func addBuiltins() {
    for package in options.builtins {
      if let completed = package.completes {
        guard packages[completed] != nil else { continue }
        manifest.macroResolver.complete(completed, with: package.name)
      }
      for file in package.files {
        for head in MacroHeads.find(in: file.source) {
          let name = head.macroName
          var macro = ProjectMacro(
            uniqueID: "macro.\(package.name).\(name)", name: name, packageName: package.name, originalFilePath: file.path, macroSQL: head.text)
          macro.firstLine = head.line
          manifest.macros[macro.uniqueID] = macro
          manifest.macroResolver.add(macro)
          builtinMacros[macro.uniqueID] = MacroTemplates.BuiltinMacro(file: file, tag: head.tag, name: head.name)
        }
      }
    }
  }

  /// The macros, generic tests and materializations of the project and its packages.
  func addMacros(_ files: [Intake]) {
    for intake in files where intake.origin.kind == .macro || intake.origin.kind == .genericTest {
      guard let template = intake.template else { continue }
      for definition in template.macros + template.definitions { add(definition, template, intake) }
    }
    for intake in files where intake.origin.kind == .macro || intake.origin.kind == .genericTest {
      guard let template = intake.template else { continue }
      for definition in template.macros + template.definitions {
        guard let name = ManifestBuilder.macroName(definition) else { continue }
        var called: OrderedSet<String> = []
        MacroCalls.collect([definition], resolver: manifest.macroResolver, package: intake.origin.package, into: &called)
        let id = "macro.\(intake.origin.package).\(name)"
        called.remove(id)
        manifest.macros[id]?.dependsOnMacros = Array(called)
      }
    }
  }

  private func add(_ definition: Jinja.MacroDefinition, _ template: Template, _ intake: Intake) {
    guard let name = ManifestBuilder.macroName(definition) else { return }
    let package = intake.origin.package
    let id = "macro.\(package).\(name)"
    let place = SourceLocation(
      file: intake.origin.displayPath, line: Int(definition.position.line), column: Int(definition.position.column), subject: "macro \(name)")
    if let earlier = manifest.macros[id] {
      report(
        diagnostic(
          "project.duplicate-macro",
          "dbt found two macros named \"\(name)\" in the project \"\(package)\"", at: place, in: intake.source,
          hint: "the other is in \(earlier.originalFilePath), line \(earlier.firstLine): rename or remove one of them"))
      return
    }
    let bytes = Array(template.source.utf8)
    let range = definition.range.clamped(to: 0..<bytes.count)
    var macro = ProjectMacro(
      uniqueID: id, name: name, packageName: package, originalFilePath: intake.origin.file.path, macroSQL: String(decoding: bytes[range], as: UTF8.self))
    macro.firstLine = Int(definition.position.line)
    macro.firstColumn = Int(definition.position.column)
    if definition.tag == "materialization" {
      let languages = definition.options.first { $0.name == "supported_languages" }?.value?.constant?.elements?.compactMap(\.text)
      macro.supportedLanguages = languages ?? ["sql"]
    }
    manifest.macros[id] = macro
    manifest.macroResolver.add(macro)
    compiledMacros[id] = MacroTemplates.Compiled(template: template, definition: definition)
  }

  /// The name under which dbt keeps what a block defines; nil for blocks that define no macro.
  static func macroName(_ definition: Jinja.MacroDefinition) -> String? {
    switch definition.tag {
    case "macro": return definition.name
    case "test", "data_test": return "test_" + definition.name
    case "materialization":
      let adapter = definition.options.first { $0.name == "adapter" }?.value?.constant?.text ?? "default"
      return "materialization_\(definition.name)_\(adapter)"
    default: return nil
    }
  }

  /// Documentation blocks of Markdown files, and of the same blocks elsewhere.
  func addDocumentation(_ files: [Intake]) {
    for intake in files where intake.origin.kind == .documentation {
      for (name, contents) in intake.blocks {
        let block = DocumentationBlock(
          uniqueID: "doc.\(intake.origin.package).\(name)", name: name, packageName: intake.origin.package, path: intake.origin.file.relativePath,
          originalFilePath: intake.origin.file.path, contents: contents)
        if let earlier = manifest.docs[block.uniqueID], earlier.originalFilePath != block.originalFilePath {
          report(
            Diagnostic(
              .compilation, "project.duplicate-docs", "dbt found two docs with the name \"\(name)\"", at: SourceLocation(file: intake.origin.displayPath),
              hint: "the other is in \(earlier.originalFilePath): rename or remove one of them"))
        }
        manifest.docs[block.uniqueID] = block
      }
    }
  }

  /// What property files say about macros.
  func describeMacros(_ factory: NodeFactory) {
    for entry in entries["macros"] ?? [] {
      let id = "macro.\(entry.package).\(entry.name)"
      guard manifest.macros[id] != nil else {
        let names = manifest.macroResolver.names(in: entry.package)
        report(
          entry.diagnostic(
            "project.unmatched-properties", "there is no macro '\(entry.name)' to describe", at: ["name"],
            hint: Suggestion.didYouMean(entry.name, among: names), severity: .warning))
        continue
      }
      let text = entry.text("description") ?? ""
      do {
        manifest.macros[id]?.description = try factory.descriptions.render(text, package: entry.package).text
      } catch {
        report((error as? Diagnostic).map { ConfigurationContext.placed($0, at: entry.path + ["description"], in: entry.document) as any Error } ?? error)
      }
      let config = entry.configuration(["meta", "docs"])
      manifest.macros[id]?.meta = config["meta"]?.object ?? [:]
      if let docs = config["docs"]?.object { manifest.macros[id]?.docs.merge(docs) { $1 } }
      manifest.macros[id]?.patchPath = entry.patchPath
      manifest.macros[id]?.arguments = entry.array("arguments").map {
        ["name": $0["name"] ?? .null, "type": $0["type"] ?? .null, "description": $0["description"] ?? ""]
      }
    }
  }
}

/// The heads of macros in a text, found without compiling it: what scv's own macros are listed by.
enum MacroHeads {
  struct Head {
    var tag: String
    var name: String
    var adapter: String
    var line: Int
    /// The whole block.
    var text: String

    var macroName: String {
      switch tag {
      case "test", "data_test": "test_" + name
      case "materialization": "materialization_\(name)_\(adapter)"
      default: name
      }
    }
  }

  private static let tags: Set<String> = ["macro", "test", "data_test", "materialization"]

  /// - Parameter isBroken: whether blocks without an end count too: those of a file that cannot be compiled.
  static func find(in source: String, isBroken: Bool = false) -> [Head] {
    var source = source
    return source.withUTF8 { find(in: $0, isBroken) }
  }

  private static func find(in source: UnsafeBufferPointer<UInt8>, _ isBroken: Bool) -> [Head] {
    var heads: [Head] = []
    var line = 1
    var counted = 0
    var at = 0
    func text(_ range: Range<Int>) -> String { String(decoding: source[range], as: UTF8.self) }
    func isWord(_ byte: UInt8) -> Bool {
      byte == UInt8(ascii: "_") || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
        || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
    func word(from start: Int, to end: Int) -> Range<Int> { start..<(source[start..<end].firstIndex { !isWord($0) } ?? end) }
    while let opening = place(of: "{%", in: source, from: at), let closing = place(of: "%}", in: source, from: opening + 2) {
      at = closing + 2
      let first = source[(opening + 2)..<closing].firstIndex { isWord($0) } ?? closing
      let tag = word(from: first, to: closing)
      guard tags.contains(text(tag)) else { continue }
      let start = source[tag.upperBound..<closing].firstIndex { $0 != UInt8(ascii: " ") } ?? closing
      let name = word(from: start, to: closing)
      let end = place(of: "end" + text(tag), in: source, from: at).flatMap { place(of: "%}", in: source, from: $0) }
      guard let last = end ?? (isBroken ? closing : nil) else { continue }
      line += source[counted..<opening].count { $0 == UInt8(ascii: "\n") }
      counted = opening
      var adapter = "default"
      if let option = place(of: "adapter=", in: source, from: name.upperBound), option < closing {
        adapter = text(word(from: min(closing, option + "adapter=".utf8.count + 1), to: closing))
      }
      heads.append(Head(tag: text(tag), name: text(name), adapter: adapter, line: line, text: text(opening..<(last + 2))))
      at = last + 2
    }
    return heads
  }

  /// Where a short text begins, at or behind a place.
  private static func place(of needle: String, in source: UnsafeBufferPointer<UInt8>, from start: Int) -> Int? {
    guard let base = source.baseAddress else { return nil }
    var needle = needle
    return needle.withUTF8 { needle -> Int? in
      guard let first = needle.first, let pattern = needle.baseAddress else { return nil }
      var at = start
      while at + needle.count <= source.count {
        guard let found = memchr(base + at, Int32(first), source.count - needle.count + 1 - at) else { return nil }
        at = UnsafeRawPointer(base).distance(to: found)
        if memcmp(base + at, pattern, needle.count) == 0 { return at }
        at += 1
      }
      return nil
    }
  }
}
