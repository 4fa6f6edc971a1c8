#pragma once

namespace backlight::cpu {

/// Calls body(context, worker) once for every worker in [0, team), on the process's pool and on the calling
/// thread, and waits for all. A worker is a number, not a thread: one thread may be several, one after the
/// other.
void run_team(int team, void (*body)(void* context, int worker), void* context);

}  // namespace backlight::cpu
