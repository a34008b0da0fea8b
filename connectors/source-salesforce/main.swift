import ConnectorKit
import Glibc

exit(SourceProgram.run(SalesforceSource.self))
