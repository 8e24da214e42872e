// Builds the pages' scripts, styles and icon sprite into ../static/dist, with a manifest of their hashed names.
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { collect, translated } from './words.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const out = join(here, '..', 'static', 'dist');
const readable = process.argv.includes('--readable');
const ENTRIES = {
  app: 'src/app.js',
  page: 'src/style/app.css',
  task: 'src/style/task_page.css',
  more: 'src/style/more.css',
  diagram: 'src/style/diagram.css',
  print: 'src/style/print.css',
  public: 'src/style/public.css',
  pdfworker: 'src/preview/worker.js',
  design: 'src/design/index.js',
  designer: 'src/style/design.css',
};
const LOADERS = { '.woff2': 'file', '.woff': 'file', '.svg': 'empty', '.ttf': 'empty', '.eot': 'empty' };

/** Bundle every entry; a name from the source is followed by the hash of the content. */
async function bundle() {
  const result = await build({
    absWorkingDir: here,
    entryPoints: ENTRIES,
    outdir: out,
    entryNames: '[name]-[hash]',
    chunkNames: 'chunk-[hash]',
    assetNames: '[name]-[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    target: 'chrome86',
    minify: !readable,
    sourcemap: false,
    legalComments: 'linked',
    charset: 'utf8',
    metafile: true,
    loader: LOADERS,
    plugins: [translated(here)],
    logLevel: 'warning',
  });
  const entries = new Set(Object.values(ENTRIES));
  return Object.fromEntries(Object.entries(result.metafile.outputs)
    .filter(([, file]) => entries.has(file.entryPoint))
    .map(([path]) => [basename(path).replace(/-[0-9A-Z]+(?=\.\w+$)/, ''), basename(path)]));
}

/** Put the outline icons that the pages use into one SVG, each a symbol named as its file. */
function sprite() {
  const names = JSON.parse(readFileSync(join(here, 'icons.json'), 'utf8'));
  const folder = join(here, 'node_modules', '@tabler', 'icons', 'icons', 'outline');
  const symbols = names.map((name) => {
    const source = readFileSync(join(folder, `${name}.svg`), 'utf8');
    const shapes = source
      .slice(source.indexOf('>', source.indexOf('<svg')) + 1, source.lastIndexOf('</svg>'))
      .replace(/<path stroke="none" d="M0 0h24v24H0z" fill="none" \/>/, '')
      .replace(/\s*\n\s*/g, '');
    return `<symbol id="${name}" viewBox="0 0 24 24">${shapes}</symbol>`;
  });
  const svg = `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join('')}</svg>`;
  const file = `icons-${createHash('sha256').update(svg).digest('hex').slice(0, 8).toUpperCase()}.svg`;
  writeFileSync(join(out, file), svg);
  return { 'icons.svg': file };
}

/** Put what pdf.js fetches when a file needs it beside the scripts: character maps, and decoders of what scanners write. */
function readers() {
  const source = join(here, 'node_modules', 'pdfjs-dist');
  cpSync(join(source, 'cmaps'), join(out, 'cmaps'), { recursive: true });
  mkdirSync(join(out, 'wasm'));
  for (const name of ['openjpeg_nowasm_fallback.js', 'jbig2_nowasm_fallback.js']) {
    cpSync(join(source, 'wasm', name), join(out, 'wasm', name));
  }
}

/** Put a compressed copy beside every file: county networks are slow, and compressing each answer anew is waste. */
function compress() {
  for (const file of readdirSync(out, { withFileTypes: true }).filter((each) => each.isFile())) {
    const path = join(out, file.name);
    writeFileSync(`${path}.gz`, gzipSync(readFileSync(path), { level: 9 }));
  }
}

/** List every word that the designer's packages show, for the test of our dictionaries. */
async function words() {
  const { outputFiles } = await build({
    absWorkingDir: here,
    entryPoints: [ENTRIES.design],
    outdir: out,
    bundle: true,
    write: false,
    format: 'esm',
    target: 'chrome86',
    charset: 'utf8',
    loader: LOADERS,
    plugins: [translated(here)],
    logLevel: 'warning',
  });
  const code = outputFiles.find(({ path }) => path.endsWith('.js')).text;
  writeFileSync(join(out, 'words.json'), `${JSON.stringify(collect(code), null, 1)}\n`);
}

rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
readers();
const manifest = { ...(await bundle()), ...sprite() };
compress();
await words();
writeFileSync(join(out, 'manifest.json'), `${JSON.stringify(manifest, null, 1)}\n`);
