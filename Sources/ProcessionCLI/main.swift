import Glibc
import Multiprocessing
import POSIXKit
import Worker

StandardStreams.fillClosed()
WorkerMain.register()
ProgressMain.register()
ChaosRunMain.register()
ProcessTargets.bootstrap(arguments: CommandLine.arguments)
exit(ProcessionCommand.runMain())
