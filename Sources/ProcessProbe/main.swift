import Glibc
import Multiprocessing

// Starts an empty process by one method and joins it, again and again, and prints how many nanoseconds each took.
// For the benchmarks: a program as a user of the library has it, with nothing else in it.

let nothing = RemoteFunction("nothing") {}
Multiprocessing.bootstrap(nothing)

guard CommandLine.arguments.count == 3, let method = StartMethod(rawValue: CommandLine.arguments[1]),
  let rounds = Int(CommandLine.arguments[2])
else {
  print("usage: ProcessProbe fork|spawn|forkserver ROUNDS")
  exit(2)
}
var times: [Duration] = []
// The first start waits for the server, and loads what the others find loaded.
for _ in 0...rounds {
  let process = ChildProcess(target: nothing, context: ProcessContext(method))
  let clock = ContinuousClock()
  times.append(
    try clock.measure {
      try process.start()
      try process.join()
    })
  try process.close()
}
// Printed at the end: each start writes out what is buffered.
for time in times.dropFirst() { print(Int64(time / .nanoseconds(1))) }
