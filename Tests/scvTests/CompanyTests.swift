import DataFormats
import Foundation
import Sandbox
import Testing
import Warehouse

/// The example project over a sandbox company: this repository's own models, a warehouse in a folder that is gone after the test.
final class CompanyProject {
  let server: SandboxServer
  let folder = try? TemporaryProject([:])
  static let repository = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path
  var warehouse: String { (folder?.path ?? "") + "/warehouse.db" }

  init(customers: Int, faults: [Fault] = []) async throws {
    server = try await SandboxServer.start(SandboxOptions(customers: customers, seed: 11, port: 0, faults: faults))
    try folder?.write("profiles.json", String(contentsOfFile: Self.repository + "/profiles.example.json", encoding: .utf8))
  }

  /// What the project's programs are told by the environment.
  var environment: [String: String] { ["SCV_WAREHOUSE": warehouse, "SCV_SANDBOX_URL": server.url] }

  func scv(_ arguments: String...) async throws -> Outcome {
    let path = folder?.path ?? ""
    let places = ["--project-dir", Self.repository, "--profiles-dir", path]
    let target = arguments.first == "sync" ? [] : ["--target-path", path + "/target"]
    return try await Program.run("scv", arguments + places + target, in: path, environment: environment)
  }

  /// The rows of a query, straight from the warehouse file.
  func rows(_ sql: String) throws -> [[String]] {
    let adapter = try SQLiteAdapter(SQLiteLayout(output: ["type": "sqlite", "path": .string(warehouse)], relativeTo: ""))
    return try adapter.read { try $0.query(sql).rows.map { $0.map { $0.text ?? "" } } }
  }

  func number(_ sql: String) throws -> Int { Int(try rows(sql).first?.first ?? "") ?? -1 }

  /// The streams whose table does not hold what the company says it must, with both numbers.
  func differences() throws -> [String] {
    let streams = try JSON.parse(server.counts())["streams"]?.object ?? [:]
    return try streams.compactMap { name, counts in
      let parts = name.split(separator: ".").map(String.init)
      let table = (parts[0] == "files" ? "app" : parts[0]) + "__" + parts[1]
      let rows = try number("select count(*) from \"\(table)\"")
      let wanted = counts["kept"]?.int.map(Int.init) ?? -1
      return rows == wanted ? nil : "\(name): \(rows) rows, \(wanted) records"
    }
  }

  /// Waits until the server is gone.
  func close() async { await server.stop() }
}

@Suite(.serialized) struct CompanyTests {
  /// The number of the summary's last line: `… 1,234 rows read, …`.
  private static func rowsRead(_ output: String) -> Int? {
    output.firstMatch(of: /([\d,]+) rows read/).flatMap { Int($0.1.filter { $0 != "," }) }
  }

  @Test func everyStreamHoldsWhatTheCompanyHoldsFromDayToDay() async throws {
    let company = try await CompanyProject(customers: 60)
    let first = try await company.scv("sync")
    #expect(first.code == 0, "\(first.text)")
    #expect(try company.differences() == [])

    let second = try await company.scv("sync")
    #expect(second.code == 0 && second.output.contains("nothing new, no rows moved"), "\(second.text)")

    company.server.advance(by: 86_400)
    let moved = try JSON.parse(company.server.counts())["streams"]?.object?.values.reduce(into: 0) { $0 += Int($1["changed"]?.int ?? 0) }
    let third = try await company.scv("sync")
    #expect(third.code == 0, "\(third.text)")
    #expect(try company.differences() == [])
    // What is new or changed moves, and no more than that: but for the export of users, which is one file, and a record at a boundary.
    let read = try #require(Self.rowsRead(third.output))
    let users = try company.number("select count(*) from app__app_users")
    #expect(read >= (moved ?? 0) - users && read <= (moved ?? 0) + users + 5, "\(read) rows were read, \(moved ?? 0) had changed")
    await company.close()
  }

  @Test func aMisbehavingCompanyLosesAndDoublesNothing() async throws {
    let company = try await CompanyProject(customers: 25, faults: try Fault.list("all"))
    let outcome = try await company.scv("sync")
    #expect(outcome.code == 0, "\(outcome.text)")
    #expect(try company.differences() == [])
    #expect(company.server.playedFaults.count >= 6)
    await company.close()
  }

  @Test func aSyncThatIsKilledGoesOnWhereItWasAndLosesAndDoublesNothing() async throws {
    let company = try await CompanyProject(customers: 60)
    for delay in [0.15, 0.3, 0.5, 0.8] {
      _ = try await Program.runAndKill(
        "scv", ["sync", "--project-dir", CompanyProject.repository, "--profiles-dir", company.folder?.path ?? ""],
        in: company.folder?.path ?? "", environment: company.environment, after: delay)
    }
    let outcome = try await company.scv("sync")
    #expect(outcome.code == 0, "\(outcome.text)")
    #expect(try company.differences() == [])
    #expect(try company.number("select count(*) - count(distinct id) from stripe__charges") == 0)
    await company.close()
  }

  @Test func theProjectBuildsItsTestsHoldAndCustomersAreFound() async throws {
    let company = try await CompanyProject(customers: 120)
    #expect(try await company.scv("sync").code == 0)
    let build = try await company.scv("build")
    #expect(build.code == 0, "\(build.text)")
    #expect(build.output.contains("ERROR=0"))

    // Who is who, against the truth, record by record: pairs of records that are rightly and wrongly one customer.
    let truth = String(decoding: company.server.truth(), as: UTF8.self).split(separator: "\n").dropFirst().map { $0.split(separator: ",").map(String.init) }
    let person = Dictionary(truth.map { ($0[3], $0[2]) }) { first, _ in first }
    let customer = Dictionary(try company.rows("select record_id, customer_id from int_customer_identity_map").map { ($0[0], $0[1]) }) { first, _ in first }
    #expect(person.keys.allSatisfy { customer[$0] != nil }, "every record has a customer")
    let records = person.keys.sorted()
    var right = 0
    var wrong = 0
    var missed = 0
    for (index, left) in records.enumerated() {
      for other in records[(index + 1)...] {
        switch (person[left] == person[other], customer[left] == customer[other]) {
        case (true, true): right += 1
        case (false, true): wrong += 1
        case (true, false): missed += 1
        case (false, false): break
        }
      }
    }
    #expect(Double(right) >= 0.98 * Double(right + wrong), "\(wrong) of \(right + wrong) pairs are two people")
    #expect(Double(right) >= 0.80 * Double(right + missed), "\(missed) of \(right + missed) pairs were not found")

    // Events do not change: building again adds none, and a new day only new ones.
    let events = try company.number("select count(*) from fct_user_events_unioned")
    #expect(try await company.scv("run").code == 0)
    #expect(try company.number("select count(*) from fct_user_events_unioned") == events)
    company.server.advance(by: 2 * 86_400)
    #expect(try await company.scv("sync").code == 0)
    let next = try await company.scv("build")
    #expect(next.code == 0, "\(next.text)")
    #expect(try company.number("select count(*) from fct_user_events_unioned") > events)
    #expect(try company.number("select count(*) - count(distinct event_id) from fct_user_events_unioned") == 0)
    #expect(try company.number("select count(*) - count(distinct customer_id) from dim_user_attributes") == 0)

    let one = try await company.scv("customer")
    #expect(one.code == 0 && one.output.contains("Known as") && one.output.contains("Timeline"), "\(one.text)")
    await company.close()
  }
}
