import Foundation
import Multiprocessing
import TestSupport
import Testing

/// Values come back as they were sent, and bytes that are none are refused.
struct ValueCodingTests {
  private func returned<Value: Codable>(_ value: Value) throws -> Value {
    try ValueCoding.decode(Value.self, from: try ValueCoding.encode(value))
  }

  @Test func `single values come back`() throws {
    for number in [0, 1, 63, 127, 128, -1, -64, .max, .min] { #expect(try returned(number) == number) }
    for number in [0, UInt64(Int64.max), UInt64.max] { #expect(try returned(number) == number) }
    for number in [0, Double.pi, -.infinity, .leastNonzeroMagnitude] {
      #expect(try returned(number) == number)
    }
    #expect(try returned(Double.nan).isNaN)
    #expect(try returned(Float.pi) == .pi)
    #expect(try returned(Int128.min) == .min)
    #expect(try returned(UInt128.max) == .max)
    #expect(try returned("") == "")
    #expect(try returned("a\0𝄞") == "a\0𝄞")
    #expect(try returned(true))
    #expect(try returned(Int?.none) == nil)
    #expect(try returned(Int?.some(3)) == 3)
    #expect(try returned([Int?.none, 4]) == [nil, 4])
    #expect(try returned(CodedTypes.Suit.spades) == .spades)
    #expect(try returned(CodedTypes.Empty()) == CodedTypes.Empty())
    #expect(try returned(URL(string: "https://example.org/a")!) == URL(string: "https://example.org/a")!)
    #expect(try returned(Date(timeIntervalSince1970: 1.5)) == Date(timeIntervalSince1970: 1.5))
  }

  @Test func `arrays of numbers travel as their bytes`() throws {
    let bytes = (0..<100_000).map { UInt8(truncatingIfNeeded: $0) }
    #expect(try returned(bytes) == bytes)
    #expect(try ValueCoding.encode(bytes).count == bytes.count + 6)
    let numbers = (0..<1000).map { $0 * -77 }
    #expect(try returned(numbers) == numbers)
    #expect(try ValueCoding.encode(numbers).count == 8000 + 5)
    #expect(try returned([0.5, .infinity]) == [0.5, .infinity])
    #expect(try returned([Float(0.5)]) == [0.5])
    #expect(try returned([Int32.min, 7]) == [.min, 7])
    #expect(try returned([Int]()) == [])
    #expect(try returned(["a", "", "ß"]) == ["a", "", "ß"])
    let data = Data((0..<70_000).map { UInt8(truncatingIfNeeded: $0 &* 7) })
    #expect(try returned(data) == data)
    #expect(try ValueCoding.encode(data).count < data.count + 10)
    #expect(try returned(Data()) == Data())
  }

  @Test func `an array may be read by another type that asks for a list`() throws {
    let numbers = try ValueCoding.encode([1, 2, 3])
    #expect(try ValueCoding.decode([Int64].self, from: numbers) == [1, 2, 3])
    #expect(try ValueCoding.decode(Set<UInt8>.self, from: numbers) == [1, 2, 3])
    #expect(try ValueCoding.decode([Int].self, from: try ValueCoding.encode([Int64](1...3))) == [1, 2, 3])
    #expect(try ValueCoding.decode([UInt8].self, from: try ValueCoding.encode(Data([7, 8]))) == [7, 8])
    #expect(
      try ValueCoding.decode(Data.self, from: try ValueCoding.encode([UInt8]([7, 8]))) == Data([7, 8]))
    #expect(throws: DecodingError.self) { try ValueCoding.decode([String].self, from: numbers) }
  }

  @Test func `classes and interleaved containers come back`() throws {
    let dog = try returned(CodedTypes.Dog(name: "Rex"))
    #expect(dog.name == "Rex" && dog.legs == 4)
    let mixed = CodedTypes.Interleaved(left: [1, 2, 300], right: ["a"], title: "t")
    #expect(try returned(mixed) == mixed)
    #expect(try returned([mixed, mixed]) == [mixed, mixed])
  }

  @Test func `a key is written once in a message`() throws {
    let flats = (0..<100).map { CodedTypes.Flat(whole: $0) }
    let bytes = try ValueCoding.encode(flats)
    #expect(try ValueCoding.decode([CodedTypes.Flat].self, from: bytes) == flats)
    #expect(bytes.count < 100 * 70)
  }

  @Test func `several values are one message`() throws {
    let bytes = try ValueCoding.encode(all: 1, "two", [3.0], CodedTypes.Flat())
    let values = try bytes.withUnsafeBytes {
      try ValueCoding.decode(all: Int.self, String.self, [Double].self, CodedTypes.Flat.self, from: $0)
    }
    #expect(values.0 == 1 && values.1 == "two" && values.2 == [3.0] && values.3 == CodedTypes.Flat())
    #expect(try ValueCoding.encode().count == 1)
  }

  @Test func `what is nested too deep is refused by both sides`() throws {
    indirect enum List: Codable {
      case end
      case node(List)
    }
    func list(_ length: Int) -> List { (0..<length).reduce(.end) { list, _ in .node(list) } }
    _ = try returned(list(200))
    #expect(throws: EncodingError.self) { try ValueCoding.encode(list(2000)) }
    // 100,000 open lists, and none is closed.
    let bomb = [0] + [UInt8](repeating: 13, count: 100_000)
    #expect(throws: DecodingError.self) { try ValueCoding.decode([[Int64]].self, from: bomb) }
    struct Endless: Decodable {
      init(from decoder: any Decoder) throws {
        var list = try decoder.unkeyedContainer()
        _ = try list.decode(Endless.self)
      }
    }
    #expect(throws: DecodingError.self) { try ValueCoding.decode(Endless.self, from: bomb) }
  }

  @Test func `wrong types and ends are named`() throws {
    let text = try ValueCoding.encode("seven")
    let error = #expect(throws: DecodingError.self) { try ValueCoding.decode(Int.self, from: text) }
    #expect("\(error!)".contains("Byte 1 begins a string, not Int."))
    #expect(throws: DecodingError.self) { try ValueCoding.decode(Int8.self, from: ValueCoding.encode(200)) }
    #expect(throws: DecodingError.self) { try ValueCoding.decode(String.self, from: text.dropLast()) }
    #expect(throws: DecodingError.self) { try ValueCoding.decode(String.self, from: text + [1]) }
    #expect(throws: DecodingError.self) { try ValueCoding.decode(String.self, from: [UInt8]()) }
    #expect(throws: DecodingError.self) { try ValueCoding.decode(String.self, from: [0, 10, 2, 0xC3, 0x28]) }
    // An array that says it has 2^60 elements.
    let huge: [UInt8] = [0, 12, 3] + [UInt8](repeating: 0x80, count: 8) + [0x10]
    #expect(throws: DecodingError.self) { try ValueCoding.decode([Int].self, from: huge) }
  }

  @Test func `random trees come back and their damaged bytes are never trusted`() throws {
    let seed = UInt64.random(in: 0 ... .max)
    var random = SeededRandom(seed)
    var refused = 0
    for round in 0..<1500 {
      let tree = CodedTypes.tree(&random)
      let bytes = try ValueCoding.encode(tree)
      let back = try ValueCoding.decode(CodedTypes.Tree.self, from: bytes)
      try #require(back == tree, "seed \(seed), round \(round)")
      for _ in 0..<20 {
        var damaged = bytes
        switch Int.random(in: 0..<4, using: &random) {
        case 0: damaged.removeLast(.random(in: 1...damaged.count, using: &random))
        case 1:
          let place = damaged.indices.randomElement(using: &random)!
          damaged.removeSubrange(place..<min(damaged.count, place + 3))
        case 2:
          let place = damaged.indices.randomElement(using: &random)!
          damaged.insert(contentsOf: bytes.shuffled(using: &random).prefix(4), at: place)
        default:
          for _ in 0..<3 {
            let place = damaged.indices.randomElement(using: &random)!
            damaged[place] = .random(in: 0...255, using: &random)
          }
        }
        do { _ = try ValueCoding.decode(CodedTypes.Tree.self, from: damaged) } catch { refused += 1 }
      }
    }
    #expect(refused > 20_000, "seed \(seed)")
  }

  @Test func `random bytes are never trusted`() throws {
    let seed = UInt64.random(in: 0 ... .max)
    var random = SeededRandom(seed)
    var refused = 0
    for _ in 0..<50_000 {
      let count = Int.random(in: 0...30, using: &random)
      // Mostly bytes that mean something.
      let bytes = (0..<count).map { _ in
        UInt8.random(in: 0...255, using: &random) & (Bool.random(using: &random) ? 0x0F : 0xFF)
      }
      let message = [UInt8.random(in: 0...1, using: &random)] + bytes
      do { _ = try ValueCoding.decode(CodedTypes.Tree.self, from: message) } catch { refused += 1 }
      do { _ = try ValueCoding.decode([CodedTypes.Shape].self, from: message) } catch { refused += 1 }
      do { _ = try ValueCoding.decode([String: [Int]].self, from: message) } catch { refused += 1 }
    }
    #expect(refused > 100_000, "seed \(seed)")
  }
}
