import FoundationEssentials
@preconcurrency import Glibc
import Project

/// What a stream of the process can show.
struct Terminal: Sendable {
  /// A way to set off a text (ECMA-48, section 8.3.117).
  enum Style: Int, Sendable {
    case bold = 1
    case dim = 2
    case red = 31
    case green = 32
    case yellow = 33
    case cyan = 36
  }

  static let standardOutput = Terminal(STDOUT_FILENO)
  static let standardError = Terminal(STDERR_FILENO)

  /// The secrets of the environment (`DBT_ENV_SECRET…`), which neither errors nor logs show.
  static let secrets = SecretValues(environment: ProcessInfo.processInfo.environment)

  /// Whether a person looks at it, so that lines may be drawn over.
  let isInteractive: Bool
  /// Whether colours show; `NO_COLOR` (https://no-color.org) and a dumb terminal say no.
  let hasColour: Bool
  private let descriptor: Int32

  private init(_ descriptor: Int32) {
    self.descriptor = descriptor
    let dumb = getenv("TERM").map { String(cString: $0) == "dumb" } ?? false
    isInteractive = isatty(descriptor) == 1 && !dumb
    hasColour = isInteractive && getenv("NO_COLOR") == nil
  }

  /// The width in columns; 100 where nobody looks.
  var width: Int {
    var size = winsize()
    guard isInteractive, ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 100 }
    return Int(size.ws_col)
  }

  /// `text` in the given styles, if colours show.
  func styled(_ text: String, _ styles: Style...) -> String {
    guard hasColour else { return text }
    return "\u{1B}[" + styles.map { String($0.rawValue) }.joined(separator: ";") + "m" + text + "\u{1B}[0m"
  }

  /// Writes bytes to one of C's streams; a reader that has gone away is no error.
  static func write(_ text: String, to stream: UnsafeMutablePointer<FILE>) {
    var text = text
    text.withUTF8 { bytes in _ = fwrite(bytes.baseAddress, 1, bytes.count, stream) }
  }

  /// Writes a line to the standard output.
  static func say(_ line: String = "") {
    write(line + "\n", to: stdout)
  }
}
