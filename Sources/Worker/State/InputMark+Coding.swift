import Coordination
import Stages

extension ByteWriter {
  mutating func write(_ mark: InputMark) {
    write(mark.file)
    write(mark.offset)
    write(mark.line)
    write(mark.identity.device)
    write(mark.identity.inode)
    write(mark.tailCheck)
  }
}

extension ByteReader {
  mutating func readMark() throws(ByteCodingError) -> InputMark {
    var mark = InputMark(file: try read(), offset: try read(), line: try read())
    mark.identity = FileIdentity(device: try read(), inode: try read())
    mark.tailCheck = try read()
    return mark
  }
}
