import DataFormats
import Diagnostics
import OrderedCollections
import Project
import Transform

/// What is told of single nodes: when one begins, how it ended, what was wrong.
struct NodeEvents {
  private let project: LoadedProject
  /// The folder of artifacts, as the user would name it.
  private let targetName: String
  private var manifest: Manifest { project.manifest }

  init(_ project: LoadedProject, target: String? = nil) {
    self.project = project
    let root = project.configuration.root + "/"
    let path = target ?? project.configuration.targetPath
    targetName = path.hasPrefix(root) ? String(path.dropFirst(root.count)) : path
  }

  /// `1 of 4 START sql table model main.orders .... [RUN]`
  func started(_ id: String, _ index: Int, _ total: Int) -> LogEvent {
    let text = line("\(index) of \(total) START \(description(id))", "RUN")
    return LogEvent(
      name: "LogStartLine", code: "Q011", message: text, thread: "Thread-1 (worker)",
      data: [
        "node_info": info(id, status: "started"), "description": .string(description(id)), "index": .int(Int64(index)), "total": .int(Int64(total)),
      ])
  }

  /// `1 of 4 OK created sql table model main.orders .... [SELECT 3 in 0.02s]`
  func finished(_ result: NodeResult, _ index: Int, _ total: Int) -> LogEvent {
    let node = manifest.nodes[result.uniqueID]
    let (word, style): (String, Terminal.Style) =
      switch result.status {
      case .success: ("OK", .green)
      case .noOp: ("NO-OP", .yellow)
      case .pass: ("PASS", .green)
      case .warn: ("WARN", .yellow)
      case .skipped: ("SKIP", .yellow)
      case .fail: ("FAIL", .red)
      case .partialSuccess: ("PARTIAL SUCCESS", .red)
      default: ("ERROR", .red)
      }
    var outcome = word
    if result.status == .success, let message = result.message, !message.isEmpty { outcome = message }
    if let failures = result.failures, failures > 0, result.status != .pass { outcome += " \(failures)" }
    let took = result.status == .skipped ? "" : " in \(Numbers.decimal(result.executionTime, 2))s"
    let text = line(
      "\(index) of \(total) \(word) \(verb(result.status, node))\(description(result.uniqueID, isResult: true))",
      Terminal.standardOutput.styled(outcome, style) + took)
    let (name, code) = kind(result.status, node)
    var data: OrderedDictionary<String, JSON> = [
      "node_info": info(result.uniqueID, status: result.status.rawValue), "description": .string(description(result.uniqueID)),
      "status": .string(outcome), "index": .int(Int64(index)), "total": .int(Int64(total)), "execution_time": .double(result.executionTime),
    ]
    if let failures = result.failures { data["num_failures"] = .int(Int64(failures)) }
    if result.status == .skipped { data["node_name"] = .string(node?.name ?? result.uniqueID) }
    return LogEvent(
      name: name, code: code, level: result.status == .warn ? .warn : result.status.isFailure ? .error : .info, message: text,
      thread: result.threadID + " (worker)", data: data)
  }

  /// What was wrong with a node, with what is known of where and why.
  func problem(_ result: NodeResult, _ log: EventLog) {
    let node = manifest.nodes[result.uniqueID]
    let name = node?.name ?? manifest.unitTests[result.uniqueID]?.name ?? result.uniqueID
    let data = ["node_info": info(result.uniqueID, status: result.status.rawValue)]
    if let diagnostic = result.diagnostic {
      return log.emit(diagnostic, name: "RunResultError", code: "Z024", data: data)
    }
    tellFinding(result, node, name, data, log)
  }

