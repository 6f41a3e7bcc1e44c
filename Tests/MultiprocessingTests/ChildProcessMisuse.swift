import Multiprocessing
import Testing

/// What is refused, and that each refusal says what mends it.
@Suite(.serialized, .timeLimit(.minutes(5)))
struct ChildProcessMisuse {
  @Test(arguments: StartMethod.allCases)
  func `calls in the wrong order are refused with the remedy`(_ method: StartMethod) throws {
    let run = try LibraryRun.complete("misuse", method)
    #expect(run["join before"] == "Unable to join process 'p': it was not started. Call start() first.")
    #expect(run["terminate before"]?.hasSuffix("it was not started. Call start() first.") == true)
    #expect(run["sentinel before"]?.hasSuffix("it was not started. Call start() first.") == true)
    #expect(run["before"] == "false, true, true")
    for key in ["start twice", "start again"] {
      #expect(
        run[key] == "Process 'p' was started before. A process runs once: make a new ChildProcess.")
    }
    #expect(
      run["close early"]
        == "Unable to close process 'p': it is still running. Call join() or terminate() first.")
    for (key, operation) in [
      ("join closed", "join"), ("kill closed", "kill"), ("start closed", "start"),
      ("sentinel closed", "get the sentinel of"),
    ] {
      #expect(run[key] == "Unable to \(operation) process 'p': close() was called. Do it before.")
    }
    #expect(run["closed"] == "-9")
    #expect(run["unused"]?.contains("close() was called") == true)
  }

  @Test func `a function that is listed with other types is refused`() throws {
    let text = try #require(try LibraryRun.complete("misuse", .spawn)["impostor"])
    #expect(text.contains("'say' is (Swift.Int) -> Swift.Int, "))
    #expect(text.contains("is (Swift.String, Swift.Int) -> ()."))
  }

  @Test(arguments: StartMethod.allCases)
  func `a fork among threads is refused and the remedy named`(_ method: StartMethod) throws {
    let run = try LibraryRun.complete("threads", method)
    #expect(run["again"] == "true")
    if method != .fork { return #expect(run["status"] == "0") }
    #expect(run["start"]?.hasPrefix("Unable to start 'p': this process has 2 threads") == true)
    #expect(
      run["start"]?.contains("Start it by spawn or forkserver, or fork before the threads start") == true)
    #expect(run["status"] == "none")
  }

  @Test func `a thread that was joined does not keep a process from forking`() throws {
    #expect(try LibraryRun.complete("joined threads", .fork)["threads"] == "1")
  }

  @Test(arguments: StartMethod.allCases)
  func `a closure keeps its captures under fork and is refused otherwise`(_ method: StartMethod) throws {
    let run = try LibraryRun.complete("closure", method, leaves: 0)
    #expect(run["here"] == "[1, 2, 3]")
    if method == .fork {
      #expect(run["closure"] == "closed over has [1, 2, 3, 4]")
      #expect(run["unlisted"] == "no error")
    } else {
      #expect(run["start"]?.contains("can't be sent to a process made by \(method.rawValue)") == true)
      #expect(run["start"]?.contains("(context: .fork), or declare a RemoteFunction") == true)
      #expect(run["unlisted"]?.contains("the function 'only here' is not listed (listed: ") == true)
      #expect(run["unlisted"]?.hasSuffix("Multiprocessing.bootstrap at the top of main.") == true)
    }
  }

  @Test(arguments: StartMethod.allCases)
  func `a forked child can't touch its parent's processes`(_ method: StartMethod) throws {
    let run = try LibraryRun.complete("copies", method)
    #expect(run["join itself"]?.hasPrefix("Process 'own' can't wait for its own end.") == true)
    #expect(
      run["join older"]?.hasPrefix("Unable to join process 'older': this process did not start it.") == true)
    #expect(run["kill older"]?.hasPrefix("Unable to kill process 'older'") == true)
    #expect(run["older"] == "false, active 0")
    #expect(run["next"] == "Process-2:1 0")
    #expect(run["status"] == "0, older true")
    #expect(run["older's status"] == "-9")
  }

  @Test func `a forked child keeps the program's descriptors and none of the library's`() throws {
    let run = try LibraryRun.complete("descriptors", .fork)
    #expect(run["kept"] == "true")
    // The older child's two.
    #expect(run["library's"] == "0 more, 2 fewer")
  }

  @Test(arguments: ["never", "late", "missing", "twice"], [StartMethod.spawn, .forkserver])
  func `a wrong bootstrap fails at the start and says how to mend it`(
    _ mistake: String, _ method: StartMethod
  ) throws {
    let run = try LibraryRun.complete("start", method, mistake: mistake, leaves: 0)
    let text = try #require(run["start"])
    let remedies = [
      "never": "Call Multiprocessing.bootstrap(say, ...) as the first thing in main, before this start.",
      "late": "Call Multiprocessing.bootstrap(say, ...) as the first thing in main, before this start.",
      "missing": "Add it to the arguments of Multiprocessing.bootstrap at the top of main.",
      "twice": "Give each a name of its own, and list each once in one call.",
    ]
    #expect(text.hasPrefix("Unable to start 'Process-1': "))
    #expect(text.hasSuffix(remedies[mistake]!))
    #expect(run["status"] == "none")
  }

  @Test(arguments: [StartMethod.spawn, .forkserver])
  func `a child that does not reach bootstrap fails the start`(_ method: StartMethod) throws {
    // The socket of the server that has ended.
    let left = method == .forkserver ? 1 : 0
    let run = try LibraryRun.complete("start", method, mistake: "sometimes", leaves: left)
    #expect(
      run["start"]?.contains("did not reach Multiprocessing.bootstrap (it ended with exit 1 first)") == true)
    let lost = try LibraryRun.complete("start", method, mistake: "lost", leaves: left)
    #expect(lost["lost"]?.contains("this process is itself a child that did not reach it") == true)
    #expect(lost["start"]?.contains("it ended with exit 3 first") == true)
  }
}
