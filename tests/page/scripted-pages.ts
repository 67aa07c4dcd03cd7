import { ChatPage, startBrowser } from "./chat-page.ts";
import { ScriptedServer } from "./scripted-server.ts";

/** Opens pages of one scripted server in one browser, and closes all of it after the tests. */
export class ScriptedPages {
  readonly server = new ScriptedServer();
  readonly browser = startBrowser();
  readonly #url = this.server.start();
  #page: ChatPage | undefined;

  /** Registers the clean-up; call it at the top of a test file. */
  constructor() {
    afterEach(() => this.#page?.close());
    afterAll(async () => {
      await this.browser.close();
      await this.server.close();
    });
  }

  /** Opens a page that knows nothing of those before, and waits until it is ready. */
  async open(): Promise<ChatPage> {
    this.#page = await ChatPage.open(this.browser, await this.#url);
    return this.#page;
  }
}
