/// Reads `restart`: a policy, or a mapping with limits.
struct RestartReader {
  let reading: Reading

  func read(_ node: FileNode, owner: String) -> RestartPlan {
    var plan = RestartPlan.standard
    if node.scalar != nil {
      plan.policy = reading.value(node, "'restart'", policy) ?? plan.policy
      reading.note(owner, "restart limits", Self.limits(plan))
      return plan
    }
    let known = ["policy", "max", "within", "backoff", "exceeded"]
    guard let fields = Fields(node, owner: "'restart' of \(owner)", known: known, reading: reading) else {
      return plan
    }
    plan.policy = reading.value(
      fields, "policy", default: plan.policy, shown: plan.policy.rawValue, policy)
    plan.max = reading.value(fields, "max", default: plan.max, shown: "\(plan.max)") {
      text throws(ScalarProblem) in try Scalars.integer(text, in: 0...1_000_000)
    }
    plan.window = reading.value(
      fields, "within", default: plan.window, shown: DurationText.format(plan.window)
    ) {
      text throws(ScalarProblem) in
      let window = try DurationText.parse(text)
      guard window > 0 else { throw ScalarProblem("the window is empty", "write a duration above 0s") }
      return window
    }
    let backoff = reading.value(
      fields, "backoff", default: (plan.firstBackoff, plan.lastBackoff), shown: Self.backoff(plan)
    ) { text throws(ScalarProblem) in
      let range = try DurationText.parseRange(text)
      return (range.low, range.high)
    }
    plan.firstBackoff = backoff.0
    plan.lastBackoff = backoff.1
    plan.exceeded = reading.value(
      fields, "exceeded", default: plan.exceeded, shown: plan.exceeded.rawValue
    ) { text throws(ScalarProblem) in try Scalars.choice(text, of: RestartPlan.Exceeded.self) }
    return plan
  }

  private func policy(_ text: String) throws(ScalarProblem) -> RestartPlan.Policy {
    try Scalars.choice(text, of: RestartPlan.Policy.self)
  }

  /// `always, at most 5 within 1m, backoff 50ms..5s`.
  static func shown(_ plan: RestartPlan) -> String {
    plan.policy == .never ? "never" : "\(plan.policy.rawValue), \(limits(plan))"
  }

  private static func limits(_ plan: RestartPlan) -> String {
    "at most \(plan.max) within \(DurationText.format(plan.window)), backoff \(backoff(plan))"
      + (plan.exceeded == .park ? ", then parked" : "")
  }

  private static func backoff(_ plan: RestartPlan) -> String {
    "\(DurationText.format(plan.firstBackoff))..\(DurationText.format(plan.lastBackoff))"
  }
}
