// The registers of the card: see registers.md, which is generated from the same data as the package used here.
`default_nettype none

module card_registers #(
    parameter int LANES     = 4,
    parameter int LANE_BITS = 2,
    parameter int SLOT_BITS = 10,
    parameter int STASH     = 8,
    parameter int HOT_KEYS  = 16,
    parameter int CLOCK_KHZ = 250000,
    parameter bit FAULTS    = 1'b0
) (
    input  wire                  clk,
    input  wire                  rst_n,
    input  wire                  reg_valid,
    input  wire                  reg_write,
    input  wire  [         11:0] reg_address,
    input  wire  [         31:0] reg_wdata,
    output logic                 reg_ready,
    output logic [         31:0] reg_rdata,
    output logic                 reset,          // for one cycle
    output logic [LANE_BITS-1:0] lane_select,
    output logic [         63:0] load,
    output logic                 set_sequence,
    output logic                 set_version,
    output logic [         63:0] now,
    input  wire  [         63:0] lane_sequence,
    input  wire  [         63:0] lane_version,
    input  wire                  ready,
    input  wire                  idle,
    input  wire                  damaged,
    input  wire  [         31:0] map_entries,
    input  wire  [          7:0] map_stashed,
    input  wire                  move_ended,
    input  wire  [         15:0] move_cycles,
    input  wire  [         15:0] events,         // in the order of the counters from the package
    input  wire  [          6:0] append_bytes
);
  localparam int COUNTERS = 16;

  logic access, writes, reads, clears;
  assign access = reg_valid && !reg_ready;
  assign writes = access && reg_write;
  assign reads = access && !reg_write;

  function automatic logic [31:0] capabilities(input logic faults);
    logic [31:0] bits;
    bits = '0;
    bits[estream_card_pkg::CAPABILITY_APPEND_BIT] = 1'b1;
    bits[estream_card_pkg::CAPABILITY_MAP_BIT] = 1'b1;
    bits[estream_card_pkg::CAPABILITY_HOT_KEYS_BIT] = 1'b1;
    bits[estream_card_pkg::CAPABILITY_LEAF_HASH_BIT] = 1'b1;
    bits[estream_card_pkg::CAPABILITY_FAULTS_BIT] = faults;
    capabilities = bits;
  endfunction

  logic controls, sets_time, was_damaged;
  assign controls = writes && reg_address == estream_card_pkg::REG_CONTROL;
  assign clears = controls && reg_wdata[estream_card_pkg::CONTROL_CLEAR_COUNTERS_BIT];
  assign sets_time = controls && reg_wdata[estream_card_pkg::CONTROL_SET_TIME_BIT];

  always_ff @(posedge clk) begin
    reset <= rst_n && controls && reg_wdata[estream_card_pkg::CONTROL_RESET_BIT];
    set_sequence <= rst_n && controls && reg_wdata[estream_card_pkg::CONTROL_SET_SEQUENCE_BIT];
    set_version <= rst_n && controls && reg_wdata[estream_card_pkg::CONTROL_SET_VERSION_BIT];
    if (!rst_n) begin
      lane_select <= '0;
      load <= '0;
    end else if (writes) begin
      if (reg_address == estream_card_pkg::REG_LANE_SELECT) lane_select <= reg_wdata[LANE_BITS-1:0];
      if (reg_address == estream_card_pkg::REG_LOAD_LO) load[31:0] <= reg_wdata;
      if (reg_address == estream_card_pkg::REG_LOAD_HI) load[63:32] <= reg_wdata;
    end
    if (!rst_n || reset) was_damaged <= 1'b0;
    else if (damaged) was_damaged <= 1'b1;
  end

  // Nanoseconds with 16 fractional bits.
  localparam longint STEP = 64'd65536000000 / 64'(CLOCK_KHZ);
  logic [79:0] clock;
  assign now = clock[79:16];
  always_ff @(posedge clk) begin
    if (!rst_n) clock <= '0;
    else if (sets_time) clock <= {load, 16'd0};
    else clock <= clock + 80'(STEP);
  end

  logic [63:0] counters[COUNTERS];
  for (genvar i = 0; i < COUNTERS; i++) begin : g_counter
    always_ff @(posedge clk) begin
      if (!rst_n || clears) counters[i] <= '0;
      else counters[i] <= counters[i] + (i == 6 ? {57'd0, append_bytes} : {63'd0, events[i]});
    end
  end

  logic [15:0] worst;
  always_ff @(posedge clk) begin
    if (!rst_n || clears) worst <= '0;
    else if (move_ended && move_cycles > worst) worst <= move_cycles;
  end

  // The value to read: of a 64-bit register the low half, while the high half is latched.
  logic [63:0] value;
  logic is_high;
  logic [31:0] high;
  always_comb begin
    value = '0;
    is_high = 1'b0;
    case (reg_address)
      estream_card_pkg::REG_ID: value[31:0] = estream_card_pkg::MAGIC;
      estream_card_pkg::REG_ABI: value[31:0] = estream_card_pkg::ABI;
      estream_card_pkg::REG_CAPABILITIES: value[31:0] = capabilities(FAULTS);
      estream_card_pkg::REG_CLOCK_KHZ: value[31:0] = 32'(CLOCK_KHZ);
      estream_card_pkg::REG_LANES: value[31:0] = 32'(LANES);
      estream_card_pkg::REG_MAP_SLOTS: value[31:0] = 32'd4 << SLOT_BITS;
      estream_card_pkg::REG_MAP_STASH: value[31:0] = 32'(STASH);
      estream_card_pkg::REG_HOT_KEYS: value[31:0] = 32'(HOT_KEYS);
      estream_card_pkg::REG_STATUS: begin
        value[estream_card_pkg::STATUS_WORD_READY_BIT] = ready;
        value[estream_card_pkg::STATUS_WORD_IDLE_BIT] = idle;
        value[estream_card_pkg::STATUS_WORD_DAMAGED_BIT] = was_damaged;
      end
      estream_card_pkg::REG_LANE_SELECT: value[31:0] = 32'(lane_select);
      estream_card_pkg::REG_LOAD_LO: value = load;
      estream_card_pkg::REG_TIME_LO: value = now;
      estream_card_pkg::REG_SEQUENCE_LO: value = lane_sequence;
      estream_card_pkg::REG_VERSION_LO: value = lane_version;
      estream_card_pkg::REG_MAP_ENTRIES: value[31:0] = map_entries;
      estream_card_pkg::REG_MAP_STASHED: value[31:0] = {24'd0, map_stashed};
      estream_card_pkg::REG_MAP_WORST_CYCLES: value[31:0] = {16'd0, worst};
      estream_card_pkg::REG_SUBMISSIONS_LO: value = counters[0];
      estream_card_pkg::REG_COMPLETIONS_LO: value = counters[1];
      estream_card_pkg::REG_STALL_CYCLES_LO: value = counters[2];
      estream_card_pkg::REG_REFUSED_LO: value = counters[3];
      estream_card_pkg::REG_DMA_ERRORS_LO: value = counters[4];
      estream_card_pkg::REG_APPEND_MESSAGES_LO: value = counters[5];
      estream_card_pkg::REG_APPEND_BYTES_LO: value = counters[6];
      estream_card_pkg::REG_MAP_GETS_LO: value = counters[7];
      estream_card_pkg::REG_MAP_CHANGES_LO: value = counters[8];
      estream_card_pkg::REG_MAP_DISPLACEMENTS_LO: value = counters[9];
      estream_card_pkg::REG_MAP_FULL_LO: value = counters[10];
      estream_card_pkg::REG_MAP_DAMAGED_LO: value = counters[11];
      estream_card_pkg::REG_HOT_HITS_LO: value = counters[12];
      estream_card_pkg::REG_HOT_MISSES_LO: value = counters[13];
      estream_card_pkg::REG_LEAF_HASHES_LO: value = counters[14];
      estream_card_pkg::REG_LEAF_PERMUTATIONS_LO: value = counters[15];
      estream_card_pkg::REG_LOAD_HI, estream_card_pkg::REG_TIME_HI, estream_card_pkg::REG_SEQUENCE_HI,
      estream_card_pkg::REG_VERSION_HI, estream_card_pkg::REG_SUBMISSIONS_HI, estream_card_pkg::REG_COMPLETIONS_HI,
      estream_card_pkg::REG_STALL_CYCLES_HI, estream_card_pkg::REG_REFUSED_HI, estream_card_pkg::REG_DMA_ERRORS_HI,
      estream_card_pkg::REG_APPEND_MESSAGES_HI, estream_card_pkg::REG_APPEND_BYTES_HI, estream_card_pkg::REG_MAP_GETS_HI,
      estream_card_pkg::REG_MAP_CHANGES_HI, estream_card_pkg::REG_MAP_DISPLACEMENTS_HI,
      estream_card_pkg::REG_MAP_FULL_HI, estream_card_pkg::REG_MAP_DAMAGED_HI, estream_card_pkg::REG_HOT_HITS_HI,
      estream_card_pkg::REG_HOT_MISSES_HI, estream_card_pkg::REG_LEAF_HASHES_HI,
      estream_card_pkg::REG_LEAF_PERMUTATIONS_HI:
      is_high = 1'b1;
      default: ;
    endcase
  end

  always_ff @(posedge clk) begin
    reg_ready <= rst_n && access;
    if (reads) begin
      reg_rdata <= is_high ? high : value[31:0];
      if (!is_high) high <= value[63:32];
    end
  end
endmodule

`default_nettype wire
