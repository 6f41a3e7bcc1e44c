import Delivery
import Glibc
import Records

/// Values by key in memory: what the state holds of the keys that were asked for, and what is not stored yet.
///
/// An open hash table over one growing buffer, so that a hot key costs no allocation and no query. Knows of an
/// absent key that it is absent. Pointers that it hands out are valid until the next change. For one thread.
struct StateCache: ~Copyable {
  private struct Entry {
    var hash: UInt64
    var keyStart: Int
    var keyCount: Int
    var valueStart: Int
    var valueCount: Int
    var valueCapacity: Int
    var isPresent: Bool
    /// The store does not have it like this.
    var isChanged: Bool
  }

  /// What an entry was before a change of the record in hand.
  private struct Undo {
    var entry: Int
    var start: Int
    var count: Int
    var isPresent: Bool
  }

  private var entries: ContiguousArray<Entry> = []
  /// Index of an entry plus 1, or 0; a power of two of places, at most half of them taken.
  private var places: ContiguousArray<UInt32>
  private var memory: UnsafeMutableRawPointer
  private var capacity: Int
  private var used = 0
  /// Entries that were changed since the last time that all were stored; some may be unchanged again.
  private var changed: ContiguousArray<UInt32> = []
  private var undos: ContiguousArray<Undo> = []
  private var oldValues: ContiguousArray<UInt8> = []

  private static let firstPlaces = 1024
  private static let firstCapacity = 64 << 10

  init() {
    places = ContiguousArray(repeating: 0, count: Self.firstPlaces)
    capacity = Self.firstCapacity
    memory = Self.allocated(malloc(Self.firstCapacity), Self.firstCapacity)
  }

  deinit { free(memory) }

  private static func allocated(_ memory: UnsafeMutableRawPointer?, _ size: Int) -> UnsafeMutableRawPointer {
    guard let memory else { fatalError("out of memory: a state's cache needs \(size) bytes") }
    return memory
  }

  /// Bytes that it takes, more or less.
  var byteCount: Int { used + entries.count * MemoryLayout<Entry>.stride + places.count * 4 }
  var hasChanges: Bool { !changed.isEmpty }

  static func hash(_ key: UnsafeRawBufferPointer) -> UInt64 { StableHash.hash(of: key) }

  /// The entry of a key, or nil where nothing is known of it.
  func find(_ key: UnsafeRawBufferPointer, _ hash: UInt64) -> Int? {
    let mask = places.count &- 1
    var place = Int(truncatingIfNeeded: hash) & mask
    while places[place] != 0 {
      let index = Int(places[place]) &- 1
      if entries[index].hash == hash, entries[index].keyCount == key.count,
        key.count == 0 || memcmp(memory + entries[index].keyStart, key.baseAddress!, key.count) == 0
      {
        return index
      }
      place = (place &+ 1) & mask
    }
    return nil
  }

  /// The value of an entry; nil where the key has none.
  func value(_ entry: Int) -> UnsafeRawBufferPointer? {
    guard entries[entry].isPresent else { return nil }
    return UnsafeRawBufferPointer(start: memory + entries[entry].valueStart, count: entries[entry].valueCount)
  }

  /// Takes in what the store holds of a key that is not known yet: nil for nothing.
  mutating func learn(_ key: UnsafeRawBufferPointer, _ hash: UInt64, _ value: UnsafeRawBufferPointer?) -> Int
  {
    let keyStart = take(key.count)
    copy(key, to: keyStart)
    var entry = Entry(
      hash: hash, keyStart: keyStart, keyCount: key.count, valueStart: 0, valueCount: 0, valueCapacity: 0,
      isPresent: false, isChanged: false)
    if let value {
      entry.valueCapacity = Self.room(for: value.count)
      entry.valueStart = take(entry.valueCapacity)
      entry.valueCount = value.count
      entry.isPresent = true
      copy(value, to: entry.valueStart)
    }
    entries.append(entry)
    if entries.count &* 2 > places.count { rehash() } else { place(entries.count &- 1) }
    return entries.count - 1
  }

