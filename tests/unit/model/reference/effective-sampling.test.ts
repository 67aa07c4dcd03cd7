import { effectiveSampling } from "../../../../model/reference/effective-sampling.ts";
import { defaultEngineSettings } from "../../../../model/reference/engine-settings.ts";

const { sampling } = defaultEngineSettings();

describe("effectiveSampling", () => {
  it.each([
    { given: { seed: 0xffffffff }, inForce: { seed: 7 } },
    { given: { seed: 3 }, inForce: { seed: 3 } },
    { given: { seed: 3, repeatLastTokens: -1 }, inForce: { repeatLastTokens: 256 } },
    { given: { seed: 3, repeatLastTokens: 0 }, inForce: { repeatLastTokens: 0 } },
  ])("makes $inForce of $given", ({ given, inForce }) => {
    const effective = effectiveSampling({ ...sampling, ...given }, 256, () => 7);

    expect(effective).toMatchObject(inForce);
  });
});
