import Diagnostics
import OrderedCollections
import Yams

/// Turns a YAML text into a value and its marks.
struct YAMLReader {
  let source: String
  let file: String?

  /// Aliases multiply; a document beyond this many values is an attack or a mistake.
  private static let limit = 1_000_000
  /// Letters that no key begins with: they mark the earlier ones of equal keys. Private use area, and printable to libyaml.
  private static let shadows: ClosedRange<UInt32> = 0xE100...0xE1FF

  struct Reading {
    var value: JSON
    var marks: YAMLMarks
    var warnings: [Diagnostic]
  }

  func read() throws -> Reading {
    var text = source
    if text.unicodeScalars.first == "\u{FEFF}" { text.unicodeScalars.removeFirst() }
    var warnings: [Diagnostic] = []
    while true {
      do {
        guard let root = try Yams.compose(yaml: text, .basic, .default) else {
          return Reading(value: .null, marks: .scalar(YAMLMark(line: 1, column: 1)), warnings: warnings)
        }
        var count = 0
        let (value, marks) = try convert(root, &count)
        return Reading(value: value, marks: marks, warnings: warnings)
      } catch YamlError.duplicatedKeysInMapping(let names, let context) where warnings.count < YAMLReader.shadows.count {
        // Yams refuses equal keys, PyYAML takes the last. Rename the one that loses, and read again.
        guard let renamed = shadowed(text, at: context.mark, number: warnings.count) else {
          throw failure(.duplicatedKeysInMapping(duplicates: names, context: context))
        }
        text = renamed
        warnings.append(duplicateWarning(names.first ?? "", at: context.mark))
      } catch let error as YamlError {
        throw failure(error)
      }
    }
  }

  // MARK: Values

  private func convert(_ node: Yams.Node, _ count: inout Int) throws -> (JSON, YAMLMarks) {
    count += 1
    guard count <= YAMLReader.limit else {
      throw Diagnostic(.parsing, "yaml.too-large", "this YAML document expands to millions of values", at: SourceLocation(file: file))
    }
    let mark = YAMLMark(node.mark)
    switch node {
    case .scalar(let scalar):
      return (try value(of: scalar), .scalar(mark))
    case .sequence(let sequence):
      var elements: [JSON] = []
      var marks: [YAMLMarks] = []
      elements.reserveCapacity(sequence.count)
      marks.reserveCapacity(sequence.count)
      for element in sequence {
        let (value, place) = try convert(element, &count)
        elements.append(value)
        marks.append(place)
      }
      return (.array(elements), .sequence(mark, marks))
    case .mapping(let mapping):
      return try convert(mapping, at: mark, &count)
    case .alias:
      throw Diagnostic(.parsing, "yaml.malformed", "an alias refers to nothing", at: place(node.mark))
    }
  }

  private func convert(_ mapping: Yams.Node.Mapping, at mark: YAMLMark, _ count: inout Int) throws -> (JSON, YAMLMarks) {
    var members = OrderedDictionary<String, JSON>(minimumCapacity: mapping.count)
    var keys: [YAMLMark] = []
    var values: [YAMLMarks] = []
    func set(_ key: String, _ keyMark: YAMLMark, _ value: JSON, _ marks: YAMLMarks) {
      if let index = members.index(forKey: key) {
        members.values[index] = value
        keys[index] = keyMark
        values[index] = marks
      } else {
        members[key] = value
        keys.append(keyMark)
        values.append(marks)
      }
    }
    // What is merged in comes first, and what the mapping says itself wins.
    for (key, value) in mapping where isMergeKey(key) {
      // Of several merged mappings the first wins.
      let sources: [Yams.Node] = if case .sequence(let list) = value { Array(list.reversed()) } else { [value] }
      for source in sources {
        guard case (.object(let merged), .mapping(_, let mergedKeys, let mergedValues)) = try convert(source, &count) else {
          throw Diagnostic(
            .parsing, "yaml.malformed", "'<<' merges mappings only", at: place(value.mark), window: window(value.mark))
        }
        for index in merged.keys.indices { set(merged.keys[index], mergedKeys[index], merged.values[index], mergedValues[index]) }
      }
    }
    for (key, value) in mapping where !isMergeKey(key) {
      guard case .scalar(let scalar) = key else {
        throw Diagnostic(
          .parsing, "yaml.malformed", "a mapping or list cannot be a key", at: place(key.mark), window: window(key.mark),
          hint: "a value that begins with '{{' must stand in quotes: \"{{ var('x') }}\"")
      }
      if let first = scalar.string.unicodeScalars.first, YAMLReader.shadows.contains(first.value) { continue }
      let (converted, marks) = try convert(value, &count)
      set(scalar.string, YAMLMark(key.mark), converted, marks)
    }
    return (.object(members), .mapping(mark, keys: keys, values: values))
  }

