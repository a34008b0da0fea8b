import AirbyteProtocol
import DataFormats

/// The states that whoever pipes messages in waits for: each is given back, as it came, once all rows before it are durable.
struct Acknowledgement {
  /// A state that waits.
  private struct Waiting {
    var state: StateMessage
    var line: JSON
  }

  private let give: (JSON) -> Void
  private var waiting: [Waiting] = []

  /// - Parameter give: is given a state's message as it came.
  init(_ give: @escaping (JSON) -> Void) {
    self.give = give
  }

  /// Takes a state that came as `line`.
  ///
  /// - Parameter records: how many records came since the last one, to be told with the state; nil where the protocol has no word for it.
  mutating func take(_ state: StateMessage, _ line: JSON, records: Int?) {
    var line = line
    if let records, var message = line.object, var body = message["state"]?.object {
      body["destinationStats"] = ["recordCount": .double(Double(records))]
      message["state"] = .object(body)
      line = .object(message)
    }
    waiting.append(Waiting(state: state, line: line))
  }

  /// Gives back, in order, the states that `isDurable` says yes to.
  mutating func release(_ isDurable: (StateMessage) -> Bool) {
    var rest: [Waiting] = []
    for one in waiting {
      if isDurable(one.state) { give(one.line) } else { rest.append(one) }
    }
    waiting = rest
  }
}
