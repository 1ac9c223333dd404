"""A student's process where pipes cannot be polled (Windows): the same child and frames, but threads move the bytes.

There is no sandbox, and `close` ends only the process itself, not what it may have started. It is for the user's own
programs.
"""

from __future__ import annotations

import os
import subprocess
import threading
import time
from typing import IO

from grader.sandbox.process import (
    KEPT_TEXT,
    LEVELS,
    UNLIMITED,
    Process,
    Stopped,
    command,
    empty_folder,
    ended,
    environment,
    packages,
    remove,
)

MOST_WAITING = 8 << 20  # bytes; the largest answer has half as many
PATIENCE = 0.01  # seconds for text that was sent before an answer, but through another pipe


class Portable(Process):
    """A Process with a thread for each pipe."""

    def __init__(self, levels: tuple[str, ...] = LEVELS) -> None:
        self.levels, self.folder = levels, empty_folder()
        arguments = [self.folder, ",".join(levels), "", *packages()]
        try:
            self._popen = subprocess.Popen(
                command("child", arguments),
                env=environment(),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                bufsize=0,
            )
        except BaseException:
            remove(self.folder)
            raise
        self.pid = self._popen.pid
        self.output_limit = UNLIMITED
        self._buffer, self._printed, self._printed_total = bytearray(), bytearray(), 0
        self.requests, self.answers, self.output = range(3)  # placeholders; the threads have the pipes
        self._closed = False
        self._seen = (0, 0, False)
        self._news = threading.Condition()
        for pipe, take in ((self._popen.stdout, self._take_answer), (self._popen.stderr, self._take_text)):
            threading.Thread(target=self._pump, args=(pipe, take), daemon=True).start()

    def send(self, body: bytes, deadline: float) -> None:
        """Send one frame. Raise Stopped if the process does not accept it in time."""
        writer = threading.Thread(target=self._write, args=(len(body).to_bytes(4, "little") + body,), daemon=True)
        writer.start()
        writer.join(max(0.0, deadline - time.monotonic()))
        if writer.is_alive():
            raise Stopped("timeout", "")

    def waited(self) -> float:
        """Return 0: what counts here is wall time."""
        return 0.0

    def interrupt(self) -> bool:
        """Return that this is not possible."""
        return False

    def printed(self, number: int = 0, limit: int = 4000) -> str:
        """Return at most `limit` characters of what the process printed, up to the mark with this number."""
        with self._news:
            self._news.wait_for(lambda: b"\0%d\0" % number in self._printed, PATIENCE)
            return super().printed(number, limit)

    def close(self) -> None:
        """End the process and release its resources. May be called twice."""
        if self.pid:
            self._popen.kill()
            self._popen.wait()
            for pipe in (self._popen.stdin, self._popen.stdout, self._popen.stderr):
                assert pipe
                try:
                    pipe.close()
                except OSError:
                    pass  # unwritten data has no reader any more
            self.pid = 0
            remove(self.folder)

    def _write(self, data: bytes) -> None:
        assert self._popen.stdin
        try:
            self._popen.stdin.write(data)
        except (OSError, ValueError):
            pass  # it has ended; the missing answer will show that

    def _pump(self, pipe: IO[bytes], take: object) -> None:
        while True:
            try:
                data = os.read(pipe.fileno(), 1 << 16)
            except (OSError, ValueError):
                data = b""
            with self._news:
                take(data)  # type: ignore[operator]
                self._news.notify()
            if not data:
                return

    def _take_answer(self, data: bytes) -> None:
        self._buffer += data[: max(0, MOST_WAITING - len(self._buffer))]  # more than one answer was never requested
        self._closed = self._closed or not data

    def _take_text(self, data: bytes) -> None:
        self._printed_total += len(data)
        self._printed += data[: max(0, KEPT_TEXT - len(self._printed))]

    def _wait(self, deadline: float, _: float = 0.0) -> None:
        """Return when something new has come. An answer is handled before a flood of text that was printed after it."""
        with self._news:
            left = deadline - time.monotonic()
            if left <= 0:
                raise Stopped("timeout", "")
            if self._state() == self._seen and not self._closed:
                self._news.wait(min(left, 60))
            before, self._seen = self._seen, self._state()
            if self._seen[0] > before[0]:
                return
            if self._printed_total > self.output_limit:
                raise Stopped("output", "")
            if self._closed and self._seen == before:
                raise self._end_of_process()

    def _state(self) -> tuple[int, int, bool]:
        return len(self._buffer), self._printed_total, self._closed

    def _read(self, _: int) -> bool:
        return not self._closed

    def _end_of_process(self) -> Stopped:
        try:
            code = self._popen.wait(0.1)
        except subprocess.TimeoutExpired:
            return Stopped("crashed", ended())
        return Stopped("crashed", ended(code))
