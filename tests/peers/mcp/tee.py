"""Starts a server and writes down every line that passes, in both directions: tee.py LOG COMMAND..."""

import json
import subprocess
import sys
import threading

log = open(sys.argv[1], "a", encoding="utf-8")
gate = threading.Lock()
child = subprocess.Popen(sys.argv[2:], stdin=subprocess.PIPE, stdout=subprocess.PIPE)


def carry(source, target, who):
    for line in iter(source.readline, b""):
        with gate:
            log.write(json.dumps({"from": who, "message": json.loads(line)}, ensure_ascii=False) + "\n")
            log.flush()
        target.write(line)
        target.flush()
    target.close()


threading.Thread(target=carry, args=(sys.stdin.buffer, child.stdin, "client"), daemon=True).start()
carry(child.stdout, sys.stdout.buffer, "server")
sys.exit(child.wait())