  /// Changes what a key has; nil removes it. ``takeBack()`` undoes it.
  mutating func change(_ index: Int, to value: UnsafeRawBufferPointer?) {
    noteOld(index)
    if let value {
      if value.count > entries[index].valueCapacity {
        let room = Self.room(for: value.count)
        entries[index].valueStart = take(room)
        entries[index].valueCapacity = room
      }
      copy(value, to: entries[index].valueStart)
      entries[index].valueCount = value.count
    }
    entries[index].isPresent = value != nil
    if !entries[index].isChanged {
      entries[index].isChanged = true
      changed.append(UInt32(index))
    }
  }

  /// A record begins: what was changed before stays.
  mutating func mark() {
    undos.removeAll(keepingCapacity: true)
    oldValues.removeAll(keepingCapacity: true)
  }

  /// Undoes all changes since ``mark()``.
  mutating func takeBack() {
    for undo in undos.reversed() {
      if undo.isPresent {
        // What an entry had fits where it was: room is never given back.
        oldValues.withUnsafeBytes { bytes in
          let old = UnsafeRawBufferPointer(rebasing: bytes[undo.start..<undo.start + undo.count])
          copy(old, to: entries[undo.entry].valueStart)
        }
        entries[undo.entry].valueCount = undo.count
      }
      entries[undo.entry].isPresent = undo.isPresent
      // Stored in between, it must be stored again.
      if !entries[undo.entry].isChanged {
        entries[undo.entry].isChanged = true
        changed.append(UInt32(undo.entry))
      }
    }
    mark()
  }

  /// Hands over what the store does not have, in the order of the keys: nil for a key that has no value now.
  mutating func store<E: Error>(
    _ body: (_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer?) throws(E) -> Void
  ) throws(E) {
    // Neighbours in the tree share its pages.
    var sorted: ContiguousArray<UInt32> = []
    swap(&sorted, &changed)
    sorted.sort { isBefore(Int($0), Int($1)) }
    for number in sorted {
      let index = Int(number)
      if !entries[index].isChanged { continue }
      try body(
        UnsafeRawBufferPointer(start: memory + entries[index].keyStart, count: entries[index].keyCount),
        value(index))
      entries[index].isChanged = false
    }
    sorted.removeAll(keepingCapacity: true)
    swap(&sorted, &changed)
  }

  /// Forgets everything, which must be stored; nothing may be taken back.
  mutating func removeAll() {
    precondition(changed.isEmpty, "a state's changes are forgotten before they are stored")
    mark()
    entries.removeAll(keepingCapacity: false)
    places = ContiguousArray(repeating: 0, count: Self.firstPlaces)
    free(memory)
    capacity = Self.firstCapacity
    memory = Self.allocated(malloc(Self.firstCapacity), Self.firstCapacity)
    used = 0
  }

  private mutating func noteOld(_ index: Int) {
    let entry = entries[index]
    undos.append(
      Undo(
        entry: index, start: oldValues.count, count: entry.valueCount, isPresent: entry.isPresent))
    if entry.isPresent {
      oldValues.append(
        contentsOf: UnsafeRawBufferPointer(start: memory + entry.valueStart, count: entry.valueCount))
    }
  }

  private func isBefore(_ left: Int, _ right: Int) -> Bool {
    let (a, b) = (entries[left], entries[right])
    let order = memcmp(memory + a.keyStart, memory + b.keyStart, min(a.keyCount, b.keyCount))
    return order == 0 ? a.keyCount < b.keyCount : order < 0
  }

  /// A value that grows a little stays where it is.
  private static func room(for count: Int) -> Int { (count &+ 15) & ~15 }

  private mutating func take(_ count: Int) -> Int {
    if used + count > capacity {
      capacity = max(capacity * 2, used + count)
      memory = Self.allocated(realloc(memory, capacity), capacity)
    }
    defer { used += count }
    return used
  }

  private func copy(_ bytes: UnsafeRawBufferPointer, to start: Int) {
    if bytes.count > 0 { memmove(memory + start, bytes.baseAddress!, bytes.count) }
  }

  private mutating func rehash() {
    places = ContiguousArray(repeating: 0, count: places.count * 2)
    for index in entries.indices { place(index) }
  }

  private mutating func place(_ index: Int) {
    let mask = places.count &- 1
    var place = Int(truncatingIfNeeded: entries[index].hash) & mask
    while places[place] != 0 { place = (place &+ 1) & mask }
    places[place] = UInt32(index &+ 1)
  }
}
