import DataFormats
import OrderedCollections

extension Node {
  /// The node as dbt's manifest (v12) holds it, before it is compiled; also what templates see as `model` and in `graph`.
  public var json: JSON {
    var members: OrderedDictionary<String, JSON> = [
      "database": .optional(database), "schema": .string(schema), "name": .string(name), "resource_type": .string(resourceType.rawValue),
      "package_name": .string(packageName), "path": .string(path), "original_file_path": .string(originalFilePath),
      "unique_id": .string(uniqueID), "fqn": .texts(fqn), "alias": .string(alias),
      "checksum": ["name": .string(checksum.name), "checksum": .string(checksum.value)], "config": .object(config.values), "tags": .texts(tags),
      "description": .string(description), "columns": .object(columns.mapValues(\.json)), "meta": .object(meta), "group": .optional(group),
      "docs": .object(docs), "patch_path": .optional(patchPath), "build_path": nil, "unrendered_config": .object(unrenderedConfig),
      "created_at": 0, "relation_name": .optional(relationName), "raw_code": .string(rawCode), "doc_blocks": .texts(docBlocks),
    ]
    switch resourceType {
    case .seed:
      members["root_path"] = .string(rootPath)
      members["depends_on"] = ["macros": .texts(dependsOnMacros)]
      return .object(members)
    default:
      members["language"] = .string(language)
      members["refs"] = .array(refs.map(\.json))
      members["sources"] = .array(sources.map { .texts([$0.source, $0.table]) })
      members["metrics"] = []
      members["depends_on"] = ["macros": .texts(dependsOnMacros), "nodes": .texts(dependsOnNodes)]
      members["compiled_path"] = .null
      members["contract"] = contract
    }
    switch resourceType {
    case .model:
      members["access"] = .string(access)
      members["constraints"] = .array(constraints)
      members["version"] = version ?? .null
      members["latest_version"] = latestVersion ?? .null
      members["deprecation_date"] = .optional(deprecationDate)
      members["primary_key"] = .texts(primaryKey)
      members["time_spine"] = timeSpine ?? .null
    case .test where testMetadata != nil:
      members["column_name"] = .optional(columnName)
      members["file_key_name"] = .optional(fileKeyName)
      members["attached_node"] = .optional(attachedNode)
      members["test_metadata"] = testMetadata.map {
        ["name": .string($0.name), "kwargs": .object($0.arguments), "namespace": .optional($0.namespace)]
      }
    case .operation:
      members["index"] = index.map { .int(Int64($0)) } ?? .null
    default: break
    }
    return .object(members)
  }

  /// `contract` with a digest of its columns.
  private var contract: JSON {
    let value = config["contract"]
    return ["enforced": .bool(value?["enforced"]?.bool ?? false), "alias_types": .bool(value?["alias_types"]?.bool ?? true), "checksum": nil]
  }
}

extension ColumnDefinition {
  /// The column as dbt's manifest holds it.
  public var json: JSON {
    [
      "name": .string(name), "description": .string(description), "meta": .object(meta), "data_type": .optional(dataType),
      "constraints": .array(constraints), "quote": quote.map { .bool($0) } ?? .null, "config": .object(config), "tags": .texts(tags),
      "granularity": .optional(granularity), "doc_blocks": .texts(docBlocks),
    ]
  }
}

extension Reference {
  /// The reference as dbt's manifest holds it.
  public var json: JSON { ["name": .string(name), "package": .optional(package), "version": version ?? .null] }
}

extension SourceDefinition {
  /// The table as dbt's manifest holds it.
  public var json: JSON {
    [
      "database": .optional(database), "schema": .string(schema), "name": .string(name), "resource_type": "source",
      "package_name": .string(packageName), "path": .string(originalFilePath), "original_file_path": .string(originalFilePath),
      "unique_id": .string(uniqueID), "fqn": .texts(fqn), "source_name": .string(sourceName), "source_description": .string(sourceDescription),
      "loader": .string(loader), "identifier": .string(identifier),
      "quoting": [
        "database": quoting["database"] ?? .null, "schema": quoting["schema"] ?? .null, "identifier": quoting["identifier"] ?? .null,
        "column": quoting["column"] ?? .null,
      ],
      "loaded_at_field": .optional(loadedAtField), "loaded_at_query": .optional(loadedAtQuery), "freshness": (freshness ?? Freshness()).json,
      "external": external ?? .null, "description": .string(description), "columns": .object(columns.mapValues(\.json)), "meta": .object(meta),
      "source_meta": .object(sourceMeta), "tags": .texts(tags), "config": .object(config.values), "patch_path": nil,
      "unrendered_config": .object(unrenderedConfig), "relation_name": .string(relationName), "created_at": 0, "unrendered_database": nil,
      "unrendered_schema": nil, "doc_blocks": .texts(docBlocks),
    ]
  }
}

