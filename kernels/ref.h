#pragma once

// The meaning of every contract: plain loops, one page per operation. Every other implementation is held
// against these.
#include "kernels/ref/channel.h"
#include "kernels/ref/conv.h"
#include "kernels/ref/elementwise.h"
#include "kernels/ref/epilogue.h"
#include "kernels/ref/layout.h"
#include "kernels/ref/linear.h"
#include "kernels/ref/pool.h"
#include "kernels/ref/relu.h"
#include "kernels/ref/shortcut.h"
#include "kernels/ref/softmax.h"
#include "kernels/ref/update.h"
