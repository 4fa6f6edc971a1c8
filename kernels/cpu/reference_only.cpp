// Operations that take no measurable time: their reference loops are all there is.
#include "kernels/ref.h"
#include "kernels/table.h"

namespace backlight::cpu {

BACKLIGHT_TABLE(ToChannelsLast, {{"ref", ref::to_channels_last<T>}})
BACKLIGHT_TABLE(ToChannelsFirst, {{"ref", ref::to_channels_first<T>}})
BACKLIGHT_TABLE(ShortcutForward, {{"ref", ref::shortcut_forward<T>}})
BACKLIGHT_TABLE(ShortcutBackward, {{"ref", ref::shortcut_backward<T>}})
BACKLIGHT_TABLE(SoftmaxForward, {{"ref", ref::softmax_forward<T>}})
BACKLIGHT_TABLE(SoftmaxBackward, {{"ref", ref::softmax_backward<T>}})
BACKLIGHT_TABLE(CrossEntropyForward, {{"ref", ref::cross_entropy_forward<T>}})
BACKLIGHT_TABLE(CrossEntropyBackward, {{"ref", ref::cross_entropy_backward<T>}})
BACKLIGHT_TABLE(SoftCrossEntropyForward, {{"ref", ref::soft_cross_entropy_forward<T>}})
BACKLIGHT_TABLE(SoftCrossEntropyBackward, {{"ref", ref::soft_cross_entropy_backward<T>}})

}  // namespace backlight::cpu
