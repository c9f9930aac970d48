// Draws the pictures for installing from public/icon.svg, which stays the only source: `node scripts/icons.mjs`.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const folder = fileURLToPath(new URL("../public/", import.meta.url));
const svg = readFileSync(`${folder}icon.svg`, "utf8");
// A system that cuts its own shape takes the middle 80 %: the ground goes to the edges and the figure shrinks.
const ground = /<rect[^>]*fill="([^"]+)"/.exec(svg)[1];
const maskable = svg.replace('rx="15"', "").replace(/(<path.*)<\/svg>/s, '<g transform="translate(4.800 4.800) scale(.85)">$1</g></svg>');

const pictures = [
  { name: "icon-192.png", size: 192, svg },
  { name: "icon-512.png", size: 512, svg },
  { name: "icon-maskable-512.png", size: 512, svg: maskable },
  // iOS cuts the corners itself and paints what is clear black.
  { name: "apple-touch-icon.png", size: 180, svg: svg.replace('rx="15"', "") },
];

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu"] });
for (const picture of pictures) {
  const page = await browser.newPage({ viewport: { width: picture.size, height: picture.size } });
  await page.setContent(`<style>html,body{margin:0;background:transparent}svg{display:block;width:100vw;height:100vh}</style>${picture.svg}`);
  await page.screenshot({ path: folder + picture.name, omitBackground: true });
  await page.close();
}
await browser.close();
console.log(`${pictures.length} pictures on ${ground}`);
