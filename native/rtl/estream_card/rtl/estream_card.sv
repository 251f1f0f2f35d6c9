// The card without rings and bus: takes submissions, sends them to their engines, and offers completions. See README.md
// for the ports and for the order of operations.
`default_nettype none

module estream_card #(
    parameter int LANES          = 4,
    parameter int MAP_TABLE_BITS = 10,
    parameter int MAP_STASH      = 8,
    parameter int HOT_KEYS       = 16,
    parameter int CLOCK_KHZ      = 250000,
    parameter bit FAULTS         = 1'b0
) (
    input  wire          clk,
    input  wire          rst_n,
    input  wire          sq_valid,
    output logic         sq_ready,
    input  wire  [511:0] sq_data,
    output logic         cq_valid,
    input  wire          cq_ready,
    output logic [255:0] cq_data,
    output logic         rd_valid,
    input  wire          rd_ready,
    output logic [ 63:0] rd_address,
    output logic [ 16:0] rd_bytes,
    input  wire          rs_valid,
    output logic         rs_ready,
    input  wire  [511:0] rs_data,
    input  wire          rs_last,
    input  wire          rs_error,
    output logic         wr_valid,
    input  wire          wr_ready,
    input  wire          wr_error,
    output logic [ 63:0] wr_address,
    output logic [  5:0] wr_bytes,
    output logic [255:0] wr_data,
    input  wire          reg_valid,
    input  wire          reg_write,
    input  wire  [ 11:0] reg_address,
    input  wire  [ 31:0] reg_wdata,
    output logic         reg_ready,
    output logic [ 31:0] reg_rdata,
    input  wire  [  7:0] fault
);
  localparam int LANE_BITS = LANES > 1 ? $clog2(LANES) : 1;
  localparam int TAG_BITS = 64 + 32 + 64;  // user data, stamp, address to write to
  localparam int ITEM_BITS = 598;          // see card_completions

  logic fault_flip, fault_stall, fault_drop;
  assign fault_flip = FAULTS && fault[estream_card_pkg::FAULT_FLIP_MAP_BIT];
  assign fault_stall = FAULTS && fault[estream_card_pkg::FAULT_STALL_BIT];
  assign fault_drop = FAULTS && fault[estream_card_pkg::FAULT_DROP_COMPLETION_BIT];

  logic reset, rst, ready, idle, draining, map_ready_for_work;
  assign rst = !rst_n || reset;
  assign ready = !rst && !draining && map_ready_for_work;

  logic [31:0] cycle;
  always_ff @(posedge clk) cycle <= rst_n ? cycle + 32'd1 : '0;

  // The submission that waits for its engine.
  logic waiting, leaves, takes;
  logic [511:0] item;
  logic [31:0] stamp;
  assign sq_ready = ready && !fault_stall && (!waiting || leaves);
  assign takes = sq_valid && sq_ready;
  always_ff @(posedge clk) begin
    if (rst) waiting <= 1'b0;
    else if (takes) waiting <= 1'b1;
    else if (leaves) waiting <= 1'b0;
    if (takes) {item, stamp} <= {sq_data, cycle};
  end

  // Its fields
  logic [7:0] operation, flags, status;
  logic [15:0] lane_number;
  logic [LANE_BITS-1:0] lane;
  logic [7:0] length_high, length_low;
  logic [15:0] length_between;
  logic [23:0] payload_bytes;
  logic [63:0] address, user_data, argument;
  logic [255:0] inline_bytes;
  assign operation = item[estream_card_pkg::SQ_OPERATION_LSB+:8];
  assign flags = item[estream_card_pkg::SQ_FLAGS_LSB+:8];
  assign lane_number = item[estream_card_pkg::SQ_LANE_LSB+:16];
  assign lane = lane_number[LANE_BITS-1:0];
  assign {length_high, length_between, length_low} = item[estream_card_pkg::SQ_LENGTH_LSB+:32];
  assign payload_bytes = {length_between, length_low};
  assign address = item[estream_card_pkg::SQ_ADDRESS_LSB+:64];
  assign user_data = item[estream_card_pkg::SQ_USER_DATA_LSB+:64];
  assign inline_bytes = item[estream_card_pkg::SQ_INLINE_LSB+:256];
  assign argument = item[estream_card_pkg::SQ_ARGUMENT_LSB+:64];

  logic is_append, is_map, is_leaf, reads, refused;
  assign is_append = operation == estream_card_pkg::OP_APPEND;
  assign is_leaf = operation == estream_card_pkg::OP_LEAF_HASH;
  assign is_map = operation == estream_card_pkg::OP_MAP_GET || operation == estream_card_pkg::OP_MAP_PUT
      || operation == estream_card_pkg::OP_MAP_CAS || operation == estream_card_pkg::OP_MAP_DELETE;
  assign reads = !is_map && payload_bytes != '0;

  logic is_too_long;
  always_comb begin
    is_too_long = payload_bytes > 24'(estream_card_pkg::PAYLOAD_BYTES) || length_high > 8'(estream_card_pkg::INLINE_BYTES);
    if (is_append && reads && length_high != '0) is_too_long = 1'b1;
    if (is_leaf && length_high[2:0] != '0) is_too_long = 1'b1;
    if (is_map) begin
      is_too_long = length_high > 8'(estream_card_pkg::KEY_BYTES) || length_low > 8'(estream_card_pkg::VALUE_BYTES)
          || length_between != '0;
    end

    if (flags != '0) status = estream_card_pkg::ST_BAD_OPERATION;
    else if (operation == estream_card_pkg::OP_NOP) status = estream_card_pkg::ST_OK;
    else if (!is_append && !is_map && !is_leaf) status = estream_card_pkg::ST_BAD_OPERATION;
    else if (32'(lane_number) >= 32'(LANES)) status = estream_card_pkg::ST_BAD_LANE;
    else if (is_too_long) status = estream_card_pkg::ST_BAD_LENGTH;
    else status = estream_card_pkg::ST_OK;
  end
  assign refused = status != estream_card_pkg::ST_OK;

  // Its destination
  logic to_append, to_map, to_leaf, to_host, can_read;
  logic append_ready, map_ready, leaf_ready, host_ready, ask_ready;
  assign to_append = waiting && is_append && !refused;
  assign to_map = waiting && is_map && !refused;
  assign to_leaf = waiting && is_leaf && !refused;
  assign to_host = waiting && (refused || operation == estream_card_pkg::OP_NOP);
  assign can_read = !reads || ask_ready;
  assign leaves = (to_append && append_ready && can_read) || (to_map && map_ready) || (to_leaf && leaf_ready && can_read)
      || (to_host && host_ready);

  logic [TAG_BITS-1:0] tag;
  assign tag = {is_leaf ? argument : address, stamp, user_data};

  logic [1:0] beat_valid, beat_ready;
  logic [6:0] beat_bytes;
  logic beat_last, beat_error;
  card_reads u_reads (
      .clk(clk),
      .rst_n(rst_n),
      .rst(rst),
      .ask_valid(reads && ((to_append && append_ready) || (to_leaf && leaf_ready))),
      .ask_ready(ask_ready),
      .ask_who(is_leaf),
      .ask_address(address),
      .ask_bytes(payload_bytes[16:0]),
      .rd_valid(rd_valid),
      .rd_ready(rd_ready),
      .rd_address(rd_address),
      .rd_bytes(rd_bytes),
      .rs_valid(rs_valid),
      .rs_ready(rs_ready),
      .rs_last(rs_last),
      .rs_error(rs_error),
      .beat_valid(beat_valid),
      .beat_ready(beat_ready),
      .beat_bytes(beat_bytes),
      .beat_last(beat_last),
      .beat_error(beat_error),
      .draining(draining)
  );

  logic [LANE_BITS-1:0] lane_select;
  logic [63:0] load, now, lane_sequence, lane_version;
  logic set_sequence, set_version;

  // Append
  logic append_valid, append_taken, append_error;
  logic [63:0] append_sequence, append_time;
  logic [31:0] append_crc;
  logic [95:0] append_tag;
  logic [6:0] append_bytes;
  card_append #(
      .LANES(LANES),
      .LANE_BITS(LANE_BITS),
      .TAG_BITS(96)
  ) u_append (
      .clk(clk),
      .rst(rst),
      .in_valid(to_append && can_read),
      .in_ready(append_ready),
      .in_is_read(reads),
      .in_bytes(length_high[5:0]),
      .in_inline(inline_bytes),
      .in_lane(lane),
      .in_seed(argument[31:0]),
      .in_tag(tag[95:0]),
      .beat_valid(beat_valid[0]),
      .beat_ready(beat_ready[0]),
      .beat_data(rs_data),
      .beat_bytes(beat_bytes),
      .beat_last(beat_last),
      .beat_error(beat_error),
      .now(now),
      .out_valid(append_valid),
      .out_ready(append_taken),
      .out_error(append_error),
      .out_sequence(append_sequence),
      .out_time(append_time),
      .out_crc(append_crc),
      .out_tag(append_tag),
      .taken_bytes(append_bytes),
      .lane_select(lane_select),
      .lane_sequence(lane_sequence),
      .lane_set(set_sequence),
      .lane_load(load)
  );

  // Map, with the hot-key memory in front of it
  logic [4:0] key_bytes, value_bytes;
  logic [127:0] key, value;
  logic [1:0] map_operation;
  assign key_bytes = length_high[4:0];
  assign value_bytes = length_low[4:0];
  assign key = inline_bytes[127:0] & ~({128{1'b1}} << {key_bytes, 3'd0});
  assign value = inline_bytes[255:128] & ~({128{1'b1}} << {value_bytes, 3'd0});
  assign map_operation = operation[1:0];  // the codes of the package, from get on

  logic pass_valid, pass_ready, hit_valid, hit_taken, missed;
  logic [132:0] hit_value, map_value, left_value;
  logic [63:0] hit_version, map_version, left_version;
  logic [TAG_BITS-1:0] hit_tag, map_tag;
  logic left_valid;
  logic [140:0] left_key;
  hot_keys #(
      .ENTRIES (HOT_KEYS),
      .TAG_BITS(TAG_BITS)
  ) u_hot_keys (
      .clk(clk),
      .rst(rst),
      .in_valid(to_map),
      .in_ready(map_ready),
      .in_is_get(map_operation == 2'd0),
      .in_key({8'(lane), key_bytes, key}),
      .in_tag(tag),
      .map_valid(pass_valid),
      .map_ready(pass_ready),
      .hit_valid(hit_valid),
      .hit_ready(hit_taken),
      .hit_value(hit_value),
      .hit_version(hit_version),
      .hit_tag(hit_tag),
      .left_valid(left_valid),
      .left_key(left_key),
      .left_value(left_value),
      .left_version(left_version),
      .missed(missed)
  );

  logic map_valid, map_taken, map_is_get, map_stash, map_displaced, moved, move_ended, map_damaged;
  logic [7:0] map_status, map_stashed;
  logic [31:0] map_entries;
  logic [15:0] move_cycles;
  map #(
      .LANES(LANES),
      .LANE_BITS(LANE_BITS),
      .SLOT_BITS(MAP_TABLE_BITS),
      .STASH(MAP_STASH),
      .TAG_BITS(TAG_BITS)
  ) u_map (
      .clk(clk),
      .rst(rst),
      .in_valid(pass_valid),
      .in_ready(pass_ready),
      .in_operation(map_operation),
      .in_lane(lane),
      .in_key_bytes(key_bytes),
      .in_key(key),
      .in_value_bytes(value_bytes),
      .in_value(value),
      .in_expected(argument),
      .in_tag(tag),
      .out_valid(map_valid),
      .out_ready(map_taken),
      .out_status(map_status),
      .out_is_get(map_is_get),
      .out_stash(map_stash),
      .out_displaced(map_displaced),
      .out_version(map_version),
      .out_value(map_value),
      .out_tag(map_tag),
      .left_valid(left_valid),
      .left_key(left_key),
      .left_value(left_value),
      .left_version(left_version),
      .lane_select(lane_select),
      .lane_version(lane_version),
      .lane_set(set_version),
      .lane_load(load),
      .ready(map_ready_for_work),
      .entries(map_entries),
      .stashed(map_stashed),
      .moved(moved),
      .move_ended(move_ended),
      .move_cycles(move_cycles),
      .damaged(map_damaged),
      .fault_flip(fault_flip)
  );

  // Leaves
  logic leaf_valid, leaf_taken, leaf_error, permuted;
  logic [255:0] leaf_digest;
  logic [16:0] leaf_bytes;
  logic [TAG_BITS-1:0] leaf_tag;
  leaf_hash #(
      .TAG_BITS(TAG_BITS)
  ) u_leaf_hash (
      .clk(clk),
      .rst(rst),
      .in_valid(to_leaf && can_read),
      .in_ready(leaf_ready),
      .in_words(length_high[5:3]),
      .in_inline(inline_bytes),
      .in_bytes(payload_bytes[16:0]),
      .in_tag(tag),
      .beat_valid(beat_valid[1]),
      .beat_ready(beat_ready[1]),
      .beat_data(rs_data),
      .beat_last(beat_last),
      .beat_error(beat_error),
      .out_valid(leaf_valid),
      .out_ready(leaf_taken),
      .out_error(leaf_error),
      .out_hash(leaf_digest),
      .out_bytes(leaf_bytes),
      .out_tag(leaf_tag),
      .permuted(permuted)
  );

  // Completions
  function automatic logic [ITEM_BITS-1:0] map_item(input logic [TAG_BITS-1:0] of, input logic [7:0] outcome,
      input logic [7:0] marks, input logic is_get, input logic [132:0] found, input logic [63:0] version);
    logic [5:0] written;
    written = is_get && found[132:128] > 5'd8 ? {1'b0, found[132:128]} : 6'd0;
    map_item = {128'd0, found[127:0], of[159:96], written, of[95:64],
                is_get ? found[63:0] : 64'd0, version, 27'd0, found[132:128], marks, outcome, of[63:0]};
  endfunction

  logic [ITEM_BITS-1:0] host_item, append_item, found_item, hit_item, leaf_item;
  logic [7:0] map_flags, hit_flags;
  always_comb begin
    map_flags = '0;
    map_flags[estream_card_pkg::COMPLETION_STASH_BIT] = map_stash;
    map_flags[estream_card_pkg::COMPLETION_DISPLACED_BIT] = map_displaced;
    hit_flags = '0;
    hit_flags[estream_card_pkg::COMPLETION_HOT_BIT] = 1'b1;
  end
  assign host_item = {326'd0, stamp, 64'd0, 64'd0, 32'd0, 8'd0, status, user_data};
  assign append_item = {326'd0, append_tag[95:64], append_error ? 64'd0 : append_time, append_error ? 64'd0 : append_sequence,
                        append_error ? 32'd0 : append_crc, 8'd0,
                        append_error ? estream_card_pkg::ST_DMA_ERROR : estream_card_pkg::ST_OK, append_tag[63:0]};
  assign found_item = map_item(map_tag, map_status, map_flags, map_is_get, map_value, map_version);
  assign hit_item = map_item(hit_tag, estream_card_pkg::ST_OK, hit_flags, 1'b1, hit_value, hit_version);
  assign leaf_item = {leaf_digest, leaf_tag[159:96], leaf_error ? 6'd0 : 6'd32, leaf_tag[95:64],
                      leaf_error ? 64'd0 : leaf_digest[63:0], 64'd0, 15'd0, leaf_bytes, 8'd0,
                      leaf_error ? estream_card_pkg::ST_DMA_ERROR : estream_card_pkg::ST_OK, leaf_tag[63:0]};

  logic offered, write_failed;
  assign cq_valid = offered && !fault_drop;
  card_completions #(
      .SOURCES(5)
  ) u_completions (
      .clk(clk),
      .rst(rst),
      .cycle(cycle),
      .in_valid({leaf_valid, hit_valid, map_valid, append_valid, to_host}),
      .in_ready({leaf_taken, hit_taken, map_taken, append_taken, host_ready}),
      .in_items({leaf_item, hit_item, found_item, append_item, host_item}),
      .cq_valid(offered),
      .cq_ready(cq_ready || fault_drop),
      .cq_data(cq_data),
      .wr_valid(wr_valid),
      .wr_ready(wr_ready),
      .wr_error(wr_error),
      .wr_address(wr_address),
      .wr_bytes(wr_bytes),
      .wr_data(wr_data),
      .write_failed(write_failed)
  );

  logic [15:0] under_way;
  assign idle = under_way == '0;
  always_ff @(posedge clk) begin
    if (rst) under_way <= '0;
    else under_way <= under_way + {15'd0, takes} - {15'd0, offered && (cq_ready || fault_drop)};
  end

  logic is_done_append, is_done_map;
  logic [15:0] events;
  assign is_done_append = append_valid && append_taken;
  assign is_done_map = map_valid && map_taken;
  assign events = {
    permuted,
    leaf_valid && leaf_taken && !leaf_error,
    missed,
    hit_valid && hit_taken,
    is_done_map && map_status == estream_card_pkg::ST_ECC,
    is_done_map && map_status == estream_card_pkg::ST_FULL,
    moved,
    is_done_map && !map_is_get && map_status <= estream_card_pkg::ST_REPLACED,
    is_done_map && map_is_get,
    1'b0,
    is_done_append && !append_error,
    write_failed || (is_done_append && append_error) || (leaf_valid && leaf_taken && leaf_error),
    to_host && host_ready && refused,
    sq_valid && !sq_ready,
    cq_valid && cq_ready,
    takes
  };

  card_registers #(
      .LANES(LANES),
      .LANE_BITS(LANE_BITS),
      .SLOT_BITS(MAP_TABLE_BITS),
      .STASH(MAP_STASH),
      .HOT_KEYS(HOT_KEYS),
      .CLOCK_KHZ(CLOCK_KHZ),
      .FAULTS(FAULTS)
  ) u_registers (
      .clk(clk),
      .rst_n(rst_n),
      .reg_valid(reg_valid),
      .reg_write(reg_write),
      .reg_address(reg_address),
      .reg_wdata(reg_wdata),
      .reg_ready(reg_ready),
      .reg_rdata(reg_rdata),
      .reset(reset),
      .lane_select(lane_select),
      .load(load),
      .set_sequence(set_sequence),
      .set_version(set_version),
      .now(now),
      .lane_sequence(lane_sequence),
      .lane_version(lane_version),
      .ready(ready),
      .idle(idle),
      .damaged(map_damaged),
      .map_entries(map_entries),
      .map_stashed(map_stashed),
      .move_ended(move_ended),
      .move_cycles(move_cycles),
      .events(events),
      .append_bytes(append_bytes)
  );
endmodule

`default_nettype wire
