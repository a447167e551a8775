// Copies of many bytes in kernels: memcpy, memmove and memset, called by a kernel or by what compilers make of it.
//
// They are loads and stores like others. Compilers leave them to the C library, which tells nobody of its accesses; so
// where accesses are watched, the assembler takes the functions of access.cc instead. This concerns this one file that
// is being compiled, kernels, and not the runtime.

#pragma once

#if defined(__linux__)
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define CUDA_EMULATION_COPIES_ARE_SEEN 1
#endif
#endif
#if defined(__SANITIZE_THREAD__)
#define CUDA_EMULATION_COPIES_ARE_SEEN 1
#endif
#endif

#ifdef CUDA_EMULATION_COPIES_ARE_SEEN
// The second three are called where _FORTIFY_SOURCE is defined, with one argument more.
__asm__(
    ".set memcpy, __tsan_memcpy\n"
    ".set memmove, __tsan_memmove\n"
    ".set memset, __tsan_memset\n"
    ".set __memcpy_chk, __tsan_memcpy\n"
    ".set __memmove_chk, __tsan_memmove\n"
    ".set __memset_chk, __tsan_memset\n");
#undef CUDA_EMULATION_COPIES_ARE_SEEN
#endif
