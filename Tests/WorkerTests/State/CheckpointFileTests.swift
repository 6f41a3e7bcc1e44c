import TestSupport
import Testing
import Worker

struct CheckpointFileTests {
  private let folder = TemporaryFolder()
  private var path: String { folder.file("position") }

  private func load() throws -> [UInt8]? {
    var file = try CheckpointFile(path: path)
    return try file.load()
  }

  @Test func `a file that was never written has no version`() throws {
    #expect(try load() == nil)
    folder.write("position", [])
    #expect(try load() == nil)
    folder.write("position", Array(repeating: 0, count: 3_000))
    #expect(try load() == nil)
  }

  @Test func `the newest version is the one that comes back`() throws {
    var file = try CheckpointFile(path: path)
    #expect(try file.load() == nil)
    for round in 0..<7 {
      let version = Array(repeating: UInt8(round), count: round * 100)
      try file.store(version, durably: true)
      #expect(try load() == version)
    }
  }

  @Test func `a new writer goes on where the last one was`() throws {
    for round in UInt8(0)..<7 {
      var file = try CheckpointFile(path: path)
      #expect(try file.load() == (round == 0 ? nil : [round - 1]))
      try file.store([round], durably: true)
    }
    #expect(try load() == [6])
  }

  @Test func `a version of the greatest size fits`() throws {
    var file = try CheckpointFile(path: path)
    let version = [UInt8](repeating: 7, count: CheckpointFile.placeSize - 24)
    try file.store([1], durably: true)
    try file.store(version, durably: true)
    try file.store([2], durably: true)
    #expect(try load() == [2])
    try file.store(version, durably: true)
    #expect(try load() == version)
  }

  /// A writer that is killed in the middle of a write leaves a part of the new frame before the old bytes.
  @Test(arguments: [1, 2]) func `a torn write leaves the older version`(_ older: Int) throws {
    var file = try CheckpointFile(path: path)
    for round in 0..<older { try file.store(Array("older \(round)".utf8), durably: true) }
    let survivor = Array("older \(older - 1)".utf8)
    let before = folder.read("position")!
    let newer = Array("newer".utf8)
    try file.store(newer, durably: true)
    let after = folder.read("position")!
    let place = (older + 1) % 2 * CheckpointFile.placeSize
    for cut in 0..<24 + newer.count {
      var torn = before
      let end = place + cut
      if torn.count < end { torn += Array(repeating: 0, count: end - torn.count) }
      torn.replaceSubrange(place..<end, with: after[place..<end])
      folder.write("position", torn)
      let found = try load()
      if torn == after || torn.starts(with: after) {
        #expect(found == newer)
      } else {
        #expect(found == survivor, "cut at \(cut)")
      }
      // The next writer replaces the torn one and not the one that stands.
      var next = try CheckpointFile(path: path)
      _ = try next.load()
      try next.store([9, 9], durably: true)
      #expect(try load() == [9, 9])
    }
    folder.write("position", after)
    #expect(try load() == newer)
  }

  @Test func `a byte that changed is noticed wherever it stands`() throws {
    var file = try CheckpointFile(path: path)
    try file.store([1, 2, 3], durably: true)
    try file.store([4, 5, 6], durably: true)
    let whole = folder.read("position")!
    // The second version stands in the first place.
    for offset in 0..<27 {
      for bit in UInt8(0)..<8 {
        var damaged = whole
        damaged[offset] ^= 1 << bit
        folder.write("position", damaged)
        #expect(try load() == [1, 2, 3], "byte \(offset), bit \(bit)")
      }
    }
  }
}
