#pragma once

#include "kernels/ref.h"
#include "kernels/table.h"
