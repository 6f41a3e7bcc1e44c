import Glibc
import Multiprocessing
import POSIXKit

// One scenario: `ChildProcessFixture SCENARIO METHOD`. FIXTURE_BOOTSTRAP says how its main gets `bootstrap` wrong.
let mistake = getenv("FIXTURE_BOOTSTRAP").map { String(cString: $0) } ?? ""
switch mistake {
case "never", "late": break
case "missing": Multiprocessing.bootstrap(Functions.leave)
case "twice": Multiprocessing.bootstrap(Functions.all + [Functions.impostor])
case "sometimes":
  // A child's arguments are not these.
  if CommandLine.arguments[1] == "start" { Multiprocessing.bootstrap(Functions.all) }
case "lost":
  if CommandLine.arguments[1] == "start" {
    Multiprocessing.bootstrap(Functions.all)
  } else {
    // A child that goes on as if it were the program.
    let process = ChildProcess(target: Functions.nothing, context: .fork)
    emit("lost", thrown { try process.start() })
    exit(3)
  }
default: Multiprocessing.bootstrap(Functions.all)
}
do {
  guard CommandLine.arguments.count >= 3, let method = StartMethod(rawValue: CommandLine.arguments[2]) else {
    throw Failure("usage: ChildProcessFixture SCENARIO METHOD")
  }
  try Multiprocessing.setStartMethod(method)
  guard let scenario = Scenarios.all[CommandLine.arguments[1]] else { throw Failure("no such scenario") }
  // The first call of anything may open a descriptor for good.
  _ = try openDescriptors()
  let before = try openDescriptors()
  try scenario(method)
  emit("descriptors left", "\(try openDescriptors().subtracting(before).count)")
  emit(
    "ended children left", "\(try ownChildren().filter { try ProcessStatistics(of: $0).state == "Z" }.count)")
  emit("threads", "\(try countOfThreads())")
} catch {
  emit("error", "\(error)")
  exit(1)
}
