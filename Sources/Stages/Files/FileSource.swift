import Glibc
import POSIXKit
import PipelineFile
import Records

/// Reads files that were there when the run began, and cuts them purely by size.
///
/// The list of files and their sizes are part of the plan, so that every incarnation cuts the same batches;
/// a file that has shrunk, vanished or become another one is an error. Reads with `pread` straight into the
/// batch's memory; the incomplete record at the end of a read is read again with the next batch.
final class FileSource: StageSource {
  /// Bytes of a batch, more or less. One record that is longer makes a longer batch.
  static let batchBytes = 256 << 10

  private let files: [InputFile]
  /// The first of the files that are this source's, and the distance between them.
  private let share: (first: Int, step: Int)
  /// For standard input that is a file: read through this descriptor, from this offset.
  private let redirected: (descriptor: Int32, start: Int)?
  private var format: InputFormat
  private var open: OpenFile?

  /// A file in use, and where its records begin.
  private final class OpenFile {
    let index: Int
    let descriptor: Descriptor
    var dataStart: InputMark

    init(index: Int, descriptor: consuming Descriptor) {
      self.index = index
      self.descriptor = descriptor
      dataStart = InputMark(file: UInt32(index))
    }
  }

  /// Reads the files `slot`, `slot + slots` and so on of the list.
  init(
    _ plan: FileSourcePlan, redirected: (descriptor: Int32, start: Int)? = nil, files: [InputFile],
    slot: Int = 0, of slots: Int = 1
  ) {
    self.files = files
    share = (slot, slots)
    self.redirected = redirected
    format = InputFormat(plan.format)
  }

  var canRepeat: Bool { true }

  var totalBytes: UInt64? { bytes(before: InputMark(file: UInt32(files.count))) }

  func bytes(before mark: InputMark) -> UInt64 {
    var bytes = mark.offset
    for index in stride(from: share.first, to: min(Int(mark.file), files.count), by: share.step) {
      bytes += files[index].size
    }
    return bytes
  }

  var schema: [UInt8] { format.schema }

  func cut(
    at mark: InputMark, headroom: Int, into buffer: inout BatchBuffer, errors: inout RecordErrors
  ) throws(StageFailure) -> CutResult {
    var mark = mark
    if Int(mark.file) < share.first { mark = InputMark(file: UInt32(share.first)) }
    while Int(mark.file) < files.count {
      try use(Int(mark.file))
      let file = files[Int(mark.file)]
      if mark.offset < open!.dataStart.offset { mark = open!.dataStart }
      if mark.offset >= file.size {
        mark = InputMark(file: mark.file + UInt32(share.step))
        continue
      }
      buffer = BatchBuffer(
        headroom: headroom + schema.count,
        capacity: Int(min(UInt64(Self.batchBytes), file.size - mark.offset)) + 1)
      let found = try read(file, at: mark, into: &buffer, policy: errors.policy)
      let cut = found.cut
      let start = mark
      mark.offset += UInt64(cut.length)
      mark.line += UInt64(cut.lines)
      if cut.records == 0 { continue }
      buffer.truncate(to: cut.length)
      var batch = CutBatch(
        format: format.recordFormat, framing: format.framing, recordCount: cut.records,
        provenance: Provenance(file: start.file, offset: start.offset, line: start.line), end: mark)
      if !found.isClean {
        var fit = BatchBuffer(headroom: headroom + schema.count, capacity: cut.length + 1)
        try buffer.withPayload { (bytes) throws(StageFailure) in
          try format.sift(bytes, file: file.shown, line: start.line, into: &fit, &batch, &errors)
        }
        if batch.recordCount < batch.taken {
          buffer = fit
          return .batch(batch)
        }
      }
      if cut.lacksNewline { buffer.append(UInt8(ascii: "\n")) }
      return .batch(batch)
    }
    return .end
  }

