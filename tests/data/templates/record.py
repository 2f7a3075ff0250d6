#!/usr/bin/env python3
"""Records what Python's Jinja2 answers to the templates in the files named, in place.

    python3.12 -m venv /tmp/jinja && /tmp/jinja/bin/pip install jinja2==3.1.6 pyyaml
    /tmp/jinja/bin/python tests/data/templates/record.py tests/data/templates/core.json

A file is one JSON array, one case a line: {"id", "template", "context"?, "dialect"?}. A case without a context gets the one
of context.json; one of the dialect peering-manager has the filters as_yaml, as_json, ipv4 and ipv6, which are PyYAML, json and ipaddress.
What is added is "expect": {"output"} or {"error": {"type", "message", "line"}}; the line is that of the innermost template
frame, or of the syntax error, or null.
"""

import ipaddress
import json
import pathlib
import re
import sys
import traceback

import yaml
from jinja2 import BaseLoader, TemplateSyntaxError
from jinja2.sandbox import SandboxedEnvironment

SHARED = (pathlib.Path(__file__).parent / "context.json").read_text()
ENVIRONMENT = SandboxedEnvironment(loader=BaseLoader())


class PlainDumper(yaml.Dumper):
    """Writes what comes twice twice."""

    def ignore_aliases(self, data):
        return True


def as_yaml(value, indent=2, sort_keys=True):
    return yaml.dump(value, Dumper=PlainDumper, indent=indent, sort_keys=sort_keys, default_flow_style=False)


def as_json(value, indent=4, sort_keys=True):
    return json.dumps(value, indent=indent, sort_keys=sort_keys)


PEERING_MANAGER = SandboxedEnvironment(loader=BaseLoader())
PEERING_MANAGER.filters.update(as_yaml=as_yaml, as_json=as_json)
for version, kinds in {
    "ipv4": (ipaddress.IPv4Address, ipaddress.IPv4Interface),
    "ipv6": (ipaddress.IPv6Address, ipaddress.IPv6Interface),
}.items():
    PEERING_MANAGER.filters[version] = lambda value, kinds=kinds: kinds["/" in value](value)


def class_name(error):
    kind = type(error)
    return kind.__name__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__name__}"


def answer(case):
    context = json.loads(json.dumps(case["context"]) if "context" in case else SHARED)
    environment = PEERING_MANAGER if "dialect" in case else ENVIRONMENT
    try:
        return {"output": environment.from_string(case["template"]).render(**context)}
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
