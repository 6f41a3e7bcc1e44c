/// A stage as far as it could be read: what is wrong in it has been complained of.
struct StageDraft {
  enum Kind: String {
    case source, steps, sink
  }
  struct Upstream {
    var name: String
    var place: Place
  }

  var name: String
  var place: Place
  /// nil where the stage has none of `source`, `steps` and `sink`, or several.
  var kind: Kind?
  /// nil where `from` is left out.
  var from: [Upstream]?
  var fromPlace: Place?
  var workers = 1
  var requested = StartMethodChoice.auto
  var requestedPlace: Place?
  var restart = RestartPlan.standard
  var key: JQPlan?
  /// Where `order` is written.
  var orderPlace: Place?
  var errors = ErrorPlan()
  var limits = LimitPlan()
  /// A closure that one of the steps is.
  var needsFork: UsePlan?
  var work: StageWork?
  /// Where the path of a source or sink stands.
  var workPlace: Place?

  var owner: String { "stage \(quoted(name))" }
}
