#!/bin/sh
# make local, or a function URL with an API key: URL=https://….lambda-url.us-east-1.on.aws KEY=… sh curl.sh
set -eu
url=${URL:-http://127.0.0.1:9000}
ask() {
  route=$1
  shift
  curl --silent --show-error --fail-with-body "$url$route" "$@" \
    -H "content-type: application/json" -H "authorization: Bearer ${KEY:-none}"
  echo
}

ask /v1/models
ask /v1/chat/completions -d '{"messages":[{"role":"user","content":"What is the capital of France?"}],"temperature":0}'

# The answer in pieces, as they come.
ask /v1/chat/completions -d '{"messages":[{"role":"user","content":"Name a color."}],"stream":true}'

# An answer that is JSON of this shape, whatever the model would have written.
ask /v1/chat/completions -d '{
  "messages": [{"role": "user", "content": "Is the sky blue?"}],
  "response_format": {"type": "json_schema", "json_schema": {"name": "verdict", "schema": {
    "type": "object",
    "properties": {"verdict": {"type": "string", "enum": ["yes", "no"]}},
    "required": ["verdict"],
    "additionalProperties": false
  }}}
}'
