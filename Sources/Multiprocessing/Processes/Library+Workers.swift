import Glibc

/// For entry functions of layers above: from now on `currentProcess()` and `parentProcess()` tell of the worker that
/// this process is. It may start processes of its own; what still runs of them when it ends ends with its group.
/// For the main thread, before any code of the user's runs.
package func becomeWorker(named name: String, startedBy method: StartMethod, of parent: Int32) {
  Library.becomeChild(
    ProcessIdentity(name: name, pid: getpid(), isDaemon: false, startMethod: method, path: name),
    of: ParentProcess(name: "MainProcess", pid: parent), method: method)
}
