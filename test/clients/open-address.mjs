// Stands where a browser's opener does: gives the address to the test, which goes there as a person would.
const response = await fetch(process.env.TANDEM_TEST_PERSON, { method: 'POST', body: process.argv.at(-1) });
process.exit(response.ok ? 0 : 1);
