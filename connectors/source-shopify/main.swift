import ConnectorKit
import Glibc

exit(SourceProgram.run(ShopifySource.self))
