import Multiprocessing
import ProcessPool

let f = RemoteFunction("f") { (x: Int) in
  x * x
}
Multiprocessing.bootstrap(f)

// fork, unless the command line says spawn or forkserver
let method = CommandLine.arguments.dropFirst().first.flatMap(StartMethod.init) ?? .fork

try ProcessPool.with(workers: 5, start: method) { p in
  print(try p.map(f, [1, 2, 3]))
}
