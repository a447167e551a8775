"""Which symbols a student's kernels may call: those of CUDA's emulation, and none of what watches or counts them."""

from __future__ import annotations

import pytest
from grader.judge.builds import _foreign

ALLOWED = [
    "__tsan_read4",
    "__tsan_write16",
    "__tsan_atomic32_compare_exchange_val",
    "__tsan_func_entry",
    "_ZN14cuda_emulation13block_barrierERKNS_4SiteENS_14BlockOperationEi",
    "_ZN14cuda_emulation14warp_operationERKNS_4SiteENS_13WarpOperationEjmi",
    "_ZN14cuda_emulation15shared_variableERKNS_17SharedDeclarationEmRKNS_11SharedShapeE",
    "_ZN14cuda_emulation16shared_of_launchERKNS_17SharedDeclarationERKNS_11SharedShapeE",
    "_ZN14cuda_emulation13atomic_accessEPKvmbS1_",
    "_ZN14cuda_emulation3nowE",
    "_ZN14cuda_emulation3runERKNS_6LaunchE",
    "_ZN14cuda_emulation4laneEv",
    "_ZN14cuda_emulation5fenceEv",
    "_Z10cudaMallocPPvm",
    "memcpy",
]
REFUSED = [
    "_ZN14cuda_emulation8watchingE",
    "_ZN14cuda_emulation5Watch3seeEPKvjNS0_3WayES2_",
    "_ZN14cuda_emulation7traffic8countingE",
    "_ZN14cuda_emulation7traffic4noteERKNS_6AccessE",
    "_ZN14cuda_emulation11BlockRunner7give_upERKNSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEEE",
    "_ZNK14cuda_emulation9LineTable7line_atEmPFbRKNSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEEEE",
    "_ZN14cuda_emulation3run5innerEv",
]


@pytest.mark.parametrize("name", ALLOWED)
def test_what_kernels_may_call(name: str) -> None:
    assert _foreign(name.encode()) == []


@pytest.mark.parametrize("name", REFUSED)
def test_what_watches_kernels_is_not_theirs_to_call(name: str) -> None:
    assert _foreign(b"memcpy\n" + name.encode()) == [name]
