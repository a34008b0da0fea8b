import Diagnostics

/// What only the company's inventor knows: who is who in all systems, and how many records each stream holds.
struct Truth {
  let world: World

  init(_ world: World) {
    self.world = world
  }

  /// Who is who: `source_system,source_id,person_id,record_id`, a line for every record of a person that a warehouse can hold.
  func csv() -> [UInt8] {
    let company = world.company
    var bytes = Array("source_system,source_id,person_id,record_id\n".utf8)
    func report(_ system: System, _ id: String, _ person: Int) {
      bytes.append(contentsOf: "\(system.name),\(id),\(person),\(system.name):\(id)\n".utf8)
    }
    let streams: [(Stream, System)] = [
      (.contact, .contact), (.lead, .lead), (.stripeCustomers, .stripe), (.shopifyCustomers, .shopify), (.zendeskUsers, .zendesk), (.appUsers, .app),
    ]
    for (stream, system) in streams {
      stream.forEach(in: world) { record in
        // Deleted before anybody could see it, or nobody's record at all: agents are no customers.
        guard record.isKept, record.ref.owner < Agent.base else { return }
        let id =
          switch system {
          case .contact: SObject.contact.identifier(record.ref, company)
          case .lead: SObject.lead.identifier(record.ref, company)
          case .stripe: StripeCustomer.identifier(record.ref, company)
          case .shopify: String(ShopifyCustomer.identifier(record.ref, company))
          case .zendesk: String(ZendeskObjects.identifier(user: record.ref, company))
          case .app: AppUsers.identifier(record.ref.owner, company)
          }
        report(system, id, record.ref.owner)
      }
    }
    return bytes
  }

  /// The numbers of a stream.
  struct Count {
    /// What a full sync delivers now.
    var records = 0
    /// What a warehouse holds that has followed every change since the company's opening.
    var kept = 0
    /// Of those, made since the clock was last moved on.
    var new = 0
    /// Changed since then; the new ones count, and so do the deleted.
    var changed = 0
    /// Deleted since then.
    var deleted = 0
    /// All that are deleted but still delivered, with a flag.
    var flaggedDeleted = 0
  }

  /// Counts one stream.
  func count(_ stream: Stream, archive: FileArchive) -> Count {
    var count = Count()
    if stream == .logEvents {
      for file in archive.files(in: world) where file.day != nil {
        let records = archive.recordCount(of: file, in: world)
        count.records += records
        if file.modified > world.previous { count.new += records }
      }
      count.kept = count.records
      count.changed = count.new
      return count
    }
    // The export of the users is a day's work: what it shows is as old as the last midnight.
    let previous = stream == .appUsers ? AppUsers.exported(by: world.previous) : world.previous
    stream.forEach(in: world) { record in
      if record.isListed { count.records += 1 }
      if record.isKept { count.kept += 1 }
      if record.created > previous { count.new += 1 }
      if record.updated > previous { count.changed += 1 }
      if let deleted = record.deleted {
        if deleted > previous { count.deleted += 1 }
        if record.isListed { count.flaggedDeleted += 1 }
      }
    }
    return count
  }

  /// The counts of all streams as JSON.
  func counts(archive: FileArchive) -> [UInt8] {
    var json = JSONBytes()
    json.object { json in
      json.time("now", world.now)
      json.time("previous", world.previous)
      json.time("opening", world.company.opening)
      json.field("people", world.population)
      json.object("streams") { json in
        for stream in Stream.allCases {
          let count = self.count(stream, archive: archive)
          json.key(named: stream.rawValue)
          json.object {
            $0.field("records", count.records)
            $0.field("kept", count.kept)
            $0.field("new", count.new)
            $0.field("changed", count.changed)
            $0.field("deleted", count.deleted)
            $0.field("flagged_deleted", count.flaggedDeleted)
          }
        }
      }
    }
    json.newline()
    return json.bytes
  }
}

/// Writes the truth about the company, for those who judge.
public enum SandboxTruth {
  /// Writes who is who to `path`, a CSV file or a folder (then `truth.csv` in it), and the record counts to `counts.json` beside it.
  ///
  /// - Throws: a `Diagnostic` of the code `sandbox.cannot-write`.
  public static func write(_ options: SandboxOptions, to path: String) throws {
    let truth = Truth(options.world())
    let isFile = path.hasSuffix(".csv")
    let folder = isFile ? path.lastIndex(of: "/").map { String(path[...$0]) } ?? "" : path + "/"
    try OutputFile.write(truth.csv(), to: isFile ? path : folder + "truth.csv")
    try OutputFile.write(truth.counts(archive: FileArchive()), to: folder + "counts.json")
  }
}