extension Freshness {
  /// The rule as dbt's manifest holds it.
  public var json: JSON {
    func period(_ period: Period?) -> JSON {
      ["count": period.map { .int(Int64($0.count)) } ?? .null, "period": period.map { .string($0.period) } ?? .null]
    }
    return ["warn_after": period(warnAfter), "error_after": period(errorAfter), "filter": .optional(filter)]
  }
}

extension ProjectMacro {
  /// The macro as dbt's manifest holds it.
  public var json: JSON {
    [
      "name": .string(name), "resource_type": "macro", "package_name": .string(packageName), "path": .string(originalFilePath),
      "original_file_path": .string(originalFilePath), "unique_id": .string(uniqueID), "macro_sql": .string(macroSQL),
      "depends_on": ["macros": .texts(dependsOnMacros)], "description": .string(description), "meta": .object(meta), "docs": .object(docs),
      "patch_path": .optional(patchPath), "arguments": .array(arguments), "created_at": 0,
      "supported_languages": supportedLanguages.map { .texts($0) } ?? .null,
    ]
  }
}

extension DocumentationBlock {
  /// The block as dbt's manifest holds it.
  public var json: JSON {
    [
      "name": .string(name), "resource_type": "doc", "package_name": .string(packageName), "path": .string(path),
      "original_file_path": .string(originalFilePath), "unique_id": .string(uniqueID), "block_contents": .string(contents),
    ]
  }
}

extension Exposure {
  /// The exposure as dbt's manifest holds it.
  public var json: JSON {
    [
      "name": .string(name), "resource_type": "exposure", "package_name": .string(packageName), "path": .string(originalFilePath),
      "original_file_path": .string(originalFilePath), "unique_id": .string(uniqueID), "fqn": .texts(fqn), "type": .string(type),
      "owner": .object(owner), "description": .string(description), "label": .optional(label), "maturity": .optional(maturity),
      "meta": .object(meta), "tags": .texts(tags), "config": .object(config.values), "unrendered_config": .object(unrenderedConfig),
      "url": .optional(url), "depends_on": ["macros": [], "nodes": .texts(dependsOnNodes)], "refs": .array(refs.map(\.json)),
      "sources": .array(sources.map { .texts([$0.source, $0.table]) }), "metrics": [], "created_at": 0,
    ]
  }
}

extension GroupDefinition {
  /// The group as dbt's manifest holds it.
  public var json: JSON {
    [
      "name": .string(name), "resource_type": "group", "package_name": .string(packageName), "path": .string(originalFilePath),
      "original_file_path": .string(originalFilePath), "unique_id": .string(uniqueID), "owner": .object(owner), "description": .optional(description),
      "config": .object(config),
    ]
  }
}

extension UnitTest {
  /// The unit test as dbt's manifest holds it.
  public var json: JSON {
    [
      "name": .string(name), "resource_type": "unit_test", "package_name": .string(packageName), "path": .string(originalFilePath),
      "original_file_path": .string(originalFilePath), "unique_id": .string(uniqueID), "fqn": .texts(fqn), "model": .string(model),
      "description": .string(description), "given": .array(given.map(\.json)), "expect": expect.json,
      "overrides": overrides.isEmpty
        ? .null : ["macros": overrides["macros"] ?? [:], "vars": overrides["vars"] ?? [:], "env_vars": overrides["env_vars"] ?? [:]],
      "depends_on": ["macros": [], "nodes": .texts(dependsOnNodes)], "config": .object(config.values), "checksum": .optional(checksum),
      "schema": .optional(schema), "created_at": 0, "versions": nil, "version": version ?? .null,
    ]
  }
}

extension UnitTest.Fixture {
  /// The fixture as dbt's manifest holds it.
  public var json: JSON {
    var members: OrderedDictionary<String, JSON> = [:]
    if let input { members["input"] = .string(input) }
    members["rows"] = rows
    members["format"] = .string(format.rawValue)
    members["fixture"] = .optional(fixture)
    return .object(members)
  }
}

extension JSON {
  /// A text, or null.
  static func optional(_ text: String?) -> JSON { text.map(JSON.string) ?? .null }

  /// A list of texts.
  static func texts(_ list: [String]) -> JSON { .array(list.map(JSON.string)) }
}