  private func isMergeKey(_ node: Yams.Node) -> Bool {
    if case .scalar(let scalar) = node { scalar.string == "<<" && scalar.style == .plain } else { false }
  }

  private func value(of scalar: Yams.Node.Scalar) throws -> JSON {
    let tag = scalar.tag.description
    let prefix = "tag:yaml.org,2002:"
    switch tag {
    case "": return scalar.style == .plain ? YAMLScalar.resolve(scalar.string) : .string(scalar.string)
    case "!", prefix + "str", prefix + "binary", prefix + "timestamp": return .string(scalar.string)
    case prefix + "int", prefix + "bool", prefix + "null", prefix + "float":
      let value = YAMLScalar.resolve(scalar.string)
      if tag.hasSuffix("float"), let number = value.double { return .double(number) }
      return value
    default:
      throw Diagnostic(
        .parsing, "yaml.unknown-tag", "the tag '\(tag)' is not known here", at: place(scalar.mark), window: window(scalar.mark),
        hint: "leave the tag out, or quote the value")
    }
  }

  // MARK: Equal keys

  /// `text` with the first letter of the key at `mark` replaced; nil if there is no letter to replace.
  private func shadowed(_ text: String, at mark: Mark, number: Int) -> String? {
    var scalars = Array(text.unicodeScalars)
    var line = 1
    var at = 0
    while line < mark.line, at < scalars.count {
      if scalars[at] == "\n" || (scalars[at] == "\r" && !(at + 1 < scalars.count && scalars[at + 1] == "\n")) { line += 1 }
      at += 1
    }
    at += mark.column - 1
    if scalars.indices.contains(at), scalars[at] == "\"" || scalars[at] == "'" { at += 1 }
    guard scalars.indices.contains(at), !["\"", "'", "<", "&", "*", "!", "?", "\n"].contains(scalars[at]),
      let shadow = Unicode.Scalar(YAMLReader.shadows.lowerBound + UInt32(number))
    else { return nil }
    scalars[at] = shadow
    var renamed = String.UnicodeScalarView()
    renamed.append(contentsOf: scalars)
    return String(renamed)
  }

  private func duplicateWarning(_ name: String, at mark: Mark) -> Diagnostic {
    Diagnostic(
      .parsing, "yaml.duplicate-key", "the key '\(name)' occurs twice in one mapping; the last one counts", at: place(mark),
      window: SourceWindow(source: source, line: mark.line, column: mark.column, length: name.count), hint: "remove one of them",
      severity: .warning)
  }

  // MARK: Errors

  private func place(_ mark: Mark?) -> SourceLocation { SourceLocation(file: file, line: mark?.line, column: mark?.column) }

  private func window(_ mark: Mark?) -> SourceWindow? {
    mark.map { SourceWindow(source: source, line: $0.line, column: $0.column) }
  }

  private func failure(_ error: YamlError) -> Diagnostic {
    switch error {
    case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
      .composer(let context, let problem, let mark, _):
      let cause = context.map { "\($0.text) at line \($0.mark.line)" }
      return Diagnostic(
        .parsing, "yaml.malformed", "this is not valid YAML: \(problem)", at: place(mark), window: window(mark),
        hint: hint(problem, at: mark), cause: cause)
    case .duplicatedKeysInMapping(let names, let context):
      return Diagnostic(
        .parsing, "yaml.duplicate-key", "the key '\(names.first ?? "")' occurs twice in one mapping", at: place(context.mark),
        window: window(context.mark), hint: "remove one of them")
    case .reader(let problem, _, _, _):
      return Diagnostic(
        .parsing, "yaml.malformed", "this is not valid YAML: \(problem)", at: SourceLocation(file: file),
        hint: "the file must be UTF-8 text without control characters")
    default:
      return Diagnostic(.parsing, "yaml.malformed", "this is not valid YAML", at: SourceLocation(file: file), cause: "\(error)")
    }
  }

  private func hint(_ problem: String, at mark: Mark) -> String? {
    let lines = source.split(separator: "\n", omittingEmptySubsequences: false)
    let line = lines.indices.contains(mark.line - 1) ? lines[mark.line - 1] : ""
    if line.prefix(while: { $0 == " " || $0 == "\t" }).contains("\t") { return "indent with blanks: YAML allows no tabs there" }
    if line.contains("{{") || line.contains("{%") { return "a value that begins with '{{' must stand in quotes: \"{{ var('x') }}\"" }
    if problem.contains("mapping values are not allowed") { return "quote the value if it contains ': ', and check the indentation" }
    return nil
  }
}

extension YAMLMark {
  init(_ mark: Mark?) {
    self.init(line: Int32(clamping: mark?.line ?? 1), column: Int32(clamping: mark?.column ?? 1))
  }
}
