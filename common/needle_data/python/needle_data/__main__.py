"""`make data`, or `python -m needle_data`: download the data sets, or list what is there. See --help."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from .checks import check
from .errors import DataError
from .fetch import fetch
from .folders import find, searched, target
from .registry import DataSet, load_registry

TEACHES = """
what it does:
  Downloads what is missing and checks every file's checksum. A file that is there and right is not downloaded again.
  A download that is interrupted (Ctrl-C, a lost connection) stays as NAME.part; run the command again to go on.

where the data goes, and where programs look for it:
  NEEDLE_DATA, if you set it to a folder: then there and nowhere else.
  Otherwise it goes to data/ in the repository; data/ and shared/data/ beside the repository are looked into as well.

without a network:
  Put the files of `--list` into that folder by hand, or set NEEDLE_DATA to a folder that has them.
  NEEDLE_MIRROR=http://host/folder/ names a server that has the downloads and is asked before the public ones.

examples:
  make data                          everything (about 180 MB)
  make data ONLY=mnist               one data set; ONLY="mnist shakespeare": two
  make data LIST=1                   what is there, how large, and whether it is right
  NEEDLE_DATA=~/data make data       to another folder
"""


def main(arguments: Sequence[str] | None = None, datasets: Mapping[str, DataSet] | None = None) -> int:
    """Run the command line. Returns the exit status: 0 done, 1 something could not be had, 2 misuse, 130 Ctrl-C."""
    datasets = load_registry() if datasets is None else datasets
    parser = argparse.ArgumentParser(
        prog="make data",
        usage="python -m needle_data [--list] [NAME ...]",
        description="Bring the course's data sets to this machine: " + ", ".join(datasets) + ".",
        epilog=TEACHES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"{', '.join(datasets)}; default: all")
    parser.add_argument("--list", action="store_true", help="show what is there; download nothing")
    chosen = parser.parse_args(arguments)
    unknown = [name for name in chosen.names if name not in datasets]
    if unknown:
        print(f"make data: there is no data set {unknown[0]!r}; there are: {', '.join(datasets)}", file=sys.stderr)
        return 2
    wanted = [datasets[name] for name in chosen.names or datasets]
    if chosen.list:
        show(wanted)
        return 0
    return download_all(wanted)


def download_all(datasets: Sequence[DataSet]) -> int:
    """Fetch each; one that fails does not keep the others. Returns the exit status."""
    status = 0
    for dataset in datasets:
        try:
            fetch(dataset)
        except DataError as error:
            print(f"make data: {dataset.key}: {error}", file=sys.stderr, flush=True)
            status = 1
        except KeyboardInterrupt:
            print(
                f"\nmake data: stopped. What came of {dataset.key} stays in {target()}; make data goes on there.",
                file=sys.stderr,
            )
            return 130
    return status


def show(datasets: Sequence[DataSet]) -> None:
    """Print where was looked, and each file of each data set with its size and whether it is right."""
    print("Looked in, the first that has a whole data set counts:")
    for folder in searched():
        print(f"  {folder}{'' if folder.is_dir() else '  (not there)'}")
    for dataset in datasets:
        complete = find(*dataset.names)
        folder = complete or target()
        print(f"\n{dataset.key}  {dataset.title}\n  in {folder}{'' if complete else '  (not complete)'}")
        for item in dataset.files:
            path = folder / item.name
            size = f"{path.stat().st_size:,}" if path.is_file() else "-"
            print(f"  {item.name:<36} {size:>13} bytes  {check(path, item).value}")
        for partial in _partials(dataset, target()):
            print(
                f"  {partial.name:<36} {partial.stat().st_size:>13,} bytes  interrupted; make data goes on from there"
            )


def _partials(dataset: DataSet, folder: Path) -> list[Path]:
    places = (folder / f"{item.name}.part" for item in dataset.downloads)
    return [place for place in places if place.is_file()]


if __name__ == "__main__":
    sys.exit(main())
