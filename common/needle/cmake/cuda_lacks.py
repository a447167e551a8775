"""What the emulation of CUDA lacks: headers and names, each with the words that tell a student what to do instead.

And what it refuses, since it would keep accesses to memory from being seen.
"""

from __future__ import annotations

import re

_COOPERATIVE = "cooperative groups: use __syncthreads, __syncwarp and the warp shuffles"
_TENSOR_CORES = "wmma, the tensor cores: compute with float"
_HALF = "half and other short floating-point types: use float"
_PIPELINES = "asynchronous copies: load and store"
_TEXTURES = "textures and surfaces: use arrays"
_GRAPHS = "CUDA graphs: launch the kernels"
_PTX = "PTX in asm(): use CUDA's functions"

# Patterns of a header's whole name.
HEADERS = {
    r"cooperative_groups.*": _COOPERATIVE,
    r"mma\.h": _TENSOR_CORES,
    r"cuda_(?:fp16|bf16|fp8|fp6|fp4)\.h.*": _HALF,
    r"cuda_pipeline.*|cuda_awbarrier.*": _PIPELINES,
    r"texture_.*|surface_.*|cuda_texture_types\.h": _TEXTURES,
    r"cuda/.*|nv/.*": "libcu++, the C++ library for CUDA: use CUDA's own functions",
    r"(?:cub|thrust)/.*": "CUB and Thrust: write the kernel",
    r"(?:cublas|cudnn|curand|cufft|cusparse|cusolver|nvrtc).*": "CUDA's libraries: write the kernel",
    r"cuda\.h": "the driver API: use the runtime's functions, as cudaMalloc",
    r"\w+intrin\.h|arm_\w+\.h": "instructions of the processor, which no GPU has: use CUDA's functions",
}

NAMES = {
    "cooperative_groups": _COOPERATIVE,
    "nvcuda": _TENSOR_CORES,
    "wmma": _TENSOR_CORES,
    "__half": _HALF,
    "__half2": _HALF,
    "__nv_bfloat16": _HALF,
    "__pipeline_memcpy_async": _PIPELINES,
    "cudaTextureObject_t": _TEXTURES,
    "cudaSurfaceObject_t": _TEXTURES,
    "texture": _TEXTURES,
    "tex1D": _TEXTURES,
    "tex1Dfetch": _TEXTURES,
    "tex2D": _TEXTURES,
    "tex3D": _TEXTURES,
    "surf2Dread": _TEXTURES,
    "surf2Dwrite": _TEXTURES,
    "asm": _PTX,
    "__asm": _PTX,
    "__asm__": _PTX,
    "cudaLaunchKernel": "cudaLaunchKernel: launch with <<<grid, block>>>",
    "cudaLaunchCooperativeKernel": "cooperative launches: launch with <<<grid, block>>>",
    "cudaFuncSetAttribute": "more than 48 KB of shared memory in a block: use smaller tiles",
    "cudaStreamBeginCapture": _GRAPHS,
    "cudaGraph_t": _GRAPHS,
    "__cluster_dims__": "clusters of blocks: use blocks of their own",
    "__nanosleep": "waiting for other blocks: launch a second kernel",
    **{
        name: f"{name}, which GPUs have lost: use {name}_sync"
        for name in ("__shfl", "__shfl_up", "__shfl_down", "__shfl_xor", "__ballot", "__any", "__all")
    },
}

# Names that stand for: do not watch this function; or that access memory by ways which nobody watches.
HIDING = re.compile(
    r"\b(?:(?:__)?(?:no_sanitize(?:_\w+?)?|no_instrument_function|disable_sanitizer_instrumentation)(?:__)?"
    r"|CUDA_EMULATION_(?:OF_HOST|UNWATCHED)|__builtin_(?:ia32|nontemporal)_\w+)\b"
)
