// Keystroke → squiggle in the real VS Code: how long after a key the picture is right.
//   node latency.mjs --vsix FILE [--keys 60] [--resources 40]
// In a module of some size, one key makes a compliant value wrong and one makes it right again. The clock in the page runs from
// the key event to the first frame in which the squiggle is there, or gone, and stays so. VS Code asks for findings after every
// change, so the quiet time of fsbp.debounce has no part in it.

import path from 'node:path';
import { parseArgs } from 'node:util';
import { VSCode, until } from './harness.mjs';

const { values: given } = parseArgs({
  options: { vsix: { type: 'string' }, keys: { type: 'string', default: '60' }, resources: { type: 'string', default: '40' } },
});

const resource = (name, days) => `resource "aws_db_instance" "${name}" {
  identifier                  = "${name}"
  engine                      = "postgres"
  instance_class              = "db.t4g.medium"
  storage_encrypted           = true
  multi_az                    = true
  deletion_protection         = true
  backup_retention_period     = ${days}
  manage_master_user_password = true
}
`;

/** Starts the clock at the next key and stops it in the frame in which the marked line is, or is not, underlined. */
function measure({ wanted }) {
  return new Promise((resolve, reject) => {
    const underlined = () => {
      const lines = [...document.querySelectorAll('.monaco-editor .view-line')].filter((line) => /retention/.test(line.textContent));
      const places = lines.map((line) => line.getBoundingClientRect()).sort((one, other) => one.top - other.top);
      const place = places[0];
      const marks = [...document.querySelectorAll('.monaco-editor [class*="squiggly-"]')].map((mark) => mark.getBoundingClientRect());
      return place !== undefined && marks.some(({ top, bottom }) => (top + bottom) / 2 > place.top && (top + bottom) / 2 < place.bottom + 2);
    };
    const pressed = () => {
      const began = performance.now();
      let since;
      const look = () => {
        const right = underlined() === wanted;
        since = right ? (since ?? performance.now()) : undefined;
        if (right && performance.now() - since > 200) {
          resolve(since - began);
        } else if (performance.now() - began > 15_000) {
          reject(new Error(`no ${wanted ? 'squiggle' : 'end of the squiggle'} within 15 s`));
        } else {
          requestAnimationFrame(look);
        }
      };
      requestAnimationFrame(look);
    };
    if (underlined() === wanted) {
      reject(new Error('the picture is what it should become'));
    }
    document.addEventListener('keydown', pressed, { capture: true, once: true });
    window.fsbpArmed = true;
  });
}

const code = await VSCode.start({ vsix: [path.resolve(given.vsix)] });
try {
  const resources = Number(given.resources);
  const rest = Array.from({ length: resources }, (_, number) => resource(`db${number}`, 14)).join('\n');
  const text = `${resource('first', 1)}\n${rest}`;
  const bench = await code.open(code.workspace('latency', { 'main.tf': text }), 'main.tf');
  await until('the finding', async () => (await bench.squiggles()).warning === 1);
  // Behind the 1 of `backup_retention_period`, which is too few days: 0 makes it 10, Backspace makes it 1 again.
  await bench.goTo(8, resource('first', 1).split('\n')[7].length + 1);
  await bench.page.waitForTimeout(2000);
  const times = { appears: [], goes: [] };
  for (let key = 0; key < Number(given.keys) + 4; key += 1) {
    const wanted = key % 2 === 1;
    const measured = bench.page.evaluate(measure, { wanted });
    await until('the clock', () => bench.page.evaluate(() => window.fsbpArmed === true));
    await bench.press(wanted ? 'Backspace' : '0');
    const took = await measured;
    await bench.page.evaluate(() => (window.fsbpArmed = false));
    if (key >= 4) {
      times[wanted ? 'appears' : 'goes'].push(took); // the first ones warm things up
    }
    await bench.page.waitForTimeout(150 + ((key * 37) % 200)); // not in step with anything
  }
  const spread = (some) => {
    const sorted = [...some].sort((one, other) => one - other);
    const percentile = (share) => sorted[Math.ceil(share * sorted.length) - 1].toFixed(0);
    return `p50 ${percentile(0.5)} ms, p95 ${percentile(0.95)} ms, longest ${percentile(1)} ms`;
  };
  const all = [...times.appears, ...times.goes];
  const size = `one module of ${resources + 1} resources and ${text.split('\n').length} lines`;
  console.log(`keystroke → squiggle in VS Code, ${all.length} keys, ${size}: ${spread(all)}`);
  console.log(`  until it is there: ${spread(times.appears)}`);
  console.log(`  until it is gone:  ${spread(times.goes)}`);
} finally {
  await code.stop();
}
