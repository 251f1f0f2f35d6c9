// A map in four tables of one slot for each key (cuckoo hashing) and a stash. Operations are executed in the order in which
// they enter, one in each cycle, and complete 4 cycles later; only a put that must displace others stalls those behind it.
//
// Stages: 1 computes and reads the key's slots, 2 compares, 3 decides and writes, 4 is the result. A write of stage 3 is not
// yet in what stages 1 and 2 have read: stage 2 forwards the write before, and stage 3 forwards the write just before its own.
//
// An entry, from bit 0: key 141 (key 128, its bytes 5, lane 8), value 133 (value 128, its bytes 5), version 64, valid 1,
// parity 1 (of all others). An entry with the wrong parity is damaged and decides nothing.
`default_nettype none

module map #(
    parameter int LANES     = 4,
    parameter int LANE_BITS = 2,
    parameter int SLOT_BITS = 10,
    parameter int STASH     = 8,
    parameter int MOST_MOVES = 64,
    parameter int TAG_BITS  = 160
) (
    input  wire                  clk,
    input  wire                  rst,
    input  wire                  in_valid,
    output logic                 in_ready,
    input  wire  [          1:0] in_operation,  // 0 get, 1 put, 2 compare and set, 3 delete
    input  wire  [LANE_BITS-1:0] in_lane,
    input  wire  [          4:0] in_key_bytes,
    input  wire  [        127:0] in_key,        // zeros after its bytes
    input  wire  [          4:0] in_value_bytes,
    input  wire  [        127:0] in_value,      // zeros after its bytes
    input  wire  [         63:0] in_expected,
    input  wire  [ TAG_BITS-1:0] in_tag,
    output logic                 out_valid,
    input  wire                  out_ready,
    output logic [          7:0] out_status,
    output logic                 out_is_get,
    output logic                 out_stash,
    output logic                 out_displaced,
    output logic [         63:0] out_version,
    output logic [        132:0] out_value,
    output logic [ TAG_BITS-1:0] out_tag,
    // the result of an operation, for the hot-key memory
    output logic                 left_valid,    // the key has this value, and no operation under way changes it
    output logic [        140:0] left_key,
    output logic [        132:0] left_value,
    output logic [         63:0] left_version,
    // versions of lanes; set only while nothing is under way
    input  wire  [LANE_BITS-1:0] lane_select,
    output logic [         63:0] lane_version,
    input  wire                  lane_set,
    input  wire  [         63:0] lane_load,
    // state
    output logic                 ready,         // 0 while the tables are cleared
    output logic [         31:0] entries,
    output logic [          7:0] stashed,
    output logic                 moved,         // an entry was moved
    output logic                 move_ended,    // in the cycle in which a displacement ends,
    output logic [         15:0] move_cycles,   // and how many cycles it stalled those behind it
    output logic                 damaged,       // a damaged entry was found
    input  wire                  fault_flip     // while 1, entries are written to the tables with a flipped bit
);
  localparam int BITS = 340;
  localparam int VERSION = 274;
  localparam int VALID = 338;
  localparam logic [1:0] GET = 2'd0, PUT = 2'd1, CAS = 2'd2, DELETE = 2'd3;

  typedef enum logic [2:0] {
    CLEAR,
    RUN,
    READ,    // the slots of the homeless entry are read
    LOOK,    // it goes to a free slot, or replaces another entry, which is then homeless
    REREAD   // what stage 2 has read may have changed
  } phase_t;
  phase_t phase;

  logic [BITS-1:0] read_entry[4];
  logic [3:0] write;
  logic [SLOT_BITS-1:0] write_slot;
  logic [BITS-1:0] write_entry;
  logic read;
  logic [4*SLOT_BITS-1:0] read_slots;

  for (genvar t = 0; t < 4; t++) begin : g_table
    map_table #(
        .BITS(BITS),
        .SLOT_BITS(SLOT_BITS)
    ) u_table (
        .clk(clk),
        .read(read),
        .read_slot(read_slots[t*SLOT_BITS+:SLOT_BITS]),
        .read_entry(read_entry[t]),
        .write(write[t]),
        .write_slot(write_slot),
        .write_entry({write_entry[BITS-1:142], write_entry[141] ^ fault_flip, write_entry[140:0]})
    );
  end

  // Stage 1
  logic [140:0] in_whole_key;
  logic [4*SLOT_BITS-1:0] in_slots;
  assign in_whole_key = {8'(in_lane), in_key_bytes, in_key};
  map_hash #(
      .SLOT_BITS(SLOT_BITS)
  ) u_hash (
      .key  (in_whole_key),
      .slots(in_slots)
  );

  logic valid1, valid2, valid3;
  logic [1:0] operation1, operation2, operation3;
  logic [140:0] key1, key2, key3;
  logic [132:0] value1, value2, value3;
  logic [63:0] expected1, expected2, expected3;
  logic [TAG_BITS-1:0] tag1, tag2, tag3;
  logic [4*SLOT_BITS-1:0] slots1, slots2, slots3;

  // The write of the last step: table, slot, entry.
  logic [3:0] last_write;
  logic [SLOT_BITS-1:0] last_slot;
  logic [BITS-1:0] last_entry;

  // Stage 2: the content of the key's slots, including a write that came too late for the read.
  logic [3:0] match2, free2, damaged2;
  logic [BITS-1:0] entry2[4];
  logic [VALID-1:141] found2;
  for (genvar t = 0; t < 4; t++) begin : g_compare
    assign entry2[t] = last_write[t] && last_slot == slots2[t*SLOT_BITS+:SLOT_BITS] ? last_entry : read_entry[t];
    assign match2[t] = entry2[t][VALID] && entry2[t][140:0] == key2;
    assign free2[t] = !entry2[t][VALID];
    assign damaged2[t] = ^entry2[t];
  end
  always_comb begin
    found2 = '0;
    for (int t = 0; t < 4; t++) found2 = found2 | ({197{match2[t]}} & entry2[t][VALID-1:141]);
  end

  // Stage 3: the write of the previous step is the operation in front, which was in stage 3 while this one was in stage 2.
  logic [3:0] match3, free3, damaged3, changed, holds, frees;
  logic [VALID-1:141] found3;
  logic last_is_key;
  assign last_is_key = last_entry[VALID] && last_entry[140:0] == key3;
  for (genvar t = 0; t < 4; t++) begin : g_forward
    assign changed[t] = last_write[t] && last_slot == slots3[t*SLOT_BITS+:SLOT_BITS];
    assign holds[t] = changed[t] ? last_is_key : match3[t];
    assign frees[t] = changed[t] ? !last_entry[VALID] : free3[t];
  end

  logic in_table, in_stash, found, is_damaged;
  logic [BITS-1:0] fit_entry;
  logic [VALID-1:141] stash_contents, found_contents;  // value and version
  logic fits, stash_has_room;
  assign in_table = |holds;
  assign found = in_table || in_stash;
  assign found_contents = in_stash ? stash_contents : |(changed & holds) ? last_entry[VALID-1:141] : found3;
  assign is_damaged = |(damaged3 & ~changed);

  logic [63:0] version_of[LANES];
  logic [63:0] found_version, new_version;
  logic [LANE_BITS-1:0] lane3;
  assign lane3 = key3[133+:LANE_BITS];
  assign found_version = found_contents[VERSION+:64];
  assign new_version = version_of[lane3] + 64'd1;
  assign lane_version = version_of[lane_select];

  logic [BITS-1:0] new_entry;
  assign new_entry = {^{1'b1, new_version, value3, key3}, 1'b1, new_version, value3, key3};

  // The effect of the operation; none if a damaged entry may be involved.
  logic is_put, is_cas, is_delete, conflicts, misses, may, wants_store, wants_insert, wants_delete, has_room;
  logic [7:0] status;
  assign is_put = operation3 == PUT;
  assign is_cas = operation3 == CAS;
  assign is_delete = operation3 == DELETE;
  assign conflicts = found && expected3 != found_version && (is_cas || (is_delete && expected3 != '0));
  assign misses = !found && !is_put && (!is_cas || expected3 != '0);
  assign may = !is_damaged && !conflicts && !misses;
  assign wants_store = may && (is_put || is_cas);
  assign wants_insert = wants_store && !found;
  assign wants_delete = may && is_delete;
  assign has_room = frees != '0 || stash_has_room;
  assign status = is_damaged ? estream_card_pkg::ST_ECC
      : conflicts ? estream_card_pkg::ST_CONFLICT
      : misses ? estream_card_pkg::ST_ABSENT
      : !wants_store ? estream_card_pkg::ST_OK
      : found ? estream_card_pkg::ST_REPLACED
      : has_room ? estream_card_pkg::ST_CREATED
      : estream_card_pkg::ST_FULL;

  // A pipeline step, in which stage 3 completes or is empty. A displacement in stage 3 stalls the stages behind it.
  logic step, finishes, begins_move, stores;
  logic [3:0] first_free;
  assign finishes = phase == RUN && valid3 && (!out_valid || out_ready);
  assign step = phase == RUN && (!valid3 || finishes) && !begins_move;
  assign begins_move = finishes && wants_insert && frees == '0 && stash_has_room;
  assign stores = finishes && wants_store && (found || has_room);
  assign first_free = frees & (~frees + 1'b1);

  // Displacement
  logic [BITS-1:0] homeless, victim;
  logic [4*SLOT_BITS-1:0] homeless_slots, victim_slots;
  logic [3:0] came_from, choice, homes, looked_damaged;
  logic [7:0] moves;
  logic [15:0] chance, spent;
  logic settles, gives_up, evicts;
  for (genvar t = 0; t < 4; t++) begin : g_look
    assign homes[t] = !read_entry[t][VALID];
    assign looked_damaged[t] = ^read_entry[t];
  end
  // A random table, but not the one from which the entry was taken.
  logic [3:0] thrown;
  assign thrown = 4'b0001 << chance[1:0];
  assign choice = thrown == came_from ? {thrown[2:0], thrown[3]} : thrown;
  assign victim = ({BITS{choice[0]}} & read_entry[0]) | ({BITS{choice[1]}} & read_entry[1])
      | ({BITS{choice[2]}} & read_entry[2]) | ({BITS{choice[3]}} & read_entry[3]);
  map_hash #(
      .SLOT_BITS(SLOT_BITS)
  ) u_victim_hash (
      .key  (victim[140:0]),
      .slots(victim_slots)
  );
  assign gives_up = phase == LOOK && (looked_damaged != '0 || (homes == '0 && moves == 8'(MOST_MOVES)));
  assign settles = phase == LOOK && !gives_up && homes != '0;
  assign evicts = phase == LOOK && !gives_up && homes == '0;
  assign moved = evicts;
  assign move_ended = gives_up || settles;
  assign move_cycles = spent + 16'd3;  // this one, the one in which it started, and the one of REREAD
  assign damaged = (finishes && is_damaged) || (phase == LOOK && looked_damaged != '0);

  // The slot of the key, or the first free one, in whichever table is written.
  logic [3:0] target, first_home;
  assign first_home = homes & (~homes + 1'b1);
  assign target = phase == LOOK ? (evicts ? choice : first_home) : in_table ? holds : first_free;
  logic [4*SLOT_BITS-1:0] target_slots;
  logic [1:0] target_table;
  logic [SLOT_BITS-1:0] target_slot;
  assign target_slots = phase == LOOK ? homeless_slots : slots3;
  assign target_table = {target[3] | target[2], target[3] | target[1]};
  assign target_slot = target_slots[target_table*SLOT_BITS+:SLOT_BITS];

  logic [SLOT_BITS-1:0] clear_slot;
  logic deletes, writes_table;
  assign deletes = finishes && wants_delete;
  assign writes_table = (stores && !in_stash && !begins_move) || (deletes && in_table) || settles || evicts;
  assign write = phase == CLEAR ? 4'b1111 : writes_table ? target : 4'b0000;
  assign write_slot = phase == CLEAR ? clear_slot : target_slot;
  assign write_entry = phase == CLEAR ? '0
      : phase == LOOK ? homeless
      : !wants_delete ? new_entry
      : fits ? fit_entry
      : '0;

  map_stash #(
      .STASH(STASH),
      .SLOT_BITS(SLOT_BITS),
      .BITS(BITS)
  ) u_stash (
      .clk(clk),
      .rst(rst),
      .key(key3),
      .found(in_stash),
      .found_contents(stash_contents),
      .free_table(target_table),
      .free_slot(target_slot),
      .fits(fits),
      .fit_entry(fit_entry),
      .add(gives_up),
      .add_entry(homeless),
      .add_slots(homeless_slots),
      .change((stores || deletes) && in_stash),
      .change_entry(deletes ? '0 : new_entry),
      .take(deletes && in_table && fits),
      .has_room(stash_has_room),
      .count(stashed)
  );

  assign in_ready = step;
  assign ready = phase != CLEAR;
  assign read = step || phase == READ || phase == REREAD;
  assign read_slots = phase == READ ? homeless_slots : phase == REREAD ? slots2 : slots1;

  // No younger operation under way changes the key; the hot-key memory itself checks what enters now.
  logic superseded;
  assign superseded = (valid2 && operation2 != GET && key2 == key3) || (valid1 && operation1 != GET && key1 == key3);
  assign left_valid = finishes && !superseded && !is_damaged && (stores || (operation3 == GET && found));
  assign left_key = key3;
  assign left_value = stores ? value3 : found_contents[141+:133];
  assign left_version = stores ? new_version : found_version;

  always_ff @(posedge clk) begin
    if (rst) begin
      phase <= CLEAR;
      clear_slot <= '0;
    end else begin
      case (phase)
        CLEAR: begin
          clear_slot <= clear_slot + 1'b1;
          if (&clear_slot) phase <= RUN;
        end
        RUN: if (begins_move) phase <= READ;
        READ: phase <= LOOK;
        LOOK: phase <= evicts ? READ : REREAD;
        default: phase <= RUN;
      endcase
    end
  end

  always_ff @(posedge clk) begin
    if (rst) {valid1, valid2, valid3} <= '0;
    else if (step) {valid1, valid2, valid3} <= {in_valid, valid1, valid2};
    else if (begins_move) valid3 <= 1'b0;

    if (step) begin
      {operation1, key1, value1, expected1} <= {in_operation, in_whole_key, in_value_bytes, in_value, in_expected};
      {operation2, key2, value2, expected2} <= {operation1, key1, value1, expected1};
      {operation3, key3, value3, expected3} <= {operation2, key2, value2, expected2};
      {tag1, tag2, tag3} <= {in_tag, tag1, tag2};
      {slots1, slots2, slots3} <= {in_slots, slots1, slots2};
      {match3, free3, damaged3, found3} <= {match2, free2, damaged2, found2};
    end
  end

  always_ff @(posedge clk) begin
    if (rst || phase != RUN || begins_move) last_write <= '0;
    else if (step) last_write <= write;
    if (step) {last_slot, last_entry} <= {write_slot, write_entry};
  end

  always_ff @(posedge clk) begin
    chance <= rst ? 16'h1 : {chance[14:0], chance[15] ^ chance[14] ^ chance[12] ^ chance[3]};
    if (begins_move) begin
      {homeless, homeless_slots} <= {new_entry, slots3};
      {came_from, moves, spent} <= '0;
    end else if (evicts) begin
      {homeless, homeless_slots} <= {victim, victim_slots};
      came_from <= choice;
      moves <= moves + 8'd1;
    end
    if (phase == READ || phase == LOOK) spent <= spent + 16'd1;
  end

  always_ff @(posedge clk) begin
    if (rst) out_valid <= 1'b0;
    else if (finishes) out_valid <= !begins_move;
    else if (move_ended) out_valid <= 1'b1;
    else if (out_ready) out_valid <= 1'b0;

    if (finishes) begin
      out_status <= status;
      out_is_get <= operation3 == GET;
      out_stash <= in_stash;
      out_displaced <= begins_move;
      out_version <= is_damaged ? '0 : stores ? new_version : found ? found_version : '0;
      out_value <= is_damaged ? '0 : stores ? value3 : found && !deletes ? found_contents[141+:133] : '0;
      out_tag <= tag3;
    end
  end

  always_ff @(posedge clk) begin
    if (rst) entries <= '0;
    else if (stores && !found) entries <= entries + 32'd1;
    else if (deletes) entries <= entries - 32'd1;
    for (int i = 0; i < LANES; i++) begin
      if (rst) version_of[i] <= '0;
      else if (lane_set && lane_select == LANE_BITS'(i)) version_of[i] <= lane_load;
      else if (stores && lane3 == LANE_BITS'(i)) version_of[i] <= new_version;
    end
  end
endmodule

`default_nettype wire