  /// What a test found, in dbt's words: which test of which file, how much, where its SQL is, and where its rows are kept.
  private func tellFinding(_ result: NodeResult, _ node: Node?, _ name: String, _ data: [String: JSON], _ log: EventLog) {
    let file = node?.originalFilePath ?? manifest.unitTests[result.uniqueID]?.originalFilePath ?? ""
    let isWarning = result.status == .warn
    let level: LogEvent.Level = isWarning ? .warn : .error
    func tell(_ name: String, _ code: String, _ text: String, _ extra: OrderedDictionary<String, JSON> = [:]) {
      var event = LogEvent(name: name, code: code, level: level, message: text)
      for (key, value) in data { event.data[key] = value }
      event.data.merge(extra) { $1 }
      log.emit(event)
    }
    let kind = node == nil ? "unit_test" : node?.resourceType.rawValue ?? "test"
    let head = "\(isWarning ? "Warning" : "Failure") in \(kind) \(name) (\(file))"
    tell(
      isWarning ? "RunResultWarning" : "RunResultFailure", isWarning ? "Z021" : "Z022",
      Terminal.standardOutput.styled(head, isWarning ? .yellow : .red), ["resource_type": .string(kind), "node_name": .string(name), "path": .string(file)])
    for line in (result.message ?? "failed").split(separator: "\n", omittingEmptySubsequences: false) { tell("RunResultError", "Z024", "  " + line) }
    guard let node else { return }
    let path = "\(targetName)/compiled/\(node.outputPath)"
    tell("Formatting", "Z017", "")
    tell("SQLCompiledPath", "Z026", "  compiled code at \(path)", ["path": .string(path)])
    guard let relation = result.relationName else { return }
    let query = "select * from \(relation)"
    let rule = String(repeating: "-", count: query.count)
    tell("Formatting", "Z017", "")
    tell("CheckNodeTestFailure", "Z027", "  See test failures:\n  \(rule)\n  \(query)\n  \(rule)", ["relation_name": .string(relation)])
  }

  // MARK: Words

  private func line(_ left: String, _ right: String) -> String {
    let dots = String(repeating: ".", count: max(3, 79 - left.count))
    return "\(left) \(dots) [\(right)]"
  }

  private func verb(_ status: NodeStatus, _ node: Node?) -> String {
    switch (status, node?.resourceType) {
    case (.success, .model): "created "
    case (.success, .seed): "loaded "
    case (.success, .snapshot): "snapshotted "
    case (.error, .model): "creating "
    case (.error, .seed): "loading "
    case (.error, .snapshot): "snapshotting "
    case (.skipped, _), (_, .test): ""
    default: ""
    }
  }

  /// `sql table model main.orders`; of a result of a test just its name.
  private func description(_ id: String, isResult: Bool = false) -> String {
    guard let node = manifest.nodes[id] else {
      if let exposure = manifest.exposures[id] { return "exposure \(exposure.name)" }
      guard let test = manifest.unitTests[id] else { return id }
      return isResult ? "\(test.model)::\(test.name)" : "unit_test \(test.model)::\(test.name)"
    }
    switch node.resourceType {
    case .model: return "\(node.language) \(node.config.materialized) model \(relation(node))"
    case .seed: return isResult ? "seed file \(relation(node))" : "seed file \(relation(node))"
    case .snapshot: return "snapshot \(relation(node))"
    case .test: return isResult ? node.name : "test \(node.name)"
    default: return node.name
    }
  }

  private func relation(_ node: Node) -> String { node.schema.isEmpty ? node.alias : "\(node.schema).\(node.alias)" }

  private func kind(_ status: NodeStatus, _ node: Node?) -> (String, String) {
    if status == .skipped { return ("SkippingDetails", "Q034") }
    if status == .noOp { return ("LogNodeNoOpResult", "Q019") }
    switch node?.resourceType {
    case .model?: return ("LogModelResult", "Q012")
    case .seed?: return ("LogSeedResult", "Q016")
    case .snapshot?: return ("LogSnapshotResult", "Q015")
    case .test?, nil: return ("LogTestResult", "Q007")
    default: return ("LogNodeResult", "Q008")
    }
  }

  /// What events tell about their node.
  func info(_ id: String, status: String) -> JSON {
    guard let node = manifest.nodes[id] else {
      return ["unique_id": .string(id), "node_status": .string(status), "node_name": .string(manifest.unitTests[id]?.name ?? id)]
    }
    return [
      "unique_id": .string(id), "node_name": .string(node.name), "node_path": .string(node.path), "node_status": .string(status),
      "resource_type": .string(node.resourceType.rawValue), "materialized": .string(node.config.materialized), "meta": .object(node.meta),
      "node_relation": [
        "alias": .string(node.alias), "database": .string(node.database ?? ""), "relation_name": .string(node.relationName ?? ""),
        "schema": .string(node.schema),
      ],
    ]
  }
}

extension ResourceType {
  /// The word for one of them, as dbt's counts name it.
  var singular: String {
    switch self {
    case .test: "data test"
    case .unitTest: "unit test"
    case .sqlOperation: "sql operation"
    case .semanticModel: "semantic model"
    case .savedQuery: "saved query"
    default: rawValue
    }
  }
}
