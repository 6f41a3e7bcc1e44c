import CPOSIX
import POSIXKit

/// What an entry function is given in its process.
package struct ChildContext: ~Copyable {
  /// The request's name.
  package let name: String
  package let method: StartMethod
  package let payload: [UInt8]
  /// To the parent. Its end means that the parent is gone or wants this process to end.
  package var control: ControlChannel
  /// The passed descriptors' numbers here, in the request's order; close-on-exec. Nobody closes them but the
  /// child.
  package let descriptors: [Int32]
  /// What the fork server's preload returned. Its pages are shared as long as nobody writes to them.
  package let preloaded: AnyObject?

  /// Takes over a passed descriptor, which may be done once.
  package func takeDescriptor(_ place: Int) -> Descriptor { Descriptor(owning: descriptors[place]) }

  /// What is removed when this process ends by returning from its entry function or because its parent died,
  /// even in the middle of a computation: a file (a socket) and, only when the owner is gone too, the file
  /// that was the owner's and the folder that held both, if nothing else is in there. Replaces what was set
  /// before. Throws `SystemCallError`.
  package func setOrphanCleanup(
    path: String?, folder: String?, ofOwner owned: String? = nil
  ) throws(SystemCallError) {
    guard cposix_set_orphan_cleanup(path, folder, owned) == 0 else {
      throw .last("set orphan cleanup", path ?? folder ?? "")
    }
  }
}
