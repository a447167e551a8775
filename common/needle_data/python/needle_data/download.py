"""Download a file whose size and checksum are known, from the first mirror that delivers it.

What has come of an interrupted download stays beside the file as NAME.part, and the next attempt asks only for the
rest, from whichever mirror: the checksum of the whole decides. pooch gives the file its name, in one step, once it is
right; until then nothing stands under that name.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from urllib.parse import urlsplit

import pooch
import requests
import urllib3
from tqdm import tqdm

from .checks import checksum_of
from .errors import DataError
from .registry import DataSet, Item

CHUNK = 1 << 16
TIMEOUT = 20  # seconds without a byte


class MirrorError(Exception):
    """Why one mirror did not deliver; the next one is tried."""


def download(dataset: DataSet, item: Item, folder: Path) -> None:
    """Bring `item` into `folder`, from the mirrors in turn.

    Raises DataError: if none delivers; the message names each and why. Raises OSError: if `folder` cannot be written.
    """
    pooch.get_logger().setLevel("WARNING")
    failures = []
    for url in dataset.addresses(item):
        print(f"{item.name}: {item.bytes:,} bytes from {url}", flush=True)
        try:
            pooch.retrieve(
                url, item.checksum, fname=item.name, path=folder, downloader=ResumingDownloader(item, folder)
            )
            return
        except MirrorError as error:
            failures.append(f"{urlsplit(url).netloc or url}: {error}")
    raise DataError(
        f"{item.name} could not be downloaded. {'; '.join(failures)}. Run make data again when you are online, or put "
        f"the file into {folder} by hand, or set NEEDLE_DATA to a folder that has the data"
    )


class ResumingDownloader:
    """Writes to NAME.part in `folder`, going on where an earlier attempt stopped; a downloader as pooch wants it."""

    def __init__(self, item: Item, folder: Path):
        if item.bytes is None or item.checksum is None:
            raise ValueError(f"{item.name}: a download needs its size and checksum")
        self.size, self.checksum = item.bytes, item.checksum
        self.name = item.name
        self.partial = folder / f"{item.name}.part"

    def __call__(self, url: str, output_file: str, _pooch: object) -> None:
        """Download `url` and move it to `output_file`. Raises MirrorError: if what comes is not the file."""
        while True:
            kept = self.partial.stat().st_size if self.partial.exists() else 0
            if kept < self.size:
                kept = self._receive(url, kept)
            found = checksum_of(self.partial, self.checksum)
            if found == self.checksum:
                os.replace(self.partial, output_file)
                return
            self.partial.unlink()
            if kept == 0:
                raise MirrorError(f"sent another content: expected {self.checksum}, found {found}")
            # What an earlier attempt had left may have been at fault: once more, from the first byte.

    def _receive(self, url: str, kept: int) -> int:
        """Receive what is missing after the first `kept` bytes. Returns how many of them were used: all or none."""
        headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={kept}-"} if kept else {})
        try:
            with requests.get(url, headers=headers, stream=True, timeout=TIMEOUT) as response:
                if response.status_code == 416 and kept:
                    return self._receive(url, 0)
                response.raise_for_status()
                start = self._start(response, kept)
                self._store(response, start)
        except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
            raise MirrorError(_reason(error)) from error
        return start

    def _start(self, response: requests.Response, kept: int) -> int:
        """The place of the answer's first byte in the file. Raises MirrorError: if the answer is about another file."""
        if response.status_code == 206:
            part = response.headers.get("Content-Range", "")
            parsed = re.fullmatch(r"bytes (\d+)-\d+/(\d+|\*)", part)
            if not kept or not parsed or int(parsed[1]) != kept or parsed[2] not in ("*", str(self.size)):
                raise MirrorError(f"asked for the bytes from {kept} on of {self.size}, it offers {part or 'no range'}")
            return kept
        length = response.headers.get("Content-Length", str(self.size))
        if length != str(self.size):
            raise MirrorError(f"offers {length} bytes where {self.size} were expected")
        return 0

    def _store(self, response: requests.Response, start: int) -> None:
        received = start
        with (
            open(self.partial, "ab" if start else "wb") as file,
            tqdm(total=self.size, initial=start, desc=self.name, unit="B", unit_scale=True, disable=None) as bar,
        ):
            try:
                # As the bytes are on the wire: some servers call a .gz file an encoding, which requests would undo.
                while received <= self.size and (chunk := response.raw.read1(CHUNK, decode_content=False)):
                    file.write(chunk)
                    received += len(chunk)
                    bar.update(len(chunk))
            except urllib3.exceptions.HTTPError as error:
                if received < self.size:
                    raise MirrorError(self._cut(received, _reason(error))) from error
        if received < self.size:
            raise MirrorError(self._cut(received, "connection closed"))
        if received > self.size:
            self.partial.unlink()
            raise MirrorError(f"sent more than the {self.size} bytes expected")

    def _cut(self, received: int, why: str) -> str:
        return f"broke off after {received:,} of {self.size:,} bytes ({why}; the next attempt goes on from there)"


def _reason(error: Exception) -> str:
    """One clause of what requests and urllib3 wrap several times."""
    if isinstance(error, requests.HTTPError) and error.response is not None:
        return f"answered {error.response.status_code} {error.response.reason}"
    if isinstance(error, (requests.Timeout, urllib3.exceptions.TimeoutError)):
        return f"no answer in {TIMEOUT} seconds"
    inner = error.args[0] if error.args else error
    return str(getattr(inner, "reason", inner)).rpartition(": ")[2] or type(error).__name__
