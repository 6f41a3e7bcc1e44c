import Glibc
import Multiprocessing
import Worker

WorkerMain.register()
ProgressMain.register()
ProcessTargets.bootstrap(arguments: CommandLine.arguments)
exit(ProcessionCommand.runMain())
