// Drives the quads of all lanes through a transform: four passes over 64 groups of four coefficients, two layers in each.
//
// Forward, the passes go over the digits 3, 2, 1, 0 of the index (see mldsa_banks), inverse the other way round. A pass reads
// groups that the pass before wrote more than 18 cycles ago; between digits 2 and 3 that takes a pause.
`default_nettype none

module mldsa_transform (
    input  wire         clk,
    input  wire         rst,
    input  wire         start,
    input  wire         inverse,          // these are constant until `done`
    input  wire  [ 1:0] target,           // TO_*
    output logic        done,
    output logic [68:0] zetas,
    output logic [ 1:0] read_digit,       // reads of the store: the source, or the operand of mldsa_post
    output logic [ 5:0] read_place,
    output logic [ 5:0] product_group,
    output logic [ 1:0] work_digit,
    output logic [ 5:0] work_place,
    output logic        in_is_work,
    output logic        work_write,
    output logic        factor_write,
    output logic        key_write,
    output logic [ 1:0] write_digit,
    output logic [ 5:0] write_place,
    output logic        post_valid,
    output logic        store_write,
    output logic [ 5:0] store_place
);
  localparam int READ = 2;      // cycles of a read
  localparam int QUAD = 14;     // of the quad
  localparam int POST = 3;
  localparam logic [2:0] PAUSE = 3'd4;
  localparam int STAGES = READ + QUAD + POST + 1;  // and a write

  // Stage 0 issues a group; the others follow it.
  logic running;
  logic [1:0] pass;
  logic [5:0] place;
  logic [2:0] pause;
  logic issues;
  logic [8:0] stage[1:STAGES];
  logic [STAGES:1] valid;
  assign issues = running && pause == 3'd0;
  for (genvar i = 1; i <= STAGES; i++) begin : g_stage
    if (i == 1) begin : g_first
      always_ff @(posedge clk) stage[i] <= rst ? 9'd0 : {issues, pass, place};
    end else begin : g_later
      always_ff @(posedge clk) stage[i] <= rst ? 9'd0 : stage[i-1];
    end
    assign valid[i] = stage[i][8];
  end
  assign done = !running && valid == '0;

  always_ff @(posedge clk) begin
    if (rst) running <= 1'b0;
    else if (start) begin
      running <= 1'b1;
      {pass, place, pause} <= '0;
    end else if (pause != 3'd0) pause <= pause - 3'd1;
    else if (running) begin
      place <= place + 6'd1;
      if (place == 6'd63) begin
        pass <= pass + 2'd1;
        if (pass == 2'd3) running <= 1'b0;
        if (pass == (inverse ? 2'd2 : 2'd0)) pause <= PAUSE;
      end
    end
  end

  // The digit of a pass, and the group's number among those of its layer: its leading digits.
  logic [1:0] digit, out_digit;
  logic [6:0] index;
  assign digit = inverse ? pass : ~pass;
  always_comb begin
    case (digit)
      2'd3: index = 7'd1;
      2'd2: index = {5'b00001, place[5:4] ^ {2{inverse}}};
      2'd1: index = {3'b001, place[5:2] ^ {4{inverse}}};
      default: index = {1'b1, place ^ {6{inverse}}};
    endcase
  end
  // Two cycles, as the data.
  logic [6:0] index1;
  always_ff @(posedge clk) index1 <= index;
  mldsa_zetas u_zetas (
      .clk(clk),
      .index(index1),
      .zetas(zetas)
  );

  // The operand of mldsa_post has to be there together with the quad's result.
  logic [5:0] operand_place;
  assign operand_place = stage[QUAD][5:0];
  assign read_digit    = 2'd3;
  assign read_place    = inverse ? operand_place : place;
  assign product_group = place;
  assign work_digit    = digit;
  assign work_place    = place;
  assign in_is_work    = stage[READ][7:6] != 2'd0;

  logic [8:0] result;
  logic is_last;
  assign result       = stage[READ+QUAD];
  assign out_digit    = inverse ? result[7:6] : ~result[7:6];
  assign is_last      = result[7:6] == 2'd3;
  assign write_digit  = out_digit;
  assign write_place  = result[5:0];
  assign work_write   = result[8] && !is_last;
  assign factor_write = result[8] && is_last && target == mldsa_pkg::TO_FACTOR;
  assign key_write    = result[8] && is_last && target == mldsa_pkg::TO_KEY;
  assign post_valid   = result[8] && is_last && target == mldsa_pkg::TO_STORE;
  assign store_write  = stage[READ+QUAD+POST][8] && stage[READ+QUAD+POST][7:6] == 2'd3 && target == mldsa_pkg::TO_STORE;
  assign store_place  = stage[READ+QUAD+POST][5:0];
endmodule

`default_nettype wire
