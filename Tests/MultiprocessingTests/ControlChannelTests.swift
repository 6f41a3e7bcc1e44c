import Multiprocessing
import POSIXKit
import Testing

struct ControlChannelTests {
  private static func pair(
    _ limits: ControlChannel.Limits = .init()
  ) throws -> (Holder, Holder) {
    var ends = try SocketPair(.stream)
    return (
      Holder(try ControlChannel(ends.takeNear(), limits: limits)),
      Holder(try ControlChannel(ends.takeFar(), limits: limits))
    )
  }

  private final class Holder {
    var channel: ControlChannel?
    init(_ channel: consuming ControlChannel) { self.channel = consume channel }
  }

  @Test func `messages keep their bounds and the end is a fact`() throws {
    let (near, far) = try Self.pair()
    for size in [0, 1, 70_000] { try near.channel!.send([UInt8](repeating: 7, count: size)) }
    near.channel = nil
    for size in [0, 1, 70_000] {
      #expect(try far.channel!.receive()?.count == size)
    }
    #expect(try far.channel!.receive() == nil)
    #expect(try far.channel!.receive(until: nil) == nil)
  }

  @Test func `a side that does not read makes the other full, not stuck`() throws {
    var limits = ControlChannel.Limits()
    limits.waiting = 1 << 20
    let (near, far) = try Self.pair(limits)
    let error = #expect(throws: ControlError.self) {
      for _ in 0..<1000 { try near.channel!.send([UInt8](repeating: 1, count: 100_000)) }
    }
    if case .full(_, limit: 1 << 20)? = error {} else { Issue.record("\(String(describing: error))") }
    #expect(try far.channel!.receive()?.count == 100_000)
  }

  @Test func `a deadline passes and a gone reader is an error`() throws {
    let (near, far) = try Self.pair()
    #expect(throws: ControlError.timedOut) { try near.channel!.receive(until: MonotonicClock.now()) }
    far.channel = nil
    #expect(throws: ControlError.closed) { try near.channel!.send([1]) }
  }

  @Test func `an announced length over the limit is refused`() throws {
    var ends = try SocketPair(.stream)
    let raw = ends.takeNear()
    let far = Holder(try ControlChannel(ends.takeFar()))
    try raw.writeAll([255, 255, 255, 255])
    #expect(throws: ControlError.tooLong(Int(UInt32.max), limit: 1 << 20)) { try far.channel!.receive() }
  }
}
