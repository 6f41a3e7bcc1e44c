// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

/// One layer of the framework. Order in the list below is the order of the layers:
/// a target names only targets that stand above it in this file.
func layer(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

/// Tests of a layer. Where a test's own code has little to do, it is not optimized, which is most of the time that
/// compiling it takes: `isHeavy` is for simulators and the like. No product has these targets, so their flags are
/// nobody else's concern.
func tests(
  _ name: String, _ dependencies: [Target.Dependency], exclude: [String] = [], isHeavy: Bool = false
) -> Target {
  .testTarget(
    name: name, dependencies: ["TestSupport"] + dependencies, exclude: exclude,
    swiftSettings: isHeavy ? strict : strict + [.unsafeFlags(["-Onone"], .when(configuration: .release))])
}

let package = Package(
  name: "procession",
  products: [
    .executable(name: "procession", targets: ["ProcessionMain"]),
    .library(name: "Procession", targets: ["Procession"]),
    .library(name: "Multiprocessing", targets: ["Multiprocessing", "ProcessPool"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
  ],
  targets: [
    .systemLibrary(
      name: "CZeroMQ", pkgConfig: "libzmq", providers: [.apt(["libzmq3-dev"])]),
    .systemLibrary(name: "CJq", providers: [.apt(["libjq-dev"])]),
    .systemLibrary(
      name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
    .target(name: "CPOSIX"),
    layer("POSIXKit", ["CPOSIX"]),
    layer("SQLite", ["POSIXKit", "CSQLite"]),
    layer("ZeroMQ", ["CZeroMQ"]),
    layer("Multiprocessing", ["POSIXKit", "CPOSIX"]),
    layer("ProcessPool", ["Multiprocessing", "ZeroMQ", "POSIXKit", "CPOSIX"]),
    layer("Delivery"),
    layer("Records"),
    layer("Expressions", ["Records", "CJq"]),
    layer("PipelineFile", ["Expressions", "Records", "Yams"]),
    layer(
      "Stages",
      ["Multiprocessing", "Delivery", "PipelineFile", "Expressions", "Records", "SQLite", "POSIXKit"]),
    layer("Coordination", ["Delivery", "POSIXKit"]),
    layer("Control", ["POSIXKit", .product(name: "Logging", package: "swift-log")]),
    layer(
      "Worker",
      [
        "Delivery", "Coordination", "ZeroMQ", "Stages", "PipelineFile", "Records", "Multiprocessing",
        "POSIXKit",
      ]),
    layer(
      "Supervisor",
      [
        "Multiprocessing", "Coordination", "Control", "Delivery", "POSIXKit",
        .product(name: "Logging", package: "swift-log"),
      ]),
    layer(
      "ProcessionCLI",
      [
        "Supervisor", "Worker", "Stages", "PipelineFile", "Expressions", "Coordination", "Control",
        "Multiprocessing", "POSIXKit", "Delivery", "Records", "SQLite", "ZeroMQ",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),
    layer("Procession", ["ProcessionCLI", "Stages", "PipelineFile", "Records", "POSIXKit"]),
    .executableTarget(name: "ProcessionMain", dependencies: ["ProcessionCLI"], swiftSettings: strict),
    .executableTarget(
      name: "Benchmarks",
      dependencies: [
        "Coordination", "POSIXKit", .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: strict),
    .executableTarget(
      name: "StartProbe", dependencies: ["Multiprocessing", "POSIXKit"], swiftSettings: strict),
    .executableTarget(
      name: "PoolProbe", dependencies: ["ProcessPool", "Multiprocessing", "POSIXKit"], swiftSettings: strict),
    .executableTarget(name: "ProcessProbe", dependencies: ["Multiprocessing"], swiftSettings: strict),

    .target(
      name: "TestSupport", dependencies: ["Multiprocessing", "POSIXKit"], path: "Tests/TestSupport",
      swiftSettings: strict),
    .executableTarget(
      name: "ProcessFixture",
      dependencies: [
        "Multiprocessing", "POSIXKit", "PipelineFile", "Stages",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      path: "Tests/ProcessFixture", swiftSettings: strict),
    .executableTarget(
      name: "StepsFixture", dependencies: ["Procession"], path: "Tests/StepsFixture",
      swiftSettings: strict),
    .executableTarget(
      name: "StateFixture", dependencies: ["ProcessionCLI", "PipelineFile", "Stages", "Records"],
      path: "Tests/StateFixture", swiftSettings: strict),
    .executableTarget(
      name: "ChildProcessFixture", dependencies: ["Multiprocessing", "POSIXKit"],
      path: "Tests/ChildProcessFixture", swiftSettings: strict),
    .executableTarget(
      name: "ProcessExample", dependencies: ["Multiprocessing"], path: "Tests/ProcessExample",
      swiftSettings: strict),
    .executableTarget(
      name: "PoolFixture",
      dependencies: ["TestSupport", "ProcessPool", "Multiprocessing", "ZeroMQ", "POSIXKit"],
      path: "Tests/PoolFixture", swiftSettings: strict),
    .executableTarget(
      name: "PoolExample", dependencies: ["ProcessPool", "Multiprocessing"], path: "Tests/PoolExample",
      swiftSettings: strict),
    tests("DeliveryTests", ["Delivery"], isHeavy: true),
    tests("RecordsTests", ["Records"]),
    tests("ExpressionsTests", ["Expressions", "Records"], isHeavy: true),
    tests("PipelineFileTests", ["PipelineFile", "Expressions", "Records"]),
    tests("POSIXKitTests", ["POSIXKit"]),
    tests("SQLiteTests", ["SQLite", "POSIXKit"]),
    tests("ZeroMQTests", ["ZeroMQ"]),
    tests(
      "MultiprocessingTests",
      ["Multiprocessing", "POSIXKit", "ProcessFixture", "ChildProcessFixture", "ProcessExample"]),
    tests(
      "ProcessPoolTests",
      ["ProcessPool", "Multiprocessing", "ZeroMQ", "POSIXKit", "PoolFixture", "PoolExample"]),
    tests("StagesTests", ["Stages", "PipelineFile", "Records", "Expressions", "SQLite", "POSIXKit"]),
    tests("ProcessionTests", ["Procession"]),
    tests("ControlTests", ["Control", "POSIXKit"]),
    tests(
      "SupervisorTests",
      [
        "Supervisor", "Multiprocessing", "Coordination", "Control", "Delivery", "POSIXKit",
        .product(name: "Logging", package: "swift-log"),
      ]),
    tests("WorkerTests", ["Worker", "Delivery", "Records", "ZeroMQ", "Coordination", "POSIXKit"]),
    tests(
      "EndToEndTests",
      [
        "ProcessionMain", "ProcessionCLI", "StepsFixture", "StateFixture", "Control", "Worker", "Stages",
        "Records", "SQLite",
        "POSIXKit",
      ],
      exclude: ["Golden"]),
  ],
  swiftLanguageModes: [.v6]
)
