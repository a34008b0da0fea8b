extension DocumentationPage {
  /// How the page looks, by day and by night.
  static let style = """
    :root { --ink: #1c2430; --soft: #667085; --line: #e3e7ee; --back: #fff; --panel: #f7f8fa; --mark: #0b6bcb; --code: #f4f5f8; --warn: #b54708 }
    @media (prefers-color-scheme: dark) {
      :root { --ink: #e6e9ef; --soft: #98a2b3; --line: #2d3542; --back: #14181f; --panel: #1a1f28; --mark: #6cb2ff; --code: #1f2530; --warn: #fdb022 }
    }
    * { box-sizing: border-box }
    body { margin: 0; display: flex; height: 100vh; font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--back) }
    nav { width: 320px; flex: none; display: flex; flex-direction: column; border-right: 1px solid var(--line); background: var(--panel) }
    nav .home { font-weight: 600; font-size: 17px; padding: 14px 16px 6px; color: var(--ink) }
    #search { margin: 6px 16px 10px; padding: 7px 10px; font: inherit; color: inherit; border: 1px solid var(--line); border-radius: 6px; background: var(--back) }
    #tree { overflow: auto; flex: 1; padding: 0 8px 24px }
    #tree summary { cursor: pointer; color: var(--soft); padding: 1px 4px }
    #tree details details, #tree details > a { margin-left: 14px }
    #tree a { display: block; padding: 1px 6px 1px 18px; border-radius: 4px; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; color: var(--ink) }
    #tree a:hover, #tree a.here { background: var(--line) }
    a { color: var(--mark); text-decoration: none }
    a:hover { text-decoration: underline }
    main { flex: 1; overflow: auto; padding: 24px 36px 80px }
    main > * { max-width: 1080px }
    h1 { margin: 0 0 4px; font-size: 26px; overflow-wrap: anywhere }
    h2 { margin: 30px 0 8px; font-size: 17px; border-bottom: 1px solid var(--line); padding-bottom: 4px }
    .soft { color: var(--soft) }
    .badge { display: inline-block; padding: 0 8px; margin: 0 6px 4px 0; border: 1px solid var(--line); border-radius: 10px; font-size: 12px; color: var(--soft) }
    .badge.warn { color: var(--warn); border-color: var(--warn) }
    table { border-collapse: collapse; width: 100% }
    th { text-align: left; font-weight: 600; font-size: 13px; color: var(--soft) }
    th, td { padding: 5px 12px 5px 0; border-bottom: 1px solid var(--line); vertical-align: top }
    td.name, td.type { font-family: ui-monospace, monospace; font-size: 13px; white-space: nowrap }
    td p { margin: 0 }
    dl { display: grid; grid-template-columns: max-content 1fr; gap: 2px 18px; margin: 12px 0 }
    dt { color: var(--soft) }
    dd { margin: 0; overflow-wrap: anywhere }
    pre { background: var(--code); padding: 12px 14px; border-radius: 6px; overflow: auto; font: 13px/1.45 ui-monospace, monospace; tab-size: 2; max-width: none }
    code { font-family: ui-monospace, monospace; font-size: 92%; background: var(--code); border-radius: 3px; padding: 0 3px }
    pre code { background: none; padding: 0 }
    .tabs button { font: inherit; font-size: 13px; border: 1px solid var(--line); background: none; color: var(--soft); padding: 3px 10px; cursor: pointer }
    .tabs button.on { color: var(--ink); background: var(--code) }
    .cards { display: flex; flex-wrap: wrap; gap: 10px; margin: 14px 0 }
    .cards a { border: 1px solid var(--line); border-radius: 8px; padding: 8px 16px; color: var(--ink) }
    .cards b { display: block; font-size: 20px }
    .lineage { overflow: auto; border: 1px solid var(--line); border-radius: 6px; max-width: none; max-height: 70vh }
    .lineage text { font: 12px system-ui, sans-serif; fill: var(--ink) }
    .lineage rect { fill: var(--panel); stroke: var(--line) }
    .lineage .me rect { stroke: var(--mark); stroke-width: 2 }
    .lineage path { fill: none; stroke: var(--soft); stroke-opacity: .45 }
    .lineage path.near { stroke: var(--mark); stroke-opacity: .9 }
    .lineage .source rect { fill: #d5f0dc } .lineage .seed rect { fill: #fdeecb } .lineage .exposure rect { fill: #fbd9d0 }
    .lineage .model rect { fill: #d6e8fb } .lineage .snapshot rect { fill: #e7dcfa } .lineage .metric rect { fill: #fbdcec }
    .lineage .source text, .lineage .seed text, .lineage .exposure text, .lineage .model text, .lineage .snapshot text, .lineage .metric text { fill: #1c2430 }
    .hit { padding: 8px 0; border-bottom: 1px solid var(--line) }
    .k { color: #7c3aed } .s { color: #067647 } .c { color: var(--soft) } .j { color: #c2410c }
    @media (prefers-color-scheme: dark) { .k { color: #b794f6 } .s { color: #75d49b } .j { color: #fdba74 } }
    @media (max-width: 760px) { body { flex-direction: column; height: auto } nav { width: auto; max-height: 45vh; border: 0 } main { padding: 16px } }
    """
}
