# CUDA modules without CUDA: the same sources, rewritten by cmake/translate_cuda.py and compiled for the CPU with the
# headers and the runtime in src/cuda_emulation. Needs neither a GPU nor a toolkit. Read by CMakeLists.txt here and in
# hw3, which say what modules there are, and before that how any module is made: by a function `needle_module`.

find_package(Threads REQUIRED)
set(cuda_emulation_folder "${CMAKE_CURRENT_LIST_DIR}/src/cuda_emulation")
set(cuda_emulation_translator "${CMAKE_CURRENT_LIST_DIR}/cmake/translate_cuda.py")
set(cuda_emulation_parts "${CMAKE_CURRENT_LIST_DIR}/cmake/cuda_lacks.py" "${CMAKE_CURRENT_LIST_DIR}/cmake/cuda_tokens.py")
# Headers may hold kernels, and are translated with the file that includes them.
file(GLOB cuda_emulation_headers CONFIGURE_DEPENDS "${CMAKE_CURRENT_LIST_DIR}/src/*.cuh" "${CMAKE_CURRENT_LIST_DIR}/src/*.h")

# Compiled apart from the kernels: tools that watch what kernels do need not watch what runs them.
file(GLOB cuda_emulation_runtime CONFIGURE_DEPENDS "${cuda_emulation_folder}/*.cc")
add_library(cuda_emulation OBJECT ${cuda_emulation_runtime})
target_include_directories(cuda_emulation PUBLIC
  "${cuda_emulation_folder}/include" "${CMAKE_CURRENT_LIST_DIR}/../include")
target_compile_features(cuda_emulation PUBLIC cxx_std_17)
target_compile_options(cuda_emulation PRIVATE -Wall)
# What each OS thread has of its own is looked at before every access. By descriptors that is nearly as fast as in the
# few bytes that a process keeps for all its modules (initial-exec), which do not last for several of ours.
include(CheckCXXCompilerFlag)
check_cxx_compiler_flag(-mtls-dialect=gnu2 NEEDLE_HAS_TLS_DESCRIPTORS)
if(NEEDLE_HAS_TLS_DESCRIPTORS)
  target_compile_options(cuda_emulation PUBLIC -mtls-dialect=gnu2)
endif()
target_link_libraries(cuda_emulation PUBLIC Threads::Threads)
set_target_properties(cuda_emulation PROPERTIES
  CXX_EXTENSIONS OFF POSITION_INDEPENDENT_CODE ON CXX_VISIBILITY_PRESET hidden)

# Kernels may look at floats as float4, which C++ does not promise, and CUDA does.
set(cuda_emulation_options -fno-strict-aliasing)
if(NOT NEEDLE_SANITIZE)
  # The compiler calls a function before each access to memory, as for ThreadSanitizer; src/cuda_emulation/access.cc has
  # those functions, and its runtime library is not linked. What the compiler would join to larger accesses, or copy
  # piece by piece, stays as the source has it; lines of the source are known to those who watch.
  list(APPEND cuda_emulation_options -fsanitize=thread -O1 -g1 -fno-omit-frame-pointer)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    list(APPEND cuda_emulation_options -fno-tree-vectorize -fno-tree-slp-vectorize -fno-tree-sra -fno-ipa-sra
         -fno-tree-loop-distribute-patterns)
  else()
    # Options of a source file are passed on as they are: neither is a second -mllvm left out, nor is SHELL: known.
    list(APPEND cuda_emulation_options -fno-vectorize -fno-slp-vectorize
         -mllvm -tsan-instrument-read-before-write=1 -mllvm -disable-loop-idiom-all
         -mllvm -hoist-common-insts=false -mllvm -sink-common-insts=false)
  endif()
endif()

# A module of .cu files, translated, and of .cc files, as they are.
function(needle_emulated_cuda_module name)
  set(sources)
  foreach(source IN LISTS ARGN)
    if(source MATCHES "\\.cu$")
      get_filename_component(path "${source}" ABSOLUTE)
      get_filename_component(file "${source}" NAME)
      set(translated "${CMAKE_CURRENT_BINARY_DIR}/${name}.translated/${file}.cc")
      add_custom_command(
        OUTPUT "${translated}"
        COMMAND "${Python_EXECUTABLE}" -B "${cuda_emulation_translator}" "${path}" -o "${translated}"
        DEPENDS "${path}" "${cuda_emulation_translator}" ${cuda_emulation_parts} ${cuda_emulation_headers}
        COMMENT "Translating ${file}"
        VERBATIM)
      set_source_files_properties("${translated}" PROPERTIES COMPILE_OPTIONS "${cuda_emulation_options}")
      list(APPEND sources "${translated}")
    else()
      list(APPEND sources "${source}")
    endif()
  endforeach()
  needle_module(${name} ${sources})
  target_link_libraries(${name} PRIVATE cuda_emulation)
  target_compile_definitions(${name} PRIVATE NEEDLE_CUDA_MODULE=${name} NEEDLE_CUDA_EMULATED=1)
endfunction()
