#!/usr/bin/env python3
"""Records what Python's Jinja2 answers to the templates in the files named, in place.

    python3.12 -m venv /tmp/jinja && /tmp/jinja/bin/pip install jinja2==3.1.6
    /tmp/jinja/bin/python tests/data/templates/record.py tests/data/templates/core.json

A file is one JSON array, one case a line: {"id", "template", "context"?}. A case without a context gets the one of
context.json. What is added is "expect": {"output"} or {"error": {"type", "message", "line"}}; the line is that of the
innermost template frame, or of the syntax error, or null.
"""

import json
import pathlib
import re
import sys
import traceback

from jinja2 import BaseLoader, TemplateSyntaxError
from jinja2.sandbox import SandboxedEnvironment

SHARED = (pathlib.Path(__file__).parent / "context.json").read_text()
ENVIRONMENT = SandboxedEnvironment(loader=BaseLoader())


def class_name(error):
    kind = type(error)
    return kind.__name__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__name__}"


def answer(case):
    context = json.loads(json.dumps(case["context"]) if "context" in case else SHARED)
    try:
        return {"output": ENVIRONMENT.from_string(case["template"]).render(**context)}
    except TemplateSyntaxError as error:
        message, line = error.message, error.lineno
        found = error
    except Exception as error:
        message, line = str(error), None
        for frame in traceback.extract_tb(error.__traceback__):
            if frame.filename == "<template>":
                line = frame.lineno
        found = error
    return {"error": {"type": class_name(found), "message": message, "line": line}}


def record(path):
    cases = json.loads(pathlib.Path(path).read_text())
    for case in cases:
        case["expect"] = answer(case)
        if re.search("0x[0-9a-f]{8}", json.dumps(case["expect"])):
            sys.exit(f"{path}: {case['id']} prints a memory address")
    lines = ",\n".join(json.dumps(case) for case in cases)
    pathlib.Path(path).write_text(f"[\n{lines}\n]\n")


for name in sys.argv[1:]:
    record(name)
