import AirbyteProtocol
import DataFormats
import Glibc

/// Where a stream's records and states go.
public final class StreamOutput {
  private let writer: MessageWriter
  private let stream: StreamDescriptor
  private let isFullRefresh: Bool
  private let beginning: [UInt8]
  /// `beginning` with the time, made anew every millisecond.
  private var head: [UInt8] = []
  private var headTime: Int64 = -1
  private var sinceState = 0
  private var state: JSON?
  private var sentState: JSON?
  /// How many records have been sent.
  public private(set) var count = 0
  /// How many bytes of records have been sent.
  public private(set) var byteCount = 0

  init(_ writer: MessageWriter, stream: StreamDescriptor, isFullRefresh: Bool) {
    self.writer = writer
    self.stream = stream
    self.isFullRefresh = isFullRefresh
    var beginning = Array(#"{"type":"RECORD","record":{"stream":"#.utf8)
    JSON.writeQuoted(stream.name, to: &beginning)
    if let namespace = stream.namespace {
      beginning += #","namespace":"#.utf8
      JSON.writeQuoted(namespace, to: &beginning)
    }
    beginning += #","emitted_at":"#.utf8
    self.beginning = beginning
  }

  /// Sends a record as it stands on its page.
  ///
  /// - Parameters:
  ///   - without: a member to leave out, whose value is an object or array.
  ///   - adding: further members, as JSON without braces: `"a":1,"b":2`.
  public func send(_ record: Record, without: StaticString? = nil, adding: [UInt8] = []) throws {
    let source = record.source
    let gap = without.flatMap { record.span(ofContainer: $0) } ?? 0..<0
    try sendLine { bytes in
      StreamOutput.append(source, 0, gap.lowerBound, to: &bytes)
      if adding.isEmpty {
        StreamOutput.append(source, gap.upperBound, source.count, to: &bytes)
      } else {
        StreamOutput.append(source, gap.upperBound, source.count - 1, to: &bytes)
        while let last = bytes.last, last == 0x20 { bytes.removeLast() }
        if bytes.last != UInt8(ascii: "{"), bytes.last != UInt8(ascii: ",") { bytes.append(UInt8(ascii: ",")) }
        bytes.append(contentsOf: adding)
        bytes.append(UInt8(ascii: "}"))
      }
    }
  }

  /// Sends a record.
  ///
  /// - Parameter object: one JSON object.
  public func send(object: UnsafeRawBufferPointer) throws {
    try sendLine { StreamOutput.append(object, 0, object.count, to: &$0) }
  }

  /// Sends a record.
  public func send(_ object: JSON) throws {
    try sendLine { object.write(to: &$0) }
  }

  /// Tells how far the stream has come: everything that has been sent suffices to go on later from `state`.
  ///
  /// In a full refresh, states are only sent at the end: one that is broken off begins anew.
  public func checkpoint(_ state: JSON) throws {
    self.state = state
    if !isFullRefresh { try sendState() }
  }

  /// Sends the last state, if that has not happened; every stream has one, since a sync without state looks like a failed one.
  func finish() throws {
    if state == nil { state = ["__ab_no_cursor_state_message": true] }
    try sendState()
  }

  private func sendState() throws {
    guard let state, sinceState > 0 || state != sentState else { return }
    try writer.send(.state(StateMessage(stream: stream.name, namespace: stream.namespace, state: state, recordCount: Double(sinceState))))
    sentState = state
    sinceState = 0
  }

  private func sendLine(_ body: (inout [UInt8]) -> Void) throws {
    let time = MessageWriter.now
    if count == 0 { try writer.send(.trace(.streamStatus(.init(stream: stream, status: .running)), emittedAt: time)) }
    if time != headTime {
      headTime = time
      head = beginning + String(time).utf8 + #","data":"#.utf8
    }
    count += 1
    sinceState += 1
    try writer.line(at: time) { bytes in
      let before = bytes.count
      bytes.append(contentsOf: head)
      body(&bytes)
      bytes.append(contentsOf: StreamOutput.tail)
      byteCount += bytes.count - before
    }
  }

  private static let tail = Array("}}\n".utf8)

  /// Appends a piece of JSON; a line end in it can only stand between tokens, and becomes a blank.
  private static func append(_ source: UnsafeRawBufferPointer, _ start: Int, _ end: Int, to bytes: inout [UInt8]) {
    guard start < end, let base = source.baseAddress else { return }
    let piece = UnsafeRawBufferPointer(start: base + start, count: end - start)
    let from = bytes.count
    bytes.append(contentsOf: piece)
    guard memchr(base + start, 0x0A, piece.count) != nil || memchr(base + start, 0x0D, piece.count) != nil else { return }
    for index in from..<bytes.count where bytes[index] == 0x0A || bytes[index] == 0x0D { bytes[index] = 0x20 }
  }
}
