import Delivery

/// Keeps the bytes behind every handle and checks that each is given back exactly once.
///
/// Handles are never used again within a schedule, so a late use or a second release always shows.
struct Contents {
  private struct Entry {
    var parcel: Parcel
    var owner: Int
    var isHeld = true
  }

  private var entries: [Entry] = []
  /// How many contents the machine of each worker holds.
  private var held: [Int] = []

  mutating func add(_ parcel: Parcel, owner: Int) -> Content {
    while held.count <= owner { held.append(0) }
    held[owner] += 1
    entries.append(Entry(parcel: parcel, owner: owner))
    return Content(rawValue: UInt32(entries.count - 1))
  }

  func parcel(of content: Content, owner: Int) throws -> Parcel {
    let entry = entries[Int(content.rawValue)]
    if !entry.isHeld || entry.owner != owner {
      throw Failure("content", "\(entry.parcel.id) was used after its release")
    }
    return entry.parcel
  }

  mutating func release(_ content: Content, owner: Int) throws {
    let index = Int(content.rawValue)
    if !entries[index].isHeld || entries[index].owner != owner {
      throw Failure("content", "\(entries[index].parcel.id) was released twice")
    }
    entries[index].isHeld = false
    entries[index].parcel.records = []
    held[owner] -= 1
  }

  func heldCount(owner: Int) -> Int { owner < held.count ? held[owner] : 0 }
}

/// Why a schedule failed: a short kind to count by, and the particulars.
struct Failure: Error, CustomStringConvertible {
  let kind: String
  let detail: String

  init(_ kind: String, _ detail: String) {
    self.kind = kind
    self.detail = detail
  }

  var description: String { "\(kind): \(detail)" }
}
