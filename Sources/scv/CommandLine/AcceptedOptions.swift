import ArgumentParser

/// Options of dbt that command lines in use contain and that have little or nothing to change here: nobody is told statistics.
struct AcceptedOptions: ParsableArguments {
  @Flag(inversion: .prefixedNo, help: ArgumentHelp("Whether what did not change since the last time is read again.")) var partialParse: Bool?
  @Flag(inversion: .prefixedNo, help: ArgumentHelp("Accepted, and without effect.")) var staticParser: Bool?
  @Flag(inversion: .prefixedNo, help: ArgumentHelp("Accepted, and without effect.")) var useExperimentalParser: Bool?
  @Flag(inversion: .prefixedNo, help: ArgumentHelp("Accepted, and without effect.")) var cacheSelectedOnly: Bool?
  @Flag(inversion: .prefixedNo, help: ArgumentHelp("Accepted, and without effect.")) var populateCache: Bool?
  @Flag(inversion: .prefixedNo, help: ArgumentHelp("Accepted, and without effect.")) var logCacheEvents: Bool?
  @Flag(inversion: .prefixedNo, help: ArgumentHelp("Accepted, and without effect.")) var sendAnonymousUsageStats: Bool?
  @Flag(inversion: .prefixedNo, help: ArgumentHelp("Accepted, and without effect.")) var macroDebugging: Bool?
  @Flag(inversion: .prefixedNo, help: ArgumentHelp("Accepted, and without effect.")) var useColorsFile: Bool?
  @Flag(inversion: .prefixedNo, help: ArgumentHelp("Accepted, and without effect.")) var introspect: Bool?
  @Flag(inversion: .prefixedNo, help: ArgumentHelp("Accepted, and without effect.")) var showAllDeprecations: Bool?
  @Flag(inversion: .prefixedNo, help: ArgumentHelp("Accepted, and without effect.")) var useFastTestEdges: Bool?
  @Option(help: ArgumentHelp("Accepted, and without effect.")) var partialParseFilePath: String?
  @Option(help: ArgumentHelp("Accepted, and without effect.")) var recordTimingInfo: String?
  @Option(help: ArgumentHelp("Accepted, and without effect.")) var printerWidth: Int?
  @Option(help: ArgumentHelp("Accepted, and without effect.")) var logFileMaxBytes: Int?
}
