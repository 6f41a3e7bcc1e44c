import Glibc
import POSIXKit
import PipelineFile
import Records

/// Reads one file as it grows, for ever.
///
/// A file that is shorter than what was read of it, or holds something else there, was truncated: it is read from
/// its beginning. When another file is at the path, the old one, which is kept open, is read until nothing was
/// appended to it for ``grace``, as its writer may not have noticed yet; what it ends with is a record, newline or
/// not. A new incarnation finds a renamed file again by its inode.
///
/// What can't be found again, because a file was truncated or removed before all of it was delivered, is told and
/// left out. Of several rotations while nobody reads, only the first file and the last are read.
package final class FollowSource: ArrivalSource {
  /// How long a file that is not at its path any more must have been left alone to be complete.
  package static let grace = Duration.seconds(1)

  private let path: FollowedPath
  /// The file that was at the path when the run began.
  private let planned: FileIdentity
  private let cutter: ArrivalCutter
  private let grace: Duration
  private let say: (String) -> Void
  private var watch: FileWatch
  private var open: OpenFile?
  /// Where reading goes on instead of at a mark whose file gave nothing more.
  private var moved: (from: InputMark, to: InputMark)?

  private final class OpenFile {
    let number: UInt32
    let identity: FileIdentity
    let descriptor: Descriptor
    /// Its size when another file was seen at the path, and until when it must stay so.
    var quiet: (size: UInt64, until: UInt64)?

    init(number: UInt32, identity: FileIdentity, descriptor: consuming Descriptor) {
      self.number = number
      self.identity = identity
      self.descriptor = descriptor
    }
  }

  package init(
    _ plan: FileSourcePlan, grace: Duration = FollowSource.grace, say: @escaping (String) -> Void
  ) throws(StageFailure) {
    let file = plan.files[0]
    path = FollowedPath(path: file.path, shown: file.shown)
    planned = FileIdentity(device: file.device, inode: file.inode)
    cutter = ArrivalCutter(plan.format, name: file.shown)
    self.grace = grace
    self.say = say
    do {
      watch = try FileWatch()
      for folder in path.folders { try watch.add(folder: folder) }
    } catch {
      throw StageFailure("\(file.shown): error: it can't be followed: \(error)")
    }
  }

  package var isEndless: Bool { true }
  package var canRepeat: Bool { true }
  package var totalBytes: UInt64? { nil }
  package func bytes(before mark: InputMark) -> UInt64 { mark.offset }
  package var schema: [UInt8] { cutter.schema }

  package func cut(
    at mark: InputMark, headroom: Int, into buffer: inout BatchBuffer, errors: inout RecordErrors
  ) throws(StageFailure) -> CutResult {
    try forget()
    var place = mark
    if let moved, moved.from == mark { place = moved.to }
    while true {
      guard let file = try use(&place, instead: mark) else {
        return .wait(descriptor: watch.descriptor, until: nil)
      }
      let quiet = try quietUntil(file)
      let isFinal = quiet.map { $0 <= MonotonicClock.now() } ?? false
      let offer = try cutter.cut(
        at: place, isFinal: isFinal, headroom: headroom, into: &buffer, errors: &errors
      ) { (room, offset) throws(StageFailure) in try read(file, into: room, at: offset) }
      switch offer {
      case .batch(let batch): return .batch(batch)
      case .linger(let until): return .wait(descriptor: nil, until: until)
      case .nothing: return .wait(descriptor: watch.descriptor, until: quiet)
      case .end:
        place = InputMark(file: place.file + 1)
        go(to: place, instead: mark)
      case .changed:
        say("\(path.shown) was truncated; reading it from its beginning")
        place = InputMark(file: place.file + 1)
        place.identity = file.identity
        go(to: place, instead: mark)
      }
    }
  }

  package func cutAgain(
    at mark: InputMark, to end: InputMark, headroom: Int, into buffer: inout BatchBuffer,
    errors: inout RecordErrors
  ) throws(StageFailure) -> CutBatch {
    var start = mark
    if end.file != mark.file { start = InputMark(file: end.file) }
    start.identity = end.identity
    if let file = try find(start) {
      let batch = try cutter.cutAgain(
        at: start, to: end, headroom: headroom, into: &buffer, errors: &errors
      ) { (room, offset) throws(StageFailure) in try read(file, into: room, at: offset) }
      if let batch { return batch }
    }
    say(
      "\(path.shown): bytes \(start.offset) to \(end.offset) were being delivered and can't be read again, as "
        + "the file was truncated or removed; what of them has not arrived is lost")
    return cutter.lose(upTo: end, headroom: headroom, into: &buffer)
  }

  package func keep(before mark: InputMark) {}

  package func holdsUnneeded(before mark: InputMark) -> Bool { false }

  package func release(before mark: InputMark) {}

  private func forget() throws(StageFailure) {
    do {
      try watch.clear()
    } catch {
      throw StageFailure("\(path.shown): error: it can't be followed: \(error)")
    }
  }

  private func go(to place: InputMark, instead mark: InputMark) {
    moved = (mark, place)
    open = nil
  }

  /// The file of a mark, or, where that is gone, the one that is at the path now. Nil: there is none.
  private func use(
    _ place: inout InputMark, instead mark: InputMark
  ) throws(StageFailure) -> OpenFile? {
    if place.identity == FileIdentity() && place.file == 0 { place.identity = planned }
    while true {
      if place.identity == FileIdentity() {
        guard let current = path.current else { return nil }
        place.identity = current
      }
      if let file = try find(place) { return file }
      if place.offset > 0 || place.identity == planned {
        say(
          "\(path.shown): the file that was being read is gone; what was written to it from byte "
            + "\(place.offset) on is lost, and the file that is there now is read from its beginning")
      }
      place = InputMark(file: place.file + 1)
      go(to: place, instead: mark)
    }
  }

  /// Opens the file of a mark, unless it is open. Nil: it is gone.
  private func find(_ place: InputMark) throws(StageFailure) -> OpenFile? {
    if let open, open.number == place.file, open.identity == place.identity { return open }
    guard let descriptor = try path.open(place.identity) else { return nil }
    do {
      for folder in path.folders { try watch.add(folder: folder) }
      try watch.follow(descriptor.raw)
    } catch {
      throw StageFailure("\(path.shown): error: it can't be followed: \(error)")
    }
    cutter.begin()
    open = OpenFile(number: place.file, identity: place.identity, descriptor: descriptor)
    return open
  }

  /// Until when a file must stay as it is to be complete. Nil: it is still the one at the path.
  private func quietUntil(_ file: OpenFile) throws(StageFailure) -> UInt64? {
    guard let current = path.current, current != file.identity else {
      file.quiet = nil
      return nil
    }
    let size: UInt64
    do {
      size = UInt64(max(0, try file.descriptor.status().st_size))
    } catch {
      throw StageFailure("\(path.shown): error: it can't be read: \(error)")
    }
    if file.quiet?.size != size { file.quiet = (size, MonotonicClock.deadline(after: grace)) }
    return file.quiet?.until
  }

  private func read(
    _ file: OpenFile, into room: UnsafeMutableRawBufferPointer, at offset: Int
  ) throws(StageFailure) -> Int {
    var count = 0
    do {
      while count < room.count {
        let read = try file.descriptor.pread(into: .init(rebasing: room[count...]), at: offset + count)
        if read == 0 { break }
        count += read
      }
    } catch {
      throw StageFailure("\(path.shown): error: it can't be read: \(error)")
    }
    return count
  }
}
