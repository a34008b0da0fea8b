/// A place: a position in a file, a node of the project, a stream of a connection; whichever of them are known.
public struct SourceLocation: Sendable, Hashable, CustomStringConvertible {
  /// The file, as the user would name it: relative to the project.
  public var file: String?
  /// The line, counted from 1.
  public var line: Int?
  /// The column in characters, counted from 1.
  public var column: Int?
  /// What it happened to, in the user's words: `model scv.customers`, `stream stripe.charges`.
  public var subject: String?

  /// Names a place.
  public init(file: String? = nil, line: Int? = nil, column: Int? = nil, subject: String? = nil) {
    self.file = file
    self.line = line
    self.column = column
    self.subject = subject
  }

  /// `models/a.sql:3:8 (model a)`, with the parts that are known.
  public var description: String {
    var text = file ?? ""
    if let line { text += text.isEmpty ? "line \(line)" : ":\(line)" }
    if let column, line != nil { text += file == nil ? ", column \(column)" : ":\(column)" }
    guard let subject else { return text }
    return text.isEmpty ? subject : "\(text) (\(subject))"
  }
}

/// A few lines of a source around the place of an error, and how far to underline.
public struct SourceWindow: Sendable, Equatable {
  /// The lines, without their line ends.
  public var lines: [String]
  /// The number of the first of `lines`, counted from 1.
  public var firstLine: Int
  /// The line that the error is in, counted from 1.
  public var line: Int
  /// The first column to underline, in characters from 1; nil underlines nothing.
  public var column: Int?
  /// How many characters to underline.
  public var length: Int

  /// The lines of `source` around `line`: up to `context` before and after it.
  public init(source: String, line: Int, column: Int? = nil, length: Int = 1, context: Int = 2) {
    let all = source.split(separator: "\n", omittingEmptySubsequences: false)
    let first = min(max(1, line - context), max(1, all.count))
    let last = max(first, min(all.count, line + context))
    self.lines = all.isEmpty ? [] : all[(first - 1)...(last - 1)].map { $0.last == "\r" ? String($0.dropLast()) : String($0) }
    self.firstLine = first
    self.line = line
    self.column = column
    self.length = max(1, length)
  }
}
