import Glibc
import Multiprocessing
import ProcessPool

// What a program with a pool does: functions, bootstrap, and then its own work.
bootstrap(Functions.all)
guard CommandLine.arguments.count >= 3, let method = StartMethod(rawValue: CommandLine.arguments[2]) else {
  print("usage: PoolFixture SCENARIO METHOD [ARGUMENT]")
  exit(2)
}

exit(
  Scenarios.run(CommandLine.arguments[1], method, argument: CommandLine.arguments.dropFirst(3).first ?? ""))
