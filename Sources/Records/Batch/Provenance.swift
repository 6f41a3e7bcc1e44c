/// Where the first record of a batch was read: for messages about records.
package struct Provenance: Hashable, Sendable {
  /// Index into the source's list of files.
  package var file: UInt32
  /// Bytes from the start of that file.
  package var offset: UInt64
  /// Line in that file, counted from 1.
  package var line: UInt64

  package init(file: UInt32 = 0, offset: UInt64 = 0, line: UInt64 = 1) {
    self.file = file
    self.offset = offset
    self.line = line
  }
}
