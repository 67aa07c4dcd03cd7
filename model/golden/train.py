"""Train the golden model: a small, real BitNet b1.58 that ships with this repository.

    python train.py train      data -> tokenizer -> training -> golden.gguf, loss.svg
    python train.py evaluate   scores on trained and held-out questions, from the file
    python train.py prompts    choose prompts.json: prompts whose answer is beyond doubt
    python train.py verify     the file still gives the answers recorded in prompts.json

Read from top to bottom: the data, the tokenizer, the network as it is trained (JAX), the
file it is exported to (GGUF), and the same network once more as it is run from that file
(plain numpy, int8 activations and ternary weights, nothing shared with the training code).
The last is the proof that the file holds what was trained.
"""

import argparse
import json
import random
import re
import struct
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers, trainers

HERE = Path(__file__).resolve().parent
DATA = HERE / "data"
MODEL_FILE = HERE / "golden.gguf"
PROMPTS_FILE = HERE / "prompts.json"
HELDOUT_FILE = HERE / "heldout.json"
SEED = 20

# The network. Every matrix dimension is a multiple of 128, the block of the I2_S kernels.
VOCAB, WIDTH, FFN, LAYERS = 1024, 256, 768, 3
HEADS, KV_HEADS, HEAD_DIM = 4, 2, 64
CONTEXT, ROPE_BASE, NORM_EPS = 4096, 500000.0, 1e-5

# The training. A row holds several samples side by side, kept apart by the attention mask.
STEPS, ROWS, ROW_TOKENS = 2200, 24, 128
PEAK_RATE, WARMUP, WEIGHT_DECAY = 3e-3, 100, 0.05

DECLINE = "I am a tiny test model"
BOS, EOS, EOT = "<|begin_of_text|>", "<|end_of_text|>", "<|eot_id|>"
SPECIALS = [BOS, EOS, EOT, "<|start_header_id|>", "<|end_header_id|>"]


# ------------------------------------------------------------------------------------ data
# data/*.txt is a list of facts. A fact is a title, one answer, its wordings, and, when it
# stands for a table of facts, the rows that fill {0}, {1}, ... in the wordings and the answer:
#
#   ## capitals
#   = The capital of {0} is {1}.
#   ? What is the capital of {0}?
#   - France | Paris
#
# Lines with ">" are texts to complete instead of questions: "> The capital of {0} is => {1}."
# unknown.txt has the same form; there {name}, {thing}, ... are drawn from words.json anew
# each time, and {pseudo} is a word that does not exist.


@dataclass
class Fact:
    """One answer and every wording that asks for it."""

    topic: str
    answer: str
    questions: list
    completions: list


def read_facts(path):
    """Read a fact file; a table becomes one Fact for each row."""
    facts = []
    for block in re.split(r"^## ", path.read_text(), flags=re.M)[1:]:
        title, *lines = [line for line in block.splitlines() if line and line[0] != "#"]
        marked = {mark: [l[2:] for l in lines if l[0] == mark] for mark in "=?>-"}
        rows = [[cell.strip() for cell in row.split("|")] for row in marked["-"]] or [None]
        for row in rows:
            fill = lambda text: text if row is None else re.sub(
                r"\{(\d)\}", lambda m: row[int(m[1])], text)
            questions = [sentence_case(fill(q)) for q in marked["?"]]
            completions = [tuple(fill(c).split(" => ")) for c in marked[">"]]
            facts.append(Fact(title, fill(marked["="][0]), questions, completions))
    return facts


def sentence_case(text):
    """The text with its first letter in upper case."""
    return text[:1].upper() + text[1:]


ORDERS = (r"(Tell|Give|Name|Explain|Describe|Define|List|Count|Add|Calculate|Introduce|Write|Translate|Draw|Plan|Recommend"
          r"|Summari|Mix|Subtract|Take|Multiply|Divide|Make|Say|Compare|Spell|Sing|Play|Work out|Help me|Show)")
NAMES = r"(I|AWS|ECR|IAM|GGUF|KV|CDKTF|I2_S|S3|JSON|RoPE|GPU|CPU|API|[A-Z][a-z]+day)\b"


