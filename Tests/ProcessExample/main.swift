import Multiprocessing

let f = RemoteFunction("f") { (name: String) in
  print("hello", name)
}
Multiprocessing.bootstrap(f)

// fork, unless the command line says spawn or forkserver
let method = CommandLine.arguments.dropFirst().first.flatMap(StartMethod.init) ?? .fork
try Multiprocessing.setStartMethod(method)

let p = ChildProcess(target: f, args: "bob")
try p.start()
try p.join()
