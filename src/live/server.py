"""Serves the emulator on loopback until standard input is closed: whoever started it is gone then."""
import os
import sys
import threading


def wait():
    sys.stdin.buffer.read()
    os._exit(0)


threading.Thread(target=wait, daemon=True).start()

from hypercorn.__main__ import main  # noqa: E402

sys.exit(main(["ministack.app:app", "--bind", "127.0.0.1:" + os.environ["GATEWAY_PORT"]]))
