"""What users asked for and were told, in the format of docs/histories.md. One clock for all: instants are true."""
import json
import threading
import time


def text(value):
    """A value as the format has it: a string, or hexadecimal where it is not UTF-8."""
    if not isinstance(value, bytes):
        return value
    try:
        return value.decode()
    except UnicodeDecodeError:
        return {"hex": value.hex()}


class History:
    def __init__(self, path):
        self.path = path
        self.lock = threading.Lock()
        self.file = open(path, "w", buffering=1)  # the line of a call is in the file before the call is made
        self.began = time.monotonic_ns()
        self.calls = 0
        self.returns = {}  # outcome -> how many
        self.file.write('{"smalldb_history":1,"initial":null}\n')

    def write(self, **fields):
        with self.lock:
            line = {"at": time.monotonic_ns() - self.began}
            line.update((name, text(value)) for name, value in fields.items())
            self.file.write(json.dumps(line, separators=(",", ":")) + "\n")
            self.calls += "call" in fields
            if "return" in fields:
                self.returns[fields["return"]] = self.returns.get(fields["return"], 0) + 1

    def close(self):
        self.file.close()
