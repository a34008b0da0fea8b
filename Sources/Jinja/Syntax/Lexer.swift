import Glibc

/// Cuts a template into tokens. Follows Jinja2's lexer: the longest delimiter first, `-` and `+` beside delimiters,
/// brackets that keep a delimiter inside an expression from ending it.
struct Lexer {
  private let bytes: [UInt8]
  private let delimiters: Delimiters
  private let syntax: Syntax
  private let rawTags: Set<String>
  private var tokens: [Token] = []
  private var at = 0
  /// Position bookkeeping: the line and column of `markedOffset`.
  private var markedOffset = 0
  private var line = 1
  private var column = 1
  /// Whether the text before `at` ended with a newline, or there was none.
  private var isLineStart = true

  /// The tokens of `source` behind its first `skipping` bytes, whose newlines are `\n` alone; the last one is `.end`. Throws
  /// `LexicalFault`.
  static func tokens(of source: String, skipping: Int = 0, environment: Environment) throws -> [Token] {
    var lexer = Lexer(
      bytes: Array(source.utf8), delimiters: environment.delimiters, syntax: environment.options.syntax,
      rawTags: Set(environment.options.definitionTags.filter(\.isRaw).map(\.name)))
    lexer.at = max(0, min(skipping, lexer.bytes.count))
    try lexer.run()
    return lexer.tokens
  }

  /// The tokens of a single expression without delimiters; the last one is `.end`. Throws `LexicalFault`.
  static func expressionTokens(of source: String, environment: Environment) throws -> [Token] {
    var lexer = Lexer(
      bytes: Array(source.utf8), delimiters: environment.delimiters, syntax: environment.options.syntax, rawTags: [])
    try lexer.lexExpression(lexer.bytes.count, until: .end)
    lexer.add(.end, lexer.bytes.count..<lexer.bytes.count)
    return lexer.tokens
  }

  private init(bytes: [UInt8], delimiters: Delimiters, syntax: Syntax, rawTags: Set<String>) {
    self.bytes = bytes
    self.delimiters = delimiters
    self.syntax = syntax
    self.rawTags = rawTags
  }

  private var end: Int {
    !syntax.keepTrailingNewline && bytes.last == UInt8(ascii: "\n") ? bytes.count - 1 : bytes.count
  }

  // MARK: Text

  private struct Opening {
    let start: Int
    let length: Int
    let kind: Delimiters.Kind
  }

  private mutating func run() throws {
    let end = end
    while at < end {
      guard let opening = nextOpening(end) else {
        addData(at..<end)
        at = end
        break
      }
      var after = opening.start + opening.length
      var sign: UInt8?
      if after < end, bytes[after] == UInt8(ascii: "-") || bytes[after] == UInt8(ascii: "+") {
        sign = bytes[after]
        after += 1
      }
      addData(at..<trimmedEnd(of: at..<opening.start, sign: sign, kind: opening.kind))
      isLineStart = false
      switch opening.kind {
      case .comment: try skipComment(from: opening.start, after: after, end)
      case .lineComment: at = lineEnd(after, end)
      case .variable:
        add(.variableBegin, opening.start..<after)
        at = after
        try lexExpression(end, until: .variableEnd)
      case .lineStatement:
        add(.blockBegin, opening.start..<after)
        at = after
        try lexExpression(end, until: nil)
      case .block:
        if let bodyStart = rawBegin(after, end) {
          try addRaw(from: bodyStart, opening: opening.start, tag: "raw", end)
          continue
        }
        add(.blockBegin, opening.start..<after)
        let first = tokens.count
        at = after
        try lexExpression(end, until: .blockEnd)
        if first < tokens.count, tokens[first].kind == .name, rawTags.contains(tokens[first].text) {
          try addRawBody(of: tokens[first].text, opening: opening.start, end)
        }
      }
    }
    add(.end, end..<end)
  }

