// Compiled once for each instruction set, with NEEDLE_ISA naming the namespace and flags that allow the instructions.
//
// Only C headers and headers whose every function lives in namespace NEEDLE_ISA may be included here: an inline
// function of the standard library would be compiled with this file's flags under a name it shares with other files.

#include "kernels.h"

#ifndef NEEDLE_ISA
#error "compile with -DNEEDLE_ISA=baseline, avx2 or avx512"
#endif

#include "channels.h"
#include "conv.h"
#include "elementwise.h"
#include "gemm.h"
#include "limits.h"
#include "lstm.h"
#include "power.h"
#include "reduce.h"
#include "rows.h"
#include "strided.h"
#include "tiled.h"

#define NEEDLE_TEXT_(name) #name
#define NEEDLE_TEXT(name) NEEDLE_TEXT_(name)

namespace needle::fast::NEEDLE_ISA {

extern const Kernels kernels = {
    NEEDLE_TEXT(NEEDLE_ISA),
    kLanes,
    fill,
    binary,
    scalar,
    power,
    unary,
    strided_copy,
    reduce,
    matmul,
    scratch_floats,
    matmul_batch,
    conv,
    conv_loops,
    conv_by_images,
    conv_by_weight,
    conv_scratch,
    add_row,
    masked,
    softmax,
    softmax_gradient,
    cross_entropy,
    cross_entropy_gradient,
    layer_norm,
    layer_norm_gradient,
    layer_norm_scratch,
    batch_norm,
    batch_norm_gradient,
    gather,
    scatter_add,
    lstm,
    lstm_gradient,
    lstm_scratch,
    matmul_tiled,
    fma_loop,
    triad,
};

}  // namespace needle::fast::NEEDLE_ISA
