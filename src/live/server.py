"""Serves the emulator on loopback until standard input is closed: whoever started it is gone then."""
import os
import signal
import sys
import threading


def wait():
    sys.stdin.buffer.read()
    # The functions' processes too: this process leads a group of its own.
    if os.getpgid(0) == os.getpid():
        os.killpg(0, signal.SIGKILL)
    os._exit(0)


threading.Thread(target=wait, daemon=True).start()

from hypercorn.__main__ import main  # noqa: E402

sys.exit(main(["ministack.app:app", "--workers", "0", "--bind", "127.0.0.1:" + os.environ["GATEWAY_PORT"]]))
