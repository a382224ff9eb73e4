// Copies the few files that pages load from npm packages into src/shuqiao/portal/static/vendor/.
// Tabler's stylesheet is trimmed on the way: a rule stays when every class in its selector is one that pages
// may use (FAMILIES) or that a template or Python file of the project names. Run by `make assets` after `npm ci`.
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const project = join(here, "..", "src", "shuqiao");
const vendor = join(project, "portal", "static", "vendor");
const packages = join(here, "node_modules");

// Kept whether or not a template uses them yet, so that a new page rarely needs a new build.
const FAMILIES =
  /^(m|p)[trblxyse]?-(n?[0-6]|auto)$|^g[xy]?-[0-5]$|^gap-[0-6]$|^d-(none|block|flex|inline|grid|inline-block|inline-flex)$|^(flex|justify-content|align-items|align-self)-[a-z]+$|^text-(start|end|center|nowrap|break|wrap|truncate)$|^w-(25|50|75|100|auto)$|^h-100$|^border(-(top|bottom|0))?$|^btn(-(primary|sm|lg|link|group|list))?$|^form-(control|select|check|label|hint|file|text|range|fieldset)(-[a-z]+)?$|^input-group(-[a-z]+)?$|^is-invalid$|^visually-hidden$|^(active|disabled|show)$/;

function filesBelow(folder, ending) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return entry.name === "static" || entry.name === "tests" ? [] : filesBelow(path, ending);
    return ending.test(entry.name) ? [path] : [];
  });
}

function wordsOfTheProject() {
  const words = new Set();
  for (const path of filesBelow(project, /\.(html|py)$/)) {
    for (const [word] of readFileSync(path, "utf8").matchAll(/[A-Za-z][\w-]*/g)) words.add(word);
  }
  return words;
}

// Splits a stylesheet into [prelude, body] pairs at the outermost braces; a prelude without braces has body null.
function* blocks(css) {
  let start = 0;
  let depth = 0;
  let open = 0;
  let quote = "";
  for (let at = 0; at < css.length; at++) {
    const letter = css[at];
    if (quote) {
      if (letter === "\\") at++;
      else if (letter === quote) quote = "";
    } else if (letter === '"' || letter === "'") quote = letter;
    else if (letter === "{" && depth++ === 0) open = at;
    else if (letter === "}" && --depth === 0) {
      yield [css.slice(start, open).trim(), css.slice(open + 1, at)];
      start = at + 1;
    } else if (letter === ";" && depth === 0) {
      yield [css.slice(start, at).trim(), null];
      start = at + 1;
    }
  }
  if (depth !== 0) throw new Error("stylesheet ends inside a block");
}

// Splits a selector list at its outermost commas.
function selectorsOf(list) {
  const found = [];
  let depth = 0;
  let start = 0;
  for (let at = 0; at < list.length; at++) {
    if (list[at] === "(" || list[at] === "[") depth++;
    else if (list[at] === ")" || list[at] === "]") depth--;
    else if (list[at] === "," && depth === 0) {
      found.push(list.slice(start, at));
      start = at + 1;
    }
  }
  return [...found, list.slice(start)];
}

function trim(css, keeps) {
  let kept = "";
  for (const [prelude, body] of blocks(css)) {
    if (body === null) kept += `${prelude};`;
    else if (/^@(media|supports|layer)/.test(prelude)) {
      const inner = trim(body, keeps);
      if (inner) kept += `${prelude}{${inner}}`;
    } else if (prelude.startsWith("@")) {
      if (!/^@(-webkit-)?keyframes/.test(prelude)) kept += `${prelude}{${body}}`;
    } else {
      const selectors = selectorsOf(prelude).filter(keeps);
      if (selectors.length) kept += `${selectors.join(",")}{${body}}`;
    }
  }
  return kept;
}

function versionOf(name) {
  return JSON.parse(readFileSync(join(packages, name, "package.json"), "utf8")).version;
}

function tabler() {
  const source = readFileSync(join(packages, "@tabler/core/dist/css/tabler.min.css"), "utf8");
  if (/oklch\(|light-dark\(|color-mix\(/.test(source)) {
    throw new Error("this Tabler writes colours that old browsers do not know; see docs/adr/0006-page-assets.md");
  }
  const words = wordsOfTheProject();
  const keeps = (selector) =>
    [...selector.replace(/:not\([^)]*\)/g, "").matchAll(/\.((?:\\.|[\w-])+)/g)].every(
      ([, name]) => words.has(name) || FAMILIES.test(name),
    );
  const rules = source.replace(/\/\*[\s\S]*?\*\//g, "").replace(/@charset "UTF-8";/, "");
  return `@charset "UTF-8";\n/* Tabler ${versionOf("@tabler/core")}, MIT, trimmed by frontend/build.mjs */\n${trim(rules, keeps)}\n`;
}

rmSync(vendor, { recursive: true, force: true });
mkdirSync(vendor, { recursive: true });
const files = {
  "tabler.min.css": tabler(),
  "htmx.min.js": readFileSync(join(packages, "htmx.org/dist/htmx.min.js"), "utf8"),
  // The map beside it is not copied, so nothing may point at it.
  "tus.min.js": readFileSync(join(packages, "tus-js-client/dist/tus.min.js"), "utf8").replace(/\n\/\/# sourceMappingURL=.*\s*$/, "\n"),
};
for (const [name, content] of Object.entries(files)) {
  writeFileSync(join(vendor, name), content);
  console.log(`${name}  ${(Buffer.byteLength(content) / 1024).toFixed(0)} kB`);
}
