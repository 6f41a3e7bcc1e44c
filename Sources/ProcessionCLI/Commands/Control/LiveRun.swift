import ArgumentParser
import Control
import POSIXKit

/// A live run that a command talks to. What goes wrong ends the command with status 1 and says what would be
/// right.
struct LiveRun: ~Copyable {
  /// For each answer that the run gives at once.
  static let patience = Duration.seconds(10)

  let status: RunStatus
  var client: ControlClient

  /// Finds the run and connects to it.
  static func find(_ pipeline: String?) throws -> LiveRun { try LiveRun(choose(pipeline)) }

  /// The run that a user means.
  static func choose(_ pipeline: String?) throws -> FoundRun {
    do {
      return try RunSelection(runs: RunFinder.runs()).choose(pipeline)
    } catch {
      throw failure("\(error)")
    }
  }

  /// Connects to a run that has answered.
  init(_ run: FoundRun) throws {
    status = run.status!
    do {
      client = try ControlClient(path: run.socket, until: Self.deadline)
    } catch {
      throw Self.failure("\(error)")
    }
  }

  static var deadline: UInt64 { MonotonicClock.deadline(after: patience) }

  /// Prints why, and is the error that ends the command.
  static func failure(_ text: String) -> ExitCode {
    Terminal.printError("error: \(text)")
    return ExitCode(ExitStatusTable.failed)
  }

  /// The next reply to a request, or to an earlier one.
  mutating func ask(_ request: ControlRequest) throws -> ControlReply {
    do {
      return try client.ask(request, until: Self.deadline)
    } catch {
      throw Self.failure(Self.words(for: error))
    }
  }

  mutating func send(_ request: ControlRequest) throws {
    do {
      try client.send(request, until: Self.deadline)
    } catch {
      throw Self.failure(Self.words(for: error))
    }
  }

  /// The next reply; nil when the deadline came first.
  mutating func receive(until deadline: UInt64?) throws -> ControlReply? {
    do {
      return try client.receive(until: deadline)
    } catch {
      throw Self.failure(Self.words(for: error))
    }
  }

  private static func words(for error: ControlClientError) -> String {
    if case .closed = error { return "the run ended without a word; was it killed?" }
    return error.description
  }
}

extension LiveRun {
  /// The stage that a user means.
  static func resolve(_ address: StageAddress, in status: RunStatus) throws -> StageAddress.Found {
    do {
      return try address.resolve(in: status)
    } catch {
      throw failure(error.description)
    }
  }
}