  /// Reads until at least one record is complete.
  private func read(
    _ file: InputFile, at mark: InputMark, into buffer: inout BatchBuffer, policy: ErrorPlan.OnError
  ) throws(StageFailure) -> InputFormat.Found {
    var wanted = Self.batchBytes
    while true {
      try fill(&buffer, to: Int(min(UInt64(wanted), file.size - mark.offset)), from: mark, of: file)
      let isEnd = mark.offset + UInt64(buffer.count) >= file.size
      let found = try buffer.withPayload { (bytes) throws(StageFailure) in
        try format.cut(bytes, isEnd: isEnd, file: file.shown, line: mark.line, policy: policy)
      }
      if let found { return found }
      wanted *= 2
    }
  }

  private func fill(
    _ buffer: inout BatchBuffer, to count: Int, from mark: InputMark, of file: InputFile
  ) throws(StageFailure) {
    let base = redirected?.start ?? 0
    while buffer.count < count {
      let offset = base + Int(mark.offset) + buffer.count
      let missing = count - buffer.count
      let read: Int
      do {
        read = try buffer.appendUsingSpare(minimum: missing) { (spare) throws(SystemCallError) in
          try open!.descriptor.pread(
            into: UnsafeMutableRawBufferPointer(rebasing: spare[..<missing]), at: offset)
        }
      } catch {
        throw StageFailure("\(file.shown): error: it can't be read: \(error)")
      }
      if read == 0 {
        let end = (try? open!.descriptor.status()).map { Int($0.st_size) } ?? offset
        throw StageFailure(
          "\(file.shown): error: it had \(file.size) bytes when the run began and now ends at \(end); "
            + "leave input files as they are during a run")
      }
    }
  }

  /// Opens a file of the list, unless it is open, and reads its BOM and header.
  private func use(_ index: Int) throws(StageFailure) {
    if let open, open.index == index { return }
    // The header that the others must repeat is that of the whole list's first file.
    if open == nil && share.step > 1 && index > 0 && format.hasHeader { try use(0) }
    let file = files[index]
    open = OpenFile(index: index, descriptor: try descriptor(of: file))
    open!.dataStart = try readStart(of: file, index: index)
  }

  private func descriptor(of file: InputFile) throws(StageFailure) -> Descriptor {
    do {
      if let redirected { return try Descriptor.duplicate(redirected.descriptor) }
      let descriptor = try Descriptor.open(file.path)
      let status = try descriptor.status()
      if UInt64(status.st_ino) == file.inode && UInt64(status.st_dev) == file.device { return descriptor }
    } catch {
      throw StageFailure(
        "\(file.shown): error: it was there when the run began and can't be opened: \(error)")
    }
    throw StageFailure(
      "\(file.shown): error: it is not the file that was there when the run began; "
        + "leave input files as they are during a run")
  }

  /// Where the records begin: behind a BOM and, in CSV, the header.
  private func readStart(of file: InputFile, index: Int) throws(StageFailure) -> InputMark {
    var start = InputMark(file: UInt32(index))
    if file.size == 0 && !format.hasHeader { return start }
    var buffer = BatchBuffer(headroom: 0, capacity: 4 << 10)
    var wanted = 4 << 10
    while true {
      try fill(&buffer, to: Int(min(UInt64(wanted), file.size)), from: start, of: file)
      let isEnd = UInt64(buffer.count) >= file.size
      let found = try buffer.withPayload {
        (bytes) throws(StageFailure) -> (bom: Int, length: Int, lines: Int)? in
        let bom = UTF8.startsWithBOM(bytes) ? 3 : 0
        guard
          let header = try format.readHeader(
            bytes.bytes(bom..<bytes.count), isEnd: isEnd, file: file.shown)
        else { return nil }
        return (bom, header.length, header.lines)
      }
      if let found {
        start.offset = UInt64(found.bom + found.length)
        start.line = UInt64(1 + found.lines)
        return start
      }
      wanted *= 2
    }
  }
}
