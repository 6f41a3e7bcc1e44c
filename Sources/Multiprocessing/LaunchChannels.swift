import POSIXKit

/// The pipes and sockets of one start: the parent's ends, to be taken, and the child's, closed with this.
struct LaunchChannels: ~Copyable {
  private var control: Descriptor?
  private var output: Descriptor?
  private var error: Descriptor?
  private let childControl: Descriptor
  private let childOutput: Descriptor?
  private let childError: Descriptor?

  /// Opens what the request needs. The child's ends block; the parent's of captured streams do not. Throws
  /// `SystemCallError`.
  init(_ request: StartRequest) throws(SystemCallError) {
    var pair = try SocketPair(.stream)
    var outputPipe = try Self.pipe(request.standardOutput)
    var errorPipe = try Self.pipe(request.standardError)
    for number in [outputPipe?.readNumber, errorPipe?.readNumber] {
      if let number { try Descriptor.setNonblocking(lent: number) }
    }
    control = pair.takeNear()
    childControl = pair.takeFar()
    output = outputPipe?.takeReadEnd()
    childOutput = outputPipe?.takeWriteEnd()
    error = errorPipe?.takeReadEnd()
    childError = errorPipe?.takeWriteEnd()
  }

  private static func pipe(_ output: StartRequest.Output) throws(SystemCallError) -> Pipe? {
    output == .captured ? try Pipe() : nil
  }

  mutating func takeControl() -> Descriptor { control.take()! }
  mutating func takeOutput() -> Descriptor? { output.take() }
  mutating func takeError() -> Descriptor? { error.take() }

  /// The child's descriptors 0, 1, 2, the control channel and the passed ones, all lent, as the executors
  /// expect them.
  func childDescriptors(_ request: StartRequest) -> [Int32] {
    var numbers: [Int32] = []
    switch request.standardInput {
    case .null: numbers.append(-1)
    case .descriptor(let raw): numbers.append(raw)
    }
    switch request.standardOutput {
    case .captured: numbers.append(lentNumber(childOutput))
    case .descriptor(let raw): numbers.append(raw)
    }
    switch request.standardError {
    case .captured: numbers.append(lentNumber(childError))
    case .descriptor(let raw): numbers.append(raw)
    }
    numbers.append(childControl.raw)
    return numbers + request.descriptors
  }
}

/// The number of a descriptor that may not be there; -1 then.
func lentNumber(_ descriptor: borrowing Descriptor?) -> Int32 {
  switch descriptor {
  case .some(let descriptor): descriptor.raw
  case .none: -1
  }
}
