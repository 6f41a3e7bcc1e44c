/// Reads the top level of a file into a plan.
struct PlanReader {
  let reading: Reading
  let environment: [String: String]
  private static let keys = ["name", "vars", "secrets", "dead_letters", "strategy", "stages"]

  /// nil if a stage could not be made; a plan that comes with errors is not to be used either.
  func read(_ file: InterpolatedFile, path: String) -> Plan? {
    guard let fields = Fields(file.root, owner: "the pipeline", known: Self.keys, reading: reading) else {
      return nil
    }
    let name = name(fields, path: path)
    if let secrets = fields["secrets"] {
      SecretsReader(reading: reading, environment: environment).check(secrets)
    }
    let deadLetters = DeadLettersReader(reading: reading).read(fields["dead_letters"])
    let strategy = reading.value(
      fields, "strategy", default: .oneForOne, shown: StrategyChoice.oneForOne.rawValue
    ) { text throws(ScalarProblem) in try Scalars.choice(text, of: StrategyChoice.self) }
    guard let stages = fields.entry("stages") else {
      reading.error(
        "the file has no 'stages'", "declare a source and a sink under 'stages:'", at: fields.place)
      return nil
    }
    guard let entries = stages.value.entries, !entries.isEmpty else {
      reading.error(
        "'stages' must be a mapping of at least two stages, and this is \(stages.value.kind)",
        "write 'name: { source: ... }'", at: stages.value.place)
      return nil
    }
    let readings = entries.map(StageReader(reading: reading).read)
    let wiring = Wiring(readings, stagesPlace: stages.keyPlace, reading: reading)
    let drafts = EndlessOrder(reading: reading).settle(readings, upstream: wiring.upstream)
    SharedEnds(reading: reading).check(drafts)
    guard var plans = plans(drafts, wiring), !reading.complaints.hasErrors else { return nil }
    if let keeper = keeper(of: plans, at: fields.entry("dead_letters")?.keyPlace ?? stages.keyPlace) {
      plans.append(keeper)
    }
    return Plan(
      name: name, file: path, directory: reading.folders.pipeline, vars: file.variables.plan, stages: plans,
      deadLetters: deadLetters, strategy: strategy)
  }

  private func name(_ fields: Fields, path: String) -> String {
    if let node = fields["name"] { return reading.value(node, "'name'", Scalars.name) ?? "" }
    let base = path.split(separator: "/").last ?? "pipeline"
    let stem = base.lastIndex(of: ".").map { base[..<$0] } ?? base
    let name = Scalars.nameLike(String(stem))
    reading.note(fields.owner, "name", name)
    return name
  }

  private func plans(_ drafts: [StageDraft], _ wiring: Wiring) -> [StagePlan]? {
    let downstream = wiring.downstream
    var plans: [StagePlan] = []
    for (index, draft) in drafts.enumerated() {
      guard let work = draft.work else { return nil }
      let start = StartMethods.choose(for: draft, work: work)
      plans.append(
        StagePlan(
          name: draft.name, position: draft.place.position, upstream: wiring.upstream[index],
          downstream: downstream[index], workers: draft.workers, requestedStartMethod: draft.requested,
          startMethod: start.method, startMethodReason: start.reason, restart: draft.restart,
          errors: draft.errors, limits: draft.limits, key: draft.key, work: work))
    }
    return plans
  }

  /// The stage that stores dead letters, where some stage has any.
  private func keeper(of stages: [StagePlan], at place: Place) -> StagePlan? {
    let senders = stages.indices.filter { stages[$0].errors.onError == .deadLetter }
    guard !senders.isEmpty else { return nil }
    return StagePlan(
      name: DeadLetterPlan.stageName, position: place.position, upstream: senders, downstream: [],
      workers: 1, requestedStartMethod: .auto, startMethod: .fork,
      startMethodReason: "starts fastest; nothing in this stage needs a clean process", restart: .standard,
      work: .deadLetters)
  }
}
