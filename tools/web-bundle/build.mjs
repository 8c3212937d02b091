// Bundle entry.js, gather the licences of what went into it, and record the SHA-256 that a test compares.
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const vendor = join(here, "../../src/cantoria/web/portal/static/vendor");
const target = join(vendor, "echarts-custom.min.js");
const modules = join(here, "node_modules");
const licences = [
  ["Apache ECharts", "echarts/NOTICE"],
  ["Apache ECharts", "echarts/LICENSE"],
  ["d3, parts of which are in ECharts", "echarts/licenses/LICENSE-d3"],
  ["ZRender", "zrender/LICENSE"],
  ["tslib", "tslib/LICENSE.txt"],
];

await build({
  entryPoints: [join(here, "entry.js")],
  outfile: target,
  bundle: true,
  minify: true,
  format: "iife",
  globalName: "echarts",
  target: "es2020",
  legalComments: "none",
  banner: { js: "/* Apache ECharts 6.1.0, custom build; licences: echarts-LICENSE.txt */" },
});
const texts = licences.map(([name, path]) => `=== ${name} ===\n\n${readFileSync(join(modules, path), "utf8").trim()}\n`);
writeFileSync(join(vendor, "echarts-LICENSE.txt"), texts.join("\n"));
const digest = createHash("sha256").update(readFileSync(target)).digest("hex");
writeFileSync(join(here, "SHA256"), `${digest}  echarts-custom.min.js\n`);
