import Foundation

/// Values of every shape that `Codable` knows.
enum CodedTypes {
  struct Flat: Codable, Equatable {
    var flag = true
    var text = "grüße"
    var whole = -7
    var tiny: Int8 = -128
    var wide = UInt64.max
    var widest = Int128.min
    var real = 0.1
    var single: Float = 3.5
    var absent: Int?
    var present: String? = ""
  }

  indirect enum Shape: Codable, Equatable {
    case empty
    case circle(radius: Double)
    case pair(Shape, Shape)
    case named(String, [Int?])
  }

  enum Suit: String, Codable { case hearts, spades }

  struct Empty: Codable, Equatable {}

  struct Tree: Codable, Equatable {
    var name: String
    var flat: Flat?
    var children: [Tree]
    var shapes: [Shape]
    var byName: [String: Flat]
    var byNumber: [Int: [UInt8]]
    var bySuit: [Suit: Double]
    var numbers: [Int]
    var reals: [Double]
    var singles: [Float]
    var narrow: [Int32]
    var odd: [UInt16]
    var words: [String]
    var bytes: Data
    var set: Set<Int>
    var range: Range<Int>
    var empty: Empty
  }

  class Animal: Codable {
    var legs: Int
    init(legs: Int) { self.legs = legs }
  }

  final class Dog: Animal {
    var name: String

    init(name: String) {
      self.name = name
      super.init(legs: 4)
    }

    private enum Keys: CodingKey { case name }

    required init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: Keys.self)
      name = try container.decode(String.self, forKey: .name)
      try super.init(from: container.superDecoder())
    }

    override func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: Keys.self)
      // The superclass is written before a key that was asked for later.
      try super.encode(to: container.superEncoder())
      try container.encode(name, forKey: .name)
    }
  }

  /// Writes two nested containers in turn, and reads keys in another order.
  struct Interleaved: Codable, Equatable {
    var left: [Int]
    var right: [String]
    var title: String

    init(left: [Int], right: [String], title: String) {
      self.left = left
      self.right = right
      self.title = title
    }

    enum Keys: CodingKey { case left, right, title }

    func encode(to encoder: any Encoder) throws {
      var all = encoder.container(keyedBy: Keys.self)
      var first = all.nestedUnkeyedContainer(forKey: .left)
      var second = all.nestedUnkeyedContainer(forKey: .right)
      try all.encode(title, forKey: .title)
      for index in 0..<max(left.count, right.count) {
        if index < left.count { try first.encode(left[index]) }
        if index < right.count { try second.encode(right[index]) }
      }
    }

    init(from decoder: any Decoder) throws {
      let all = try decoder.container(keyedBy: Keys.self)
      title = try all.decode(String.self, forKey: .title)
      right = try all.decode([String].self, forKey: .right)
      left = []
      var first = try all.nestedUnkeyedContainer(forKey: .left)
      while !first.isAtEnd { left.append(try first.decode(Int.self)) }
    }
  }

  static func flat(_ random: inout some RandomNumberGenerator) -> Flat {
    Flat(
      flag: .random(using: &random), text: text(&random), whole: .random(in: .min ... .max, using: &random),
      tiny: .random(in: -128...127, using: &random), wide: .random(in: 0 ... .max, using: &random),
      widest: .random(in: .min ... .max, using: &random), real: .random(in: -1e300...1e300, using: &random),
      single: .random(in: -1...1, using: &random), absent: Bool.random(using: &random) ? nil : 5,
      present: Bool.random(using: &random) ? nil : text(&random))
  }

  static func shape(_ random: inout some RandomNumberGenerator, _ depth: Int = 0) -> Shape {
    switch Int.random(in: 0..<(depth > 5 ? 3 : 4), using: &random) {
    case 0: .empty
    case 1: .circle(radius: .random(in: 0...9, using: &random))
    case 2: .named(text(&random), numbers(&random).map { $0 % 3 == 0 ? nil : $0 })
    default: .pair(shape(&random, depth + 1), shape(&random, depth + 1))
    }
  }

  static func tree(_ random: inout some RandomNumberGenerator, _ depth: Int = 0) -> Tree {
    let children = depth > 2 ? 0 : Int.random(in: 0...3, using: &random)
    return Tree(
      name: text(&random), flat: Bool.random(using: &random) ? flat(&random) : nil,
      children: (0..<children).map { _ in tree(&random, depth + 1) },
      shapes: (0..<Int.random(in: 0...3, using: &random)).map { _ in shape(&random) },
      byName: Dictionary(
        (0..<Int.random(in: 0...4, using: &random)).map { _ in (text(&random), flat(&random)) }
      ) { $1 },
      byNumber: Dictionary(numbers(&random).map { ($0, bytes(&random)) }) { $1 },
      bySuit: Bool.random(using: &random) ? [.hearts: 1.5, .spades: -0.0] : [:], numbers: numbers(&random),
      reals: numbers(&random).map { Double($0) / 7 }, singles: numbers(&random).map { Float($0) },
      narrow: numbers(&random).map { Int32(truncatingIfNeeded: $0) },
      odd: numbers(&random).map { UInt16(truncatingIfNeeded: $0) },
      words: numbers(&random).map { "\($0)" }, bytes: Data(bytes(&random)), set: Set(numbers(&random)),
      range: 3..<9, empty: Empty())
  }

  private static func numbers(_ random: inout some RandomNumberGenerator) -> [Int] {
    (0..<Int.random(in: 0...6, using: &random)).map { _ in
      Int.random(in: .min ... .max, using: &random) >> Int.random(in: 0...63, using: &random)
    }
  }

  private static func bytes(_ random: inout some RandomNumberGenerator) -> [UInt8] {
    (0..<Int.random(in: 0...40, using: &random)).map { _ in .random(in: 0...255, using: &random) }
  }

  private static func text(_ random: inout some RandomNumberGenerator) -> String {
    String(
      (0..<Int.random(in: 0...12, using: &random)).map { _ in "aä𝄞 \"\0z".randomElement(using: &random)! })
  }
}
