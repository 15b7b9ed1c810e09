// Verifies deliveries as their receivers would. Reads JSON lines, and answers each with who accepts it.
// Its argument is a file beside whose `node_modules` the libraries are.

import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const require = createRequire(process.argv[2]);
const standardwebhooks = require("standardwebhooks");
const svix = require("svix");

function check(library, family, { secret, headers, body }) {
  const own = Object.entries(headers).filter(([name]) => name.startsWith(family));
  try {
    new library.Webhook(secret).verify(Buffer.from(body), Object.fromEntries(own));
  } catch (error) {
    if (error instanceof library.WebhookVerificationError) return false;
    throw error;
  }
  return true;
}

for await (const line of createInterface({ input: process.stdin })) {
  const delivery = JSON.parse(line);
  const verdicts = {
    standardwebhooks: check(standardwebhooks, "webhook-", delivery),
    svix: check(svix, "svix-", delivery),
  };
  console.log(JSON.stringify(verdicts));
}
