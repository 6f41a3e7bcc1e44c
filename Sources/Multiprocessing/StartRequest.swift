/// What a new process is to be. One value serves all start methods; only the executor differs.
package struct StartRequest: Sendable {
  /// The name under which the entry function was registered (`ProcessTargets.register`).
  package var target: String
  /// For the entry function; this layer does not look into it. Of any size: it travels in memory, or
  /// through a memory file.
  package var payload: [UInt8]
  /// Names the process in messages, and in `ps` (its first 15 bytes).
  package var name: String
  /// Lent descriptors that the child gets, in this order, as `ChildContext.descriptors`. Lent until `start`
  /// returns.
  package var descriptors: [Int32] = []
  /// Stays in the caller's process group, so that it may read the terminal; it then ignores SIGINT. Otherwise
  /// the child leads a group of its own, which ends with it.
  package var foreground = false
  /// A foreground child is ended by SIGINT like its parent.
  package var heedsInterrupt = false
  package var standardInput = Input.null
  package var standardOutput = Output.captured
  package var standardError = Output.captured

  /// What the child reads as its standard input.
  package enum Input: Equatable, Sendable {
    /// /dev/null.
    case null
    /// A lent descriptor.
    case descriptor(Int32)
  }

  /// Where one of the child's output streams goes.
  package enum Output: Equatable, Sendable {
    /// Into a pipe; the parent gets `ChildFact.output`.
    case captured
    /// To a lent descriptor.
    case descriptor(Int32)
  }

  package init(target: String, payload: [UInt8] = [], name: String) {
    self.target = target
    self.payload = payload
    self.name = name
  }
}
