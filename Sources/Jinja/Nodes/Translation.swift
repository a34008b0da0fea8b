/// `{% trans %}…{% pluralize %}…{% endtrans %}`
public final class TranslationStatement: StatementNode, @unchecked Sendable {
  /// The context that tells translations of the same text apart.
  public let context: String?
  /// The variables of the text.
  public let variables: [(name: String, value: ExpressionNode)]
  /// The text, its variables as `%(name)s`.
  public let singular: String
  /// The text for any count but one.
  public let plural: String?
  /// The variable that counts.
  public let countName: String?

  init(
    context: String?, variables: [(name: String, value: ExpressionNode)], singular: String, plural: String?, countName: String?,
    _ position: SourcePosition
  ) {
    self.context = context
    self.variables = variables
    self.singular = singular
    self.plural = plural
    self.countName = countName
    super.init(position)
  }

  public override var children: [Node] { variables.map(\.value) }

  override func execute(_ frame: Frame, _ output: Output) throws -> Flow {
    let values = DictBox()
    for (name, value) in variables {
      let value = try value.evaluate(frame)
      values[name] = frame.run.autoescape ? .markup(try located(frame) { try value.escaped() }) : value
    }
    try located(frame) {
      let message = try translated(frame, count: countName.flatMap { values[$0] })
      let text = try PercentFormat.format(message, .dict(values))
      try output.append(frame.run.autoescape ? .markup(text) : .string(text), escaping: frame.run.autoescape)
    }
    return .normal
  }

  private func translated(_ frame: Frame, count: Value?) throws -> String {
    let function = (context == nil ? "" : "p") + "gettext"
    let prefix: [Value] = context.map { [.string($0)] } ?? []
    let call = Call(positional: [], keywords: [], run: frame.run, scope: frame.scope, position: position)
    if let plural {
      if let translate = try frame.scope.lookup("n" + function), translate.isCallable {
        return try call.invoke(translate, prefix + [.string(singular), .string(plural), count ?? .none]).str()
      }
      return count.map { $0 == .int(1) } ?? false ? singular : plural
    }
    guard let translate = try frame.scope.lookup(function), translate.isCallable else { return singular }
    return try call.invoke(translate, prefix + [.string(singular)]).str()
  }
}
