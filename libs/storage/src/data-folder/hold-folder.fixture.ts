import { DataFolder } from './data-folder.ts';

// Holds a data folder until it is killed; for the test that does.
const folder = await DataFolder.open(process.argv[2] ?? '', { format: 1 });
process.stdout.write(`${folder.id}\n`);
setInterval(() => {}, 60_000);
