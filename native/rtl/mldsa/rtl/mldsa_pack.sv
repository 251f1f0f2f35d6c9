// Encodes a signature (FIPS 204, algorithm 26): c~, z, and the hints as positions. Its cycles do not depend on the content.
`default_nettype none

module mldsa_pack (
    input  wire          clk,
    input  wire          rst,
    input  wire          start,
    output logic         done,
    input  wire  [511:0] challenge,
    output logic [  3:0] slot,       // reads of the store; the answer comes two cycles later
    output logic [  5:0] group,
    input  wire  [ 91:0] stored,
    output logic         out_valid,
    input  wire          out_ready,
    output logic [255:0] out_data,
    output logic [  5:0] out_bytes,
    output logic         out_last
);
  typedef enum logic [2:0] {
    IDLE,
    CHALLENGE,
    PIECES,
    HINTS,
    ALIGN,
    LAST
  } phase_t;

  phase_t phase;
  logic [9:0] issued, used;        // groups: 448 of z, 512 of hints
  logic reads, read1, read2, full_enough;
  logic [3:0] waiting;             // reads that were issued and not used
  logic piece_valid, piece_taken, fifo_ready;
  logic [91:0] piece;
  localparam logic [9:0] HINT_GROUPS = 10'd448;
  localparam logic [9:0] GROUPS = 10'd960;

  assign full_enough = waiting == 4'd8;
  assign reads = (phase == PIECES || phase == HINTS) && issued != GROUPS && fifo_ready && !full_enough;
  // The slots of z are 0 to 6; those of the hints begin at 8.
  assign slot = issued < HINT_GROUPS ? issued[9:6] : issued[9:6] + 4'd1;
  assign group = issued[5:0];
  fifo #(
      .BITS(92),
      .DEPTH_BITS(3)
  ) u_pieces (
      .clk(clk),
      .rst(rst || phase == IDLE),
      .in_valid(read2),
      .in_ready(fifo_ready),
      .in_data(stored),
      .out_valid(piece_valid),
      .out_ready(piece_taken),
      .out_data(piece)
  );

  // Four coefficients of z are 80 bits; beats of 256 leave as soon as they are complete.
  logic [335:0] bits;
  logic [8:0] count;
  logic [79:0] z_piece;
  for (genvar i = 0; i < 4; i++) begin : g_coefficient
    assign z_piece[20*i+:20] = 20'({mldsa_pkg::sub_q(23'(mldsa_pkg::GAMMA1), piece[23*i+:23])});
  end

  // Positions enter at the top; after 75 of them, or zeros instead, the first one is at the bottom.
  logic [599:0] positions;
  logic [63:0] ends;
  logic [6:0] hints, aligned;
  logic [3:0] set;
  logic [31:0] added;
  logic [2:0] added_count;
  logic [7:0] at0, at1, at2, at3;
  assign set = {piece[69], piece[46], piece[23], piece[0]};
  assign at0 = {used[5:0], 2'd0};
  assign at1 = {used[5:0], 2'd1};
  assign at2 = {used[5:0], 2'd2};
  assign at3 = {used[5:0], 2'd3};
  assign added_count = {2'd0, set[0]} + {2'd0, set[1]} + {2'd0, set[2]} + {2'd0, set[3]};
  always_comb begin
    case (set)
      4'b0001: added = {at0, 24'd0};
      4'b0010: added = {at1, 24'd0};
      4'b0011: added = {at1, at0, 16'd0};
      4'b0100: added = {at2, 24'd0};
      4'b0101: added = {at2, at0, 16'd0};
      4'b0110: added = {at2, at1, 16'd0};
      4'b0111: added = {at2, at1, at0, 8'd0};
      4'b1000: added = {at3, 24'd0};
      4'b1001: added = {at3, at0, 16'd0};
      4'b1010: added = {at3, at1, 16'd0};
      4'b1011: added = {at3, at1, at0, 8'd0};
      4'b1100: added = {at3, at2, 16'd0};
      4'b1101: added = {at3, at2, at0, 8'd0};
      4'b1110: added = {at3, at2, at1, 8'd0};
      4'b1111: added = {at3, at2, at1, at0};
      default: added = '0;
    endcase
  end

  logic [1:0] beat;
  logic [663:0] encoded;
  logic sends_piece;
  assign encoded = {ends, positions};
  assign sends_piece = phase == PIECES && count >= 9'd256;
  assign piece_taken = piece_valid && ((phase == PIECES && !sends_piece) || phase == HINTS);
  assign out_valid = phase == CHALLENGE || sends_piece || phase == LAST;
  assign out_last = phase == LAST && beat == 2'd2;
  assign out_bytes = out_last ? 6'd19 : 6'd32;
  assign done = phase == IDLE;
  always_comb begin
    if (phase == CHALLENGE) out_data = beat[0] ? challenge[511:256] : challenge[255:0];
    else if (phase == LAST) out_data = beat == 2'd0 ? encoded[255:0] : beat == 2'd1 ? encoded[511:256] : {104'd0, encoded[663:512]};
    else out_data = bits[255:0];
  end

  always_ff @(posedge clk) begin
    if (rst) begin
      phase <= IDLE;
      {bits, positions, ends} <= '0;
      {read1, read2} <= '0;
    end else begin
      {read1, read2} <= {reads, read1};
      if (reads) issued <= issued + 10'd1;
      if (piece_taken) used <= used + 10'd1;
      waiting <= waiting + {3'd0, reads} - {3'd0, piece_taken};
      case (phase)
        IDLE: begin
          {issued, used, waiting, bits, count, hints, aligned, beat, positions, ends} <= '0;
          if (start) phase <= CHALLENGE;
        end
        CHALLENGE:
        if (out_ready) begin
          beat <= {1'b0, !beat[0]};
          if (beat[0]) phase <= PIECES;
        end
        PIECES: begin
          if (sends_piece) begin
            if (out_ready) begin
              bits  <= bits >> 256;
              count <= count - 9'd256;
              if (used == HINT_GROUPS) begin
                used  <= '0;
                phase <= HINTS;
              end
            end
          end else if (piece_valid) begin
            bits  <= bits | {256'd0, z_piece} << count;
            count <= count + 9'd80;
          end
        end
        HINTS:
        if (piece_valid) begin
          case (added_count)
            3'd0: ;
            3'd1: positions <= {added[31:24], positions[599:8]};
            3'd2: positions <= {added[31:16], positions[599:16]};
            3'd3: positions <= {added[31:8], positions[599:24]};
            default: positions <= {added, positions[599:32]};
          endcase
          hints <= hints + {4'd0, added_count};
          if (used[5:0] == 6'd63) ends <= {1'b0, hints + {4'd0, added_count}, ends[63:8]};
          if (used == 10'd511) phase <= ALIGN;
        end
        ALIGN: begin
          aligned <= aligned + 7'd1;
          if (aligned >= hints && aligned < 7'(mldsa_pkg::OMEGA)) positions <= {8'd0, positions[599:8]};
          if (aligned == 7'(mldsa_pkg::OMEGA)) begin
            beat  <= 2'd0;
            phase <= LAST;
          end
        end
        default:
        if (out_ready) begin
          beat <= beat + 2'd1;
          if (beat == 2'd2) phase <= IDLE;
        end
      endcase
    end
  end
endmodule

`default_nettype wire
