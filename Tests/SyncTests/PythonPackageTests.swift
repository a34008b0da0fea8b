import DataFormats
import Diagnostics
import Glibc
import Sync
import Testing

/// Connectors that come as Python packages.
@Suite struct PythonPackageTests {
  /// A wheel of a package that has the toy source as its program `source-toy`.
  static func wheel(_ bench: Bench, version: String) throws -> String {
    try bench.write(
      "make.py",
      """
      import sys, zipfile
      folder, version = sys.argv[1:]
      code = 'import os, sys\\ndef main():\\n  os.execv(%r, ["source"] + sys.argv[1:])\\n' % (folder + "/source")
      info = "airbyte_source_toy-%s.dist-info/" % version
      with zipfile.ZipFile(folder + "/airbyte_source_toy-%s-py3-none-any.whl" % version, "w") as wheel:
        wheel.writestr("airbyte_source_toy.py", code)
        wheel.writestr(info + "METADATA", "Metadata-Version: 2.1\\nName: airbyte-source-toy\\nVersion: %s\\n" % version)
        wheel.writestr(info + "WHEEL", "Wheel-Version: 1.0\\nGenerator: test\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        wheel.writestr(info + "entry_points.txt", "[console_scripts]\\nsource-toy = airbyte_source_toy:main\\n")
        wheel.writestr(info + "RECORD", "")
      """)
    #expect(system("python3 \(bench.folder)/make.py \(bench.folder) \(version)") == 0)
    return "./airbyte_source_toy-\(version)-py3-none-any.whl"
  }

  @Test func aPackageIsInstalledOnceIntoAnEnvironmentOfItsOwn() throws {
    let bench = try Bench()
    try bench.offer()
    try bench.say([Bench.record(["id": 1])])
    var connection = bench.connection()
    connection.command = ["pip:" + (try PythonPackageTests.wheel(bench, version: "1.0"))]
    let first = bench.sync(connection)
    #expect(first.succeeded, "\(first.error?.description ?? "")")
    #expect(try bench.rows("SELECT id FROM toy__users") == [[1]])
    // The second time nothing is installed: without the wheel that would fail.
    #expect(unlink(bench.folder + "/airbyte_source_toy-1.0-py3-none-any.whl") == 0)
    #expect(bench.sync(connection).succeeded)
    connection.command = ["pip:./nothing-1.0-py3-none-any.whl"]
    let missing = bench.sync(connection)
    #expect(missing.error?.code == "connector.install")
    #expect(missing.error?.cause?.contains("nothing-1.0") == true)
    // A file stands where the folder of environments would be.
    #expect(system("rm -rf \(bench.folder)/.scv && touch \(bench.folder)/.scv") == 0)
    let unwritable = bench.sync(connection)
    #expect(unwritable.error?.code == "connector.install")
    #expect(unwritable.error?.location?.file?.contains(".scv") == true)
  }
}
