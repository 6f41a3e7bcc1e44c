import Glibc
import POSIXKit
import ZeroMQ

/// The pool's end of its sockets: one inbox for all results, and one outbox for each worker.
final class PoolTransport {
  /// An owned socket that can be stored and let go of.
  final class Outbox {
    let socket: Socket
    init(_ socket: consuming Socket) { self.socket = socket }
  }

  /// Where workers beyond the machine reach the pool, and how they prove who they are.
  private final class Network {
    let address: String
    let keys: CurveKeys
    var authenticator: Authenticator
    /// Everybody's results.
    static let results = "results"

    init(_ address: String, _ context: borrowing Context) throws(ZeroMQError) {
      self.address = address
      keys = try CurveKeys.generate()
      authenticator = try Authenticator(context)
    }
  }

  private let context: Context
  private let folder: RunFolder?
  private let network: Network?
  let inbox: Socket
  let inboxDescriptor: Int32
  let authenticatorDescriptor: Int32
  private let resultsEndpoint: String

  /// Listens for workers of this machine. Throws `PoolError`.
  init(room workers: Int) throws {
    let folder = try RunFolder()
    context = try Context(maximumSockets: 2 * workers + 16)
    network = nil
    var inbox = try Socket(context, .pull, highWaterMark: 0)
    resultsEndpoint = "ipc://" + folder.socket("p")
    try inbox.bind(resultsEndpoint)
    inboxDescriptor = try inbox.pollDescriptor
    authenticatorDescriptor = -1
    self.inbox = inbox
    self.folder = folder
  }

  /// Listens at an address of this machine for workers that come over the network with a key made for this
  /// pool. Throws what fails.
  init(room workers: Int, address: String) throws {
    folder = nil
    context = try Context(maximumSockets: 2 * workers + 16)
    let network = try Network(address, context)
    self.network = network
    var inbox = try Socket(context, .pull, highWaterMark: 0)
    try inbox.secure(asServer: network.keys, domain: Network.results, by: network.authenticator)
    try inbox.bind("tcp://\(address):*")
    resultsEndpoint = try inbox.boundEndpoint
    inboxDescriptor = try inbox.pollDescriptor
    authenticatorDescriptor = try network.authenticator.pollDescriptor
    self.inbox = inbox
  }

  /// libzmq ends the process where it has no descriptor left for a connection: so there must be enough. Raises
  /// the limit where there are not. Throws `PoolError.system` where it can't be raised so far.
  static func ensureDescriptors(for workers: Int) throws {
    // A socket, a pidfd, a page, a control channel and standard error each, and what the program has besides.
    let needed = 8 * workers + 128
    if DescriptorLimit.current >= needed { return }
    let limit = try DescriptorLimit.raise()
    if limit < needed {
      throw PoolError.system(
        """
        A pool of \(workers) workers may need \(needed) descriptors, and this process may have \(limit): raise \
        RLIMIT_NOFILE (ulimit -n), or make the pool smaller.
        """)
    }
  }

  private static func name(_ worker: PoolWorker) -> String { "w\(worker.slot)-\(worker.epoch)" }

  /// The plan of a worker that is to be started, and its outbox where it must be there first.
  func prepare(_ worker: PoolWorker) throws -> (plan: WorkerPlan, outbox: Outbox?) {
    let name = Self.name(worker)
    if let network {
      let keys = try CurveKeys.generate()
      network.authenticator.admit(keys, to: Network.results)
      network.authenticator.admit(keys, to: name)
      var socket = try Socket(context, .push, highWaterMark: 0)
      try socket.secure(asServer: network.keys, domain: name, by: network.authenticator)
      try socket.bind("tcp://\(network.address):*")
      let endpoint = try socket.boundEndpoint
      var plan = WorkerPlan(
        worker: worker, results: resultsEndpoint, orders: endpoint, bindsOrders: false)
      plan.keys = keys
      plan.poolKey = network.keys.publicKey
      return (plan, Outbox(socket))
    }
    let folder = folder!
    var plan = WorkerPlan(
      worker: worker, results: resultsEndpoint, orders: "ipc://" + folder.socket(name), bindsOrders: true)
    plan.poolProcess = getpid()
    plan.folder = folder.path
    plan.poolSocket = folder.socket("p")
    return (plan, nil)
  }

  /// The outbox of a worker that listens now.
  func connect(_ plan: WorkerPlan) throws -> Outbox {
    var socket = try Socket(context, .push, highWaterMark: 0)
    try socket.connect(plan.orders)
    return Outbox(socket)
  }

  /// Nothing of the worker is left. Its key opens nothing any more.
  func forget(_ plan: WorkerPlan) {
    folder?.removeSocket(Self.name(plan.worker))
    if let keys = plan.keys {
      network?.authenticator.dismiss(keys, from: Network.results)
      network?.authenticator.dismiss(keys, from: Self.name(plan.worker))
    }
  }

  /// Decides about those who knock.
  func answerHandshakes() throws { try network?.authenticator.answer() }

  /// How many were sent away for want of a key.
  var refused: Int { network?.authenticator.refused ?? 0 }

  /// Where a pool beyond the machine listens, and what everybody may know of it. For tests.
  func publicFacts(_ seats: [WorkerSeat?]) -> (results: String, orders: [String], key: String)? {
    guard let network else { return nil }
    return (resultsEndpoint, seats.compactMap { $0?.plan.orders }, network.keys.publicKey)
  }
}

extension ProcessPool {
  /// What somebody on the network can know of a pool with launched workers: where it listens, and its public key.
  package var publicFacts: (results: String, orders: [String], key: String)? {
    core.transport?.publicFacts(core.seats)
  }

  /// How many were sent away for want of a key.
  package var refusedPeers: Int { core.transport?.refused ?? 0 }
}
