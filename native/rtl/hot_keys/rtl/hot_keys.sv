// The hot-key memory: a few entries, compared in parallel. The result of a hit is ready in the next cycle.
//
// It only holds values that the map would return. A change removes its key when it enters; an entry is stored with
// the result of an operation in the map, unless an operation under way changes it again. So a hit may overtake earlier
// operations, and still returns the answer for its position in the order.
`default_nettype none

module hot_keys #(
    parameter int ENTRIES  = 16,
    parameter int TAG_BITS = 160
) (
    input  wire                 clk,
    input  wire                 rst,
    // operations, as they enter
    input  wire                 in_valid,
    output logic                in_ready,
    input  wire                 in_is_get,
    input  wire  [       140:0] in_key,
    input  wire  [TAG_BITS-1:0] in_tag,
    // operations that continue to the map
    output logic                map_valid,
    input  wire                 map_ready,
    // lookups that hit
    output logic                hit_valid,
    input  wire                 hit_ready,
    output logic [       132:0] hit_value,
    output logic [        63:0] hit_version,
    output logic [TAG_BITS-1:0] hit_tag,
    // results of the map
    input  wire                 left_valid,
    input  wire  [       140:0] left_key,
    input  wire  [       132:0] left_value,
    input  wire  [        63:0] left_version,
    output logic                missed
);
  localparam int PLACE_BITS = $clog2(ENTRIES);

  logic [ENTRIES-1:0] used, match, left_match, fill;
  logic [140:0] keys[ENTRIES];
  logic [196:0] contents[ENTRIES];
  logic [PLACE_BITS-1:0] oldest;

  for (genvar i = 0; i < ENTRIES; i++) begin : g_match
    assign match[i] = used[i] && keys[i] == in_key;
    assign left_match[i] = used[i] && keys[i] == left_key;
    assign fill[i] = left_valid && (left_match != '0 ? left_match[i] : oldest == PLACE_BITS'(i));
  end

  logic hits, takes;
  logic [196:0] found;
  assign hits = in_is_get && match != '0;
  assign map_valid = in_valid && !hits;
  assign in_ready = hits ? !hit_valid || hit_ready : map_ready;
  assign takes = in_valid && in_ready;
  assign missed = takes && in_is_get && !hits;
  always_comb begin
    found = '0;
    for (int i = 0; i < ENTRIES; i++) found = found | ({197{match[i]}} & contents[i]);
  end

  always_ff @(posedge clk) begin
    if (rst) hit_valid <= 1'b0;
    else if (takes && hits) hit_valid <= 1'b1;
    else if (hit_ready) hit_valid <= 1'b0;
    if (takes && hits) {hit_version, hit_value, hit_tag} <= {found, in_tag};
  end

  always_ff @(posedge clk) begin
    if (rst) oldest <= '0;
    else if (left_valid && left_match == '0) oldest <= oldest == PLACE_BITS'(ENTRIES - 1) ? '0 : oldest + 1'b1;
  end

  // A change that enters together with the result of an older operation removes that entry again.
  logic changes, changes_left;
  assign changes = takes && !in_is_get;
  assign changes_left = changes && in_key == left_key;
  for (genvar i = 0; i < ENTRIES; i++) begin : g_entry
    always_ff @(posedge clk) begin
      if (rst) used[i] <= 1'b0;
      else if (fill[i]) used[i] <= !changes_left;
      else if (changes && match[i]) used[i] <= 1'b0;
      if (fill[i]) {keys[i], contents[i]} <= {left_key, left_version, left_value};
    end
  end
endmodule

`default_nettype wire
