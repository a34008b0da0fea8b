import ConnectorKit
import Glibc

exit(SourceProgram.run(ZendeskSource.self))
