"""Drives `reel mcp` with the protocol authors' own Python client, as an agent would: a project, a film, a look at it, a
line changed by hand, the film again. client.py REEL WORK SCREENPLAY LOG

It checks what it is told and what it sees, and fails loudly. What passed between the two is in LOG."""

import asyncio
import base64
import os
import shutil
import struct
import sys
import zlib

from mcp import Client, ClientSession, StdioServerParameters, stdio_client

REEL, WORK, SCREENPLAY, LOG = sys.argv[1:5]
TEE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "tee.py")
PROJECT = os.path.join(WORK, "gate")


def server(log):
    environment = {"PATH": os.environ["PATH"], "REELWRIGHT_HOME": os.path.join(WORK, "home"), "HOME": WORK, "USER": "keeper"}
    return StdioServerParameters(command=sys.executable, args=[TEE, log, REEL, "mcp", "--root", WORK], env=environment, cwd=WORK)


def picture(content):
    """Width, height and pixels of an opaque PNG: read here, not by the code under test."""
    data = base64.b64decode(content.data)
    assert content.mime_type == "image/png" and data[:8] == b"\x89PNG\r\n\x1a\n", "no PNG"
    at, body, header = 8, b"", None
    while at < len(data):
        size, kind = struct.unpack(">I4s", data[at : at + 8])
        part = data[at + 8 : at + 8 + size]
        assert zlib.crc32(kind + part) == struct.unpack(">I", data[at + 8 + size : at + 12 + size])[0], "a damaged PNG"
        if kind == b"IHDR":
            header = struct.unpack(">IIBBBBB", part)
        elif kind == b"IDAT":
            body += part
        at += 12 + size
    width, height, depth, colour = header[:4]
    assert (depth, colour) == (8, 2), f"depth {depth}, colour {colour}"
    raw, rows, before = zlib.decompress(body), [], bytes(width * 3)
    for y in range(height):
        kind = raw[y * (width * 3 + 1)]
        row = bytearray(raw[y * (width * 3 + 1) + 1 : (y + 1) * (width * 3 + 1)])
        for x in range(len(row)):
            a, b, c = (row[x - 3] if x >= 3 else 0), before[x], (before[x - 3] if x >= 3 else 0)
            if kind == 1:
                row[x] = (row[x] + a) & 255
            elif kind == 2:
                row[x] = (row[x] + b) & 255
            elif kind == 3:
                row[x] = (row[x] + (a + b) // 2) & 255
            elif kind == 4:
                p = a + b - c
                near = min((abs(p - a), 0, a), (abs(p - b), 1, b), (abs(p - c), 2, c))[2]
                row[x] = (row[x] + near) & 255
        before = bytes(row)
        rows.append(before)
    return width, height, b"".join(rows)


def seen(result, width, height):
    """The picture of an answer, which must be one that shows something."""
    images = [c for c in result.content if c.type == "image"]
    assert len(images) == 1, f"{len(images)} pictures"
    w, h, pixels = picture(images[0])
    assert (w, h) == (width, height), f"{w}x{h}"
    light = sum(pixels) / len(pixels)
    spread = (sum((p - light) ** 2 for p in pixels) / len(pixels)) ** 0.5
    assert spread > 8, f"a blank picture: spread {spread:.1f}"
    return pixels


def good(result):
    assert not result.is_error, result.content[0].text
    return result.structured_content


def bad(result, code):
    assert result.is_error, "it should have been refused"
    error = result.structured_content["error"]
    assert error["code"] == code and error["message"] and error["hint"], error
    return result.structured_content


async def story(session):
    tools = {tool.name: tool for tool in (await session.list_tools()).tools}
    for name in ["new", "produce", "runs", "show", "frame", "storyboard", "notes_read", "notes_edit", "approve", "reject", "doctor"]:
        assert name in tools, f"no tool {name}"
    assert tools["frame"].annotations.read_only_hint and tools["notes_edit"].annotations.destructive_hint
    good(await session.call_tool("new", {"dir": "gate", "title": "The Gate"}))
    os.makedirs(os.path.join(PROJECT, "episodes/01"))
    shutil.copy(SCREENPLAY, os.path.join(PROJECT, "episodes/01/script.fountain"))
    with open(LOG, "a", encoding="utf-8") as log:
        log.write('{"from": "author", "file": "gate/episodes/01/script.fountain"}\n')

    heard = []

    async def progress(done, total, message):
        heard.append((done, message))

    making = {"project": "gate", "draft": True, "no_voice": True, "jobs": 2}
    made = good(await session.call_tool("produce", making, progress_callback=progress))
    assert len(heard) > 5 and heard == sorted(heard), "progress is told, and goes forward"
    run = made["run_id"]
    assert os.path.getsize(made["film"]) > 10_000

    board = await session.call_tool("storyboard", {"run": run, "sheet": 1})
    shots = good(board)["shots"]
    seen(board, 1280, 905)
    said = [(shot["shot_id"], line["line_id"]) for shot in shots for line in shot["lines"] if line["text"] == "Then somebody came in."]
    assert len(said) == 1, shots
    shot, line = said[0]
    first = await session.call_tool("frame", {"run": run, "at": shot})
    good(first)
    before = seen(first, 640, 360)

    notes = good(await session.call_tool("notes_read", {"project": "gate"}))
    assert (notes["etag"], notes["exists"]) == ("absent", False)
    words = {"project": "gate", "line": line, "text": "Then nobody else came."}
    stale = bad(await session.call_tool("notes_edit", {**words, "if_match": "0" * 64}), "notes.stale")
    assert stale["next_calls"][0]["tool"] == "notes_read"
    edited = good(await session.call_tool("notes_edit", {**words, "if_match": notes["etag"]}))
    bad(await session.call_tool("notes_edit", {**words, "if_match": notes["etag"]}), "notes.stale")
    assert edited["etag"] == good(await session.call_tool("notes_read", {"project": "gate"}))["etag"]

    again = good(await session.call_tool("produce", making))
    # The end card grows out of the changed shot by a dissolve; nothing else shows a word of it.
    assert again["remade"] == [shot, "end-card"], f"made again: {again['remade']}"
    second = await session.call_tool("frame", {"run": again["run_id"], "at": shot})
    good(second)
    assert seen(second, 640, 360) != before, "the picture shows the old words"
    other = next(s["shot_id"] for s in shots if s["shot_id"] != shot)
    untouched = [await session.call_tool("frame", {"run": r, "at": other}) for r in (run, again["run_id"])]
    assert untouched[0].content[1].data == untouched[1].content[1].data, "a shot that no note touches has changed"

    bad(await session.call_tool("produce", {"project": "../elsewhere"}), "path.outside")
    bad(await session.call_tool("produce", {"project": 7}), "usage")
    bad(await session.call_tool("frame", {"run": run, "at": "99999f"}), "usage")
    try:
        await session.call_tool("destroy", {})
        raise AssertionError("a tool that is not there answered")
    except Exception as error:
        assert "destroy" in str(error), error


async def main():
    async with stdio_client(server(LOG)) as (read, write):
        async with ClientSession(read, write) as session:
            started = await session.initialize()
            assert started.server_info.name == "reelwright"
            await session.send_ping()
            await story(session)
    # The revision without a handshake, as the client chooses by itself.
    async with Client(server(os.devnull)) as client:
        runs = good(await client.call_tool("runs", {"limit": 5}))["runs"]
        assert len([r for r in runs if r["status"] in ("completed", "degraded")]) >= 2
        print("protocol", started.protocol_version, "and", client.protocol_version)


asyncio.run(main())
print("an independent client made a film, looked at it, changed a line and saw the change")
