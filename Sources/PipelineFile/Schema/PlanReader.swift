/// Reads the top level of a file into a plan.
struct PlanReader {
  let reading: Reading
  let environment: [String: String]
  private static let keys = ["name", "vars", "secrets", "stages"]

  /// nil if a stage could not be made; a plan that comes with errors is not to be used either.
  func read(_ file: InterpolatedFile, path: String) -> Plan? {
    guard let fields = Fields(file.root, owner: "the pipeline", known: Self.keys, reading: reading) else {
      return nil
    }
    let name = name(fields, path: path)
    if let secrets = fields["secrets"] {
      SecretsReader(reading: reading, environment: environment).check(secrets)
    }
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
    let drafts = entries.map(StageReader(reading: reading).read)
    let wiring = Wiring(drafts, stagesPlace: stages.keyPlace, reading: reading)
    SharedEnds(reading: reading).check(drafts)
    guard let plans = plans(drafts, wiring), !reading.complaints.hasErrors else { return nil }
    return Plan(
      name: name, file: path, directory: reading.folders.pipeline, vars: file.variables.plan, stages: plans)
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
          startMethod: start.method, startMethodReason: start.reason, restart: draft.restart, work: work))
    }
    return plans
  }
}
