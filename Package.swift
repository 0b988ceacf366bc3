// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "gloss",
  products: [
    .library(
      name: "GlossSync",
      targets: ["GlossCore", "GlossWire", "GlossSeal", "GlossStore", "GlossSync", "GlossHTTP"]),
    .library(name: "Gloss", targets: ["Gloss"]),
    .executable(name: "gloss", targets: ["gloss"]),
    .executable(name: "gloss-hub", targets: ["gloss-hub"]),
    .executable(name: "gloss-simulate", targets: ["gloss-simulate"]),
  ],
  traits: [
    .trait(name: "PostgreSQL", description: "A hub over PostgreSQL, which needs libpq."),
    .trait(name: "TLS", description: "TLS in gloss-hub itself; it doubles the build."),
  ],
  dependencies: [
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
    .package(
      url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
  ],
  targets: [
    .target(name: "GlossCore"),
    .target(
      name: "GlossCrypto",
      dependencies: [
        .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "CryptoExtras", package: "swift-crypto"),
      ]),
    .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
    .target(
      name: "GlossWire",
      dependencies: [
        "GlossCore", "CZstd", .product(name: "SwiftProtobuf", package: "swift-protobuf"),
      ]),
    .target(name: "GlossSeal", dependencies: ["GlossCore", "GlossCrypto"]),
    .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
    .target(
      name: "GlossStore", dependencies: ["GlossCore", "GlossCrypto", "GlossWire", "CSQLite"]),
    .target(name: "CGlossCurl"),
    .target(name: "GlossHTTP", dependencies: ["GlossCore", "GlossWire", "CGlossCurl"]),
    .target(
      name: "GlossSync",
      dependencies: ["GlossCore", "GlossCrypto", "GlossWire", "GlossSeal", "GlossStore"]),
    .target(
      name: "Gloss",
      dependencies: [
        "GlossCore", "GlossCrypto", "GlossWire", "GlossSeal", "GlossStore", "GlossSync",
      ]),
    .target(
      name: "GlossFormats",
      dependencies: [
        "Gloss", "GlossCore", "GlossCrypto", "GlossSeal", "GlossStore", "GlossWire",
      ]),
    .systemLibrary(name: "CPostgres", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
    .target(
      name: "GlossHub",
      dependencies: [
        "GlossCore", "GlossCrypto", "GlossWire", .product(name: "GRDB", package: "GRDB.swift"),
        .product(name: "GRDBSQLite", package: "GRDB.swift"),
        .target(name: "CPostgres", condition: .when(traits: ["PostgreSQL"])),
      ]),
    .target(
      name: "GlossHubServer",
      dependencies: [
        "GlossCore", "GlossWire", "GlossHub",
        .product(name: "Hummingbird", package: "hummingbird"),
        .product(
          name: "HummingbirdTLS", package: "hummingbird", condition: .when(traits: ["TLS"])),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
      ]),
    .target(name: "CGlossFaultyDisk", linkerSettings: [.linkedLibrary("sqlite3")]),
    .target(
      name: "GlossTesting",
      dependencies: [
        "CGlossFaultyDisk", "Gloss", "GlossCore", "GlossCrypto", "GlossHub", "GlossSeal",
        "GlossStore", "GlossSync", "GlossWire",
      ]),
    .target(name: "GlossCommandTesting", dependencies: ["GlossStore", "GlossTesting"]),
    .executableTarget(
      name: "gloss",
      dependencies: [
        "Gloss", "GlossCore", "GlossFormats", "GlossHTTP", "GlossSeal", "GlossStore", "GlossSync",
        "GlossWire", .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),
    .executableTarget(
      name: "gloss-hub",
      dependencies: [
        "GlossCore", "GlossHub", "GlossHubServer",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),
    .executableTarget(
      name: "gloss-simulate",
      dependencies: [
        "GlossTesting", .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),
    .testTarget(name: "GlossCoreTests", dependencies: ["GlossCore", "GlossTesting"]),
    .testTarget(
      name: "GlossWireTests",
      dependencies: ["GlossCore", "GlossCrypto", "GlossSeal", "GlossWire", "GlossTesting"]),
    .testTarget(
      name: "GlossSealTests", dependencies: ["GlossCore", "GlossCrypto", "GlossSeal"]),
    .testTarget(
      name: "GlossStoreTests",
      dependencies: ["GlossCore", "GlossCrypto", "GlossStore", "GlossTesting", "GlossWire"]),
    .testTarget(name: "GlossHTTPTests", dependencies: ["GlossCore", "GlossWire", "GlossHTTP"]),
    .testTarget(
      name: "GlossSyncTests",
      dependencies: [
        "GlossCore", "GlossCrypto", "GlossHub", "GlossSeal", "GlossStore", "GlossSync",
        "GlossTesting", "GlossWire",
      ]),
    .testTarget(
      name: "GlossTests",
      dependencies: [
        "Gloss", "GlossCore", "GlossHub", "GlossSeal", "GlossStore", "GlossSync", "GlossTesting",
      ],
      exclude: ["Files"]),
    .testTarget(
      name: "GlossFormatsTests",
      dependencies: [
        "Gloss", "GlossCore", "GlossCrypto", "GlossFormats", "GlossSeal", "GlossStore",
        "GlossTesting",
      ]),
    .testTarget(
      name: "GlossHubTests",
      dependencies: [
        "GlossCore", "GlossCrypto", "GlossHub", "GlossHubServer", "GlossTesting", "GlossWire",
        .product(name: "GRDB", package: "GRDB.swift"),
      ],
      exclude: ["Files"]),
    .testTarget(
      name: "SimulatorTests",
      dependencies: [
        "gloss-simulate", "GlossCore", "GlossStore", "GlossTesting", "GlossWire",
        .product(name: "GRDB", package: "GRDB.swift"),
      ],
      exclude: ["Plans"]),
    .testTarget(
      name: "CommandTests",
      dependencies: [
        "gloss", "gloss-hub", "Gloss", "GlossCommandTesting", "GlossCore", "GlossHTTP",
        "GlossSeal", "GlossStore", "GlossSync", "GlossTesting", "GlossWire",
      ]),
    .testTarget(
      name: "CrashTests",
      dependencies: [
        "gloss", "gloss-hub", "Gloss", "GlossCommandTesting", "GlossCore", "GlossStore",
        "GlossTesting",
      ]),
  ],
  swiftLanguageModes: [.v6]
)

// System libraries have no sources of their own, and the C targets no Swift settings.
for target in package.targets where target.type != .system && !target.name.hasPrefix("C") {
  target.swiftSettings = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
  ]
}

// Building fewer tests takes less time: GLOSS_TESTS="CommandTests GlossTests" swift build --build-tests
if let wanted = Context.environment["GLOSS_TESTS"]?.split(separator: " ").map(String.init) {
  package.targets.removeAll { $0.type == .test && !wanted.contains($0.name) }
}
