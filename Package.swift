// swift-tools-version: 6.2
import PackageDescription

// Floors, ground first: a target may depend on targets of lower floors only. The compiler does not hold
// this line (a module is importable once anything linked it); `make lint` does, by scripts/check-modules.

/// Warnings are errors in continuous integration, and stay warnings while one is at work.
let strict: [SwiftSetting] = Context.environment["CI"] == nil ? [] : [.treatAllWarnings(as: .error)]

func module(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

func connector(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .executableTarget(
    name: name, dependencies: ["ConnectorKit", "HTTP", "DataFormats", "Diagnostics"] + dependencies,
    path: "connectors/\(name)", swiftSettings: strict)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .testTarget(name: "\(name)Tests", dependencies: dependencies, swiftSettings: strict)
}

let argumentParser: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let collections: Target.Dependency = .product(name: "OrderedCollections", package: "swift-collections")
let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let grdb: Target.Dependency = .product(name: "GRDB", package: "GRDB.swift")
let grdbSQLite: Target.Dependency = .product(name: "GRDBSQLite", package: "GRDB.swift")
let hummingbird: Target.Dependency = .product(name: "Hummingbird", package: "hummingbird")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let subprocess: Target.Dependency = .product(name: "Subprocess", package: "swift-subprocess")
let yams: Target.Dependency = .product(name: "Yams", package: "Yams")

let package = Package(
  name: "scv",
  products: [
    .executable(name: "scv", targets: ["scv"]),
    .executable(name: "scv-sandbox", targets: ["scv-sandbox"]),
    .library(name: "ConnectorKit", targets: ["ConnectorKit"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2"),
  ],
  targets: [
    // Floor 0: C boundaries, and the shape of everything that can go wrong.
    .target(name: "CCurl"),
    .target(name: "CSimdJSON", cxxSettings: [.unsafeFlags(["-O3"])], linkerSettings: [.linkedLibrary("simdjson")]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    module("Diagnostics"),

    // Floor 1: formats, templates, requests; none of them knows what it is used for.
    module("DataFormats", ["Diagnostics", "CSimdJSON", "CZlib", collections, yams]),
    module("Jinja", ["Diagnostics", collections]),
    module("HTTP", ["Diagnostics", "CCurl"]),

    // Floor 2: the three things that scv is about: messages, the warehouse, the project.
    module("AirbyteProtocol", ["Diagnostics", "DataFormats", collections]),
    module("Warehouse", ["Diagnostics", "DataFormats", grdb, grdbSQLite, crypto]),
    module("Project", ["Diagnostics", "DataFormats", "Jinja", collections, crypto]),

    // Floor 3: what is done with them.
    module("ConnectorKit", ["Diagnostics", "CSimdJSON", "DataFormats", "HTTP", "AirbyteProtocol", crypto]),
    module("Sync", ["Diagnostics", "DataFormats", "CSimdJSON", "AirbyteProtocol", "Warehouse", collections, grdbSQLite, crypto, logging]),
    module("Transform", ["Diagnostics", "DataFormats", "Jinja", "Project", "Warehouse", collections, crypto]),
    module("Packages", ["Diagnostics", "DataFormats", "HTTP", "Project", collections, crypto]),
    module("Sandbox", ["Diagnostics", "CZlib", hummingbird]),

    // Floor 4: one connector a system; artifacts that tools made for dbt can read.
    connector("source-salesforce"),
    connector("source-stripe"),
    connector("source-zendesk"),
    connector("source-shopify"),
    connector("source-file"),
    module("Artifacts", ["Diagnostics", "DataFormats", "Warehouse", "Project", "Transform", collections]),

    // Floor 5: the commands.
    .executableTarget(
      name: "scv",
      dependencies: [
        "Diagnostics", "DataFormats", "AirbyteProtocol", "Warehouse", "Project", "Sync", "Transform", "Packages", "Artifacts",
        argumentParser, collections, logging,
      ], swiftSettings: strict),
    .executableTarget(name: "scv-sandbox", dependencies: ["Sandbox", "Diagnostics", argumentParser], swiftSettings: strict),

    // Tests, the folder that tests of projects work in, and the server that clients are tested with.
    .target(name: "TestFolder", path: "Tests/TestFolder", swiftSettings: strict),
    .target(name: "TestServer", path: "Tests/TestServer", swiftSettings: strict),
    tests("Diagnostics", ["Diagnostics"]),
    tests("DataFormats", ["DataFormats", "Diagnostics"]),
    tests("Jinja", ["Jinja", "DataFormats", "Diagnostics"]),
    tests("HTTP", ["TestServer", "HTTP", "Diagnostics"]),
    tests("AirbyteProtocol", ["AirbyteProtocol", "DataFormats", "Diagnostics"]),
    tests("Warehouse", ["Warehouse", "DataFormats", "Diagnostics"]),
    tests("Project", ["TestFolder", "Project", "Jinja", "DataFormats", "Diagnostics"]),
    tests("ConnectorKit", ["ConnectorKit", "HTTP", "AirbyteProtocol", "DataFormats", "Diagnostics"]),
    tests("Sync", ["Sync", "CSimdJSON", "Warehouse", "AirbyteProtocol", "DataFormats", "Diagnostics"]),
    tests("Packages", ["TestServer", "Packages", "Project", "DataFormats", "Diagnostics"]),
    tests("Transform", ["TestFolder", "Transform", "Project", "Warehouse", "Jinja", "DataFormats", "Diagnostics"]),
    tests("Artifacts", ["Artifacts", "Transform", "Project", "Warehouse", "DataFormats"]),
    tests("Sandbox", ["Sandbox", "DataFormats"]),
    tests("Connector", ["Sandbox", "AirbyteProtocol", "ConnectorKit", "DataFormats", "Diagnostics", subprocess]),
    tests("scv", ["Sandbox", "Warehouse", "DataFormats", "Diagnostics", subprocess]),
  ],
  swiftLanguageModes: [.v6],
  cxxLanguageStandard: .cxx17
)
