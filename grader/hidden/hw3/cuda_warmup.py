"""Hidden cases of hw3, cuda_warmup: what five small kernels compute, and what they load and store.

Traffic is handed over as numbers that every good solution has in common: bytes of global memory, which float4 does not
change, sectors of whole warps on sizes that tiles and sectors divide, and bank conflicts. Where a solution may need
less than the bound that its comment states, the larger of both is handed over.
"""
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute

import mugrade
import numpy as np
import warmup_kernels
from needle.backend_ndarray import cuda_traffic

CUDA = warmup_kernels.emulated()
# A few, about a block of threads, and several blocks of which the last is not full
LENGTHS = (1, 2, 31, 33, 255, 256, 257, 511, 513, 1000)


def whole(*shape):
    """Whole numbers: sums and products of these are exact, in whatever order they are added."""
    return np.random.randint(-9, 10, size=shape).astype(np.float32)


def fractions(*shape):
    return np.random.uniform(0.1, 0.9, size=shape).astype(np.float32)


def groups(count, size):
    return -(-count // size)


def traffic(name, *arguments):
    """What a function's kernels load and store. Its result is handed over, so that what is counted was worth it."""
    with cuda_traffic.counted(CUDA) as counted:
        mugrade.submit(getattr(CUDA, name)(*arguments))
    return counted.total


# ---- vector_add ----


def submit_vector_add() -> None:
    """vector_add: lengths around those of blocks"""
    for n in LENGTHS:
        mugrade.submit(CUDA.vector_add(whole(n), whole(n)))


def submit_vector_add_long() -> None:
    """vector_add: many blocks, and any length"""
    for n in (256 * 40, int(np.random.randint(2000, 9000))):
        mugrade.submit(CUDA.vector_add(fractions(n), whole(n)))


def submit_vector_add_traffic() -> None:
    """vector_add: its values, bytes loaded and stored, and sectors: 8 numbers side by side are one"""
    for n in (512, 1000, 8 * int(np.random.randint(200, 400))):
        seen = traffic("vector_add", whole(n), whole(n))
        mugrade.submit((seen.global_load_bytes, seen.global_store_bytes))
        mugrade.submit((seen.global_load_sectors, seen.global_store_sectors))


# ---- window_sum ----


def submit_window_sum() -> None:
    """window_sum: lengths around those of blocks"""
    for n in LENGTHS:
        mugrade.submit(CUDA.window_sum(whole(n + 4)))


def submit_window_sum_fractions() -> None:
    """window_sum: numbers between 0 and 1, many blocks, any length"""
    for n in (256 * 20, int(np.random.randint(2000, 6000))):
        mugrade.submit(CUDA.window_sum(fractions(n + 4)))


def submit_window_sum_places() -> None:
    """window_sum: a single number that is not 0, near the edge of a block"""
    for place in (0, 4, 251, 254, 255, 256, 258, 259, 260, 513, 515, 603):
        a = np.zeros(604, dtype=np.float32)
        a[place] = np.random.randint(1, 10)
        mugrade.submit(CUDA.window_sum(a))


def submit_window_sum_traffic() -> None:
    """window_sum: its values, and bytes loaded, of which 4 for each number and 16 more for each block are allowed"""
    for n in (256, 1000, 256 * int(np.random.randint(5, 15))):
        seen = traffic("window_sum", whole(n + 4))
        mugrade.submit(max(seen.global_load_bytes, 4 * (n + 4 * groups(n, 256))))
        mugrade.submit(seen.global_store_sectors)


# ---- row_sum ----


def submit_row_sum() -> None:
    """row_sum: rows shorter and longer than blocks, whose threads are a power of two"""
    for threads in (1, 2, 32, 64, 256, 1024):
        for columns in (1, threads, threads + 1, 500):
            mugrade.submit(CUDA.row_sum(whole(3, columns), threads))


def submit_row_sum_odd_blocks() -> None:
    """row_sum: blocks of any number of threads"""
    for threads in (3, 5, 6, 7, 31, 33, 100, 255, 257, 999, 1023):
        for columns in (1, threads - 1, threads, 2 * threads + 1, 700):
            mugrade.submit(CUDA.row_sum(whole(2, columns), threads))


def submit_row_sum_places() -> None:
    """row_sum: rows with a single number that is not 0, at every place"""
    for threads in (4, 7, 23):
        rows = np.zeros((50, 50), dtype=np.float32)
        rows[np.arange(50), np.arange(50)] = np.random.randint(1, 10, size=50)
        mugrade.submit(CUDA.row_sum(rows, threads))


def submit_row_sum_any() -> None:
    """row_sum: any rows, columns and threads"""
    for rows, columns, threads in zip(
        np.random.randint(1, 40, size=8),
        np.random.randint(1, 900, size=8),
        np.random.randint(1, 300, size=8),
        strict=True,
    ):
        mugrade.submit(CUDA.row_sum(fractions(rows, columns), int(threads)))


def submit_row_sum_traffic() -> None:
    """row_sum: its values, how many threads it has, bytes loaded, sectors, bytes stored, bank conflicts"""
    for threads in (64, 256, 1000):
        seen = traffic("row_sum", whole(4, 8 * int(np.random.randint(150, 300))), threads)
        mugrade.submit((seen.threads, seen.global_load_bytes, seen.global_load_sectors, seen.global_store_bytes))
        mugrade.submit(seen.bank_conflicts)


# ---- transpose ----


def submit_transpose() -> None:
    """transpose: a tile, parts of one, and several in each direction"""
    for shape in ((32, 32), (1, 1), (1, 20), (20, 1), (7, 30), (32, 96), (96, 32), (64, 64)):
        mugrade.submit(CUDA.transpose(whole(*shape)))


def submit_transpose_edges() -> None:
    """transpose: matrices that tiles stick out of, on one side or on both"""
    for shape in ((31, 33), (33, 31), (32, 33), (33, 32), (5, 130), (130, 5), (70, 100)):
        mugrade.submit(CUDA.transpose(whole(*shape)))


def submit_transpose_any() -> None:
    """transpose: any sizes"""
    for shape in np.random.randint(1, 120, size=(6, 2)):
        mugrade.submit(CUDA.transpose(fractions(*shape)))


def submit_transpose_traffic() -> None:
    """transpose: its values, bytes, and sectors loaded and stored: 8 numbers side by side are one"""
    for shape in ((32, 32), 32 * np.random.randint(1, 5, size=2), 32 * np.random.randint(1, 5, size=2)):
        seen = traffic("transpose", whole(*shape))
        mugrade.submit((seen.global_load_bytes, seen.global_store_bytes))
        mugrade.submit((seen.global_load_sectors, seen.global_store_sectors))


def submit_transpose_banks() -> None:
    """transpose: its values, and bank conflicts of shared memory"""
    for shape in ((32, 32), 32 * np.random.randint(1, 5, size=2)):
        mugrade.submit(traffic("transpose", whole(*shape)).bank_conflicts)


# ---- matmul ----


def submit_matmul() -> None:
    """matmul: a tile, parts of one, and several in each direction"""
    for m, n, p in (
        (1, 1, 1),
        (3, 4, 5),
        (32, 32, 32),
        (1, 32, 1),
        (32, 1, 32),
        (64, 32, 32),
        (32, 64, 32),
        (32, 32, 64),
    ):
        mugrade.submit(CUDA.matmul(whole(m, n), whole(n, p)))


def submit_matmul_edges() -> None:
    """matmul: sizes that tiles stick out of"""
    for m, n, p in ((31, 33, 32), (33, 32, 31), (32, 31, 33), (40, 100, 7), (7, 40, 100), (100, 7, 40)):
        mugrade.submit(CUDA.matmul(whole(m, n), whole(n, p)))


def submit_matmul_any() -> None:
    """matmul: any sizes"""
    for m, n, p in np.random.randint(1, 80, size=(5, 3)):
        mugrade.submit(CUDA.matmul(fractions(m, n), fractions(n, p)))


def submit_matmul_infinite() -> None:
    """matmul: infinities at the edge, which reach their own row or column and no other"""
    for m, n, p in ((6, 5, 7), (40, 33, 20)):
        a, b = whole(m, n), np.random.choice([-1.0, 1.0], size=(n, p)).astype(np.float32)
        a[m // 2, n - 1] = np.inf
        mugrade.submit(CUDA.matmul(a, b))
        mugrade.submit(CUDA.matmul(b.T.copy(), a.T.copy()))


def submit_matmul_traffic() -> None:
    """matmul: its values, and bytes loaded and stored; each number once for each tile of the result that needs it"""
    for m, n, p in ((32, 32, 32), (70, 40, 33), 32 * np.random.randint(1, 4, size=3)):
        seen = traffic("matmul", whole(m, n), whole(n, p))
        mugrade.submit(max(seen.global_load_bytes, 4 * int(m * n * groups(p, 32) + n * p * groups(m, 32))))
        mugrade.submit(seen.global_store_bytes)


def submit_matmul_sectors() -> None:
    """matmul: its values, and sectors loaded by tiles that are whole: 8 numbers side by side are one"""
    for m, n, p in ((32, 64, 32), 32 * np.random.randint(1, 4, size=3)):
        seen = traffic("matmul", whole(m, n), whole(n, p))
        mugrade.submit(max(seen.global_load_sectors, int(m * n * p) // 128))
