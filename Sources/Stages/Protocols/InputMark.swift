/// Where a source stands in its input: everything it needs to cut the same batches again.
package struct InputMark: Hashable, Sendable {
  /// Index into the source's list of files; for a followed file, how many were at its path before.
  package var file: UInt32
  /// Bytes from the start of that file.
  package var offset: UInt64
  /// Line in that file, counted from 1.
  package var line: UInt64
  /// Which file it is, where that is not known from a list.
  package var identity = FileIdentity()
  /// XXH64 of the bytes before the offset, ``tailLength`` at most, where the file may become another one.
  package var tailCheck: UInt64 = 0

  /// How many bytes before a mark tell whether they are still those that were read.
  package static let tailLength = 64

  package init(file: UInt32 = 0, offset: UInt64 = 0, line: UInt64 = 1) {
    self.file = file
    self.offset = offset
    self.line = line
  }
}

/// What tells a file from all others that are there now, whatever its name. Zero: none.
package struct FileIdentity: Hashable, Sendable {
  package var device: UInt64
  package var inode: UInt64

  package init(device: UInt64 = 0, inode: UInt64 = 0) {
    self.device = device
    self.inode = inode
  }
}
