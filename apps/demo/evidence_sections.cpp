#include <algorithm>

#include "apps/demo/contact_sheet.h"
#include "apps/demo/page.h"
#include "apps/evaluation/sheet.h"
#include "apps/formatted.h"
#include "apps/html.h"

namespace backlight::demo {
namespace {

std::string table(const std::vector<std::string>& head, const std::string& rows) {
  std::string html = "<div class=\"scroll\"><table><thead><tr>";
  for (const std::string& title : head) html += "<th>" + title + "</th>";
  return html + "</tr></thead><tbody>\n" + rows + "</tbody></table></div>\n";
}

std::string row(const std::string& name, const std::vector<std::string>& cells) {
  std::string html = "<tr><th>" + name + "</th>";
  for (const std::string& cell : cells) html += "<td>" + cell + "</td>";
  return html + "</tr>\n";
}

std::string faith(const std::vector<Exhibit>& exhibits) {
  std::string rows;
  for (const Exhibit& exhibit : exhibits) {
    std::vector<std::string> cells{formatted("%+.2f", exhibit.maps[0].faith.rise)};
    for (const std::size_t r : {1, 2}) {
      const Faithfulness& f = exhibit.maps[r].faith;
      cells.push_back(formatted("%+.2f", f.rise));
      cells.push_back(formatted("%.2f", f.cosine));
      cells.push_back(percent(f.opposite));
    }
    rows += row(exhibit.name(), cells);
  }
  return R"(<section class="prose" id="faith">
<h2>Which map does the score follow?</h2>
<p>Clear outlines are not yet a reason. The gradient makes a promise that can be held against the network: a small step in its
direction raises the score more than a step of the same length in any other. Here each picture takes a step of one grey level a
number, root mean square, along each of its maps, and the network is asked again.</p>
)" +
         table({"logit rises along the", "gradient", "guided", "cosine", "opposite", "deconvnet", "cosine",
                "opposite"},
               rows) +
         R"(<p>Cosine: with the gradient; 1 is the same direction, 0 none of it. Opposite: the signs, of the numbers that are 0 in neither map.
Nearly half of guided’s and deconvnet’s signs are the wrong ones, as chance would have it: what they show is where edges are that the network reads, not which way they count.</p>
</section>
)";
}

std::string randomised(const Evidence& evidence) {
  const RandomisationCheck& check = evidence.randomisation;
  std::string ends;
  for (const SimilarityCurve& curve : check.curves)
    ends += (ends.empty() ? "" : ", ") + std::string(curve.method.name) +
            formatted(" %.2f", curve.steps[std::min<std::size_t>(3, curve.steps.size() - 1)].mean);
  return R"(<section class="prose">
<h2>Does a map know what the network has learned?</h2>
<p>The sanity check of Adebayo et al. 2018: from the logits down, layer after layer forgets what it has learned and gets random
weights. A map that explains the network must become another; one that stays has shown the picture. Rank correlation with the original’s
map after three layers: )" +
         ends + R"(. <code>backlight evaluate --randomised 5</code> draws this for any network.</p>
<figure>)" +
         img(randomisation_chart(check),
             "Rank correlation of each rule's maps with the original's, against the number of "
             "layers that are random; after three: " +
                 ends) +
         "</figure>\n</section>\n";
}

std::string walk(const Evidence& evidence) {
  std::string rows;
  for (std::size_t i = evidence.walk.size(); i-- > 0;) {
    const NodeReport& r = evidence.walk[i];
    rows += row(r.name, {r.relu ? percent(r.relu->active) : "", r.relu ? percent(r.relu->against) : "",
                         r.max_pool ? percent(r.max_pool->all_zero) : "",
                         formatted("%.2f", evidence.guided[i].cosine.value_or(0)),
                         formatted("%.2f", evidence.deconvnet[i].cosine.value_or(0))});
  }
  return R"(<section class="prose">
<h2>One walk back, layer by layer</h2>
<p>The )" +
         evidence.animal +
         R"(’s gradient from the score to the picture. A ReLU keeps a bit for each of its units, whether it was active; at a unit
that was, guided departs from the gradient where what comes is below 0. A max pool sends everything to its window’s winner, and in
many windows there is none: all is zero there, the first of the zeros gets it, and the ReLU before stops it.</p>
)" +
         table({"on the way back", "active", "of these g &lt; 0", "windows all zero", "cosine: guided",
                "deconvnet"},
               rows) +
         R"(<p><code>backlight inspect</code> prints this for any picture and network; cosine: with the gradient, of what comes to the node.</p>
</section>
)";
}

std::string fooling(const std::vector<Exhibit>& exhibits) {
  std::string rows;
  for (const Exhibit& exhibit : exhibits)
    if (const auto& fooled = exhibit.fooled) {
      const Forecast& f = fooled->forecast;
      rows += row(exhibit.name(),
                  {formatted("%.2f", f.margin), formatted("%.2f", f.sum), formatted("%.1f", f.epsilon()),
                   formatted("%g", fooled->epsilon), formatted("%.2f", f.random)});
    }
  if (rows.empty()) return "";
  return R"(<section class="prose">
<h2>Why so little is enough</h2>
<p>Each number of the picture moves by ε only, but every one in the direction that hurts. The margin, the answer’s logit less that of
the class that it is taken for afterwards, falls by ε · Σ |<var>g</var>|, with <var>g</var> its gradient, as long as the network stays linear. It does
not quite: ReLUs change sides, and the step has to be longer than foretold. Random signs of the same size hardly move the margin, as they cancel.</p>
)" + table({"", "margin", "Σ |<var>g</var>|", "ε foretold", "ε found", "random signs move it by"}, rows) +
         "</section>\n";
}

std::string two_programs(const std::vector<Exhibit>& exhibits, const Evidence& evidence) {
  std::string rows;
  const auto of = [](std::int64_t some, std::int64_t all) {
    return formatted("%lld of %lld", static_cast<long long>(some), static_cast<long long>(all));
  };
  for (std::size_t i = 0; i < exhibits.size(); ++i) {
    const KernelComparison& c = evidence.plain_loops[i];
    rows += row(exhibits[i].name(), {formatted("%.1e", c.apart), of(c.signs, c.all_signs),
                                     of(c.winners, c.all_winners), formatted("%.1e", c.held)});
  }
  return R"(<section class="prose">
<h2>When two right programs disagree</h2>
<p>The same gradients by the plain loops, <code>--kernel ref</code>, which add in another order. Where no ReLU changes its sign and no max pool its
winner, the two differ by rounding. Where one input of a ReLU is so near to 0 that rounding decides, all that would have
passed there is lost, and the two can be a thousandth apart: of 300 pictures (<code>menagerie --count 300 --seed 9</code>, on an EPYC) 4 were,
the worst by 0.0041. Neither is wrong. With the signs and winners of one held in the other only rounding is left.</p>
)" + table({"", "apart", "signs differ", "winners differ", "apart with these held"}, rows) +
         R"(<p><code>backlight gradient PICTURE --against ref</code> prints this for any picture and network.</p>
</section>
)";
}

}  // namespace

std::string evidence_sections(const std::vector<Exhibit>& exhibits, const Evidence& evidence) {
  return faith(exhibits) + randomised(evidence) + walk(evidence) + fooling(exhibits) +
         two_programs(exhibits, evidence);
}

}  // namespace backlight::demo
