extension DocumentationPage {
  /// What the page does: addresses, tree, search, one view a kind of thing, lineage. Plain JavaScript, nothing loaded.
  static let script = #"""
    'use strict';
    const data = JSON.parse(document.getElementById('data').textContent);
    const items = data.items, byId = new Map(items.map(i => [i.id, i]));
    const parents = new Map(), children = new Map();
    for (const [id, list] of Object.entries(data.parents)) {
      parents.set(id, list);
      for (const p of list) { if (!children.has(p)) children.set(p, []); children.get(p).push(id) }
    }
    const above = id => parents.get(id) || [], below = id => children.get(id) || [];
    const isTest = i => i && (i.type === 'test' || i.type === 'unit_test');
    const kinds = [['source', 'Sources'], ['seed', 'Seeds'], ['model', 'Models'], ['snapshot', 'Snapshots'], ['exposure', 'Exposures'], ['metric', 'Metrics'],
      ['semantic_model', 'Semantic models'], ['saved_query', 'Saved queries'], ['analysis', 'Analyses'], ['test', 'Data tests'], ['unit_test', 'Unit tests'],
      ['macro', 'Macros']];
    const page = document.getElementById('page'), tree = document.getElementById('tree'), search = document.getElementById('search');

    // Elements. Text is always set as text, so that nothing of the data is ever read as markup.
    function el(tag, attributes, ...content) {
      const e = document.createElement(tag);
      for (const [k, v] of Object.entries(attributes || {})) if (v !== undefined && v !== null) e.setAttribute(k, v);
      for (const c of content.flat(Infinity)) if (c !== undefined && c !== null && c !== '') e.append(c);
      return e;
    }
    const address = i => '#!/' + i.type + '/' + encodeURIComponent(i.id);
    const link = i => el('a', {href: address(i)}, i.name);
    const section = (title, ...content) => content.flat().filter(Boolean).length ? [el('h2', {}, title), ...content] : [];

