import { settings } from "./settings.ts";
import { parseStackConfig } from "./stack-config.ts";
import { synthesize } from "./synthesize.ts";

// The CDKTF app that `cdktf.json` names; `make synth` runs it without the CDKTF command.
synthesize(parseStackConfig(settings, process.env), "cdktf.out");
