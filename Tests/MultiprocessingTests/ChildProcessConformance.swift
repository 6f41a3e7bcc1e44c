import Glibc
import Multiprocessing
import POSIXKit
import Testing

/// What `ChildProcess` promises under every start method, shown with real processes.
@Suite(.serialized, .timeLimit(.minutes(5)))
struct ChildProcessConformance {
  @Test(arguments: StartMethod.allCases)
  func `an exit status is N for exit N, -N for signal N, 1 for an error, 0 for a result`(
    _ method: StartMethod
  ) throws {
    let run = try LibraryRun.complete("statuses", method)
    let expected = [
      "return 0: 0", "exit 7: 7", "exit 255: 255", "leave 5: 5", "throw 0: 1", "raise 9: -9",
      "raise 15: -15", "crash 0: -11",
    ]
    #expect(run.lines.prefix(8) == expected[...])
    #expect(
      run.errors.hasPrefix("Process leaver failed: Broken: flights.csv:7: there is no column 'carrier'\n"))
  }

  @Test(arguments: StartMethod.allCases)
  func `terminate, kill and interrupt end it by their signals and later ones are ignored`(
    _ method: StartMethod
  ) throws {
    let run = try LibraryRun.complete("signals", method)
    #expect(run["terminate before"] == "alive true, none")
    #expect(run["terminate"] == "-15, alive false")
    #expect(run["kill"] == "-9, alive false")
    #expect(run["interrupt"] == "-2, alive false")
  }

  @Test(arguments: StartMethod.allCases)
  func `join has a deadline and a sentinel is readable once it has ended`(_ method: StartMethod) throws {
    let run = try LibraryRun.complete("waiting", method)
    #expect(run["too early"] == "false")
    #expect(run["negative"] == "false")
    #expect(run["ready"] == "true, status 0")
    #expect(run["active"] == "Process-1")
    #expect(run["nothing ready"] == "[]")
    #expect(run["joined"] == "true true")
    #expect(run["still readable"] == "true")
    #expect(run["killed"] == "true")
    #expect(run["late sentinel"] == "1")
    #expect(run["nobody"] == "[]")
    #expect(run["closed"] == "-9 false")
  }

  @Test(arguments: StartMethod.allCases)
  func `output goes to the parent's streams, in order and once`(_ method: StartMethod) throws {
    let run = try LibraryRun.complete("output", method)
    #expect(run.lines.prefix(5) == ["parent before", "child", "child", "child", "parent after"])
    #expect(run.lines.count == 8)
  }

  @Test(arguments: StartMethod.allCases)
  func `a child knows itself and its parent, and has no input, threads or ignored interrupts`(
    _ method: StartMethod
  ) throws {
    let run = try LibraryRun.complete("identity", method)
    let common = """
      method \(method.rawValue), default \(method.rawValue), pid true, parent MainProcess, \
      parent's group true, ignores interrupt false, input 0, threads 1, active 0
      """
    #expect(run["main"] == "MainProcess, parent none")
    #expect(
      run.all("child") == ["name clean.0, daemon true, " + common, "name Process-2, daemon false, " + common])
    #expect(run["processors"] == "true")
  }

  @Test(arguments: StartMethod.allCases)
  func `a child has children of its own and waits for them at its end`(_ method: StartMethod) throws {
    let run = try LibraryRun.complete("nested", method)
    #expect(run["nested"] == "Process-1:1 ended with 0, Process-1:2")
    #expect(
      Set(run.all("child").map { $0.prefix(18) }) == ["name Process-1:1, ", "name Process-1:2, "])
    #expect(run["status"] == "0")
  }

  @Test(arguments: StartMethod.allCases)
  func `a daemon may start no process`(_ method: StartMethod) throws {
    let run = try LibraryRun.complete("nested daemon", method)
    #expect(run["status"] == "1")
    #expect(
      run.errors.contains(
        "Unable to start 'Process-1:1': 'Process-1' is a daemon, which ends with its parent"))
  }

  @Test(arguments: StartMethod.allCases)
  func `arguments of any size and shape arrive`(_ method: StartMethod) throws {
    let run = try LibraryRun.complete("arguments", method)
    let sum = (0..<5_000_000).reduce(0) { $0 + Int(UInt8(truncatingIfNeeded: $1)) }
    let lines = run.all("argument")
    #expect(lines.count == 2)
    #expect(lines.allSatisfy { $0.hasPrefix("5000000 bytes, sum \(sum), ") })
    #expect(lines[0].contains(#"Argument(name: "a", numbers: [0.5], next: "#))
    #expect(lines[0].contains(#"Argument(name: "ü", numbers: [], next: [])]"#))
    #expect(lines[1].hasSuffix(", nothing"))
  }

  @Test(arguments: StartMethod.allCases)
  func `the start method is chosen once, and contexts do not ask for it`(_ method: StartMethod) throws {
    let run = try LibraryRun.complete("methods", method)
    #expect(run["method"] == method.rawValue)
    #expect(
      run["again"]?.contains("it is \(method.rawValue) and was chosen or used before. Set it once") == true)
    #expect(run["forced"] == "true")
    #expect(run["all"] == "fork spawn forkserver")
    #expect(run.all("child").filter { $0.contains(" method \(method.rawValue), ") }.count == 3)
  }

  @Test(arguments: StartMethod.allCases)
  func `a hundred processes leave nothing behind`(_ method: StartMethod) throws {
    let run = try LibraryRun.complete("churn", method)
    #expect(run["leaked"] == "0")
    #expect(run["active"] == "0")
    #expect(run["threads"] == "1")
  }

  @Test(arguments: StartMethod.allCases)
  func `a program that reaps everything itself does not make join wait for ever`(
    _ method: StartMethod
  ) throws {
    let run = try LibraryRun.complete("stolen", method)
    #expect(run.all("joined") == Array(repeating: "true", count: 20))
    // Under forkserver nobody but the server could take the status.
    let status = method == .forkserver ? "0" : "255"
    #expect(run.all("status") == Array(repeating: status, count: 20))
  }

  @Test(arguments: StartMethod.allCases)
  func `a program's other children are left to it`(_ method: StartMethod) throws {
    #expect(try LibraryRun.complete("others", method)["own child"] == "true 0")
  }

  @Test(arguments: StartMethod.allCases)
  func `a program of the library has one thread and loads neither Foundation nor ZeroMQ`(
    _ method: StartMethod
  ) throws {
    let run = try LibraryRun.complete("libraries", method)
    #expect(run["Foundation"] == "false")
    #expect(run["zmq"] == "false")
    #expect(run["threads"] == "1")
  }

  @Test(arguments: StartMethod.allCases)
  func `a program without standard streams starts processes`(_ method: StartMethod) throws {
    let run = try LibraryRun("closed streams", method)
    try run.end()
    #expect(run.status == 0)
  }

  @Test(arguments: StartMethod.allCases)
  func `two threads start and join their own processes at the same time`(_ method: StartMethod) throws {
    #expect(try LibraryRun.complete("two threads", method)["rounds"] == "40")
  }
}
