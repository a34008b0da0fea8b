import AirbyteProtocol
import CSimdJSON
import DataFormats
import Glibc

/// How a value of a record becomes a cell of its row.
extension RecordWriter {
  /// What became of a value.
  enum Storing {
    case stored
    /// A number that the column cannot keep exactly yet.
    case tooNarrow
    /// The column holds nothing of the kind.
    case unfitting
  }

  /// Sets a cell of the current row to a value.
  @inline(__always) func store(_ value: UnsafePointer<scv_json_token>, at position: Int) -> Storing {
    let type = scv_json_kind(UInt32(value.pointee.kind))
    if type == SCV_JSON_NULL {
      row[position].kind = .null
      return .stored
    }
    let slot = slots[position]
    switch slot.kind {
    case .text: text(position, value)
    case .integer, .number:
      switch type {
      case SCV_JSON_INT: setInteger(position, value.pointee.value.integer)
      case SCV_JSON_DOUBLE: setReal(position, value.pointee.value.real)
      case SCV_JSON_NUMBER where RecordWriter.isMinusZero(value): setInteger(position, 0)
      case SCV_JSON_NUMBER:
        guard slot.isWide else { return .tooNarrow }
        text(position, value)
      case SCV_JSON_STRING: return numeric(position, value)
      case SCV_JSON_TRUE where slot.kind == .integer, SCV_JSON_FALSE where slot.kind == .integer:
        setInteger(position, type == SCV_JSON_TRUE ? 1 : 0)
      default: return .unfitting
      }
    case .date, .timeOfDay, .timestamp, .localTimestamp:
      guard type == SCV_JSON_STRING, let kind = slot.kind.calendar else { return .unfitting }
      return calendar(kind, position, value)
    case .boolean: return boolean(position, value, type)
    case .json: if type == SCV_JSON_STRING { quoted(position, value) } else { text(position, value) }
    case .any:
      switch type {
      case SCV_JSON_INT: setInteger(position, value.pointee.value.integer)
      case SCV_JSON_DOUBLE: setReal(position, value.pointee.value.real)
      case SCV_JSON_TRUE: setInteger(position, 1)
      case SCV_JSON_FALSE: setInteger(position, 0)
      case SCV_JSON_NUMBER where RecordWriter.isMinusZero(value): setInteger(position, 0)
      default: text(position, value)
      }
    }
    return .stored
  }

  /// Whether a number is `-0`, which no integer is; a text would do it more harm than the loss of its sign.
  private static func isMinusZero(_ value: UnsafePointer<scv_json_token>) -> Bool {
    value.pointee.length == 2 && value.pointee.text[0] == 45 && value.pointee.text[1] == 48
  }

  /// What is done to a value that does not fit (the protocol's names).
  enum Change: String {
    case nulled = "NULLED"
    case truncated = "TRUNCATED"
  }

  /// Notes what was done to the value at `position`, and does it if it shall be NULL.
  func change(_ position: Int, _ change: Change) {
    changes.append(RecordChange(field: columns[position].field, change: change.rawValue, reason: "DESTINATION_TYPECAST_ERROR"))
    if change == .nulled { row[position].kind = .null }
  }

  @inline(__always) func setInteger(_ position: Int, _ value: Int64) {
    row[position] = RowWindow.Cell(kind: .integer, length: 0, bits: UInt64(bitPattern: value))
  }

  @inline(__always) private func setReal(_ position: Int, _ value: Double) {
    row[position] = RowWindow.Cell(kind: .real, length: 0, bits: value.bitPattern)
  }

  @inline(__always) func setText(_ position: Int, _ text: UnsafePointer<CChar>, _ count: Int) {
    row[position] = RowWindow.Cell(kind: .text, length: UInt32(truncatingIfNeeded: count), bits: UInt64(UInt(bitPattern: text)))
  }

  func setCopy(_ position: Int, _ bytes: [UInt8]) {
    bytes.withUnsafeBufferPointer { bytes in
      if let base = bytes.baseAddress { setText(position, window.copy(RecordWriter.characters(base), bytes.count), bytes.count) }
    }
  }

  /// The text of a string as it is, of anything else as it stands in the source.
  @inline(__always) private func text(_ position: Int, _ value: UnsafePointer<scv_json_token>) {
    let count = Int(value.pointee.length)
    setText(position, lasting(value.pointee.text, count), count)
  }

  /// The bytes themselves if they lie in a line, a copy otherwise.
  @inline(__always) func lasting(_ text: UnsafePointer<CChar>, _ count: Int) -> UnsafePointer<CChar> {
    let offset = UInt(bitPattern: text) &- UInt(bitPattern: stable.baseAddress)
    return offset < UInt(stable.count) ? text : window.copy(text, count)
  }

  private func calendar(_ kind: CalendarText.Kind, _ position: Int, _ value: UnsafePointer<scv_json_token>) -> Storing {
    let count = Int(value.pointee.length)
    let form = value.pointee.text.withMemoryRebound(to: UInt8.self, capacity: max(1, count)) {
      CalendarText.normalise(kind, $0, count, into: calendarBuffer)
    }
    switch form {
    case .asItIs: text(position, value)
    case .written(let length): setText(position, window.copy(RecordWriter.characters(calendarBuffer), length), length)
    case .truncated(let length):
      setText(position, window.copy(RecordWriter.characters(calendarBuffer), length), length)
      change(position, .truncated)
    case .none: return .unfitting
    }
    return .stored
  }

  /// A number that a source writes as a string, as many do with decimals; blanks around it, a plus sign and the like are none.
  private func numeric(_ position: Int, _ value: UnsafePointer<scv_json_token>) -> Storing {
    let source = value.pointee.string
    guard let number = try? JSON.parse(source), source.utf8.first.map({ $0 == UInt8(ascii: "-") || ($0 >= 48 && $0 <= 57) }) == true,
      source.utf8.last.map({ $0 >= 48 && $0 <= 57 }) == true
    else { return .unfitting }
    switch number {
    case .int(let integer): setInteger(position, integer)
    case .double(let real): setReal(position, real)
    case .number:
      guard slots[position].isWide else { return .tooNarrow }
      text(position, value)
    default: return .unfitting
    }
    return .stored
  }

  private func boolean(_ position: Int, _ value: UnsafePointer<scv_json_token>, _ kind: scv_json_kind) -> Storing {
    let truth: Bool
    switch kind {
    case SCV_JSON_TRUE: truth = true
    case SCV_JSON_FALSE: truth = false
    case SCV_JSON_INT where value.pointee.value.integer == 0 || value.pointee.value.integer == 1: truth = value.pointee.value.integer == 1
    case SCV_JSON_STRING where value.pointee.length <= 5:
      switch value.pointee.string.lowercased() {
      case "true": truth = true
      case "false": truth = false
      default: return .unfitting
      }
    default: return .unfitting
    }
    setInteger(position, truth ? 1 : 0)
    return .stored
  }

  /// A string where JSON text is wanted.
  private func quoted(_ position: Int, _ value: UnsafePointer<scv_json_token>) {
    var bytes: [UInt8] = []
    JSON.writeQuoted(value.pointee.string, to: &bytes)
    setCopy(position, bytes)
  }
}
