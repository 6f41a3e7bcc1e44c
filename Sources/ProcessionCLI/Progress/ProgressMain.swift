import Coordination
import Glibc
import Multiprocessing
import POSIXKit

/// The disposable process that draws progress from the shared pages: the supervisor never waits for a
/// terminal. It prints the supervisor's lines, draws under them, and ends with its channel.
enum ProgressMain {
  static let target = "procession.progress"

  static func register() { ProcessTargets.register(target) { context in run(&context) } }

  private static func run(_ context: inout ChildContext) -> Int32 {
    do {
      let setup = try ProgressSetup(decoding: context.payload)
      let memory = try SharedMemory(mapping: context.takeDescriptor(0))
      let board = ProgressBoard(setup, base: memory.bytes.baseAddress!)
      var drawing = ProgressDrawing(setup: setup, board: board)
      var deadline = MonotonicClock.deadline(after: setup.interval)
      while !context.control.isClosed {
        let isReadable = try Poller.wait(for: context.control.descriptor.raw, until: deadline)
        if isReadable {
          while let line = try context.control.receive() {
            drawing.say(String(decoding: line, as: UTF8.self))
          }
        }
        if MonotonicClock.now() >= deadline {
          drawing.draw()
          deadline = MonotonicClock.deadline(after: setup.interval)
        }
      }
      drawing.finish()
      withExtendedLifetime(memory.bytes) {}
      return 0
    } catch {
      return 1
    }
  }
}