    // Descriptions: paragraphs, lists, headings, code, emphasis, links; of addresses only those of the web.
    function inline(text, into) {
      const rule = /`([^`]+)`|\*\*([^*]+)\*\*|\*([^*\s][^*]*)\*|\[([^\]]+)\]\(([^)\s]+)\)|(https?:\/\/[^\s<>)]+)/g;
      let at = 0, m;
      while ((m = rule.exec(text))) {
        into.append(text.slice(at, m.index));
        if (m[1]) into.append(el('code', {}, m[1]));
        else if (m[2]) into.append(el('strong', {}, m[2]));
        else if (m[3]) into.append(el('em', {}, m[3]));
        else {
          const to = m[5] || m[6];
          into.append(/^(https?:|mailto:|#|\.{0,2}\/|[\w./-]+$)/.test(to) ? el('a', {href: to, rel: 'noopener'}, m[4] || to) : m[0]);
        }
        at = rule.lastIndex;
      }
      into.append(text.slice(at));
      return into;
    }
    function markdown(text) {
      const box = el('div', {});
      for (const part of (text || '').split(/(```[\s\S]*?```)/)) {
        if (part.startsWith('```')) { box.append(el('pre', {}, el('code', {}, part.replace(/^```[^\n]*\n?|\n?```$/g, '')))); continue }
        for (const block of part.split(/\n\s*\n/)) {
          const lines = block.split('\n').filter(l => l.trim());
          if (!lines.length) continue;
          const head = lines[0].match(/^(#{1,6})\s+(.*)/);
          if (head) {
            box.append(inline(head[2], el('h' + Math.min(6, head[1].length + 1), {})));
            lines.shift();
          }
          if (!lines.length) continue;
          if (lines.every(l => /^\s*([-*+]|\d+\.)\s/.test(l))) {
            box.append(el(/^\s*\d/.test(lines[0]) ? 'ol' : 'ul', {}, lines.map(l => inline(l.replace(/^\s*([-*+]|\d+\.)\s+/, ''), el('li', {})))));
          } else if (lines.length > 1 && lines.every(l => l.includes('|')) && /^[\s|:-]+$/.test(lines[1])) {
            const cells = l => l.trim().replace(/^\||\|$/g, '').split('|').map(c => c.trim());
            box.append(el('table', {}, el('tr', {}, cells(lines[0]).map(c => el('th', {}, c))),
              lines.slice(2).map(l => el('tr', {}, cells(l).map(c => inline(c, el('td', {})))))));
          } else box.append(inline(lines.join(' '), el('p', {})));
        }
      }
      return box;
    }

    // SQL with a little colour.
    const words = new Set(('select from where group by order having join left right inner outer full cross on as and or not in is null case when then else end ' +
      'union all distinct with recursive limit over partition between exists like cast using create table view insert update delete values asc desc').split(' '));
    function sql(text) {
      const code = el('code', {});
      const rule = /(\{#[\s\S]*?#\}|--[^\n]*|\/\*[\s\S]*?\*\/)|(\{\{[\s\S]*?\}\}|\{%[\s\S]*?%\})|('(?:[^']|'')*')|([A-Za-z_]\w*)/g;
      let at = 0, m;
      while ((m = rule.exec(text))) {
        const kind = m[1] ? 'c' : m[2] ? 'j' : m[3] ? 's' : words.has(m[4].toLowerCase()) ? 'k' : '';
        if (!kind) continue;
        code.append(text.slice(at, m.index), el('span', {class: kind}, m[0]));
        at = rule.lastIndex;
      }
      code.append(text.slice(at));
      return el('pre', {}, code);
    }

    // Tests by what they stand on: names of tests by column, and those of the whole.
    const testsOf = id => below(id).map(t => byId.get(t)).filter(isTest);
    function columns(item) {
      if (!item.columns || !item.columns.length) return [];
      const tests = testsOf(item.id);
      const rows = item.columns.map(c => el('tr', {id: 'column-' + c.name},
        el('td', {class: 'name'}, c.name), el('td', {class: 'type'}, (c.type || '').toLowerCase(), c.missing ? ' (missing)' : ''),
        el('td', {}, markdown(c.description)),
        el('td', {}, tests.filter(t => t.column && t.column.replace(/"/g, '').toLowerCase() === c.name.toLowerCase() && above(t.id)[above(t.id).length - 1] === item.id)
          .map(t => el('a', {class: 'badge', href: address(t), title: t.name}, t.test || t.name)))));
      return section('Columns', el('table', {}, el('tr', {}, ['column', 'type', 'description', 'tests'].map(h => el('th', {}, h))), rows));
    }
    function code(item) {
      const versions = [['source', item.code], ['compiled', item.compiled]].filter(v => v[1]);
      if (!versions.length) return [];
      const box = el('div', {}), bar = el('div', {class: 'tabs'});
      const show = n => {
        box.replaceChildren(sql(versions[n][1]));
        [...bar.children].forEach((b, i) => b.className = i === n ? 'on' : '');
      };
      versions.forEach((v, n) => { const b = el('button', {type: 'button'}, v[0]); b.onclick = () => show(n); bar.append(b) });
      show(0);
      return section('Code', bar, box);
    }
    function list(title, ids) {
      const found = [...new Set(ids)].map(id => byId.get(id)).filter(Boolean);
      return section(title + (found.length > 8 ? ' (' + found.length + ')' : ''),
        found.length ? el('ul', {}, found.map(i => el('li', {}, link(i), el('span', {class: 'soft'}, '  ' + i.type.replace('_', ' '))))) : null);
    }
    const plain = v => typeof v === 'string' ? v : JSON.stringify(v);
    function details(item) {
      const owner = item.owner && [item.owner.name, item.owner.email].flat().filter(Boolean).join(', ');
      const age = item.freshness && ['warn_after', 'error_after'].filter(k => item.freshness[k] && item.freshness[k].count)
        .map(k => k.replace('_', ' ') + ' ' + item.freshness[k].count + ' ' + item.freshness[k].period + 's').join(', ');
      const rows = [['relation', item.relation], ['file', item.path], ['package', item.package], ['group', item.group], ['owner', owner], ['url', item.url],
        ['maturity', item.maturity], ['loader', item.loader], ['loaded at', item.loadedAt], ['freshness', age], ['severity', item.severity],
        ['deprecated', item.deprecated], ['tags', (item.tags || []).join(', ')]].concat(Object.entries(item.meta || {}).map(([k, v]) => ['meta: ' + k, plain(v)]));
      return el('dl', {}, rows.filter(r => r[1]).map(r => [el('dt', {}, r[0]), r[0] === 'url' ? inline(plain(r[1]), el('dd', {})) : el('dd', {}, plain(r[1]))]));
    }

    // Lineage: a column a step, parents on the left; within a column in the order that crosses least by the mean of neighbours.
    function reach(start, next, depth) {
      const found = new Map([[start, 0]]);
      let layer = [start];
      for (let d = 1; layer.length && d <= depth; d++) {
        const more = [];
        for (const id of layer) for (const n of next(id)) if (!found.has(n) && !isTest(byId.get(n)) && byId.has(n)) { found.set(n, d); more.push(n) }
        layer = more;
      }
      return [...found.keys()];
    }
    function picture(ids, me) {
      const inside = new Set(ids), depth = new Map();
      const up = id => above(id).filter(p => inside.has(p)), down = id => below(id).filter(c => inside.has(c));
      const order = [], missing = new Map(ids.map(id => [id, up(id).length]));
      let layer = ids.filter(id => !missing.get(id));
      layer.forEach(id => depth.set(id, 0));
      while (layer.length) {
        const next = [];
        for (const id of layer) {
          order.push(id);
          for (const c of down(id)) {
            depth.set(c, Math.max(depth.get(c) || 0, depth.get(id) + 1));
            missing.set(c, missing.get(c) - 1);
            if (!missing.get(c)) next.push(c);
          }
        }
        layer = next;
      }
      const layers = [];
      for (const id of order) (layers[depth.get(id)] = layers[depth.get(id)] || []).push(id);
      const y = new Map();
      const place = l => l.forEach((id, n) => y.set(id, n - (l.length - 1) / 2));
      layers.forEach(place);
      const mean = (id, near) => { const n = near(id); return n.length ? n.reduce((s, x) => s + y.get(x), 0) / n.length : y.get(id) };
      for (let round = 0; round < 6; round++) {
        const near = round % 2 ? down : up;
        for (const l of round % 2 ? [...layers].reverse() : layers) {
          const key = new Map(l.map(id => [id, mean(id, near)]));
          l.sort((a, b) => key.get(a) - key.get(b));
          place(l);
        }
      }
      const wide = 185, gap = 60, tall = 26, step = 38, most = Math.max(...layers.map(l => l.length));
      const width = layers.length * (wide + gap) - gap + 32, height = most * step + 24;
      const x = id => 16 + depth.get(id) * (wide + gap), at = id => height / 2 + y.get(id) * step;
      const ns = 'http://www.w3.org/2000/svg';
      const svg = (tag, attributes) => { const e = document.createElementNS(ns, tag); for (const [k, v] of Object.entries(attributes)) e.setAttribute(k, v); return e };
      const root = svg('svg', {width, height, role: 'img'});
      for (const id of order) for (const p of up(id)) {
        const x1 = x(p) + wide, x2 = x(id), m = (x1 + x2) / 2;
        root.append(svg('path', {d: `M${x1},${at(p)} C${m},${at(p)} ${m},${at(id)} ${x2},${at(id)}`, class: p === me || id === me ? 'near' : ''}));
      }
      for (const id of order) {
        const item = byId.get(id), a = svg('a', {href: address(item), class: item.type + (id === me ? ' me' : '')});
        const box = svg('rect', {x: x(id), y: at(id) - tall / 2, width: wide, height: tall, rx: 5});
        if (item.color && /^(#[0-9a-f]{3,8}|[a-z]+)$/i.test(item.color)) box.style.fill = item.color;
        const text = svg('text', {x: x(id) + 10, y: at(id) + 4});
        text.textContent = item.name.length > 27 ? item.name.slice(0, 26) + '…' : item.name;
        const title = svg('title', {});
        title.textContent = item.name;
        a.append(box, text, title);
        root.append(a);
      }
      return el('div', {class: 'lineage'}, root);
    }
    function lineage(item) {
      const box = el('div', {}), bar = el('div', {class: 'tabs'});
      const depths = [['1 step', 1], ['2 steps', 2], ['all', 1000]];
      const all = d => [...new Set([...reach(item.id, above, d), ...reach(item.id, below, d)])];
      if (all(1).length < 2) return [];
      const show = n => {
        const ids = all(depths[n][1]);
        box.replaceChildren(ids.length > 600 ? el('p', {class: 'soft'}, ids.length + ' things are too many for a picture: choose fewer steps.') : picture(ids, item.id));
        [...bar.children].forEach((b, i) => b.className = i === n ? 'on' : '');
      };
      depths.forEach((d, n) => { const b = el('button', {type: 'button'}, d[0]); b.onclick = () => show(n); bar.append(b) });
      show(all(1000).length > 40 ? 1 : 2);
      return section('Lineage', bar, box);
    }

    // Views.
    function view(item) {
      const badges = [item.type.replace('_', ' '), item.materialized, item.kind, item.access !== 'protected' && item.access, item.language !== 'sql' && item.language]
        .filter(Boolean).map(b => el('span', {class: 'badge'}, b));
      if (data.whole && !item.built && item.relation && item.materialized !== 'ephemeral') badges.push(el('span', {class: 'badge warn'}, 'not in the warehouse'));
      const tests = testsOf(item.id);
      return [el('h1', {}, item.label || item.name), el('div', {}, badges), details(item), markdown(item.description),
        ...(item.sourceDescription ? section('About the source', markdown(item.sourceDescription)) : []),
        ...((item.arguments || []).length ? section('Arguments', el('table', {}, el('tr', {}, ['name', 'type', 'description'].map(h => el('th', {}, h))),
          item.arguments.map(a => el('tr', {}, el('td', {class: 'name'}, a.name), el('td', {class: 'type'}, a.type), el('td', {}, markdown(a.description)))))) : []),
        ...columns(item), ...lineage(item),
        ...list('Depends on', item.uses || above(item.id)), ...list('Referenced by', below(item.id).filter(id => !isTest(byId.get(id)))),
        ...section('Tests', tests.length ? el('ul', {}, tests.map(t => el('li', {}, link(t)))) : null), ...code(item)];
    }
    function overview() {
      const counts = kinds.map(([k, title]) => [k, title, items.filter(i => i.type === k && !i.hidden).length]).filter(c => c[2]);
      const graph = items.filter(i => parents.has(i.id) && !isTest(i) && !i.hidden && i.type !== 'analysis' && i.type !== 'operation').map(i => i.id);
      return [el('h1', {}, data.project), el('p', {class: 'soft'}, 'generated ' + data.generated.slice(0, 16).replace('T', ' ') + ' UTC'),
        el('div', {class: 'cards'}, counts.map(c => el('a', {href: '#!/list/' + c[0]}, el('b', {}, String(c[2])), c[1]))),
        data.overview ? markdown(data.overview) : null,
        ...(graph.length ? section('Lineage', graph.length > 300 ? el('p', {class: 'soft'}, 'The project is too large for one picture: each page shows its own part.')
          : picture(graph)) : [])].filter(Boolean);
    }
    function all(kind) {
      const found = items.filter(i => i.type === kind && !i.hidden).sort((a, b) => a.name.localeCompare(b.name));
      return [el('h1', {}, (kinds.find(k => k[0] === kind) || [kind, kind])[1]), el('table', {}, found.map(i => el('tr', {}, el('td', {}, link(i)),
        el('td', {class: 'soft'}, i.materialized || i.kind || ''), el('td', {}, (i.description || '').split('\n')[0].slice(0, 160)))))];
    }
    function results(text) {
      const terms = text.toLowerCase().split(/\s+/).filter(Boolean);
      const score = i => {
        let sum = 0;
        for (const t of terms) {
          const name = i.name.toLowerCase();
          const s = name === t ? 100 : name.startsWith(t) ? 60 : name.includes(t) ? 40 : (i.columns || []).some(c => c.name.toLowerCase().includes(t)) ? 20
            : (i.tags || []).some(x => String(x).toLowerCase().includes(t)) ? 18 : (i.description || '').toLowerCase().includes(t) ? 12
            : (i.columns || []).some(c => (c.description || '').toLowerCase().includes(t)) ? 8 : (i.code || '').toLowerCase().includes(t) ? 4 : 0;
          if (!s) return 0;
          sum += s - (isTest(i) ? 3 : i.type === 'macro' ? 2 : 0);
        }
        return sum;
      };
      const found = items.filter(i => !i.hidden).map(i => [score(i), i]).filter(f => f[0] > 0).sort((a, b) => b[0] - a[0] || a[1].name.localeCompare(b[1].name));
      return [el('h1', {}, found.length + (found.length === 1 ? ' thing' : ' things') + ' for “' + text + '”'),
        ...found.slice(0, 100).map(([, i]) => el('div', {class: 'hit'}, link(i), ' ', el('span', {class: 'badge'}, i.type.replace('_', ' ')),
          el('div', {class: 'soft'}, (i.description || '').split('\n')[0].slice(0, 200),
            (i.columns || []).filter(c => terms.some(t => c.name.toLowerCase().includes(t))).slice(0, 8).map(c => el('span', {}, ' ', el('code', {}, c.name))))))];
    }

    // The tree on the left: packages, kinds, folders.
    function branches() {
      const packages = [...new Set(items.map(i => i.package))].sort((a, b) => (b === data.project) - (a === data.project) || a.localeCompare(b));
      return packages.map(p => {
        const mine = items.filter(i => i.package === p && !i.hidden && i.type !== 'operation' && i.type !== 'sql_operation');
        const inner = kinds.map(([k, title]) => {
          const found = mine.filter(i => i.type === k);
          if (!found.length) return null;
          const root = {folders: new Map(), leaves: []};
          for (const i of found) {
            let at = root;
            const path = k === 'source' ? [i.name.split('.')[0]] : i.folders.slice(1);
            for (const f of path) { if (!at.folders.has(f)) at.folders.set(f, {folders: new Map(), leaves: []}); at = at.folders.get(f) }
            at.leaves.push(i);
          }
          const draw = b => [...[...b.folders].sort((x, y) => x[0].localeCompare(y[0])).map(([f, i]) => el('details', {}, el('summary', {}, f), draw(i))),
            ...b.leaves.sort((x, y) => x.name.localeCompare(y.name)).map(i => el('a', {href: address(i), 'data-id': i.id, title: i.name},
              k === 'source' ? i.name.split('.').slice(1).join('.') : i.name))];
          return el('details', k === 'model' && p === data.project ? {open: ''} : {}, el('summary', {}, title + ' ' + found.length), draw(root));
        }).filter(Boolean);
        return inner.length ? el('details', p === data.project ? {open: ''} : {}, el('summary', {}, p), inner) : null;
      }).filter(Boolean);
    }
    function mark(id) {
      for (const a of tree.querySelectorAll('a.here')) a.classList.remove('here');
      const a = id && tree.querySelector('a[data-id="' + CSS.escape(id) + '"]');
      if (!a) return;
      a.classList.add('here');
      for (let d = a.closest('details'); d; d = d.parentElement.closest('details')) d.open = true;
      a.scrollIntoView({block: 'nearest'});
    }

    function go() {
      const parts = location.hash.replace(/^#!?\/?/, '').split('/'), id = decodeURIComponent(parts.slice(1).join('/')), item = byId.get(id);
      mark(item && id);
      const content = parts[0] === 'search' ? results(id) : parts[0] === 'list' ? all(id) : item ? view(item)
        : parts[0] && parts[0] !== 'overview' ? [el('h1', {}, 'Not found'), el('p', {}, 'There is nothing under ' + (id || parts[0]) + ' in this project.')] : overview();
      document.title = (item ? item.name + ' · ' : '') + data.project + ' · documentation';
      page.replaceChildren(...content);
      page.scrollTop = 0;
    }
    tree.append(...branches());
    search.oninput = () => { const text = search.value.trim(); history.replaceState(null, '', text ? '#!/search/' + encodeURIComponent(text) : '#!/overview'); go() };
    addEventListener('hashchange', go);
    addEventListener('keydown', e => { if (e.key === '/' && document.activeElement !== search) { e.preventDefault(); search.focus(); search.select() } });
    go();
    """#
}
