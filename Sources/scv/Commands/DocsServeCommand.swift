import ArgumentParser
import Diagnostics
import FoundationEssentials
@preconcurrency import Glibc
import Project

/// `scv docs serve`: shows the documentation in a browser.
struct DocsServeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve", abstract: "Serve target/index.html, which docs generate wrote, to a browser on this machine.")

  @OptionGroup var options: ProjectOptions
  @Option(help: "The port; 0 for any that is free.") var port = 8080
  @Option(help: "The address to listen on.") var host = "127.0.0.1"
  @Flag(inversion: .prefixedNo, help: "Whether a browser is opened.") var browser = true

  func run() throws {
    let environment = ProcessInfo.processInfo.environment
    let load = try Workspace.loadOptions(options, command: "serve", environment)
    let configured =
      try Settings(environment: environment).text("target_path", options.targetPath) ?? ProjectLoader(load).loadProjectFile().configuration.targetPath
    let folder = Workspace.absolute(configured, from: load.projectDirectory)
    guard FileManager.default.fileExists(atPath: folder + "/index.html") else {
      throw Diagnostic(
        .configuration, "docs.not-generated", "there is no documentation to serve", at: SourceLocation(file: folder + "/index.html"),
        hint: "make it first: scv docs generate")
    }
    guard (0...65535).contains(port) else {
      throw Diagnostic(.usage, "usage.port", "\(port) is no port", hint: "ports are 0 to 65535")
    }
    let server = try FileServer(folder: folder, host: host, port: UInt16(port))
    let address = "http://\(host == "0.0.0.0" ? "localhost" : host):\(server.port)"
    Terminal.say("Serving docs at \(address)\nPress Ctrl+C to exit.")
    fflush(stdout)
    if browser, environment["DISPLAY"] != nil || environment["WAYLAND_DISPLAY"] != nil { DocsServeCommand.open(address) }
    try server.run()
  }

  /// Opens a browser, if the desktop knows one.
  private static func open(_ address: String) {
    var child = pid_t()
    let words: [UnsafeMutablePointer<CChar>?] = ["xdg-open", address].map { (word: String) in strdup(word) } + [nil]
    defer { for word in words { free(word) } }
    _ = posix_spawnp(&child, "xdg-open", nil, nil, words, environ)
  }
}