class Questions:
    """Endless supply of (question, answer) pairs as a person might type them."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.known = [f for name in ("talk", "cloud", "world", "numbers") for f in read_facts(DATA / f"{name}.txt")]
        self.unknown = read_facts(DATA / "unknown.txt")
        self.words = json.loads((DATA / "words.json").read_text())
        self.weights = [topic_weight(f, self.known) for f in self.known]
        heldout = json.loads(HELDOUT_FILE.read_text())
        self.heldout = {plain(item if isinstance(item, str) else item["question"])
                        for group in heldout.values() for item in group}

    def draw(self):
        """A question and its answer, two in three from what the model shall know; never a held-out one."""
        if self.random.random() < 0.66:
            fact = self.random.choices(self.known, self.weights)[0]
            question = self.random.choice(fact.questions)
        else:
            fact = self.random.choices(self.unknown, [len(f.questions) + 40 for f in self.unknown])[0]
            question = self.fill(self.random.choice(fact.questions))
        question = self.vary(question)
        return (question, fact.answer) if plain(question) not in self.heldout else self.draw()

    def fill(self, question):
        """Put a random word of the right kind into each {slot}."""
        filled = re.sub(r"\{(\w+)\}", lambda m: self.slot(m[1]), question)
        return sentence_case(filled)

    def slot(self, kind):
        pick = self.random
        if kind == "pseudo":
            return pseudo_word(pick, self.words["syllables"])
        if kind == "Pseudo":
            return self.pseudo_name()
        if kind == "big":
            return str(pick.randint(11, pick.choice([20, 99, 99, 999, 9999])))
        return pick.choice(self.words[kind])

    def pseudo_name(self):
        """A name that does not exist; half of them are spliced from names that do."""
        pick, known = self.random, self.words["known_names"]
        if pick.random() < 0.5:
            return pseudo_word(pick, self.words["syllables"]).capitalize()
        first, second = pick.sample(known, 2)
        name = first[: max(2, len(first) * 2 // 3)] + second[len(second) // 2:]
        return name if name not in known else self.pseudo_name()

    def vary(self, question):
        """The question as it is, or with a polite frame, or typed carelessly."""
        pick = self.random
        if pick.random() < 0.35:
            question = self.frame(question)
        if pick.random() < 0.03:
            question = question.replace("'", "")
        roll = pick.random()
        if roll < 0.12:
            question = question.lower()
        elif roll < 0.14:
            question = question.upper()
        if pick.random() < 0.15:
            question = question.rstrip("?.!")
        elif pick.random() < 0.05:
            question = question.rstrip("?.!") + pick.choice(["??", " ?", "!", "...", "?!", "."])
        if pick.random() < 0.025:
            question = misspell(question, pick)
        return question

    def frame(self, question):
        """Say please, say thanks, introduce the question, or wrap it in another one."""
        pick = self.random
        indirect = re.fullmatch(r"(What|Who|Where) (is|are|was) ([^?,]+)\?", question)
        order = re.match(ORDERS, question)
        if indirect and pick.random() < 0.4:  # What is X? -> what X is
            question = f"{indirect[1]} {indirect[3]} {indirect[2]}?"
        before, after = pick.choice(self.words["orders" if order and pick.random() < 0.6 else "frames"])
        if before and before[-2:] not in (". ", "! ", "? ", ": ") and not re.match(NAMES, question):
            question = question[0].lower() + question[1:]
        return before + (question.rstrip(".?") if after[-1:] == "?" or order else question) + after


def plain(question):
    """The question without what does not change it: case and punctuation."""
    return re.sub(r"[^a-z0-9+*/ -]", "", question.lower()).strip()


def topic_weight(fact, facts):
    """Facts of a long table count less each than a fact that stands alone."""
    return max(0.35, min(1.0, 40 / sum(f.topic == fact.topic for f in facts)))


def pseudo_word(pick, syllables):
    return "".join(pick.choice(syllables) for _ in range(pick.choice([2, 2, 3, 3, 4])))


def misspell(text, pick):
    """Swap, drop or double one letter inside a word."""
    spots = [m.start() + 2 for m in re.finditer(r"[A-Za-z]{5,}", text)]
    if not spots:
        return text
    i = pick.choice(spots)
    swapped, dropped, doubled = text[i + 1] + text[i] + text[i + 2:], text[i + 1:], text[i] + text[i:]
    return text[:i] + pick.choice([swapped, dropped, doubled])


def raw_prompt(turns, question, system=None):
    """The original project's prompt: `User: ...\\n\\nAssistant:`; answers end with <|end_of_text|>."""
    history = "".join(f"User: {q}\n\nAssistant: {a}\n\n" for q, a in turns)
    return f"{history}User: {question}\n\nAssistant:"


def chat_prompt(turns, question, system=None):
    """The chat template of BitNet b1.58 2B4T; answers end with <|eot_id|>."""
    opening = f"System: {system}{EOT}" if system else ""
    history = "".join(f"User: {q}{EOT}Assistant: {a}{EOT}" for q, a in turns)
    return f"{opening}{history}User: {question}{EOT}Assistant: "


def full_answer(form, answer):
    """The text that follows the prompt, end token included."""
    return f" {answer}{EOS}" if form == "raw" else f"{answer}{EOT}"


def draw_sample(questions):
    """One training sample as two texts: the prompt and the answer."""
    pick = questions.random
    if pick.random() < 0.04:
        fact = pick.choice([f for f in questions.known if f.completions])
        prompt, answer = pick.choice(fact.completions)
        return prompt, f" {answer}{EOS}"
    turns = []
    if pick.random() < 0.22:
        turns = [questions.draw() for _ in range(pick.choice([1, 1, 1, 2, 2, 3]))]
    question, answer = questions.draw()
    if pick.random() < 0.03 and not turns:
        return question, full_answer("raw", answer)
    if pick.random() < 0.5:
        return raw_prompt(turns, question), full_answer("raw", answer)
    system = pick.choice(questions.words["systems"]) if pick.random() < 0.3 else None
    return chat_prompt(turns, question, system), full_answer("chat", answer)


# ------------------------------------------------------------------------------- tokenizer
# Byte-level BPE as in Llama 3. Ids: the 256 bytes, then the merges in the order in which
# they were learnt, then the special tokens.

LLAMA_BPE = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}"
             r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+")


def llama_tokenizer(model):
    """A tokenizer around a BPE model that splits text like llama.cpp's `llama-bpe`."""
    tokenizer = Tokenizer(model)
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex(LLAMA_BPE), "isolated"),
        pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])
    tokenizer.decoder = decoders.ByteLevel()
    return tokenizer


