import Diagnostics

/// The sandbox's own handles, under `/_sandbox`: the clock, the faults, the truth.
struct ControlAPI {
  let playground: Playground

  func respond(to request: SandboxRequest) -> SandboxResponse {
    do {
      switch (request.method, request.path) {
      case ("GET", "/"), ("GET", "/state"): return state(playground.world)
      case ("POST", "/advance"):
        return state(playground.advance(by: try SandboxOptions.span(request.value("by") ?? "1d")))
      case ("POST", "/faults"), ("GET", "/faults"):
        if request.method == "POST" { playground.faults.set(try Fault.list(request.value("set") ?? "")) }
        return state(playground.world)
      case ("GET", "/truth.csv"):
        return SandboxResponse(headers: [("content-type", "text/csv; charset=utf-8")], body: Truth(playground.world).csv())
      case ("GET", "/counts.json"):
        return SandboxResponse(
          headers: [("content-type", "application/json; charset=utf-8")], body: Truth(playground.world).counts(archive: playground.files))
      default: return .text(404, "no such handle: \(request.method) /_sandbox\(request.path)\n")
      }
    } catch let problem as Diagnostic {
      return .text(400, problem.description + "\n")
    } catch {
      return .text(500, "\(error)\n")
    }
  }

  private func state(_ world: World) -> SandboxResponse {
    .json { json in
      json.object { json in
        json.time("now", world.now)
        json.time("previous", world.previous)
        json.time("opening", world.company.opening)
        json.field("people", world.population)
        json.array("faults") { json in playground.faults.faults.forEach { json.string($0.rawValue) } }
        json.object("played") { json in
          for (fault, count) in playground.faults.played.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            json.key(named: fault.rawValue)
            json.integer(Int64(count))
          }
        }
      }
    }
  }
}
