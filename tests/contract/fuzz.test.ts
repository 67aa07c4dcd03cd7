import { describeFuzzing } from "../faults/fuzz/fuzzing.ts";

// A sample of `make test-faults`, which sends 100,000.
describeFuzzing([250, 150, 200, 3], 50);
