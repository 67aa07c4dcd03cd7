/** A model in OpenAI's shape. */
export interface ModelObject {
  readonly id: string;
  readonly object: "model";
  /** Seconds since 1970. */
  readonly created: number;
  readonly owned_by: string;
}

/** When the model was published: the model card's date, 2025-04-14. */
const publishedAt = Date.UTC(2025, 3, 14) / 1000;

/** The one model that is served. */
export function modelObject(modelName: string): ModelObject {
  return { id: modelName, object: "model", created: publishedAt, owned_by: "microsoft" };
}

/** The body of `GET /v1/models`. */
export function modelList(modelName: string) {
  return { object: "list", data: [modelObject(modelName)] } as const;
}