  private func nextOpening(_ end: Int) -> Opening? {
    var index = at
    while index < end {
      if delimiters.linePrefixes.isEmpty, let only = delimiters.onlyFirst {
        let found: Int? = bytes.withUnsafeBytes { buffer in
          guard let base = buffer.baseAddress, let hit = memchr(base + index, Int32(only), end - index) else { return nil }
          return UnsafeRawPointer(hit) - base
        }
        guard let found else { return nil }
        index = found
      } else if !delimiters.linePrefixes.isEmpty, let opening = lineOpening(index, end) {
        return opening
      }
      if delimiters.isFirst[Int(bytes[index])] {
        for (opening, kind) in delimiters.openings where matches(opening, index, end) {
          return Opening(start: index, length: opening.count, kind: kind)
        }
      }
      index += 1
    }
    return nil
  }

  /// A line statement or line comment whose leading blanks begin at `index`.
  private func lineOpening(_ index: Int, _ end: Int) -> Opening? {
    let begins = index == 0 || bytes[index - 1] == UInt8(ascii: "\n")
    guard begins || !Lexer.isSpace(bytes[index - 1]) else { return nil }
    var after = index
    while after < end, Lexer.isSpace(bytes[after]), bytes[after] != UInt8(ascii: "\n"), bytes[after] != UInt8(ascii: "\r") {
      after += 1
    }
    for (prefix, kind) in delimiters.linePrefixes where matches(prefix, after, end) {
      if kind == .lineStatement, !begins { continue }
      return Opening(start: index, length: after - index + prefix.count, kind: kind)
    }
    return nil
  }

  /// The text before an opening, without the blanks that its sign or `lstripBlocks` takes away.
  private func trimmedEnd(of range: Range<Int>, sign: UInt8?, kind: Delimiters.Kind) -> Int {
    var stop = range.upperBound
    if sign == UInt8(ascii: "-") {
      while stop > range.lowerBound, Lexer.isSpace(bytes[stop - 1]) { stop -= 1 }
    } else if sign == nil, syntax.lstripBlocks, kind != .variable {
      var start = stop
      while start > range.lowerBound, bytes[start - 1] != UInt8(ascii: "\n") { start -= 1 }
      if start > range.lowerBound || isLineStart {
        if bytes[start..<stop].allSatisfy(Lexer.isSpace) { stop = start }
      }
    }
    return stop
  }

  private mutating func skipComment(from start: Int, after: Int, _ end: Int) throws {
    var index = after
    while index < end {
      if matches(delimiters.commentEnd, index, end) {
        at = index + delimiters.commentEnd.count
        let sign = index > after ? bytes[index - 1] : 0
        if sign == UInt8(ascii: "-") { skipSpace(end) } else if sign != UInt8(ascii: "+") { skipTrimmedNewline(end) }
        noteLineStart()
        return
      }
      index += 1
    }
    throw LexicalFault("the comment is not closed", position(at: start), hint: "end it by \(syntax.commentEnd)")
  }

  // MARK: Raw text

  /// Where the body of `{% raw %}` begins, if that is what stands after a block's opening.
  private func rawBegin(_ after: Int, _ end: Int) -> Int? {
    var index = spaceEnd(after, end)
    guard matches(Array("raw".utf8), index, end) else { return nil }
    index = spaceEnd(index + 3, end)
    guard let close = closing(delimiters.blockEnd, index, end, allowsPlus: false) else { return nil }
    return close.sign == UInt8(ascii: "-") ? spaceEnd(close.end, end) : close.end
  }

  /// The statement `end<tag>` that closes a raw text: where its opening begins, its sign, and where its name ends.
  private func rawEnd(_ tag: String, from: Int, _ end: Int) -> (start: Int, sign: UInt8?, nameEnd: Int)? {
    let name = Array("end\(tag)".utf8)
    var index = from
    while index < end {
      if matches(delimiters.blockStart, index, end) {
        var after = index + delimiters.blockStart.count
        var sign: UInt8?
        if after < end, bytes[after] == UInt8(ascii: "-") || bytes[after] == UInt8(ascii: "+") {
          sign = bytes[after]
          after += 1
        }
        after = spaceEnd(after, end)
        if matches(name, after, end), !(after + name.count < end && Lexer.isWord(bytes[after + name.count])) {
          return (index, sign, after + name.count)
        }
      }
      index += 1
    }
    return nil
  }

