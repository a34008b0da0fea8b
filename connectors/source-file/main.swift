import ConnectorKit
import Glibc

exit(SourceProgram.run(FileSource.self))
