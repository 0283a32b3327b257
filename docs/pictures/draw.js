/**
 * `node draw.js summary.md picture.png [width] [light|dark]`: draws a job summary as GitHub shows it
 * (GitHub-flavoured Markdown, its style sheet, Mermaid, only the tags that GitHub lets through) in
 * headless Chromium, and takes a picture. Fails, saying what is wrong, where GitHub would show
 * something else than what was meant. Nothing is fetched.
 */
import { accessSync, constants, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import markdownIt from 'markdown-it';
import { chromium } from 'playwright-core';

const folder = dirname(fileURLToPath(import.meta.url));
const resolve = createRequire(import.meta.url).resolve;

/** What GitHub lets through of HTML (github/html-pipeline, sanitization filter), as far as summaries use it. */
const allowed = {
  ALLOWED_TAGS: [
    ...['h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'p', 'br', 'hr', 'b', 'i', 'strong', 'em', 'a', 'pre'],
    ...['code', 'img', 'ul', 'ol', 'li', 'table', 'thead', 'tbody', 'tr', 'th', 'td', 'blockquote'],
    ...['details', 'summary', 'sub', 'sup', 'del', 's', 'kbd', 'div', 'span', 'picture', 'source'],
  ],
  ALLOWED_ATTR: ['href', 'src', 'alt', 'title', 'align', 'width', 'height', 'class', 'open'],
  ALLOW_DATA_ATTR: false,
};
/** The only HTML that the action writes itself; all else came from a job. */
const ownHtml = /^(<details><summary>[^<>&]*<\/summary>|<\/details>)$/;

const [source, picture, width = '960', theme = 'light'] = process.argv.slice(2);
if (source === undefined || picture === undefined) {
  console.error('Usage: node draw.js summary.md picture.png [width] [light|dark]');
  process.exit(2);
}
const markdown = readFileSync(source, 'utf8');
const problems = [...tooLarge(markdown), ...foreignHtml(markdown), ...unevenTables(markdown)];
problems.push(...(await draw(markdown)));
for (const problem of problems) console.error(`${source}: ${problem}`);
process.exitCode = problems.length === 0 ? 0 : 1;

function parser() {
  return markdownIt({ html: true, linkify: true });
}

function tooLarge(text) {
  const bytes = Buffer.byteLength(text);
  return bytes < 1024 * 1024 ? [] : [`${bytes} bytes are more than the 1 MiB that GitHub takes`];
}

function foreignHtml(text) {
  const tokens = parser().parse(text, {});
  return [...tokens, ...tokens.flatMap(({ children }) => children ?? [])]
    .filter(({ type }) => type === 'html_block' || type === 'html_inline')
    .flatMap(({ content }) => content.trim().split('\n'))
    .filter((line) => line !== '' && !ownHtml.test(line))
    .map((line) => `HTML that is not ours: ${line.slice(0, 100)}`);
}

/** GitHub fills short rows up and cuts long ones, so that only the source tells. */
function unevenTables(text) {
  const lines = text.split('\n');
  const cells = (line) => line.split(/(?<!\\)\|/).length;
  return parser()
    .parse(text, {})
    .filter(({ type }) => type === 'table_open')
    .flatMap(({ map: [from, to] }) =>
      lines.slice(from, to).filter((line) => cells(line) !== cells(lines[from])),
    )
    .map((line) => `a row with other cells than its table: ${line.slice(0, 100)}`);
}

async function draw(text) {
  const html = markdownIt({ html: true, linkify: true, highlight: undefined });
  const fence = html.renderer.rules.fence;
  html.renderer.rules.fence = (tokens, at, ...rest) =>
    tokens[at].info.trim() === 'mermaid'
      ? `<div class="mermaid">${html.utils.escapeHtml(tokens[at].content)}</div>`
      : fence(tokens, at, ...rest);
  const browser = await chromium.launch({
    executablePath: findChromium(),
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic'],
  });
  try {
    const page = await browser.newPage({
      viewport: { width: Number(width), height: 800 },
      deviceScaleFactor: 1,
      colorScheme: theme === 'dark' ? 'dark' : 'light',
    });
    const found = [];
    page.on('pageerror', (error) => found.push(`the page: ${error.message}`));
    page.on('request', (request) => {
      if (!/^(data|about):/.test(request.url())) found.push(`a request: ${request.url()}`);
    });
    await page.route('**/*', (route) => route.abort());
    await page.setContent(
      '<!doctype html><meta charset="utf-8"><article class="markdown-body"></article>',
    );
    await page.addStyleTag({
      content: `${readFileSync(resolve(`github-markdown-css/github-markdown-${theme}.css`), 'utf8')}
        body { margin: 0; } .markdown-body { padding: 20px; } .mermaid { margin-bottom: 16px; }`,
    });
    await page.addScriptTag({ path: join(folder, 'node_modules/dompurify/dist/purify.min.js') });
    await page.addScriptTag({ path: join(folder, 'node_modules/mermaid/dist/mermaid.min.js') });
    const seen = await page.evaluate(show, { html: aligned(html.render(text)), allowed, theme });
    found.push(...seen);
    await page.locator('article').screenshot({ path: picture });
    return found;
  } finally {
    await browser.close();
  }
}

/** As GitHub's own parser writes the columns of a table. */
function aligned(html) {
  return html.replaceAll(/<(t[hd]) style="text-align:(left|right|center)">/g, '<$1 align="$2">');
}

/** Runs in the page. Gives what is wrong. */
async function show({ html, allowed, theme }) {
  const { document, DOMPurify, mermaid } = globalThis;
  const article = document.querySelector('article');
  article.innerHTML = DOMPurify.sanitize(html, allowed);
  const found = DOMPurify.removed
    .map(({ element, attribute }) => (element ?? attribute)?.nodeName.toLowerCase())
    // The sanitizer counts the frame in which it parses.
    .filter((name) => name !== 'body')
    .map((name) => `GitHub takes out ${name}`);
  mermaid.initialize({
    startOnLoad: false,
    securityLevel: 'strict',
    theme: theme === 'dark' ? 'dark' : 'default',
  });
  for (const [at, element] of [...article.querySelectorAll('.mermaid')].entries()) {
    const text = element.textContent;
    try {
      await mermaid.parse(text);
      const { svg } = await mermaid.render(`diagram-${at}`, text, element);
      element.innerHTML = svg;
      if (element.querySelector('script, foreignObject, a, image'))
        found.push('a diagram holds more than shapes and text');
    } catch (error) {
      found.push(`Mermaid: ${error.message}`);
    }
  }
  return found;
}

function findChromium() {
  const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
  const places = [
    process.env.CHROMIUM,
    ...(process.env.PATH ?? '')
      .split(delimiter)
      .flatMap((path) => names.map((name) => join(path, name))),
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
  ];
  const found = places.find((path) => path && executable(path));
  if (found !== undefined) return found;
  console.error(
    'There is no Chromium. Install it (Debian: apt-get install chromium fonts-noto-color-emoji; macOS: brew install chromium), or name it in CHROMIUM.',
  );
  process.exit(2);
}

function executable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