  private mutating func addRaw(from start: Int, opening: Int, tag: String, _ end: Int) throws {
    var from = start
    while let close = rawEnd(tag, from: from, end) {
      guard let (sign, index) = closing(delimiters.blockEnd, spaceEnd(close.nameEnd, end), end, allowsPlus: true) else {
        from = close.start + 1
        continue
      }
      isLineStart = false
      addData(start..<trimmedEnd(of: start..<close.start, sign: close.sign, kind: .block))
      at = index
      if sign == UInt8(ascii: "-") { skipSpace(end) } else if sign == nil { skipTrimmedNewline(end) }
      noteLineStart()
      return
    }
    throw LexicalFault("the \(tag) block is not closed", position(at: opening), hint: "end it by {% end\(tag) %}")
  }

  private mutating func addRawBody(of tag: String, opening: Int, _ end: Int) throws {
    guard let close = rawEnd(tag, from: at, end) else {
      throw LexicalFault("the \(tag) block is not closed", position(at: opening), hint: "end it by {% end\(tag) %}")
    }
    addData(at..<close.start)
    at = close.start
  }

  // MARK: Expressions

  private mutating func lexExpression(_ end: Int, until kind: Token.Kind?) throws {
    var brackets: [(symbol: UInt8, at: Int)] = []
    while at < end {
      if kind != .end, brackets.isEmpty, closes(end, kind) { return }
      let byte = bytes[at]
      if Lexer.isSpace(byte) {
        at += 1
      } else if byte >= 0x80, let width = wideSpace(end) {
        at += width
      } else if Lexer.isDigit(byte) {
        lexNumber(end)
      } else if Lexer.isWord(byte) {
        try lexName(end)
      } else if byte == UInt8(ascii: "'") || byte == UInt8(ascii: "\"") {
        try lexString(end, quote: byte)
      } else {
        try lexSymbol(end, &brackets)
      }
    }
    if kind == nil { add(.blockEnd, at..<at) }
  }

  /// The closing delimiter at `index`, with the sign before it if there is one, and where it ends.
  private func closing(_ delimiter: [UInt8], _ index: Int, _ end: Int, allowsPlus: Bool) -> (sign: UInt8?, end: Int)? {
    guard index < end else { return nil }
    let first = bytes[index]
    if first == UInt8(ascii: "-") || allowsPlus && first == UInt8(ascii: "+"), matches(delimiter, index + 1, end) {
      return (first, index + 1 + delimiter.count)
    }
    return matches(delimiter, index, end) ? (nil, index + delimiter.count) : nil
  }

  /// Whether the expression ends here; goes past the end if so.
  private mutating func closes(_ end: Int, _ kind: Token.Kind?) -> Bool {
    guard let kind else {
      let stop = spaceEnd(at, end)
      var last = stop
      while last > at, bytes[last - 1] != UInt8(ascii: "\n") { last -= 1 }
      guard last > at || stop == end else { return false }
      add(.blockEnd, at..<at)
      at = stop == end ? end : last
      isLineStart = true
      return true
    }
    let delimiter = kind == .blockEnd ? delimiters.blockEnd : delimiters.variableEnd
    guard let (sign, index) = closing(delimiter, at, end, allowsPlus: kind == .blockEnd) else { return false }
    add(kind, at..<index)
    at = index
    if sign == UInt8(ascii: "-") { skipSpace(end) } else if kind == .blockEnd, sign == nil { skipTrimmedNewline(end) }
    noteLineStart()
    return true
  }

  /// How many bytes the blank at this place takes that is none in ASCII, as the no-break space; nil if there is no such one.
  private func wideSpace(_ end: Int) -> Int? {
    for width in 2...3 where at + width <= end {
      guard let text = String(validating: bytes[at..<at + width], as: UTF8.self), let scalar = text.unicodeScalars.first else { continue }
      return scalar.properties.isWhitespace ? width : nil
    }
    return nil
  }

