import Glibc
import Multiprocessing
import POSIXKit
import Worker

/// The whole command line, for an executable that is nothing else.
package enum CommandLineMain {
  /// To be called at the top of `main`, once the program's own types are registered: takes over where this
  /// process was started as a child, and otherwise carries out the command and ends.
  package static func run() -> Never {
    StandardStreams.fillClosed()
    WorkerMain.register()
    ProgressMain.register()
    ChaosRunMain.register()
    ProcessTargets.bootstrap(arguments: CommandLine.arguments)
    exit(ProcessionCommand.runMain())
  }
}
