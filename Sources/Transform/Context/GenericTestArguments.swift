import DataFormats
import Jinja
import OrderedCollections
import Project

/// The arguments of a generic test: what its YAML says, with templates in texts evaluated (`ref('orders')` as the relation).
enum GenericTestArguments {
  static func value(_ metadata: TestMetadata, _ context: NodeContext) throws -> Value {
    let box = DictBox()
    for (name, argument) in metadata.arguments { box[name] = try value(argument, context, isName: name == "column_name") }
    return .dict(box)
  }

  /// One argument; texts that call ref or source are evaluated.
  static func value(_ argument: JSON, _ context: NodeContext, isName: Bool = false) throws -> Value {
    switch argument {
    case .string(let text):
      guard !isName else { return .string(text) }
      let text = ProjectTemplates.testArgument(text)
      if let inner = ProjectTemplates.onlyExpression(text) {
        return try context.run.macros.environment.expression(inner, name: context.node.originalFilePath).evaluate(in: context.context)
      }
      return .string(try context.render(text, name: context.node.originalFilePath))
    case .array(let elements): return Value(try elements.map { try value($0, context) })
    case .object(let members): return Value(OrderedDictionary(try members.map { ($0.key, try value($0.value, context)) }) { $1 })
    default: return Value(json: argument)
    }
  }
}