  private mutating func lexName(_ end: Int) throws {
    let start = at
    while at < end, Lexer.isWord(bytes[at]), bytes[at] < 0x80 || wideSpace(end) == nil { at += 1 }
    let name = String(decoding: bytes[start..<at], as: UTF8.self)
    if let odd = name.unicodeScalars.enumerated().first(where: { index, scalar in
      !scalar.isASCII && !(index == 0 ? scalar.properties.isXIDStart : scalar.properties.isXIDContinue)
    }) {
      throw LexicalFault("invalid character '\(odd.element)' in a name", position(at: start))
    }
    add(.name, start..<at, name)
  }

  private mutating func lexSymbol(_ end: Int, _ brackets: inout [(symbol: UInt8, at: Int)]) throws {
    let byte = bytes[at]
    let next = at + 1 < end ? bytes[at + 1] : 0
    let pair = String(decoding: [byte, next], as: UTF8.self)
    if ["//", "**", "==", "!=", ">=", "<="].contains(pair) {
      add(.symbol, at..<(at + 2), pair)
      at += 2
      return
    }
    let symbol = String(decoding: [byte], as: UTF8.self)
    switch byte {
    case UInt8(ascii: "("), UInt8(ascii: "["), UInt8(ascii: "{"): brackets.append((byte, at))
    case UInt8(ascii: ")"), UInt8(ascii: "]"), UInt8(ascii: "}"):
      guard let open = brackets.popLast() else { throw LexicalFault("unexpected '\(symbol)'", position(at: at)) }
      let expected = open.symbol == UInt8(ascii: "(") ? ")" : open.symbol == UInt8(ascii: "[") ? "]" : "}"
      guard symbol == expected else { throw LexicalFault("unexpected '\(symbol)', expected '\(expected)'", position(at: at)) }
    case UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "/"), UInt8(ascii: "*"), UInt8(ascii: "%"), UInt8(ascii: "~"),
      UInt8(ascii: ">"), UInt8(ascii: "<"), UInt8(ascii: "="), UInt8(ascii: "."), UInt8(ascii: ":"), UInt8(ascii: "|"),
      UInt8(ascii: ","), UInt8(ascii: ";"):
      break
    default:
      throw LexicalFault("unexpected character '\(symbol)'", position(at: at))
    }
    add(.symbol, at..<(at + 1), symbol)
    at += 1
  }

  // MARK: Parts

  private func matches(_ pattern: [UInt8], _ index: Int, _ end: Int) -> Bool {
    guard index + pattern.count <= end else { return false }
    for offset in 0..<pattern.count where bytes[index + offset] != pattern[offset] { return false }
    return true
  }

  private func spaceEnd(_ index: Int, _ end: Int) -> Int {
    var index = index
    while index < end, Lexer.isSpace(bytes[index]) { index += 1 }
    return index
  }

  private func lineEnd(_ index: Int, _ end: Int) -> Int {
    var index = index
    while index < end, bytes[index] != UInt8(ascii: "\n") { index += 1 }
    return index
  }

  private mutating func skipSpace(_ end: Int) { at = spaceEnd(at, end) }

  private mutating func skipTrimmedNewline(_ end: Int) {
    if syntax.trimBlocks, at < end, bytes[at] == UInt8(ascii: "\n") { at += 1 }
  }

  private mutating func noteLineStart() { isLineStart = at > 0 && bytes[at - 1] == UInt8(ascii: "\n") }

  static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) || (0x1C...0x1F).contains(byte) }
  static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
  static func isWord(_ byte: UInt8) -> Bool {
    (0x61...0x7A).contains(byte) || (0x41...0x5A).contains(byte) || byte == 0x5F || isDigit(byte) || byte >= 0x80
  }

  private mutating func addData(_ range: Range<Int>) {
    guard !range.isEmpty else { return }
    var text = String(decoding: bytes[range], as: UTF8.self)
    if syntax.newlineSequence != "\n" { text = text.replacingAll("\n", with: syntax.newlineSequence) }
    add(.data, range, text)
  }

  private mutating func add(_ kind: Token.Kind, _ range: Range<Int>, _ text: String = "") {
    tokens.append(Token(kind: kind, text: text, range: range, position: position(at: range.lowerBound)))
  }

  /// The line and column of an offset; cheap as long as offsets only grow.
  private mutating func position(at offset: Int) -> SourcePosition {
    if offset < markedOffset { (markedOffset, line, column) = (0, 1, 1) }
    while markedOffset < offset {
      let byte = bytes[markedOffset]
      if byte == UInt8(ascii: "\n") { (line, column) = (line + 1, 1) } else if byte & 0xC0 != 0x80 { column += 1 }
      markedOffset += 1
    }
    return SourcePosition(line: line, column: column)
  }
}

