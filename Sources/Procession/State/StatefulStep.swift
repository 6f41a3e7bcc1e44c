/// A step of yours that keeps state: what it makes of a record may depend on those before it.
///
/// A pipeline file names it by `use`, as the only step of its stage. What a group of batches changed in the
/// ``State``, what they led to and how far the input has come are stored in one transaction, so that no death is
/// seen: each record counts once, however often it is worked on. For that a value of the type keeps nothing
/// between two calls: all that it remembers is in the ``State``, and the same state and record give the same
/// result.
///
/// With several workers the stage has a `key`, which decides whose state a record belongs to.
public protocol StatefulStep: Configurable {
  /// Works on a record, in the order in which records come. What is thrown makes a dead letter of it (or what
  /// the stage's `on_error` says), and both the state's changes and the output of the record are taken back.
  /// ``Unavailable`` ends the worker instead, which is started again, and ``RunFailure`` the run.
  func process(_ record: Record, state: State, into output: StateOutput) throws

  /// All input is in the state: writes what it still owes. Called when the input has ended, not when the run is
  /// drained, which goes on with its state. What is thrown ends the run.
  func flush(state: State, into output: StateOutput) throws
}

extension StatefulStep {
  /// Owes nothing at the end.
  public func flush(state: State, into output: StateOutput) throws {}
}
