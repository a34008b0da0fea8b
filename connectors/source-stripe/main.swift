import ConnectorKit
import Glibc

exit(SourceProgram.run(StripeSource.self))
