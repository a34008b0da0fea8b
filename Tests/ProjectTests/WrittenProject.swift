import DataFormats
import Diagnostics
import Project
import TestFolder

/// A project in a folder of its own, read without the macros that come with scv.
final class WrittenProject: ProjectFolder {
  /// Reads the project. The generic tests and names that come with scv are stood in for by the smallest that will do.
  func load(_ change: (inout LoadOptions) -> Void = { _ in }) throws -> LoadedProject {
    let macros = """
      {% test not_null(model, column_name) %}select 1{% endtest %}
      {% test unique(model, column_name) %}select 1{% endtest %}
      {% test relationships(model, column_name, to, field) %}select 1 from {{ to }}{% endtest %}
      {% test accepted_values(model, column_name, values, quote=True) %}select 1{% endtest %}
      {% macro generate_schema_name(custom_schema_name=none, node=none) -%}
        {{ target.schema if custom_schema_name is none else target.schema ~ '_' ~ custom_schema_name | trim }}
      {%- endmacro %}
      {% macro generate_alias_name(custom_alias_name=none, node=none) -%}
        {{ custom_alias_name if custom_alias_name else node.name if not node.version else node.name ~ '_v' ~ node.version }}
      {%- endmacro %}
      """
    var options = LoadOptions(
      projectDirectory: path, builtins: [BuiltinPackage(name: "dbt", files: [.init(path: "macros/all.sql", source: macros)])])
    change(&options)
    return try ProjectLoader(options).load()
  }

  /// What loading the project complains about, the errors in order.
  func errors(_ change: (inout LoadOptions) -> Void = { _ in }) -> [Diagnostic] {
    do {
      _ = try load(change)
      return []
    } catch let error as Diagnostic {
      return [error]
    } catch let errors as Diagnostics {
      return errors.errors
    } catch {
      return [Diagnostic(.system, "test.other", "\(error)")]
    }
  }
}

extension LoadedProject {
  /// The model of a name.
  func model(_ name: String) -> Node? { manifest.nodes["model.shop.\(name)"] }

  /// The names of what `select` and `exclude` choose, sorted.
  func names(
    _ select: String..., exclude: [String] = [], types: Set<ResourceType>? = [.model], indirect: IndirectSelection = .eager, previous: PreviousState? = nil
  ) throws -> [String] {
    var request = SelectionRequest()
    request.select = select
    request.exclude = exclude
    request.resourceTypes = types
    request.indirect = indirect
    request.previous = previous
    return try manifest.select(request).ids.map { id in
      manifest.nodes[id]?.name ?? manifest.sources[id]?.searchName ?? manifest.exposures[id]?.name ?? id
    }.sorted()
  }
}
