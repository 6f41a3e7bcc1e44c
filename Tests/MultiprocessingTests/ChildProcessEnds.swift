import Glibc
import Multiprocessing
import POSIXKit
import TestSupport
import Testing

/// Who ends with whom.
@Suite(.serialized, .timeLimit(.minutes(5)))
struct ChildProcessEnds {
  @Test(arguments: StartMethod.allCases)
  func `a parent's exit ends its daemons, deaf ones too, and waits for the others`(
    _ method: StartMethod
  ) throws {
    let run = try LibraryRun("daemons", method)
    try run.wait { run["main ends"] != nil || run.status != nil }
    try run.end()
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.lines.contains("the worker's last words"))
    for pid in try #require(run["pids"]).split(separator: " ") { #expect(kill(Int32(pid)!, 0) != 0) }
  }

  @Test(arguments: StartMethod.allCases)
  func `nobody outlives a killed parent`(_ method: StartMethod) throws {
    let run = try LibraryRun("killed", method)
    try run.wait { run["pids"] != nil || run.status != nil }
    let watched = try WatchedProcess.all(try #require(run["pids"]))
    try run.program.child.signal(SIGKILL)
    for process in watched { #expect(try process.ends(), "\(process.watch.pid) is still there") }
    try run.end()
    #expect(run.status == -SIGKILL)
  }

  @Test(arguments: StartMethod.allCases)
  func `the interrupt key reaches children but not the fork server`(_ method: StartMethod) throws {
    let run = try LibraryRun("interrupt", method)
    try run.wait { run["ready"] != nil || run.status != nil }
    #expect(kill(-Int32(try #require(run["ready"]))!, SIGINT) == 0)
    try run.end()
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.all("interrupted") == ["-2", "-2"])
    #expect(run["next"] == "0")
  }

  @Test func `a fork server that dies is replaced and its children end with it`() throws {
    let run = try LibraryRun.complete("server dies", .forkserver)
    #expect(run["joined"] == "true")
    #expect(run["resting"] == "255")
    #expect(run["next"] == "0")
    #expect(run["replaced"] == "true")
    #expect(run["last"] == "0")
  }

  @Test func `a fork server that no longer answers does not make join wait for ever`() throws {
    let run = try LibraryRun.complete("server silent", .forkserver)
    #expect(run["joined"] == "true")
    #expect(run.all("status").last == "255")
    #expect(run["next"] == "0")
  }

  @Test func `what a fork server preloads its children have, and a new preload spares the old children`()
    throws
  {
    let run = try LibraryRun.complete("preload", .forkserver)
    #expect(run.all("loads") == ["1000 in forkserver", "2000 in forkserver"])
    #expect(run.all("loaded") == ["1000", "2000"])
    #expect(run.all("resting") == ["true", "-15"])
    #expect(run["third"] == "0")
    #expect(run["unlisted"]?.contains("'only here' is not listed") == true)
  }

  @Test func `an error of the preload is thrown by each start until another is set`() throws {
    let run = try LibraryRun.complete("preload fails", .forkserver)
    let text = """
      Unable to start 'p': what the fork server was to load failed: flights.csv:7: there is no column 'carrier'
      """
    #expect(run.all("start") == [text, text])
    #expect(run["mended"] == "0")
  }
}