/// What the lexer or the parser cannot read, and where.
struct LexicalFault: Error {
  let fault: Fault
  let position: SourcePosition

  init(_ message: String, _ position: SourcePosition, hint: String? = nil) {
    self.init(Fault(.syntax, message, hint: hint), position)
  }

  init(_ fault: Fault, _ position: SourcePosition) {
    self.fault = fault
    self.position = position
  }
}

// MARK: - Literals

extension Lexer {
  /// `1_000`, `0xff`, `0o17`, `0b11`, `1.5`, `1e3`, `1.5e-3`.
  private mutating func lexNumber(_ end: Int) {
    let start = at
    func byte(_ index: Int) -> UInt8 { index < end ? bytes[index] : 0 }
    func digits(_ index: Int, _ isDigit: (UInt8) -> Bool) -> Int {
      var index = index
      while isDigit(byte(index)) || (byte(index) == UInt8(ascii: "_") && isDigit(byte(index + 1))) { index += 1 }
      return index
    }
    let isPrefixed = byte(at) == UInt8(ascii: "0")
    let marker = byte(at + 1) | 0x20
    var stop = at
    var isFloat = false
    if isPrefixed, marker == UInt8(ascii: "x"), digits(at + 2, Lexer.isHex) > at + 2 {
      stop = digits(at + 2, Lexer.isHex)
    } else if isPrefixed, marker == UInt8(ascii: "o"), digits(at + 2, { (0x30...0x37).contains($0) }) > at + 2 {
      stop = digits(at + 2) { (0x30...0x37).contains($0) }
    } else if isPrefixed, marker == UInt8(ascii: "b"), digits(at + 2, { (0x30...0x31).contains($0) }) > at + 2 {
      stop = digits(at + 2) { (0x30...0x31).contains($0) }
    } else {
      stop = digits(at, Lexer.isDigit)
      // A number directly after a dot is an index: `a.0.1`.
      let followsDot = start > 0 && bytes[start - 1] == UInt8(ascii: ".")
      if !followsDot, byte(stop) == UInt8(ascii: "."), Lexer.isDigit(byte(stop + 1)) {
        isFloat = true
        stop = digits(stop + 1, Lexer.isDigit)
      }
      if !followsDot, byte(stop) | 0x20 == UInt8(ascii: "e") {
        let signed = byte(stop + 1) == UInt8(ascii: "+") || byte(stop + 1) == UInt8(ascii: "-") ? stop + 2 : stop + 1
        if Lexer.isDigit(byte(signed)) {
          isFloat = true
          stop = digits(signed, Lexer.isDigit)
        }
      }
      // An integer does not begin with 0, unless it is 0: `007` is `00` and `7`.
      if !isFloat, isPrefixed { stop = digits(at) { $0 == 0x30 } }
    }
    at = stop
    let text = String(decoding: bytes[start..<stop].filter { $0 != UInt8(ascii: "_") }, as: UTF8.self)
    add(isFloat ? .float : .integer, start..<stop, text)
  }

  private static func isHex(_ byte: UInt8) -> Bool {
    isDigit(byte) || (0x61...0x66).contains(byte) || (0x41...0x46).contains(byte)
  }

  private mutating func lexString(_ end: Int, quote: UInt8) throws {
    let start = at
    var index = at + 1
    while index < end, bytes[index] != quote { index += bytes[index] == UInt8(ascii: "\\") ? 2 : 1 }
    guard index < end else {
      throw LexicalFault("the string is not closed", position(at: start), hint: "end it by \(quote == 0x27 ? "'" : "\"")")
    }
    let inner = bytes[(start + 1)..<index]
    at = index + 1
    let text = inner.contains(UInt8(ascii: "\\")) ? try PythonEscapes.decoded(inner, at: position(at: start)) : String(decoding: inner, as: UTF8.self)
    add(.string, start..<at, text)
  }
}
