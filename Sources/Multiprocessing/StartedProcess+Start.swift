import CPOSIX
import Glibc
import POSIXKit

extension StartedProcess {
  /// Starts a registered function in a new process made by fork or spawn (`ForkServer.start` is the third).
  /// Returns at once; that the child is ready is for a message of its own to tell. Under fork the caller must
  /// have one thread. Throws `StartError`.
  package static func start(
    _ request: StartRequest, by method: DirectMethod
  ) throws(StartError) -> StartedProcess {
    try ProcessTargets.check(request)
    let most = Descriptor.mostPassed - 5
    if request.descriptors.count > most {
      throw .tooManyDescriptors(request.descriptors.count, name: request.name, most: most)
    }
    if method == .fork { try OneThreadCheck.pass(for: request.name) }
    do {
      var channels = try LaunchChannels(request)
      let control = try ControlChannel(channels.takeControl())
      let record = BootstrapRecord(request, method == .fork ? .fork : .spawn)
      let pid =
        switch method {
        case .fork: try fork(record, request, channels)
        case .spawn: try spawn(record, request, channels)
        }
      return try StartedProcess(
        name: request.name, method: record.method, pid: pid, leadsGroup: !request.foreground,
        control: control, standardOutput: channels.takeOutput(), standardError: channels.takeError())
    } catch { throw .system(error, name: request.name) }
  }

  /// The start methods that need no server.
  package enum DirectMethod: Sendable {
    case fork
    case spawn
  }

  private static func fork(
    _ record: BootstrapRecord, _ request: StartRequest, _ channels: borrowing LaunchChannels
  ) throws(SystemCallError) -> Int32 {
    try ForkSeam.fork(
      name: record.name, group: record.foreground ? getpgrp() : 0,
      descriptors: channels.childDescriptors(request)
    ) { ChildEntry.run(record, preloaded: nil) }
  }

  /// Forks this process for a closure. The child has all that the caller has, other descriptors too, and stays in the
  /// caller's process group. It reads /dev/null, writes where the caller does, has no control channel, and the caller must
  /// have one thread. Throws `StartError`.
  static func fork(name: String, body: @escaping () -> Never) throws(StartError) -> StartedProcess {
    try OneThreadCheck.pass(for: name)
    do {
      let pid = try ForkSeam.fork(
        name: name, group: getpgrp(), descriptors: [-1, 1, 2], keepsOthers: true,
        body)
      return try StartedProcess(
        name: name, method: .fork, pid: pid, leadsGroup: false, control: nil, standardOutput: nil,
        standardError: nil)
    } catch { throw .system(error, name: name) }
  }

  private static func spawn(
    _ record: BootstrapRecord, _ request: StartRequest, _ channels: borrowing LaunchChannels
  ) throws(SystemCallError) -> Int32 {
    let file = try record.memoryFile()
    let descriptors = channels.childDescriptors(request) + [file.raw]
    let arguments = ProcessTargets.arguments(
      program: CommandLine.arguments.first ?? "procession", bootstrapNumber: Int32(descriptors.count - 1),
      parent: getpid(), name: record.name)
    return try ProgramStart.spawn(
      "/proc/self/exe", arguments: arguments, group: record.foreground ? .inherited : .own,
      descriptors: descriptors)
  }

  /// Starts another executable, which knows nothing of this library: no control channel, but captured output,
  /// its own group, and facts as for any child. `request.target` is not used. Throws `StartError`.
  package static func start(
    program path: String, arguments: [String], environment: [String]? = nil, _ request: StartRequest
  ) throws(StartError) -> StartedProcess {
    do {
      var channels = try LaunchChannels(request)
      var descriptors = channels.childDescriptors(request)
      descriptors.remove(at: Int(BootstrapRecord.controlNumber))
      let pid = try ProgramStart.spawn(
        path, arguments: [path] + arguments, environment: environment,
        group: request.foreground ? .inherited : .own, descriptors: descriptors)
      return try StartedProcess(
        name: request.name, method: nil, pid: pid, leadsGroup: !request.foreground, control: nil,
        standardOutput: channels.takeOutput(), standardError: channels.takeError())
    } catch { throw .system(error, name: request.name) }
  }
}
