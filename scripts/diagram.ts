import { mkdirSync, writeFileSync } from "node:fs";
import { drawInfrastructure } from "./lab/diagram/draw-infrastructure.ts";

// `make diagram`: draws docs/infra.svg and docs/infra.dot from the synthesized stacks. A test fails
// when they are stale.

const { dot, svg } = await drawInfrastructure();
mkdirSync("docs", { recursive: true });
writeFileSync("docs/infra.dot", dot);
writeFileSync("docs/infra.svg", svg);
console.log("docs/infra.dot\ndocs/infra.svg");
