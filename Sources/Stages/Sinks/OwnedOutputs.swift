import Glibc
import POSIXKit

/// How many files an owner file remembers: a pipeline whose output is named by a variable writes several.
let rememberedOutputs = 256

/// The files that an owner file remembers, each as `device:inode`, oldest first.
func ownedOutputs(in ownerFile: String) -> [String] {
  ((try? textOfSystemFile(ownerFile)) ?? "").split(separator: "\n").map(String.init)
}

func storeOwned(_ owned: [String], in ownerFile: String) throws(SystemCallError) {
  let owner = try Descriptor.open(ownerFile, O_WRONLY | O_CREAT | O_TRUNC)
  try owner.writeAll(Array((owned.joined(separator: "\n") + "\n").utf8))
}

/// Adds a file to those that an owner file remembers.
func rememberOutput(_ file: stat, in ownerFile: String) throws(SystemCallError) {
  let owner = try Descriptor.open(ownerFile, O_WRONLY | O_CREAT | O_APPEND)
  try owner.writeAll(Array("\(file.st_dev):\(file.st_ino)\n".utf8))
}

/// Makes the names of files in a folder durable. Throws `SystemCallError`.
func makeNamesDurable(in folder: String) throws(SystemCallError) {
  let opened = try Descriptor.open(folder, O_RDONLY | O_DIRECTORY)
  guard fsync(opened.raw) == 0 else { throw .last("fsync", folder) }
}

func foreign(_ shown: String) -> String {
  "\(shown) exists and was not written by this pipeline; "
    + "move it away, or write 'existing: replace' or 'existing: append'"
}

func protected(_ shown: String) -> String {
  "\(shown) exists, and 'existing: refuse' protects it; move it away"
}
