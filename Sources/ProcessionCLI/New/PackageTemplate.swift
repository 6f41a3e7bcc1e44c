/// The files of a package that `new` writes: a step, its test, a pipeline that uses it, and some input.
struct PackageTemplate {
  /// The package's, the executable's and the pipeline's name.
  let name: String
  /// Where Procession is: a folder's absolute path or an address.
  let dependency: String

  /// The part of the library's name that is the package's: `my-etl` is `MyEtl`.
  private var stem: String {
    name.split { $0 == "-" || $0 == "_" }.map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
  }

  private var library: String { "\(stem)Steps" }

  /// Paths in the package and contents, in the order of writing.
  var files: [(path: String, text: String)] {
    [
      ("Package.swift", package), (".gitignore", ".build/\n.procession/\n/out/\nPackage.resolved\n"),
      ("Sources/\(name)/main.swift", main), ("Sources/\(library)/Tidy.swift", step),
      ("Tests/\(library)Tests/TidyTests.swift", test), ("pipelines/\(name).yaml", pipeline),
      ("pipelines/data/orders.csv", input), ("README.md", readme),
    ]
  }

  private var package: String {
    let isPath = dependency.hasPrefix("/")
    let source =
      isPath ? ".package(path: \"\(dependency)\")" : ".package(url: \"\(dependency)\", branch: \"main\")"
    let identity = dependency.split(separator: "/").last.map(String.init) ?? "procession"
    let package = identity.hasSuffix(".git") ? String(identity.dropLast(4)) : identity
    return """
      // swift-tools-version: 6.2
      import PackageDescription

      let procession = Target.Dependency.product(name: "Procession", package: "\(package)")

      let package = Package(
        name: "\(name)",
        dependencies: [
          \(source)
        ],
        targets: [
          .executableTarget(name: "\(name)", dependencies: ["\(library)", procession]),
          .target(name: "\(library)", dependencies: [procession]),
          .testTarget(name: "\(library)Tests", dependencies: ["\(library)", procession]),
        ]
      )

      """
  }

  private var main: String {
    """
    import \(library)
    import Procession

    Application(steps: ["tidy": Tidy.self]).main()

    """
  }

  private var step: String {
    """
    import Procession

    /// Tidies the city of each order and keeps the orders of at least some amount.
    public struct Tidy: RecordStep {
      struct Order: Codable {
        var id: Int
        var city: String?
        var amount: Double
      }

      enum Letters: String, CaseIterable { case keep, lower, upper }

      private let minimum: Double
      private let letters: Letters

      public init(settings: Settings) {
        minimum = settings.number("minimum", default: 0, in: 0...1_000_000)
        letters = settings.choice("letters", default: .keep)
      }

      public func process(_ record: Record, into output: inout Output) throws {
        var order: Order = try record.decoded()
        if order.amount < minimum { return }
        guard let city = order.city else { throw NoCity(order: order.id) }
        switch letters {
        case .keep: break
        case .lower: order.city = city.lowercased()
        case .upper: order.city = city.uppercased()
        }
        try output.append(order)
      }

      /// Thrown for a record, it makes a dead letter of it.
      struct NoCity: Error, CustomStringConvertible {
        let order: Int
        var description: String { "order \\(order) has no city" }
      }
    }

    """
  }

  private var test: String {
    """
    import \(library)
    import Procession
    import Testing

    struct TidyTests {
      @Test func smallOrdersAreDropped() throws {
        let trial = try StepTrial(Tidy.self, settings: ["minimum": 5])
        let result = try trial.run([
          #"{"id": 1, "city": "Bremen", "amount": 4.5}"#, #"{"id": 2, "city": "Ulm", "amount": 7}"#,
        ])
        #expect(result.records == [#"{"amount":7,"city":"Ulm","id":2}"#])
        #expect(result.refused.isEmpty)
      }

      @Test func lettersAreAsAskedFor() throws {
        let trial = try StepTrial(Tidy.self, settings: ["letters": "upper"])
        let result = try trial.run([#"{"id": 1, "city": "Bremen", "amount": 1}"#])
        #expect(result.records == [#"{"amount":1,"city":"BREMEN","id":1}"#])
      }

      @Test func anOrderWithoutCityIsADeadLetter() throws {
        let result = try StepTrial(Tidy.self).run([#"{"id": 3, "city": null, "amount": 1}"#])
        #expect(result.records.isEmpty)
        #expect(result.refused == [.init(position: 0, reason: "order 3 has no city")])
      }

      @Test func aWrongSettingIsTold() {
        #expect(throws: StepTrial.SettingsError.self) {
          try StepTrial(Tidy.self, settings: ["letters": "large"])
        }
      }
    }

    """
  }

  private var pipeline: String {
    """
    name: \(name)
    stages:
      read:
        source: { file: data/orders.csv }
      tidy:
        workers: 2
        steps:
          - filter: .status == "paid"
          - use: tidy
            with: { minimum: 5, letters: upper }
      write:
        sink: { file: ../out/orders.jsonl }

    """
  }

  private var input: String {
    """
    id,city,amount,status
    1,Bremen,12.5,paid
    2,Ulm,3,paid
    3,Kiel,40,open
    4,Jena,7.25,paid
    5,,9,paid

    """
  }

  private var readme: String {
    """
    # \(name)

    A pipeline engine with steps of its own, made with Procession. It needs Swift 6.3 and, on Debian,
    `apt-get install libzmq3-dev libjq-dev libsqlite3-dev pkg-config`.

    ```sh
    swift test                                               # the step's tests
    swift run \(name) validate --explain pipelines/\(name).yaml   # what the pipeline means
    swift run \(name) run pipelines/\(name).yaml                  # run it
    swift run \(name) dead-letters list pipelines/\(name).yaml    # what it could not work on
    ```

    - `Sources/\(library)/Tidy.swift`: the step. What it throws for a record makes a dead letter of that record.
    - `Sources/\(name)/main.swift`: gives the step the name that pipeline files `use`; the rest of the program is
      the whole `procession` command line.
    - `pipelines/\(name).yaml`: the pipeline.

    """
  }
}
