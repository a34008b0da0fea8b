/// A piece of a template's source.
struct Token {
  enum Kind: UInt8 {
    case end
    case data
    case variableBegin
    case variableEnd
    case blockBegin
    case blockEnd
    case name
    case string
    case integer
    case float
    case symbol
  }

  let kind: Kind
  /// The text; of a string what it means, of a number its digits without underscores.
  let text: String
  /// Where it stands in the source, in UTF-8 bytes.
  let range: Range<Int>
  let position: SourcePosition

  func isSymbol(_ symbol: String) -> Bool { kind == .symbol && text == symbol }
  func isName(_ name: String) -> Bool { kind == .name && text == name }

  /// How a message speaks of it.
  var description: String {
    switch kind {
    case .end: "end of template"
    case .data: "text"
    case .variableBegin: "begin of print statement"
    case .variableEnd: "end of print statement"
    case .blockBegin: "begin of statement block"
    case .blockEnd: "end of statement block"
    case .string: "string '\(text)'"
    default: "'\(text)'"
    }
  }
}

/// The delimiters of a syntax as bytes, in the order in which they are tried: longer ones first.
struct Delimiters: Sendable {
  enum Kind: UInt8, Sendable {
    case block
    case comment
    case lineComment
    case lineStatement
    case variable
  }

  let openings: [(bytes: [UInt8], kind: Kind)]
  let blockStart: [UInt8]
  let blockEnd: [UInt8]
  let variableEnd: [UInt8]
  let commentEnd: [UInt8]
  let linePrefixes: [(bytes: [UInt8], kind: Kind)]
  /// Which bytes an opening may begin with.
  let isFirst: [Bool]
  /// The one byte that every opening begins with, if there is one.
  let onlyFirst: UInt8?

  init(_ syntax: Syntax) {
    blockStart = Array(syntax.blockStart.utf8)
    blockEnd = Array(syntax.blockEnd.utf8)
    variableEnd = Array(syntax.variableEnd.utf8)
    commentEnd = Array(syntax.commentEnd.utf8)
    let openings: [(bytes: [UInt8], kind: Kind)] = [
      (blockStart, .block), (Array(syntax.variableStart.utf8), .variable), (Array(syntax.commentStart.utf8), .comment),
    ]
    self.openings = openings.filter { !$0.bytes.isEmpty }.sorted {
      ($0.bytes.count, $0.kind.rawValue) > ($1.bytes.count, $1.kind.rawValue)
    }
    var prefixes: [(bytes: [UInt8], kind: Kind)] = []
    if let prefix = syntax.lineStatementPrefix, !prefix.isEmpty { prefixes.append((Array(prefix.utf8), .lineStatement)) }
    if let prefix = syntax.lineCommentPrefix, !prefix.isEmpty { prefixes.append((Array(prefix.utf8), .lineComment)) }
    linePrefixes = prefixes.sorted { ($0.bytes.count, $0.kind.rawValue) > ($1.bytes.count, $1.kind.rawValue) }
    var isFirst = [Bool](repeating: false, count: 256)
    for (bytes, _) in self.openings { isFirst[Int(bytes[0])] = true }
    self.isFirst = isFirst
    let firsts = Set(self.openings.map { $0.bytes[0] })
    onlyFirst = firsts.count == 1 ? firsts.first : nil
  }
}
