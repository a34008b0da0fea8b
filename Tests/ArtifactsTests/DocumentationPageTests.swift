import DataFormats
import Testing

@testable import Artifacts

@Suite("The documentation page")
struct DocumentationPageTests {
  private let page = DocumentationPage(
    manifest: [
      "metadata": ["project_name": "shop", "generated_at": "2026-01-01T00:00:00Z"],
      "nodes": [
        "model.shop.orders": [
          "unique_id": "model.shop.orders", "name": "orders", "resource_type": "model", "package_name": "shop", "original_file_path": "models/core/orders.sql",
          "description": "</script><script>alert(1)</script>", "raw_code": "select 1", "config": ["materialized": "table"],
          "columns": ["ID": ["name": "ID", "description": "the key"], "gone": ["name": "gone", "description": ""]],
        ]
      ],
      "sources": ["source.shop.raw.orders": ["unique_id": "source.shop.raw.orders", "source_name": "raw", "name": "orders", "resource_type": "source"]],
      "macros": [
        "macro.dbt.x": ["unique_id": "macro.dbt.x", "name": "x", "package_name": "dbt"],
        "macro.shop.y": ["unique_id": "macro.shop.y", "name": "y", "package_name": "shop"],
      ], "parent_map": ["model.shop.orders": ["source.shop.raw.orders"]],
    ],
    catalog: [
      "nodes": [
        "model.shop.orders": [
          "metadata": ["type": "table"], "columns": ["id": ["type": "INTEGER", "name": "id"], "extra": ["type": "TEXT", "name": "extra"]],
        ]
      ]
    ])

  @Test("Nothing is loaded from elsewhere, and data cannot end its element")
  func selfContained() {
    let html = page.html
    for tag in ["<link", "<img", "src=", "@import", "fetch(", "XMLHttpRequest"] { #expect(!html.contains(tag), "\(tag)") }
    #expect(html.components(separatedBy: "</script>").count == 3)
    #expect(html.contains("\\u003c/script>\\u003cscript>alert(1)"))
    #expect(html.contains("<title>shop · documentation</title>"))
  }

  @Test("Columns have the types of the warehouse; those that one side alone knows are told apart")
  func columns() throws {
    let items = try #require(page.data["items"]?.array)
    let columns = items.first { $0["id"] == "model.shop.orders" }?["columns"]?.array
    #expect(
      columns == [
        ["name": "ID", "description": "the key", "type": "INTEGER"], ["name": "gone", "description": "", "missing": true], ["name": "extra", "type": "TEXT"],
      ])
  }

  @Test("Macros of the project are shown and those that come with scv are not; tables of sources bear both names")
  func items() throws {
    let names = try #require(page.data["items"]?.array).compactMap { $0["name"]?.string }
    #expect(names == ["orders", "raw.orders", "y"])
    #expect(page.data["parents"]?["model.shop.orders"] == ["source.shop.raw.orders"])
  }
}
