/// Reads what a stage does about records that it can't work on: `on_error`, `attempts` and `deadline`.
struct ErrorsReader {
  let reading: Reading
  static let keys = ["on_error", "attempts", "deadline"]

  func read(_ fields: Fields, _ draft: StageDraft) -> ErrorPlan {
    var plan = ErrorPlan()
    plan.onError = reading.value(fields, "on_error", default: .deadLetter, shown: "dead-letter") {
      text throws(ScalarProblem) in try Scalars.choice(text, of: ErrorPlan.OnError.self)
    }
    // Nothing that a source does with a record could end its worker, or take long.
    if draft.kind == .source {
      for entry in fields.present(["attempts", "deadline"]) {
        reading.refuse(entry, isFor: "stages with 'steps' and sinks", draft)
      }
      return plan
    }
    plan.attempts = reading.value(fields, "attempts", default: plan.attempts, shown: "\(plan.attempts)") {
      text throws(ScalarProblem) in try Scalars.integer(text, in: 1...100)
    }
    plan.deadline = reading.value(fields, "deadline", default: nil, shown: "none") {
      text throws(ScalarProblem) -> UInt64? in
      try text == "none" ? nil : DurationText.parsePositive(text)
    }
    return plan
  }
}