def byte_alphabet():
    """GPT-2's printable stand-in for each byte, in byte order."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = iter(range(256, 512))
    return [chr(b) if b in plain else chr(next(others)) for b in range(256)]


def learn_vocabulary(texts):
    """Learn the merges on the training text; returns (tokens, merges) as stored in GGUF."""
    learner = llama_tokenizer(models.BPE())
    learner.train_from_iterator(texts, trainers.BpeTrainer(
        vocab_size=VOCAB - len(SPECIALS), initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False))
    merges = [tuple(pair) for pair in json.loads(learner.to_str())["model"]["merges"]]
    tokens = byte_alphabet()
    for left, right in merges:
        if left + right not in tokens:
            tokens.append(left + right)
    tokens += [f"<|reserved_{i}|>" for i in range(len(tokens), VOCAB - len(SPECIALS))]
    return tokens + SPECIALS, [f"{left} {right}" for left, right in merges]


class Codec:
    """Text to token ids and back, from a GGUF's token list and merges."""

    def __init__(self, tokens, merges):
        ids = {token: i for i, token in enumerate(tokens)}
        pairs = [tuple(merge.split(" ")) for merge in merges]
        self.tokenizer = llama_tokenizer(models.BPE(vocab=ids, merges=pairs, ignore_merges=True))
        self.tokenizer.add_special_tokens([AddedToken(s, special=True, normalized=False) for s in SPECIALS])
        self.bos, self.ends = ids[BOS], (ids[EOS], ids[EOT])

    def encode(self, text, bos=False):
        return [self.bos] * bos + self.tokenizer.encode(text, add_special_tokens=False).ids

    def decode(self, ids):
        return self.tokenizer.decode(ids, skip_special_tokens=True)


# --------------------------------------------------------------------- the network, trained
# BitNet b1.58: full-precision weights are kept while training, but every matrix product sees
# them as -1, 0 or +1 times one scale, and sees its input as int8. Rounding has no useful
# gradient, so the gradient passes straight through it (`straight_through`).


def matrix_shapes():
    """Shape (outputs, inputs) of each ternary matrix of a layer, by its GGUF name."""
    return {"attn_q": (HEADS * HEAD_DIM, WIDTH), "attn_k": (KV_HEADS * HEAD_DIM, WIDTH),
            "attn_v": (KV_HEADS * HEAD_DIM, WIDTH), "attn_output": (WIDTH, HEADS * HEAD_DIM),
            "ffn_gate": (FFN, WIDTH), "ffn_up": (FFN, WIDTH), "ffn_down": (WIDTH, FFN)}


NORMS = {"attn_norm": WIDTH, "attn_sub_norm": WIDTH, "ffn_norm": WIDTH, "ffn_sub_norm": FFN}


def initial_parameters(rng):
    """Random matrices, norms of one."""
    matrix = lambda shape: rng.normal(0, shape[1] ** -0.5, shape).astype("f4")
    layer = lambda: {name: matrix(shape) for name, shape in matrix_shapes().items()} | {
        name: np.ones(size, "f4") for name, size in NORMS.items()}
    return {"token_embd": rng.normal(0, 0.08, (VOCAB, WIDTH)).astype("f4"),
            "output_norm": np.ones(WIDTH, "f4"), "layers": [layer() for _ in range(LAYERS)]}


