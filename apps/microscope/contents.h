#pragma once

#include "apps/microscope/node_description.h"
#include "apps/microscope/page.h"
#include "apps/microscope/page_numbers.h"
#include "apps/microscope/record.h"

namespace backlight {

// What a page's header holds besides what both kinds of page have; the arrays go into `numbers`.

/// The network and the picture, and for each value the norms that the engine found in float64, against which
/// the page holds its own.
nlohmann::json computed_contents(const MicroscopeSubject& subject, const Model& nodes,
                                 const WalkRecord& record, PageNumbers& numbers);

/// The numbers themselves, as far as they fit.
nlohmann::json stored_contents(const MicroscopeSubject& subject, const Model& nodes, const WalkRecord& record,
                               PageNumbers& numbers);

}  // namespace backlight
