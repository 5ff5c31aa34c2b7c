// Draws the places of the page on outlines of countries. The table beside holds the same, and stays without script.
const place = document.getElementById("map");
const given = document.getElementById("clusters");

// A ring that crosses 180 degrees goes on beyond it; one around the South Pole is closed along the edge of the map.
function unwrapped(ring) {
  let turn = 0;
  const found = ring.map(([east, north], at) => {
    const step = at ? east - ring[at - 1][0] : 0;
    turn += step > 180 ? -360 : step < -180 ? 360 : 0;
    return [east + turn, north];
  });
  return turn ? [...found, [found.at(-1)[0], -90], [found[0][0], -90], found[0]] : found;
}

function shapes(geometry) {
  const rings = (polygon) => polygon.map(unwrapped);
  return geometry.type === "Polygon" ? { ...geometry, coordinates: rings(geometry.coordinates) }
    : { ...geometry, coordinates: geometry.coordinates.map(rings) };
}

async function draw() {
  const { box, clusters } = JSON.parse(given.textContent);
  place.hidden = false;
  const map = L.map(place, {
    attributionControl: false, zoomControl: false, maxZoom: 16, minZoom: 1, zoomSnap: .5, worldCopyJump: false,
    maxBounds: [[-90, -180], [90, 180]], zoomAnimation: !matchMedia("(prefers-reduced-motion: reduce)").matches,
  });
  place.setAttribute("role", "region");
  place.setAttribute("aria-label", place.dataset.name);
  L.control.zoom({ zoomInTitle: place.dataset.more, zoomOutTitle: place.dataset.less }).addTo(map);
  L.control.scale({ imperial: false }).addTo(map);
  const corners = (found) => [[found[0], found[1]], [found[2], found[3]]];
  const all = clusters.length ? L.latLngBounds(clusters.flatMap((each) => corners(each.box))) : null;
  map.fitBounds(box ? corners(box) : (all ?? [[-60, -180], [80, 180]]), { animate: false });
  const most = Math.max(1, ...clusters.map((each) => each.number));
  for (const each of clusters) {
    const [south, west, north, east] = each.box;
    const spot = L.circleMarker([(south + north) / 2, (west + east) / 2], {
      radius: 6 + 14 * Math.sqrt(each.number / most), className: "spot", stroke: true,
    }).addTo(map);
    const told = document.createElement("span");
    told.textContent = `${each.label}: ${each.shown}`;
    spot.bindTooltip(told);
    spot.on("click", () => { location.href = each.url; });
  }
  const answer = await fetch(place.dataset.outlines);
  if (!answer.ok) return; // the places stand without outlines
  const world = await answer.json();
  const countries = topojson.feature(world, world.objects.countries).features.map((each) => shapes(each.geometry));
  L.geoJSON(countries, { interactive: false, style: { className: "land" } }).addTo(map).bringToBack();
}

if (place && given && window.L && window.topojson) draw();
