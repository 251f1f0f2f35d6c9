#!/usr/bin/env python3
"""A Model Context Protocol server over standard input and output: one JSON object per line, and an answer to each request with an id."""
import json
import pathlib
import sys

TOOLS = json.loads((pathlib.Path(__file__).parent / "tools.json").read_text(encoding="utf-8"))["tools"]

# Query your own system here.
DOORS = {"north": True, "south": False}


def call(name, arguments):
    if name != "list_doors":
        raise ValueError(f"there is no tool '{name}'; there is: list_doors")
    if not isinstance(arguments.get("open"), bool):
        raise ValueError("list_doors takes 'open', which is true or false")
    return ", ".join(sorted(door for door, is_open in DOORS.items() if is_open == arguments["open"])) or "none"


def answer(method, params):
    if method == "initialize":
        return {
            "protocolVersion": params.get("protocolVersion", "2025-06-18"),
            "capabilities": {"tools": {}},
            "serverInfo": {"name": "doors", "version": "0.1.0"},
        }
    if method == "ping":
        return {}
    if method == "tools/list":
        return {"tools": TOOLS}
    if method == "tools/call":
        try:
            return {"content": [{"type": "text", "text": call(params.get("name"), params.get("arguments") or {})}]}
        except ValueError as wrong:
            return {"content": [{"type": "text", "text": str(wrong)}], "isError": True}
    return None


for line in sys.stdin:
    request = json.loads(line)
    if "id" not in request:
        continue
    result = answer(request["method"], request.get("params") or {})
    missing = {"error": {"code": -32601, "message": f"there is no method '{request['method']}'"}}
    said = {"jsonrpc": "2.0", "id": request["id"], **(missing if result is None else {"result": result})}
    print(json.dumps(said), flush=True)
