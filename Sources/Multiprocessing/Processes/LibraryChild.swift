import CPOSIX
import Glibc
import POSIXKit

/// What a `ChildProcess` does in its own process.
enum LibraryChild {
  /// The target of children that are not forked here.
  static let target = "procession.function"

  /// What a spawned child has to know.
  struct Payload: Equatable {
    var function: String
    var isDaemon: Bool
    var path: String
    var parent: ParentProcess
    var chosenMethod: StartMethod?
    /// To tell the parent that `bootstrap` was reached.
    var announces: Bool
    var arguments: [UInt8]

    func encoded() -> [UInt8] {
      var writer = WireWriter()
      writer.write(function)
      writer.write(isDaemon)
      writer.write(path)
      writer.write(parent.name)
      writer.write(parent.pid)
      writer.write(chosenMethod?.rawValue ?? "")
      writer.write(announces)
      writer.write(arguments)
      return writer.bytes
    }
  }

  /// The entry function of a child made by spawn or a fork server.
  static func run(_ context: inout ChildContext) -> Int32 {
    var reader = WireReader(context.payload)
    guard let function = reader.text(), let isDaemon = reader.flag(), let path = reader.text(),
      let parentName = reader.text(), let parentPid = reader.integer(), let method = reader.text(),
      let announces = reader.flag(), let arguments = reader.bytesField()
    else { ChildEntry.fail("bad payload") }
    Library.becomeChild(
      ProcessIdentity(
        name: context.name, pid: getpid(), isDaemon: isDaemon, startMethod: context.method, path: path),
      of: ParentProcess(name: parentName, pid: parentPid), method: StartMethod(rawValue: method))
    // Nobody reads it where the parent has gone on meanwhile.
    if announces { try? context.control.send([1], until: MonotonicClock.deadline(after: .seconds(30))) }
    guard let entry = RemoteFunctionTable.entry(named: function) else {
      ChildEntry.fail("the function '\(function)' is not listed in Multiprocessing.bootstrap")
    }
    return finish { try arguments.withUnsafeBytes { try entry.run($0) } }
  }

  /// Runs a process's own code, tells what it threw, and sees to the process's own children. Returns the exit status.
  static func finish(_ body: () throws -> Void) -> Int32 {
    var status: Int32 = 0
    do { try body() } catch let error as ProcessExit {
      status = error.status
    } catch {
      fflush(nil)
      StandardStreams.say("Process \(Library.identity.name) failed: \(type(of: error)): \(error)")
      status = 1
    }
    Library.processExits()
    fflush(nil)
    return status
  }
}

/// What a fork server runs before its first fork.
enum LibraryPreload {
  static let target = "procession.function"

  static func request(_ function: String, _ arguments: [UInt8]) -> ForkServer.Preload {
    var writer = WireWriter()
    writer.write(function)
    writer.write(arguments)
    return ForkServer.Preload(target, payload: writer.bytes)
  }

  private final class Nothing {}

  static func run(_ payload: [UInt8]) throws -> AnyObject {
    var reader = WireReader(payload)
    guard let name = reader.text(), let arguments = reader.bytesField(),
      let entry = RemoteFunctionTable.entry(named: name)
    else { ChildEntry.fail("the function that was to load is not listed in Multiprocessing.bootstrap") }
    // A daemon: what is started by a preload would be nobody's.
    Library.becomeChild(
      ProcessIdentity(
        name: Library.serverName, pid: getpid(), isDaemon: true, startMethod: .spawn, path: Library.serverName
      ),
      of: ParentProcess(name: "MainProcess", pid: getppid()), method: nil)
    try arguments.withUnsafeBytes { try entry.run($0) }
    return Nothing()
  }
}
