import Diagnostics
@preconcurrency import Glibc
import Sync

/// Shows what a sync would do.
enum SyncPlanView {
  static func show(_ previews: [SyncPreview.Connection]) {
    for preview in previews {
      Terminal.say(Terminal.standardOutput.styled(preview.name, .bold))
      if !preview.streams.isEmpty {
        var table = TextTable(["stream", "read", "written", "key", "cursor", "into", "begins"])
        for stream in preview.streams {
          table.add([
            stream.stream.description, stream.refusal == nil ? stream.syncMode.rawValue : "paused",
            stream.replaces ? "replaces the rows" : stream.destination.rawValue, stream.primaryKey.map { $0.joined(separator: ".") }.joined(separator: ", "),
            stream.cursorField.joined(separator: "."), stream.table, beginning(of: stream),
          ])
        }
        for line in table.lines() { Terminal.say("  " + line) }
      }
      if preview.announces { Terminal.say("  It only says what streams it has while it is read.") }
      for change in preview.changes { Terminal.say("  " + change.description) }
      if !preview.leftAlone.isEmpty {
        Terminal.say("  not asked for: " + preview.leftAlone.map(\.description).joined(separator: ", "))
      }
      if let unfulfilled = preview.unfulfilled { ErrorReport.show(unfulfilled, to: stdout) }
      for refusal in preview.streams.compactMap(\.refusal) { ErrorReport.show(refusal, to: stdout) }
      if let error = preview.error { ErrorReport.show(error, to: stdout) }
      Terminal.say()
    }
  }

  private static func beginning(of stream: SyncPreview.Stream) -> String {
    if let count = stream.resumedAfter { return "where its refresh broke off, after \(Numbers.grouped(count))" }
    return stream.isNew ? "a new table" : stream.hasState ? "at its state" : "at the beginning"
  }
}
