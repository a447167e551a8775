# CUDA modules, of .cu and of .cc files. Read by CMakeLists.txt here and in hw3 where a CUDA compiler is found; before that,
# they say how any module is made, by a function `needle_module`. Building them needs no GPU and no driver: whether there
# is a GPU they find out when they are asked (`enabled()`).

set(NEEDLE_CUDA_ARCHITECTURES "" CACHE STRING "which GPUs to compile for; empty: the one here, or else every kind")
enable_language(CUDA)
find_package(CUDAToolkit REQUIRED)

# Code for one GPU compiles several times faster than code for all, which is: Turing, Ampere (the data centre's, and the
# desktop's, which Ada also runs), Hopper, Blackwell (likewise two). The last entry is what newer ones translate for themselves.
set(architectures ${NEEDLE_CUDA_ARCHITECTURES})
if(NOT architectures AND CMAKE_CUDA_ARCHITECTURES_NATIVE MATCHES "^[0-9]")
  set(architectures ${CMAKE_CUDA_ARCHITECTURES_NATIVE})
endif()
if(NOT architectures)
  set(architectures 75-real 80-real 86-real)
  if(CMAKE_CUDA_COMPILER_VERSION VERSION_GREATER_EQUAL 12.8)
    list(APPEND architectures 90-real 100-real 120)
  elseif(CMAKE_CUDA_COMPILER_VERSION VERSION_GREATER_EQUAL 11.8)
    list(APPEND architectures 90)
  else()
    list(APPEND architectures 80-virtual)
  endif()
endif()
message(STATUS "CUDA ${CMAKE_CUDA_COMPILER_VERSION}, for architectures ${architectures}")

function(needle_cuda_module name)
  needle_module(${name} ${ARGN})
  # The CUDA runtime is linked in, so that the module can be imported, and say that it has no GPU, where CUDA is not.
  target_link_libraries(${name} PRIVATE CUDA::cudart_static)
  target_compile_definitions(${name} PRIVATE NEEDLE_CUDA_MODULE=${name})
  target_compile_features(${name} PRIVATE cuda_std_17)
  # Lambdas that run on the GPU, and lines of source for compute-sanitizer and profilers.
  target_compile_options(${name} PRIVATE $<$<COMPILE_LANGUAGE:CUDA>:--extended-lambda -lineinfo -Xcompiler=-Wall>)
  set_target_properties(${name} PROPERTIES
    CUDA_ARCHITECTURES "${architectures}" CUDA_EXTENSIONS OFF CUDA_RUNTIME_LIBRARY Static)
endfunction()
