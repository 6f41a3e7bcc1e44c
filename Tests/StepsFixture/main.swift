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

/// Counts from 1 to a number.
struct Count: Source {
  let last: UInt64

  init(settings: Settings) throws {
    last = UInt64(settings.integer("to", default: 1000, in: 1...100_000_000))
  }

  func read(at position: UInt64, into output: inout SourceOutput) throws -> SourceReading {
    if position >= last { return .end }
    let end = min(last, position + 5_000)
    for number in position..<end { try output.append("{\"n\":\(number + 1)}") }
    return .batch(next: end)
  }
}

/// Gives numbers that nobody can ask for again: each comes once, in whatever process asks.
struct Ticks: LiveSource {
  let path: String

  init(settings: Settings) throws { path = settings.text("file") }

  func take(into output: inout SourceOutput) throws -> LiveReading {
    // A queue: what is read is gone from it.
    guard let taken = try Queue.take(path) else { return .after(.milliseconds(5)) }
    try output.append(taken)
    return .more
  }
}

/// Appends lines to a file, and keeps its position in another one: an outside with transactions, nearly.
struct Ledger: Sink {
  let path: String
  var buffer: [UInt8] = []

  init(settings: Settings) throws { path = settings.text("path") }

  static var keepsPosition: Bool { true }

  mutating func open(_ worker: WorkerInfo) throws -> [UInt8]? { try LedgerFile.open(path) }

  mutating func write(_ batch: Batch) throws {
    for record in batch {
      if record.field("refused")?.bool == true { throw Twice.RunError() }
    }
    for record in batch { buffer += Array(record.bytes) + [10] }
  }

  mutating func commit(_ position: [UInt8]) throws {
    try LedgerFile.commit(path, buffer, position)
    buffer.removeAll()
  }
}

/// How many records of each name there were by then; at the end, the totals.
struct Tally: StatefulStep {
  let field: String

  init(settings: Settings) { field = settings.text("field", default: "name") }

  func process(_ record: Record, state: State, into output: StateOutput) throws {
    guard let name = record.field(named: field)?.string else { throw Over.Missing(field: field) }
    let count = try state.add(1, to: name)
    if name == "spoilt" { throw Twice.RunError() }
    try output.append(["name": name, "count": "\(count)"])
  }

  func flush(state: State, into output: StateOutput) throws {
    try state.forEachInteger { name, count in
      try output.append("{\"total\":\(count),\"of\":\"\(name)\"}")
      return true
    }
  }
}

let scale = 10

let scaled = Pipeline("scaled", ["dead_letters": ["limit": "none"]])
  .source("read", .file("in.jsonl"))
  .steps(
    "clean",
    [
      .filter(".a != null"),
      .each { record, output in
        guard let value = record.field("a")?.int else { throw Over.Missing(field: "number a") }
        try output.append(["a": value * scale])
      },
      .use("twice"),
    ], ["workers": 2]
  )
  .sink("out", .file("scaled.jsonl", ["existing": "replace"]))

let spawned = Pipeline("spawned")
  .source("read", .file("in.jsonl"))
  .steps(
    "clean", [.batches { batch, output in try batch.forEach { try output.append($0) } }],
    ["start_method": "spawn"]
  )
  .sink("out", .discard)

Application(
  steps: ["over": Over.self, "twice": Twice.self], statefulSteps: ["tally": Tally.self],
  sources: ["count": Count.self],
  liveSources: ["ticks": Ticks.self], sinks: ["ledger": Ledger.self], pipelines: [scaled, spawned]
).main()
