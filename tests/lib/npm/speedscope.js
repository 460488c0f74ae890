// SPDX-License-Identifier: GPL-2.0-only
// speedscope.js NODE_MODULES FILE: what speedscope's own importer makes of FILE,
// a JSON object: {unit, total, stacks: {"a;b": weight}}, or null when it knows no
// such format.
//
// The package holds the page's script alone. The importers in it are an inner
// module that the page loads when a file is dropped on it: the script is run up to
// there, without a page, and hands that module out.
'use strict';
const fs = require('fs');
const path = require('path');

function importers(folder) {
  const name = fs.readdirSync(folder).find((f) => /^speedscope-\w+\.js$/.test(f));
  const script = fs.readFileSync(path.join(folder, name), 'utf8').replace(/^"use strict";/, '');
  const use = script.match(/var ([\w$]+)=Promise\.resolve\(\)\.then\(\(\)=>\(([\w$]+)\(\),([\w$]+)\)\);\1\.then/);
  if (!use) {
    throw new Error('speedscope: the script is not built as it was in version 1.25.0');
  }
  // Whatever the page is asked for is itself: styles and themes are set up first.
  const page = new Proxy(function () {}, {
    get: (t, key) => (key === Symbol.toPrimitive ? () => '' : key === Symbol.iterator ? function* () {} : page),
    apply: () => page, construct: () => page, set: () => true,
  });
  const window = { document: page, location: page, navigator: page, matchMedia: () => page, addEventListener() {} };
  const code = `${script.slice(0, use.index)}return (${use[2]}(), ${use[3]});${script.slice(use.index)}`;
  return new Function('window', 'document', 'location', 'localStorage', 'navigator', `return ${code}`)(window, page, page, page, page);
}

function stacks(profile) {
  const found = {};
  const walk = (node, names) => {
    for (const child of node.children) {
      const inner = [...names, child.frame.name];
      if (child.getSelfWeight()) {
        found[inner.join(';')] = (found[inner.join(';')] || 0) + child.getSelfWeight();
      }
      walk(child, inner);
    }
  };
  walk(profile.getGroupedCalltreeRoot(), []);
  return found;
}

async function main(modules, file) {
  console.log = () => {};
  const bytes = fs.readFileSync(file);
  const group = await importers(path.join(modules, 'speedscope/dist/release')).importProfilesFromArrayBuffer(
    path.basename(file), bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
  const p = group && group.profiles[0];
  process.stdout.write(JSON.stringify(p && { unit: p.getWeightUnit(), total: p.getTotalWeight(), stacks: stacks(p) }));
}

main(...process.argv.slice(2)).catch((e) => {
  console.error(e);
  process.exit(1);
});
