import ArgumentParser
import Diagnostics
import FoundationEssentials

/// `scv init`: writes a small project that runs.
struct InitCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "init", abstract: "Make a new project in a folder of its name.")

  @Argument(help: "The project's name: letters, digits and underscores.") var name: String?
  @OptionGroup var options: ProjectOptions
  @Flag(name: [.short, .long], help: ArgumentHelp("Write no profile.", visibility: .default)) var skipProfileSetup = false

  func run() throws {
    guard let name, !name.isEmpty else {
      throw Diagnostic(.usage, "init.no-name", "the project needs a name", hint: "scv init my_project")
    }
    guard name.utf8.allSatisfy({ $0 == 0x5F || (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0) }),
      name.utf8.first.map({ !(0x30...0x39).contains($0) }) == true
    else {
      throw Diagnostic(
        .usage, "init.bad-name", "'\(name)' is not a valid project name", hint: "use letters, digits and underscores, and begin with a letter")
    }
    let files = FileManager.default
    let folder = Workspace.absolute(
      name, from: options.projectDir.map { Workspace.absolute($0, from: files.currentDirectoryPath) } ?? files.currentDirectoryPath)
    guard !files.fileExists(atPath: folder) else {
      throw Diagnostic(
        .usage, "init.exists", "there is already something named '\(name)' here", at: SourceLocation(file: folder), hint: "choose another name, or remove it")
    }
    for (path, text) in InitCommand.files(name, profile: !skipProfileSetup) {
      let file = folder + "/" + path
      let parent = String(file[..<(file.lastIndex(of: "/") ?? file.startIndex)])
      do {
        try files.createDirectory(atPath: parent, withIntermediateDirectories: true)
        try Data(text.utf8).write(to: URL(filePath: file))
      } catch {
        throw Diagnostic(
          .system, "init.cannot-write", "the project cannot be written", at: SourceLocation(file: file), hint: "check who may write there",
          cause: "\(error.localizedDescription)")
      }
    }
    Terminal.say("Your new project \"\(name)\" was created. Try it:\n\n  cd \(name)\n  scv build\n  scv show --select my_second_model")
  }

  /// The files of a new project by their paths.
  private static func files(_ name: String, profile: Bool) -> [(String, String)] {
    var files = [
      (
        "dbt_project.yml",
        """
        name: \(name)
        version: '1.0.0'
        profile: \(name)

        model-paths: [models]
        seed-paths: [seeds]
        macro-paths: [macros]
        snapshot-paths: [snapshots]
        analysis-paths: [analyses]
        test-paths: [data-tests]
        clean-targets: [target, dbt_packages]

        models:
          \(name):
            example:
              +materialized: view

        """
      ),
      ("models/example/my_first_model.sql", "{{ config(materialized='table') }}\n\nselect 1 as id\nunion all\nselect 2\n"),
      ("models/example/my_second_model.sql", "select *\nfrom {{ ref('my_first_model') }}\nwhere id = 1\n"),
      (
        "models/example/schema.yml",
        """
        version: 2

        models:
          - name: my_first_model
            description: Two rows to begin with
            columns:
              - name: id
                data_tests: [unique, not_null]
          - name: my_second_model
            description: One of them
            columns:
              - name: id
                data_tests:
                  - not_null
                  - relationships:
                      arguments: {to: ref('my_first_model'), field: id}

        """
      ),
      (".gitignore", "target/\ndbt_packages/\nlogs/\nprofiles.json\n*.db*\n"), ("seeds/.gitkeep", ""), ("macros/.gitkeep", ""), ("snapshots/.gitkeep", ""),
      ("analyses/.gitkeep", ""), ("data-tests/.gitkeep", ""),
    ]
    if profile {
      files.append(
        (
          "profiles.json",
          """
          {
            "\(name)": {
              "target": "dev",
              "outputs": {"dev": {"type": "sqlite", "path": "warehouse.db", "threads": 4}}
            }
          }

          """
        ))
    }
    return files
  }
}
