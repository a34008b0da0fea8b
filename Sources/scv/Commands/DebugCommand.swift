import ArgumentParser
import Diagnostics
import FoundationEssentials
import Project
import Warehouse

/// `scv debug`: checks that project, profile and warehouse are there and fit together.
struct DebugCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "debug", abstract: "Check project file, profile and warehouse.")

  @OptionGroup var options: ProjectOptions
  @Flag(help: "Only the profile and the warehouse.") var connection = false
  @Flag(help: "Only say where profiles are looked for.") var configDir = false

  func run() throws {
    let environment = ProcessInfo.processInfo.environment
    if configDir { return Terminal.say("To view your profiles file, look in: \(profilesFolder(environment))") }
    // A folder that was named and does not exist is wrong usage; a project that is not right is what this command is for.
    if let named = options.projectDir, !FileManager.default.fileExists(atPath: Workspace.absolute(named, from: FileManager.default.currentDirectoryPath)) {
      throw Diagnostic(
        .usage, "usage.project-dir", "Invalid value for '--project-dir': Path '\(named)' does not exist", hint: "name the folder that holds dbt_project.yml")
    }
    var report = ChecksReport()
    report.say("scv version: \(Scv.version)")
    report.say("Using profiles dir at \(profilesFolder(environment))")
    if let load = loadOptions(environment, &report) {
      let profile = profile(load, &report)
      if connection {
        report.say("Skipping steps before connection verification")
      } else {
        project(load, &report)
      }
      if let profile { warehouse(profile, folder: load.projectDirectory, &report) }
    }
    report.finish()
    guard report.failures.isEmpty else { throw ExitCode(1) }
  }

  private func profilesFolder(_ environment: [String: String]) -> String {
    Settings(environment: environment).text("profiles_dir", options.profilesDir) ?? FileManager.default.currentDirectoryPath
  }

  private func loadOptions(_ environment: [String: String], _ report: inout ChecksReport) -> LoadOptions? {
    do {
      var load = try Workspace.loadOptions(options, command: "debug", environment)
      load.vars = try options.variables()
      return load
    } catch {
      report.check("dbt_project.yml file", failed: error)
      return nil
    }
  }

  private func profile(_ load: LoadOptions, _ report: inout ChecksReport) -> Profile? {
    do {
      let profile = try ProjectLoader(load).loadProfile()
      report.say("Using \(profile.isYAML ? "profiles.yml" : "profiles.json") file at \(profile.file)")
      report.check("profile \(profile.profileName), target \(profile.targetName)", ok: "OK found and valid")
      return profile
    } catch {
      report.say("Profile loading failed for the following reason:")
      if let diagnostic = error as? Diagnostic, diagnostic.code == "profile.not-found" {
        report.say("dbt looked for a profiles.yml file in \(profilesFolder(load.environment)) and scv for a profiles.json, and neither is there")
      }
      report.check("profiles.yml file", failed: error)
      return nil
    }
  }

  private func project(_ load: LoadOptions, _ report: inout ChecksReport) {
    do {
      _ = try ProjectLoader(load).loadProjectFile()
      report.check("dbt_project.yml file", ok: "OK found and valid")
    } catch {
      report.check("dbt_project.yml file", failed: error)
    }
  }

  private func warehouse(_ profile: Profile, folder: String, _ report: inout ChecksReport) {
    report.say("Connection:")
    for (key, value) in profile.target.sorted(by: { $0.key < $1.key }) where !["name", "target_name", "profile_name"].contains(key) {
      report.say("  \(key): \(value.plainText)")
    }
    do {
      let adapter = try Workspace.adapter(profile, folder: folder)
      _ = try adapter.query("select 1 as id")
      report.check("Connection test", ok: "OK connection ok")
    } catch {
      report.check("Connection test", failed: error)
    }
  }
}

/// A list of checks with how each came out.
struct ChecksReport {
  private(set) var failures: [String] = []

  /// A line without a result.
  func say(_ line: String) { Terminal.say(RunView.stamp() + line) }

  /// A check that came out well.
  func check(_ name: String, ok: String) {
    Terminal.say(RunView.stamp() + "  \(name) [\(Terminal.standardOutput.styled(ok, .green))]")
  }

  /// A check that failed.
  mutating func check(_ name: String, failed error: any Error) {
    let text = (error as? Diagnostics)?.description ?? (error as? Diagnostic)?.description ?? "\(error)"
    failures.append(text)
    Terminal.say(RunView.stamp() + "  \(name) [\(Terminal.standardOutput.styled("ERROR invalid", .red))]")
  }

  /// The result of all.
  func finish() {
    guard !failures.isEmpty else { return Terminal.say(RunView.stamp() + Terminal.standardOutput.styled("All checks passed!", .green)) }
    Terminal.say(RunView.stamp() + Terminal.standardOutput.styled("\(failures.count) check\(failures.count == 1 ? "" : "s") failed:", .red))
    for failure in failures { Terminal.say(failure) }
  }
}
