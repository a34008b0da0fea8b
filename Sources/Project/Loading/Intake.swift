import Crypto
import DataFormats
import Diagnostics
import Jinja

/// What a file of a package is for.
enum FileKind: Sendable {
  case macro, model, pythonModel, analysis, singularTest, genericTest, seed, snapshot, properties, documentation
}

/// A file of a package, found.
struct PackageFile: Sendable {
  var package: String
  var kind: FileKind
  var file: SourceFile
  /// The path as messages show it: relative to the root project.
  var displayPath: String
}

/// A file of a package, read and taken apart as far as that needs no knowledge of others.
struct Intake: Sendable {
  var origin: PackageFile
  var source = ""
  /// The text of a model, analysis or test without blanks around it.
  var code = ""
  /// What the template says, if that can be told without compiling it.
  var plain: PlainReading?
  var template: Template?
  var document: YAMLDocument?
  var blocks: [(name: String, contents: String)] = []
  var checksum = Checksum()
  var failure: Diagnostic?
  /// The text, as `PartialState` knows it; nil for files that it does not keep.
  var key: String?
  /// What the template said the last time, if its text is still the same.
  var stored: StoredReading?

  /// Reads a file and compiles it, unless `state` knows its text.
  init(_ origin: PackageFile, _ state: PartialState? = nil) {
    self.origin = origin
    do {
      try read(state)
    } catch let error as Diagnostic {
      failure = error
    } catch {
      failure = Diagnostic(.system, "file.unreadable", "the file cannot be read", at: SourceLocation(file: origin.displayPath), cause: "\(error)")
    }
  }

  private mutating func read(_ state: PartialState?) throws {
    if origin.kind == .seed {
      checksum = try Intake.seedChecksum(origin.file)
      return
    }
    guard let text = try FileReader.text(origin.file.absolutePath, name: origin.displayPath) else { return }
    source = text
    switch origin.kind {
    case .properties: try readDocument(state)
    case .documentation: blocks = try DocumentationBlocks.blocks(text, file: origin.displayPath)
    case .pythonModel:
      code = text.trimmingBlanks
      checksum = Intake.digest(code)
    case .seed: break
    case .macro, .genericTest:
      template = try ProjectTemplates.environment.template(text, name: origin.displayPath)
    case .snapshot:
      template = try ProjectTemplates.environment.template(text, name: origin.displayPath)
      checksum = Intake.checksum(text)
    case .model, .analysis, .singularTest:
      code = text.trimmingBlanks
      checksum = Intake.digest(code)
      plain = PlainReading(text)
      // To read a plain one is cheaper than to keep what it said.
      guard plain == nil else { return }
      if let state {
        // The digest is that of the text without blanks around it; those in front of it move everything.
        let key = checksum.value + String(text.unicodeScalars.prefix { $0.properties.isWhitespace })
        self.key = key
        if let known = state.readings[origin.displayPath], known.key == key { stored = known }
      }
      if stored == nil { template = try ProjectTemplates.environment.template(text, name: origin.displayPath) }
    }
  }

  private mutating func readDocument(_ state: PartialState?) throws {
    guard let state else {
      document = try YAMLDocument(parsing: source, file: origin.displayPath)
      return
    }
    let key = PureFunctions.hexadecimal(SHA256.hash(data: Array(source.utf8)))
    if let known = state.documents[origin.displayPath], known.key == key {
      document = YAMLDocument(known: known.value, marksData: known.marksData, source: source, file: origin.displayPath)
      self.key = key
    } else {
      let read = try YAMLDocument(parsing: source, file: origin.displayPath)
      document = read
      // What is odd about a file is told every time.
      if read.warnings.isEmpty { self.key = key }
    }
  }

  /// The line on which the text begins, blank ones left out.
  var firstLine: Int { 1 + source.utf8.prefix { $0 <= 0x20 }.count { $0 == UInt8(ascii: "\n") } }

  /// SHA-256 of a text without blanks around it.
  static func checksum(_ text: String) -> Checksum { digest(text.trimmingBlanks) }

  private static func digest(_ text: String) -> Checksum {
    var hash = SHA256()
    var text = text
    text.withUTF8 { hash.update(bufferPointer: UnsafeRawBufferPointer($0)) }
    return Checksum(name: "sha256", value: PureFunctions.hexadecimal(hash.finalize()))
  }

  /// SHA-256 of a seed of up to 1 MiB; for bigger ones the path, as dbt does.
  private static func seedChecksum(_ file: SourceFile) throws -> Checksum {
    guard let size = FileReader.size(file.absolutePath), size < 1_048_576 else { return Checksum(name: "path", value: file.path) }
    guard let bytes = try FileReader.bytes(file.absolutePath) else { return Checksum() }
    return checksum(String(decoding: bytes, as: UTF8.self))
  }
}

/// Finds the files of a package.
enum FileDiscovery {
  /// All files of a package that mean something.
  ///
  /// - Parameter prefix: what the package's root is called relative to the root project: empty, or `dbt_packages/x`.
  static func files(of package: ProjectConfiguration, prefix: String) -> [PackageFile] {
    var found: [PackageFile] = []
    var seen: [FileKind: Set<String>] = [:]
    var listings: [String: [SourceFile]] = [:]
    func add(_ folders: [String], _ kind: (SourceFile, String) -> FileKind?) {
      for folder in folders {
        let clean = folder.hasSuffix("/") ? String(folder.dropLast()) : folder
        let listing = listings[clean] ?? FileReader.files(below: clean, root: package.root)
        listings[clean] = listing
        for file in listing {
          guard let kind = kind(file, file.suffix), seen[kind, default: []].insert(file.path).inserted else { continue }
          let display = prefix.isEmpty ? file.path : prefix + "/" + file.path
          found.append(PackageFile(package: package.name, kind: kind, file: file, displayPath: display))
        }
      }
    }
    let isProperties = { (suffix: String) in suffix == ".yml" || suffix == ".yaml" }
    add(package.macroPaths) { _, suffix in suffix == ".sql" ? .macro : isProperties(suffix) ? .properties : nil }
    add(package.modelPaths) { _, suffix in suffix == ".sql" ? .model : suffix == ".py" ? .pythonModel : isProperties(suffix) ? .properties : nil }
    add(package.seedPaths) { _, suffix in suffix == ".csv" ? .seed : isProperties(suffix) ? .properties : nil }
    add(package.snapshotPaths) { _, suffix in suffix == ".sql" ? .snapshot : isProperties(suffix) ? .properties : nil }
    add(package.analysisPaths) { _, suffix in suffix == ".sql" ? .analysis : isProperties(suffix) ? .properties : nil }
    add(package.testPaths) { file, suffix in
      let first = file.relativePath.split(separator: "/").first
      if suffix == ".sql" { return first == "generic" ? .genericTest : first == "fixtures" ? nil : .singularTest }
      return isProperties(suffix) ? .properties : nil
    }
    let documented =
      package.docsPaths.isEmpty
      ? package.modelPaths + package.seedPaths + package.snapshotPaths + package.analysisPaths + package.macroPaths + package.testPaths
      : package.docsPaths
    add(documented) { _, suffix in suffix == ".md" ? .documentation : nil }
    return found
  }
}
