import Procession

/// Keeps records whose field is over a limit and renames it.
struct Over: RecordStep {
  let field: String
  let limit: Double

  init(settings: Settings) throws {
    field = settings.text("field")
    limit = settings.number("limit", default: 10)
  }

  func process(_ record: Record, into output: inout Output) throws {
    guard let value = record.field(named: field) else { throw Missing(field: field) }
    if let number = value.double, number > limit { try output.append(["value": number]) }
  }

  struct Missing: Error, CustomStringConvertible {
    let field: String
    var description: String { "the record has no \(field)" }
  }
}

/// Passes every record on twice; throws for a whole batch that holds a bad one.
struct Twice: Step {
  init(settings: Settings) throws {}

  func process(_ batch: Batch, into output: inout Output) throws {
    for record in batch {
      if record.field("bad")?.bool == true { throw RunError() }
      try output.append(record)
      try output.append(record)
    }
  }

  struct RunError: Error, CustomStringConvertible { var description: String { "a bad record" } }
}

Application(steps: ["over": Over.self, "twice": Twice.self]).main()
