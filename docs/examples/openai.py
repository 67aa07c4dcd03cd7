# Python, pip install openai
from openai import OpenAI

client = OpenAI(base_url="http://127.0.0.1:9000/v1", api_key="none")
answer = client.chat.completions.create(
    model="golden", messages=[{"role": "user", "content": "What is a cold start?"}]
)
print(answer.choices[0].message.content)
