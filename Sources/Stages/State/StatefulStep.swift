import Records

/// A step that keeps state: what it makes of a record may depend on those before it.
///
/// Made in the worker, after the fork; called by one thread. The framework stores in one transaction what a
/// group of batches changed in the state, what they led to and how far the inputs have come, so that no death
/// is seen: a batch counts once, however often it is worked on. For that the step must keep nothing of its own
/// between two calls but what it can make again from its settings, and must do the same with the same state
/// and batch.
package protocol StatefulStep: AnyObject {
  /// Works on a batch, record by record in its order.
  ///
  /// ``StateStore/mark()`` and ``StateOutput/mark()`` begin each record. One that is refused goes to `errors`
  /// after both were taken back to their marks; what this throws ends the run.
  func process(
    _ batch: BatchView, state: StateStore, into output: StateOutput, errors: inout RecordErrors
  ) throws(StageFailure)

  /// All input is in the state: writes what it still owes. Called once in a run, as part of a transaction, so
  /// after a death again; not when a pipeline is drained, which goes on with its state.
  func flush(state: StateStore, into output: StateOutput) throws(StageFailure)
}