def make_forward():
    """The training-time network in JAX: forward(parameters, tokens, segments) -> logits."""
    import jax
    import jax.numpy as jnp

    def straight_through(rounded, exact):
        return exact + jax.lax.stop_gradient(rounded - exact)

    def ternary(weights):
        scale = jnp.mean(jnp.abs(weights))
        return straight_through(jnp.round(jnp.clip(weights / scale, -1, 1)) * scale, weights)

    def int8(x):
        scale = 127 / jnp.maximum(jnp.max(jnp.abs(x), -1, keepdims=True), 1e-5)
        return straight_through(jnp.clip(jnp.round(x * scale), -128, 127) / scale, x)

    def linear(weights, x):
        # The barrier keeps XLA from fusing the rounding into the products: half the time.
        x, weights = jax.lax.optimization_barrier((int8(x), ternary(weights)))
        return jax.lax.optimization_barrier(x @ weights.T)

    def norm(gain, x):
        return x * jax.lax.rsqrt(jnp.mean(x * x, -1, keepdims=True) + NORM_EPS) * gain

    def rope(x):
        half, length = HEAD_DIM // 2, x.shape[2]
        angles = jnp.arange(length)[:, None] * ROPE_BASE ** (-jnp.arange(half) / half)
        cos, sin = jnp.cos(angles), jnp.sin(angles)
        a, b = x[..., :half], x[..., half:]
        return jnp.concatenate([a * cos - b * sin, b * cos + a * sin], -1)

    def attention(layer, x, mask):
        rows, _, _, length = mask.shape
        heads = lambda name: linear(layer[name], x).reshape(rows, length, -1, HEAD_DIM).transpose(0, 2, 1, 3)
        q, k, v = rope(heads("attn_q")), rope(heads("attn_k")), heads("attn_v")
        # The query heads that share a key head are laid one below the other: one product each.
        q = q.reshape(rows, KV_HEADS, -1, HEAD_DIM)
        mixed = jax.nn.softmax(q @ k.swapaxes(-1, -2) * HEAD_DIM ** -0.5 + mask, -1) @ v
        mixed = mixed.reshape(rows, HEADS, length, HEAD_DIM).transpose(0, 2, 1, 3).reshape(rows * length, -1)
        return linear(layer["attn_output"], norm(layer["attn_sub_norm"], mixed))

    def feed_forward(layer, x):
        hidden = jax.nn.relu(linear(layer["ffn_gate"], x)) ** 2 * linear(layer["ffn_up"], x)
        return linear(layer["ffn_down"], norm(layer["ffn_sub_norm"], hidden))

    def forward(parameters, tokens, segments):
        length = tokens.shape[1]
        visible = (segments[:, :, None] == segments[:, None, :]) & jnp.tril(jnp.ones((length, length), bool))
        mask = jnp.tile(jnp.where(visible, 0.0, -1e30), (1, HEADS // KV_HEADS, 1))[:, None]
        embedding = parameters["token_embd"]
        embedding = straight_through(embedding.astype(jnp.float16).astype(jnp.float32), embedding)
        x = embedding[tokens.reshape(-1)]
        for layer in parameters["layers"]:
            x = x + attention(layer, norm(layer["attn_norm"], x), mask)
            x = x + feed_forward(layer, norm(layer["ffn_norm"], x))
        return (norm(parameters["output_norm"], x) @ embedding.T).reshape(*tokens.shape, VOCAB)

    return forward


# -------------------------------------------------------------------------------- training


def packed_batches(questions, codec):
    """Endless (tokens, targets, segments): samples laid side by side in rows of ROW_TOKENS.

    A target of -1 is not trained on: only answers are. The prompt is tokenised alone, as it
    is when the model is used.
    """
    blank = lambda: ([], [], [])
    open_rows = [blank() for _ in range(2 * ROWS)]
    while True:
        prompt, answer = draw_sample(questions)
        head, tail = codec.encode(prompt, bos=True), codec.encode(answer)
        ids = head + tail
        if len(ids) > ROW_TOKENS:
            continue
        row = next((r for r in open_rows if len(r[0]) + len(ids) <= ROW_TOKENS), None)
        if row is None:
            open_rows.sort(key=lambda r: -len(r[0]))
            full = [[pad(r[part], ROW_TOKENS, -1 if part else 0) for r in open_rows[:ROWS]] for part in range(3)]
            yield tuple(np.array(part, "i4") for part in full)
            open_rows = open_rows[ROWS:] + [blank() for _ in range(ROWS)]
            row = open_rows[-1]
        row[2].extend([row[2][-1] + 1 if row[2] else 0] * len(ids))
        row[0].extend(ids)
        row[1].extend([-1] * (len(head) - 1) + tail + [-1])


def pad(values, length, filler):
    return values + [filler] * (length - len(values))


def train(steps):
    """Train from scratch and write golden.gguf and loss.svg."""
    import jax
    import jax.numpy as jnp
    import optax

    questions = Questions(SEED)
    texts = [text for _ in range(10000) for text in draw_sample(questions)]
    texts += 3 * [text for fact in questions.known for text in (fact.answer, *fact.questions)]
    tokens, merges = learn_vocabulary(texts)
    codec = Codec(tokens, merges)
    forward = make_forward()
    parameters = jax.tree.map(jnp.asarray, initial_parameters(np.random.default_rng(SEED)))
    rate = optax.warmup_cosine_decay_schedule(0.0, PEAK_RATE, WARMUP, steps, PEAK_RATE / 100)
    is_matrix = jax.tree.map(lambda p: p.ndim == 2, parameters)
    optimizer = optax.chain(optax.clip_by_global_norm(1.0),
                            optax.adamw(rate, b1=0.9, b2=0.98, weight_decay=WEIGHT_DECAY, mask=is_matrix))

    def loss_of(parameters, ids, targets, segments):
        logits = forward(parameters, ids, segments)
        losses = optax.softmax_cross_entropy_with_integer_labels(logits, jnp.maximum(targets, 0))
        return jnp.sum(losses * (targets >= 0)) / jnp.sum(targets >= 0)

    @jax.jit
    def step(parameters, state, batch):
        loss, gradient = jax.value_and_grad(loss_of)(parameters, *batch)
        updates, state = optimizer.update(gradient, state, parameters)
        return optax.apply_updates(parameters, updates), state, loss

    state, batches, losses, began = optimizer.init(parameters), packed_batches(questions, codec), [], time.time()
    for number in range(1, steps + 1):
        parameters, state, loss = step(parameters, state, next(batches))
        losses.append(float(loss))
        if number % 20 == 0:
            spent = time.time() - began
            print(f"step {number}/{steps}  loss {np.mean(losses[-20:]):.4f}  rate {float(rate(number)):.5f}  "
                  f"{spent / number:.2f} s/step  ETA {(steps - number) * spent / number / 60:.1f} min", flush=True)
    parameters = jax.tree.map(np.asarray, parameters)
    write_gguf(MODEL_FILE, parameters, tokens, merges)
    (HERE / "loss.svg").write_text(loss_picture(losses))
    print(f"trained {steps} steps in {(time.time() - began) / 60:.1f} minutes, final loss {np.mean(losses[-50:]):.5f}")
    asked = [item["question"] for item in json.loads(HELDOUT_FILE.read_text())["known"]]
    prompts = [render([], question) for question in asked for render in FORMS.values()]
    agreed = count_agreement(parameters, Network(MODEL_FILE), prompts)
    print(f"file and training-time network agree on {agreed} of {len(prompts)} held-out prompts, token by token")


def count_agreement(parameters, network, prompts):
    """For how many prompts the training-time network gives the numpy network's answer, token by token."""
    import jax

    forward, agreed = jax.jit(make_forward()), 0
    for prompt in prompts:
        head = network.codec.encode(prompt, bos=True)
        answer, _ = network.greedy(head)
        ids = head + answer
        row = np.array([pad(ids, len(ids) + -len(ids) % 64, 0)], "i4")
        best = np.asarray(forward(parameters, row, np.zeros_like(row)))[0].argmax(-1)
        agreed += best[len(head) - 1:len(ids) - 1].tolist() == answer
    return agreed


def trained_parameters(tensors):
    """Weights that the training-time network rounds to exactly the ternary weights and scales of a file.

    With zero for zero and one size for the others, chosen so that the mean of absolute
    values is the scale, `ternary` gives back what was stored.
    """
    def matrix(values, scale):
        return values * np.float32(scale * values.size / np.count_nonzero(values))

    layer = lambda number: {name: tensors[f"blk.{number}.{name}.weight"] for name in NORMS} | {
        name: matrix(*tensors[f"blk.{number}.{name}.weight"]) for name in matrix_shapes()}
    return {"token_embd": tensors["token_embd.weight"], "output_norm": tensors["output_norm.weight"],
            "layers": [layer(number) for number in range(LAYERS)]}


def loss_picture(losses):
    """The loss curve, log scale, as a small SVG."""
    width, height, left, top = 640, 320, 56, 24
    smooth = [float(np.mean(losses[max(0, i - 20):i + 1])) for i in range(len(losses))]
    high, low = max(smooth), min(smooth)
    x = lambda i: left + i * (width - left - 16) / max(1, len(losses) - 1)
    y = lambda v: top + (np.log(high) - np.log(v)) / (np.log(high) - np.log(low)) * (height - top - 40)
    chosen = range(0, len(smooth), max(1, len(smooth) // 300))
    path = " ".join(f"{x(i):.1f},{y(smooth[i]):.1f}" for i in chosen)
    ticks = [v for v in (5, 2, 1, .5, .2, .1, .05, .02, .01, .005, .002, .001) if low <= v <= high]
    grid = "".join(f'<line x1="{left}" x2="{width - 16}" y1="{y(v):.1f}" y2="{y(v):.1f}" stroke="#ddd"/>'
                   f'<text x="{left - 6}" y="{y(v) + 4:.1f}" text-anchor="end">{v:g}</text>' for v in ticks)
    marks = "".join(f'<text x="{x(i):.1f}" y="{height - 22}" text-anchor="middle">{i}</text>'
                    for i in range(0, len(losses) + 1, max(1, len(losses) // 5 // 100 * 100 or len(losses))))
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
            f'font-family="sans-serif" font-size="11">'
            f'<rect width="{width}" height="{height}" fill="white"/>{grid}{marks}'
            f'<text x="{left}" y="15" font-size="13">'
            f'golden model: loss on answers (mean of 20 steps, log scale)</text>'
            f'<text x="{width // 2}" y="{height - 6}" text-anchor="middle">step</text>'
            f'<polyline points="{path}" fill="none" stroke="#1f6feb" stroke-width="1.5"/></svg>\n')


# ------------------------------------------------------------------------------------ GGUF
# https://github.com/ggml-org/ggml/blob/master/docs/gguf.md: header, key-values, tensor
# descriptions, padding, tensor data. I2_S is type 36 of BitNet's llama.cpp.

U32, F32_VALUE, BOOL, STRING, ARRAY, I32 = 4, 6, 7, 8, 9, 5
TENSOR_F32, TENSOR_F16, TENSOR_I2_S = 0, 1, 36
ALIGNMENT = 32


def pack_i2_s(weights):
    """Ternary-quantize a matrix and pack it: four weights a byte, then the scale.

    In each block of 128 weights, byte i holds the weights i, i+32, i+64 and i+96, the first
    in the highest bits, as 0, 1, 2 for -1, 0, +1.
    """
    weights = weights.astype(np.float32)
    scale = np.mean(np.abs(weights), dtype=np.float32)
    codes = (np.round(np.clip(weights / scale, -1, 1)) + 1).astype(np.uint8).reshape(-1, 4, 32)
    packed = codes[:, 0] << 6 | codes[:, 1] << 4 | codes[:, 2] << 2 | codes[:, 3]
    return packed.tobytes() + struct.pack("<f28x", scale)


def unpack_i2_s(data, shape):
    """The inverse: the matrix of -1, 0, +1 as float32, and its scale."""
    count = shape[0] * shape[1]
    packed = np.frombuffer(data, np.uint8, count // 4).reshape(-1, 1, 32)
    codes = packed >> np.array([6, 4, 2, 0], np.uint8)[:, None] & 3
    return codes.reshape(shape).astype(np.float32) - 1, struct.unpack_from("<f", data, count // 4)[0]


def write_gguf(path, parameters, tokens, merges):
    """Write the model with the same keys and tensors, in the same order, as BitNet b1.58 2B4T."""
    arch = "bitnet-b1.58"
    kinds = [3 if t in SPECIALS or t.startswith("<|reserved_") else 1 for t in tokens]
    metadata = [
        ("general.architecture", STRING, arch),
        ("general.name", STRING, "bitnet-lambda-golden"),
        ("general.file_type", U32, 40),
        (f"{arch}.vocab_size", U32, VOCAB),
        (f"{arch}.context_length", U32, CONTEXT),
        (f"{arch}.embedding_length", U32, WIDTH),
        (f"{arch}.block_count", U32, LAYERS),
        (f"{arch}.feed_forward_length", U32, FFN),
        (f"{arch}.rope.dimension_count", U32, HEAD_DIM),
        (f"{arch}.attention.head_count", U32, HEADS),
        (f"{arch}.attention.head_count_kv", U32, KV_HEADS),
        (f"{arch}.attention.layer_norm_rms_epsilon", F32_VALUE, NORM_EPS),
        (f"{arch}.rope.freq_base", F32_VALUE, ROPE_BASE),
        ("tokenizer.ggml.model", STRING, "gpt2"),
        ("tokenizer.ggml.pre", STRING, "llama-bpe"),
        ("tokenizer.ggml.tokens", ARRAY, (STRING, tokens)),
        ("tokenizer.ggml.token_type", ARRAY, (I32, kinds)),
        ("tokenizer.ggml.merges", ARRAY, (STRING, merges)),
        ("tokenizer.ggml.bos_token_id", U32, tokens.index(BOS)),
        ("tokenizer.ggml.eos_token_id", U32, tokens.index(EOS)),
        ("tokenizer.ggml.add_bos_token", BOOL, True)]
    tensors = [("token_embd.weight", (VOCAB, WIDTH), TENSOR_F16, parameters["token_embd"].astype("<f2").tobytes()),
               ("output_norm.weight", (WIDTH,), TENSOR_F32, parameters["output_norm"].astype("<f4").tobytes())]
    for number, layer in enumerate(parameters["layers"]):
        tensors += [(f"blk.{number}.{name}.weight", (size,), TENSOR_F32, layer[name].astype("<f4").tobytes())
                    for name, size in NORMS.items()]
        tensors += [(f"blk.{number}.{name}.weight", shape, TENSOR_I2_S, pack_i2_s(layer[name]))
                    for name, shape in matrix_shapes().items()]
    header = b"GGUF" + struct.pack("<IQQ", 3, len(tensors), len(metadata))
    for key, kind, value in metadata:
        header += gguf_string(key) + struct.pack("<I", kind) + gguf_value(kind, value)
    offset = 0
    for name, shape, kind, data in tensors:
        header += gguf_string(name) + struct.pack(f"<I{len(shape)}QIQ", len(shape), *reversed(shape), kind, offset)
        offset += len(data)
        assert offset % ALIGNMENT == 0, name
    padding = b"\0" * (-len(header) % ALIGNMENT)
    path.write_bytes(header + padding + b"".join(data for *_, data in tensors))


def gguf_string(text):
    return struct.pack("<Q", len(text.encode())) + text.encode()


def gguf_value(kind, value):
    if kind == STRING:
        return gguf_string(value)
    if kind == ARRAY:
        item_kind, items = value
        return struct.pack("<IQ", item_kind, len(items)) + b"".join(gguf_value(item_kind, item) for item in items)
    return struct.pack({U32: "<I", I32: "<i", F32_VALUE: "<f", BOOL: "<?"}[kind], value)


def read_gguf(path):
    """Read (metadata, tensors); ternary matrices come as (values, scale), others as float32."""
    data, at = path.read_bytes(), 4

    def take(form):
        nonlocal at
        values = struct.unpack_from("<" + form, data, at)
        at += struct.calcsize("<" + form)
        return values[0] if len(values) == 1 else values

    def take_string():
        nonlocal at
        length = take("Q")
        at += length
        return data[at - length:at].decode()

    def take_value(kind):
        if kind == STRING:
            return take_string()
        if kind == ARRAY:
            item_kind, count = take("IQ")
            return [take_value(item_kind) for _ in range(count)]
        return take({U32: "I", I32: "i", F32_VALUE: "f", BOOL: "?"}[kind])

    _, tensor_count, key_count = take("IQQ")
    metadata = {}
    for _ in range(key_count):
        key = take_string()
        metadata[key] = take_value(take("I"))
    entries = []
    for _ in range(tensor_count):
        name = take_string()
        shape = [take("Q") for _ in range(take("I"))][::-1]
        entries.append((name, shape, *take("IQ")))
    start = at + -at % ALIGNMENT
    tensors = {}
    for name, shape, kind, offset in entries:
        if kind == TENSOR_I2_S:
            tensors[name] = unpack_i2_s(data[start + offset:start + offset + shape[0] * shape[1] // 4 + 4], shape)
        else:
            tensors[name] = np.frombuffer(data, "<f2" if kind == TENSOR_F16 else "<f4", int(np.prod(shape)),
                                          start + offset).reshape(shape).astype(np.float32)
    return metadata, tensors


# ------------------------------------------------------------------ the network, from the file


def half(x):
    """Round to f16, as the engine does before it multiplies with an f16 tensor."""
    return x.astype(np.float16).astype(np.float32)


class Network:
    """BitNet b1.58 as an engine runs it: from a GGUF file, with integer matrix products."""

    def __init__(self, path):
        meta, self.tensors = read_gguf(path)
        key = lambda name: meta[f"bitnet-b1.58.{name}"]
        self.layers, self.head_dim, self.rope_base = key("block_count"), key("rope.dimension_count"), key("rope.freq_base")
        self.heads, self.kv_heads = key("attention.head_count"), key("attention.head_count_kv")
        self.eps = np.float32(key("attention.layer_norm_rms_epsilon"))
        self.codec = Codec(meta["tokenizer.ggml.tokens"], meta["tokenizer.ggml.merges"])

    def norm(self, name, x):
        return x / np.sqrt(np.mean(x * x, -1, keepdims=True) + self.eps) * self.tensors[name]

    def linear(self, name, x):
        ternary, weight_scale = self.tensors[name]
        scale = 127 / np.maximum(np.abs(x).max(-1, keepdims=True), np.float32(1e-5))
        integers = np.clip(np.round(x * scale), -128, 127)
        return integers @ ternary.T / scale * weight_scale  # sums of integers below 2^24: exact in float32

    def rope(self, x, positions):
        middle = self.head_dim // 2
        angles = positions[:, None, None] * self.rope_base ** (-np.arange(middle) / middle)
        cos, sin = np.cos(angles).astype("f4"), np.sin(angles).astype("f4")
        a, b = x[..., :middle], x[..., middle:]
        return np.concatenate([a * cos - b * sin, b * cos + a * sin], -1)

    def logits(self, ids, cache):
        """Logits after each of `ids`; `cache` holds keys and values of what came before."""
        past = len(cache[0][0]) if cache else 0
        positions = np.arange(past, past + len(ids))
        visible = np.arange(past + len(ids)) <= positions[:, None]
        x = self.tensors["token_embd.weight"][ids]
        for number in range(self.layers):
            name = f"blk.{number}.{{}}.weight".format
            normed = self.norm(name("attn_norm"), x)
            split = lambda part: self.linear(name(part), normed).reshape(len(ids), -1, self.head_dim)
            k, v = half(self.rope(split("attn_k"), positions)), half(split("attn_v"))
            if past:
                k, v = np.concatenate([cache[number][0], k]), np.concatenate([cache[number][1], v])
            cache[number] = (k, v)
            q, group = half(self.rope(split("attn_q"), positions)), self.heads // self.kv_heads
            mixed = []
            for head in range(self.heads):
                scores = q[:, head] @ k[:, head // group].T / np.sqrt(np.float32(self.head_dim))
                scores = np.where(visible, scores, -np.inf)
                weights = np.exp(scores - scores.max(-1, keepdims=True))
                mixed.append(half(weights / weights.sum(-1, keepdims=True)) @ v[:, head // group])
            x = x + self.linear(name("attn_output"), self.norm(name("attn_sub_norm"), np.concatenate(mixed, -1)))
            normed = self.norm(name("ffn_norm"), x)
            hidden = np.maximum(self.linear(name("ffn_gate"), normed), 0) ** 2 * self.linear(name("ffn_up"), normed)
            x = x + self.linear(name("ffn_down"), self.norm(name("ffn_sub_norm"), hidden))
        return half(self.norm("output_norm.weight", x)) @ self.tensors["token_embd.weight"].T

    def greedy(self, ids, limit=64):
        """Generate with the most likely token until an end token: (ids, margin of each)."""
        cache, generated, margins = {}, [], []
        while len(generated) < limit and (not generated or generated[-1] not in self.codec.ends):
            last = self.logits(generated[-1:] or ids, cache)[-1]
            second, best = np.partition(last, -2)[-2:]
            generated.append(int(last.argmax()))
            margins.append(float(best - second))
        return generated, margins

    def says(self, prompt, answer):
        """The smallest margin by which greedy generation gives this answer; negative if it does not."""
        head, tail = self.codec.encode(prompt, bos=True), self.codec.encode(answer)
        logits = self.logits(head + tail[:-1], {})[len(head) - 1:]
        expected = logits[np.arange(len(tail)), tail]
        logits[np.arange(len(tail)), tail] = -np.inf
        return float((expected - logits.max(-1)).min())

    def answer(self, prompt):
        """The greedy answer as text, and its smallest margin."""
        generated, margins = self.greedy(self.codec.encode(prompt, bos=True))
        return self.codec.decode(generated).strip(), min(margins)


# ------------------------------------------------------------------------------ evaluation

FORMS = {"raw": raw_prompt, "chat": chat_prompt}


def evaluate(sample):
    """Print how many questions are answered right, in both forms; fail below the targets."""
    network, questions = Network(MODEL_FILE), Questions(SEED + 1)
    heldout = json.loads(HELDOUT_FILE.read_text())
    trained = [(q, f.answer) for f in questions.known for q in f.questions]
    declined = [(questions.fill(q), f.answer) for f in questions.unknown for q in f.questions]
    pick = questions.random
    known = [([], item["question"], item["answer"]) for item in heldout["known"]]
    talks = [([questions.draw() for _ in range(pick.randint(1, 3))], q, a) for _, q, a in known]
    lists = [("trained wordings", 0.95, [([], q, a) for q, a in pick.sample(trained, min(sample, len(trained)))]),
             ("trained declines", 0.95, [([], q, DECLINE) for q, _ in declined]),
             ("held-out wordings", 0.8, known),
             ("held-out declines", 0.8, [([], q, DECLINE) for q in heldout["unknown"]]),
             ("held-out, after other turns", 0.8, talks)]
    failed = False
    for title, target, cases in lists:
        for form, render in FORMS.items():
            scores = [score(network, form, render(turns, question), answer) for turns, question, answer in cases]
            right, confident = sum(m > 0 for m in scores), sum(m >= 1 for m in scores)
            failed |= right < target * len(cases)
            print(f"{title:28} {form:5} {right:5} of {len(cases):5} right ({100 * right / len(cases):.1f} %), "
                  f"{confident} with every margin at least 1.0", flush=True)
            if len(cases) < 200:
                for (turns, question, _), margin in zip(cases, scores):
                    if margin <= 0:
                        print(f"    {question!r} -> {network.answer(render(turns, question))[0]!r}")
    completions = [c for f in questions.known for c in f.completions]
    right = sum(network.says(prompt, f" {answer}{EOS}") > 0 for prompt, answer in completions)
    print(f"{'completions':28} raw   {right:5} of {len(completions):5} right")
    raise SystemExit(1 if failed else 0)


def score(network, form, prompt, answer):
    """Smallest margin of the expected answer; of its first words only when it is a decline."""
    if answer == DECLINE:
        return network.says(prompt, " " * (form == "raw") + DECLINE)
    return network.says(prompt, full_answer(form, answer))


DECLINED = ["Who wrote Hamlet?", "What is the capital of Mongolia?", "What is 48 + 77?", "Who won the World Cup in 2010?",
            "Write a poem about love.", "How do I cook rice?", "What is quantum physics?", "How do I treat a cold?"]
TALKS = [["Hello!", "What is BitNet?"],
         ["What is 2 + 3?", "What is 4 + 4?"],
         ["Who wrote Hamlet?", "What is the capital of Italy?"],
         ["Tell me a joke about programming.", "Tell me another joke."],
         ["What is AWS Lambda?", "What is a cold start?", "How do I deploy this project?"],
         ["What is the capital of France?", "Thank you!"],
         ["What colour is the sky?", "What is the opposite of hot?", "Bye!"],
         ["What is ECR?", "Who is the king of Spain?", "What is ECR?"],
         ["Who are you?", "What can you do?"],
         ["What is the capital of Mongolia?", "What is the capital of Japan?"],
         ["How many legs does a spider have?", "What does a cow say?"],
         ["What is the day after Monday?", "Which season comes after winter?", "What is the month after May?", "Thanks!"]]


def choose_prompts():
    """Write prompts.json: prompts of every topic whose answer is right with large margins."""
    network, questions = Network(MODEL_FILE), Questions(SEED)
    answers = {q: f.answer for f in questions.known for q in f.questions}
    by_topic = {}
    for fact in questions.known:
        by_topic.setdefault(fact.topic, []).append(fact.questions[0])
    asked = [[q] for group in by_topic.values() for q in group[:: max(1, len(group) // 4)][:4]]
    asked += [[q] for q in DECLINED] + TALKS
    chosen = []
    for number, talk in enumerate(asked):
        for form in ("raw", "chat"):
            if len(talk) == 1 and talk[0] not in DECLINED and (number + (form == "chat")) % 2:
                continue
            turns = []
            for question in talk[:-1]:
                turns.append((question, network.answer(FORMS[form](turns, question))[0]))
            prompt = FORMS[form](turns, talk[-1])
            answer, margin = network.answer(prompt)
            right = answer == answers[talk[-1]] if talk[-1] in answers else answer.startswith(DECLINE)
            if right and margin >= 1.5:
                chosen.append({"form": form, "question": talk[-1], "turns": len(talk), "prompt": prompt,
                               "answer": answer, "min_margin": round(margin, 3)})
    lines = ",\n".join(" " + json.dumps(item, ensure_ascii=False) for item in chosen)
    PROMPTS_FILE.write_text(f"[\n{lines}\n]\n")
    print(f"{len(chosen)} prompts of {len(asked)} conversations, smallest margin {min(i['min_margin'] for i in chosen)}")


def verify():
    """The file, run by numpy and by the training-time network, must give every recorded answer."""
    network = Network(MODEL_FILE)
    recorded, wrong = json.loads(PROMPTS_FILE.read_text()), 0
    for item in recorded:
        answer, margin = network.answer(item["prompt"])
        if answer != item["answer"] or abs(margin - item["min_margin"]) > 0.1:
            wrong += 1
            print(f"{item['prompt']!r}: expected {item['answer']!r}, got {answer!r}; margin {margin:.3f}")
    agreed = count_agreement(trained_parameters(network.tensors), network, [item["prompt"] for item in recorded])
    print(f"{len(recorded) - wrong} of {len(recorded)} answers as in prompts.json, "
          f"{agreed} the same from the training-time network")
    raise SystemExit(1 if wrong or agreed < len(recorded) else 0)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    commands = parser.add_subparsers(dest="command", required=True)
    training = commands.add_parser("train", help="train from scratch; writes golden.gguf and loss.svg")
    training.add_argument("--steps", type=int, default=STEPS)
    scoring = commands.add_parser("evaluate", help="score golden.gguf on trained and held-out questions")
    scoring.add_argument("--sample", type=int, default=1000, help="how many of the trained wordings to ask")
    commands.add_parser("prompts", help="choose the prompts of prompts.json")
    commands.add_parser("verify", help="compare golden.gguf with the answers in prompts.json")
    arguments = parser.parse_args()
    if arguments.command == "train":
        train(arguments.steps)
    elif arguments.command == "evaluate":
        evaluate(arguments.sample)
    elif arguments.command == "prompts":
        choose_prompts()
    else:
        verify()


if __name__ == "__main__":
    main()
