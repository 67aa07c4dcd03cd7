#!/usr/bin/env bash
# `make test-clients`: Python's clients of OpenAI's interface make the same calls as
# tests/contract/clients.test.ts, unchanged, on a server of this checkout or, with ENDPOINT=http://…, on
# a running one. They are installed in a virtual environment outside the repository.
set -euo pipefail
. scripts/cli/python-environment.sh

folder="${TMPDIR:-/tmp}/bitnet-lambda-clients"
python_environment "$folder" openai langchain-openai litellm llm

endpoint=${ENDPOINT:-}
if [ -z "$endpoint" ]; then
  port=$(free_port)
  endpoint="http://127.0.0.1:$port"
  PORT=$port BITNET_ENGINE=llama-server BITNET_LOG_LEVEL=error node --import tsx scripts/local.ts >"$folder/log" 2>&1 &
  server=$!
  trap 'kill "$server" 2>/dev/null || true' EXIT
  for _ in $(seq 100); do
    curl --silent --fail "$endpoint/health" >/dev/null && break
    kill -0 "$server" || { cat "$folder/log" >&2; exit 1; }
    sleep 0.2
  done
fi

LITELLM_LOCAL_MODEL_COST_MAP=True BASE_URL="$endpoint/v1" OPENAI_API_KEY=none LLM_USER_PATH="$folder/llm" "$folder/bin/python" - <<'PYTHON'
import json, os, subprocess, sys
from enum import Enum

from langchain_openai import ChatOpenAI
from openai import OpenAI
from pydantic import BaseModel
import litellm

base_url = os.environ["BASE_URL"]
model = OpenAI(base_url=base_url).models.list().data[0].id
question = "What is the capital of France?"
messages = [{"role": "user", "content": question}]
failures = []


class Unit(str, Enum):
    celsius = "celsius"
    fahrenheit = "fahrenheit"


class Weather(BaseModel):
    """Tells the weather."""

    unit: Unit


schema = {
    "type": "object",
    "properties": {"unit": {"type": "string", "enum": ["celsius", "fahrenheit"]}},
    "required": ["unit"],
    "additionalProperties": False,
}
tools = [{"type": "function", "function": {"name": "weather", "description": "Tells the weather.", "parameters": schema}}]


def check(name, call):
    try:
        value = call()
        assert value, f"nothing: {value!r}"
        print(f"  ✓ {name}")
    except Exception as error:  # Every client has errors of its own.
        failures.append(name)
        print(f"  ✗ {name}: {type(error).__name__}: {error}")


client = OpenAI(base_url=base_url)
greedy = {"model": model, "temperature": 0}
check("openai: chat", lambda: client.chat.completions.create(messages=messages, **greedy).choices[0].message.content)
check("openai: stream", lambda: "".join(chunk.choices[0].delta.content or "" for chunk in client.chat.completions.create(messages=messages, stream=True, **greedy)))
check("openai: tools", lambda: Weather.model_validate_json(client.chat.completions.create(messages=messages, tools=tools, tool_choice="required", parallel_tool_calls=False, **greedy).choices[0].message.tool_calls[0].function.arguments))
check("openai: parse", lambda: client.chat.completions.parse(messages=messages, response_format=Weather, **greedy).choices[0].message.parsed)
check("openai: responses", lambda: client.responses.create(input=question, **greedy).output_text)
check("openai: responses stream", lambda: [event.type for event in client.responses.create(input=question, stream=True, **greedy)][-1] == "response.completed")

chat = ChatOpenAI(base_url=base_url, model=model, temperature=0)
check("LangChain: invoke", lambda: chat.invoke(question).content)
check("LangChain: stream", lambda: "".join(chunk.text if isinstance(chunk.text, str) else chunk.text() for chunk in chat.stream(question)))
check("LangChain: bind_tools", lambda: chat.bind_tools([Weather], tool_choice="Weather", parallel_tool_calls=False).invoke(question).tool_calls[0]["args"]["unit"])
check("LangChain: with_structured_output", lambda: chat.with_structured_output(Weather).invoke(question).unit)
check("LangChain: with_structured_output by functions", lambda: chat.with_structured_output(Weather, method="function_calling").invoke(question).unit)

via = {"model": f"openai/{model}", "api_base": base_url, "api_key": "none"}
check("LiteLLM: chat", lambda: litellm.completion(messages=messages, temperature=0, **via).choices[0].message.content)
check("LiteLLM: tools", lambda: json.loads(litellm.completion(messages=messages, tools=tools, tool_choice="required", parallel_tool_calls=False, temperature=0, **via).choices[0].message.tool_calls[0].function.arguments)["unit"])
check("LiteLLM: responses", lambda: litellm.responses(input=question, temperature=0, **via).output[0].content[0].text)


def ask_llm():
    os.makedirs(os.environ["LLM_USER_PATH"], exist_ok=True)
    with open(os.path.join(os.environ["LLM_USER_PATH"], "extra-openai-models.yaml"), "w") as file:
        file.write(f"- model_id: bitnet\n  model_name: {model}\n  api_base: {base_url}\n")
    llm = os.path.join(os.path.dirname(sys.executable), "llm")
    return subprocess.run([llm, "-m", "bitnet", "--no-log", question], check=True, capture_output=True, text=True).stdout.strip()


check("llm: prompt", ask_llm)


def run_example():
    with open("docs/examples/openai.py") as file:
        program = file.read().replace("http://127.0.0.1:9000/v1", base_url).replace("golden", model)
    return subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout.strip()


check("docs/examples/openai.py", run_example)
print(f"{len(failures)} failed")
sys.exit(1 if failures else 0)
PYTHON
