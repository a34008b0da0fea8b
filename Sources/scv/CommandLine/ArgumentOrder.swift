/// Puts the words of a command line into the order that the parser wants: dbt's global flags may stand before the command
/// (`scv --quiet --log-format json run`), ours belong to the commands.
enum ArgumentOrder {
  /// Global flags that take a value as their next word.
  private static let withValue: Set<String> = [
    "--project-dir", "--profiles-dir", "--profile", "--target", "-t", "--vars", "--threads", "--target-path", "--log-path", "--log-format",
    "--log-format-file", "--log-level", "--log-level-file", "--log-file-max-bytes", "--printer-width", "--warn-error-options", "--record-timing-info",
    "--partial-parse-file-path", "--state", "--defer-state", "--indirect-selection",
  ]

  /// The words behind the program's name, with the command first. Under the names that clients of the protocols expect,
  /// `destination-scv` and `target-scv`, the program is that command.
  static func words(of arguments: [String]) -> [String] {
    let words = Array(arguments.dropFirst())
    switch arguments.first?.split(separator: "/").last {
    case "destination-scv": return ["destination"] + words
    case "target-scv": return ["target"] + words
    default: return commandFirst(words)
    }
  }

  /// `words` with the flags in front of the command moved behind it.
  static func commandFirst(_ words: [String]) -> [String] {
    var index = 0
    while index < words.count, words[index].hasPrefix("-") {
      index += withValue.contains(words[index]) ? 2 : 1
    }
    guard index > 0, index < words.count else { return words }
    // `docs generate` and `source freshness` are commands of two words.
    let length = ["docs", "source"].contains(words[index]) && index + 1 < words.count && !words[index + 1].hasPrefix("-") ? 2 : 1
    return Array(words[index..<index + length] + words[..<index] + words[(index + length)...])
  }
}
