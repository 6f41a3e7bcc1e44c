import Control
import POSIXKit
import Testing

/// The log over the control socket: what is told, in what order, and what a slow reader loses.
@Suite struct LogFollowingTests {
  private func record(_ number: Int, slot: String? = nil, padding: Int = 0) -> LogRecord {
    LogRecord(
      time: UInt64(number) * 1000, level: .info, pipeline: "flights",
      stage: slot.map { String($0.prefix { $0 != "." }) }, slot: slot,
      message: "line \(number)" + String(repeating: ".", count: padding),
      fields: [("count", .integer(Int64(number)))])
  }

  @Test func `the last lines come first, then each new one`() throws {
    let served = try ServedSocket()
    for number in 1...1500 { served.server!.publish(record(number)) }
    var client = try served.connect()
    try client.send(.logs(of: nil, lines: 3, follows: true))
    try served.turn()
    for number in 1498...1500 { #expect(try client.next() == .log(record(number))) }
    #expect(try client.next() == .logsTold)
    served.server!.publish(record(1501))
    #expect(try client.next() == .log(record(1501)))
  }

  @Test func `as many are kept as there is room for`() throws {
    let served = try ServedSocket()
    for number in 1...1234 { served.server!.publish(record(number)) }
    var client = try served.connect()
    try client.send(.logs(of: nil, lines: 5000, follows: false))
    try served.turn()
    for number in 235...1234 {
      // More than the socket holds at once.
      try served.turn()
      let told = try client.next()
      try #require(told == .log(record(number)))
    }
    #expect(try client.next() == .logsTold)
    served.server!.publish(record(1235))
    try client.send(.status)
    try served.turn()
    #expect(try client.next() == .status(served.run.current))
  }

  @Test(arguments: [("clean", [2, 3, 5]), ("clean.1", [3]), ("read", [4]), ("nobody", [])])
  func `one stage or one slot can be asked for`(name: String, numbers: [Int]) throws {
    let served = try ServedSocket()
    var client = try served.connect()
    try client.send(.logs(of: name, lines: 10, follows: true))
    for (number, slot) in [(1, nil), (2, "clean.0"), (3, "clean.1")] {
      served.server!.publish(record(number, slot: slot))
    }
    try served.turn()
    for (number, slot) in [(4, "read.0"), (5, "clean.0")] {
      served.server!.publish(record(number, slot: slot))
    }
    served.server!.ended(outcome: "complete", status: 0, text: "")
    let told = try client.rest().compactMap { reply -> Int? in
      if case .log(let record) = reply { Int(record.time / 1000) } else { nil }
    }
    #expect(told == numbers)
  }

  @Test func `a reader that is too slow loses lines, is told how many, and keeps its connection`() throws {
    let served = try ServedSocket()
    var slow = try served.connect()
    var quick = try served.connect()
    try slow.send(.logs(of: nil, lines: 0, follows: true))
    try quick.send(.logs(of: nil, lines: 0, follows: true))
    try served.turn()
    #expect(try slow.next() == .logsTold && quick.next() == .logsTold)
    let count = 3000
    for number in 1...count {
      served.server!.publish(record(number, padding: 1000))
      let told = try quick.next()
      try #require(told == .log(record(number, padding: 1000)))
    }
    // Not even a minute later is it closed: it may be a pager that somebody looks at.
    try served.turn(later: 90_000_000_000)
    var told = 0
    var lost: UInt64 = 0
    var isComplete = false
    while !isComplete {
      try served.turn()
      guard let reply = try slow.next() else { break }
      switch reply {
      case .log(let record):
        told += 1
        #expect(record.time == UInt64(told) * 1000, "lines are told in order, without a gap before the loss")
      case .lost(let lines):
        lost += lines
        isComplete = true
      default: Issue.record("\(reply)")
      }
    }
    #expect(lost > 0 && told + Int(lost) == count, "\(told) told, \(lost) lost")
    served.server!.publish(record(count + 1))
    #expect(try slow.next() == .log(record(count + 1)))
  }
}
