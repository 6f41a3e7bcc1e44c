import Coordination

/// What the drawing process is told at its start.
struct ProgressSetup: Equatable {
  enum Style: UInt8 {
    /// Redrawn in place on a terminal.
    case live = 1
    /// A line now and then.
    case plain = 2
    /// One JSON object a line on standard output.
    case json = 3
    /// The supervisor's lines only.
    case quiet = 4
  }

  struct Stage: Equatable {
    var name: String
    /// Pages, those of slots that the stage has no use for now included.
    var slots: Int
    var isSource: Bool
  }

  var style: Style
  var pipeline: String
  var stages: [Stage]

  var interval: Duration {
    switch style {
    case .live: .milliseconds(200)
    case .json: .seconds(1)
    case .plain, .quiet: .seconds(5)
    }
  }

  func encoded() -> [UInt8] {
    var writer = ByteWriter()
    writer.write(style.rawValue)
    writer.write(pipeline)
    writer.write(UInt16(stages.count))
    for stage in stages {
      writer.write(stage.name)
      writer.write(UInt16(stage.slots))
      writer.write(UInt8(stage.isSource ? 1 : 0))
    }
    return writer.bytes
  }

  init(style: Style, pipeline: String, stages: [Stage]) {
    self.style = style
    self.pipeline = pipeline
    self.stages = stages
  }

  init(decoding bytes: [UInt8]) throws(ByteCodingError) {
    var reader = ByteReader(bytes)
    guard let style = Style(rawValue: try reader.read()) else { throw ByteCodingError("unknown style") }
    self.style = style
    pipeline = try reader.readText()
    stages = []
    for _ in 0..<(try reader.read(UInt16.self)) {
      stages.append(
        Stage(
          name: try reader.readText(), slots: Int(try reader.read(UInt16.self)),
          isSource: try reader.read(UInt8.self) == 1))
    }
  }
}
