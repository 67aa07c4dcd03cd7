import { describeFuzzing } from "./fuzz/fuzzing.ts";

// 100,000 requests; PROPERTY_SEED draws others than usual. tests/contract/fuzz.test.ts sends a few
// hundred in `make test`.
describeFuzzing([50_000, 25_000, 24_700, 300], 5000, 600_000);
