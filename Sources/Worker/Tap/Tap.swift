import Coordination
import POSIXKit
import Records

/// One reader's copies: its socket, its choice of records, the datagram that is being filled.
///
/// Whatever finds no room is counted and told with the next datagram that does. For one thread.
final class Tap {
  let order: TapOrder
  private(set) var isGone = false
  private let slot: String
  private let socket: DatagramSocket
  private let mostText: Int
  private var sampler: TapSampler
  private var dropped: UInt64 = 0
  private var tooLong: UInt64 = 0
  /// Texts for the next datagram, and how many.
  private var buffer: BatchBuffer
  private var count: UInt64 = 0

  /// Bytes that may be under way to the reader.
  private static let socketBuffer = 1 << 20

  init(_ order: TapOrder, slot: String) throws(SystemCallError) {
    self.order = order
    self.slot = slot
    mostText = TapDatagram.mostBytes - TapDatagram.fixedSize - slot.utf8.count
    socket = try DatagramSocket.connect(order.path, buffer: Self.socketBuffer)
    sampler = TapSampler(every: order.sample)
    buffer = BatchBuffer(headroom: 0, capacity: TapDatagram.mostBytes)
  }

  /// Chooses among the records of a batch and lets `append` make the texts of those that are chosen, for as
  /// long as there is time (`deadline`: monotonic nanoseconds; nil: none at all) and room.
  ///
  /// `append` calls what it is handed after each text, and stops where that answers false.
  func take(
    _ records: Int, until deadline: UInt64?,
    _ append: (TapSampler.Choice, inout BatchBuffer, (inout BatchBuffer) -> Bool) -> Void
  ) {
    guard let choice = sampler.choose(from: records) else { return }
    guard let deadline else {
      dropped += UInt64(choice.count)
      return
    }
    var seen = 0
    var end = buffer.count
    append(choice, &buffer) { buffer in
      seen += 1
      if buffer.count - end > mostText {
        tooLong += 1
        buffer.truncate(to: end)
        return MonotonicClock.now() < deadline
      }
      if buffer.count > mostText {
        // The last text begins the next datagram.
        let goesOn = send(&buffer, upTo: end) && MonotonicClock.now() < deadline
        end = buffer.count
        count += 1
        return goesOn
      }
      end = buffer.count
      count += 1
      return true
    }
    dropped += UInt64(max(0, choice.count - seen))
    if buffer.count > 0 { _ = send(&buffer, upTo: buffer.count) }
  }

  /// Tells of what was dropped since the last datagram, if anything was.
  func tellDropped() {
    if dropped + tooLong > 0 { _ = send(&buffer, upTo: 0) }
  }

  /// Sends the first bytes of the buffer, which then holds the rest. False where there was no room for them.
  private func send(_ buffer: inout BatchBuffer, upTo end: Int) -> Bool {
    let head = TapDatagram(slot: slot, dropped: dropped, tooLong: tooLong, count: UInt32(clamping: count))
    let result = head.encoded().withUnsafeBytes { head in
      buffer.withPayload { (texts) -> DatagramSocket.SendResult? in
        try? socket.send(head, UnsafeRawBufferPointer(rebasing: texts[..<end]))
      }
    }
    switch result {
    case .sent: (dropped, tooLong) = (0, 0)
    case .full, nil: dropped += count
    case .gone: isGone = true
    }
    count = 0
    buffer.removeFirst(end)
    return result == .sent
  }
}
