// The hash part of a lane: sponge, samplers and decoders. It does one operation (HASH_*) at a time.
// Operations of all lanes take the same cycles: only the matrix, which is public, and an input that is late make them longer.
`default_nettype none

module mldsa_hash (
    input  wire          clk,
    input  wire          rst,
    input  wire          start,
    input  wire  [  3:0] op,
    input  wire          verifies,
    input  wire  [  1:0] encoding,
    input  wire          row_go,          // the polynomial for HASH_ROW is complete
    output logic         done,
    // words to hash that all lanes share, and the one that ends a seed
    output logic [  3:0] word_index,
    input  wire  [ 63:0] shared_word,
    input  wire  [ 63:0] nonce_word,
    // the input: a key or a signature
    input  wire          in_valid,
    output logic         in_ready,
    input  wire  [ 63:0] in_word,
    // rho''
    output logic         seed_valid,
    output logic [ 63:0] seed_word,
    // reads of w; the answer comes two cycles later
    output logic [  5:0] row_group,
    input  wire  [ 91:0] row_data,
    // a decoded or sampled polynomial
    output logic         write,
    output logic         write_matrix,
    output logic [  5:0] write_group,
    output logic [ 91:0] write_data,
    output logic         out_of_range,
    output logic         mismatch,        // c~ of HASH_END differs
    output logic [511:0] challenge
);
  typedef enum logic [2:0] {
    IDLE,
    ABSORB,
    SQUEEZE,
    INPUT,
    ROW,
    DUMP
  } phase_t;
  // 60 indices need about 68 bytes; a seed needs more than 136 of them with a probability below 2^-100.
  localparam logic [7:0] BALL_CYCLES = 8'd150;

  phase_t phase;
  logic [3:0] operation;
  logic [6:0] index;       // of a word
  logic [5:0] group;       // of four coefficients
  logic [7:0] timer;
  logic is_masked, is_ball, is_matrix;
  assign is_masked = operation == mldsa_pkg::HASH_MASK;
  assign is_ball   = operation == mldsa_pkg::HASH_BALL;
  assign is_matrix = operation == mldsa_pkg::HASH_MATRIX;

  // The words of a seed, and the last one, with the padding.
  logic [6:0] words;
  logic [63:0] absorb_word, challenge_word;
  logic at_end;
  always_comb begin
    case (operation)
      mldsa_pkg::HASH_SEED: words = 7'd16;
      mldsa_pkg::HASH_MATRIX: words = 7'd4;
      mldsa_pkg::HASH_END: words = 7'd0;
      default: words = 7'd8;
    endcase
  end
  assign at_end = index == words;
  assign word_index = index[3:0];
  assign challenge_word = challenge[63:0];
  assign absorb_word = at_end ? (is_masked || is_matrix ? nonce_word : 64'h1f) : is_ball ? challenge_word : shared_word;

  // A row of w1: four reads of four coefficients are a word.
  logic [3:0] row_phase;
  logic [47:0] row_bits;
  logic [15:0] nibbles;
  for (genvar i = 0; i < 4; i++) begin : g_nibble
    assign nibbles[4*i+:4] = verifies ? row_data[23*i+:4] : mldsa_pkg::high_digit(row_data[23*i+:23]);
  end
  assign row_group = group;

  logic sponge_start, sponge_valid, sponge_ready, sponge_last, squeezed, squeeze;
  logic [63:0] sponge_word, squeezed_word;
  assign sponge_start = start && (op == mldsa_pkg::HASH_SEED || op == mldsa_pkg::HASH_MASK || op == mldsa_pkg::HASH_MU
      || op == mldsa_pkg::HASH_BALL || op == mldsa_pkg::HASH_MATRIX);
  assign sponge_valid = phase == ABSORB || (phase == ROW && row_phase == 4'd6);
  assign sponge_word = phase == ABSORB ? absorb_word : {nibbles, row_bits};
  assign sponge_last = phase == ABSORB && at_end;
  mldsa_sponge u_sponge (
      .clk(clk),
      .rst(rst),
      .start(sponge_start),
      .wide(op == mldsa_pkg::HASH_MATRIX),
      .in_valid(sponge_valid),
      .in_ready(sponge_ready),
      .in_word(sponge_word),
      .in_last(sponge_last),
      .out_valid(squeezed),
      .out_ready(squeeze),
      .out_word(squeezed_word)
  );

  // What comes out of the sponge or the input goes through the gearbox, except hashes and the signs of the ball.
  logic to_gearbox, gear_ready, gear_valid, gear_takes, piece_valid;
  logic [6:0] size, unpack_size, input_words;
  logic [63:0] gear_word;
  logic [79:0] piece;
  logic is_unpacked, signs_valid, ball_done;
  assign is_unpacked = operation == mldsa_pkg::HASH_UNPACK;
  always_comb begin
    case (operation)
      mldsa_pkg::HASH_UNPACK:
      case (encoding)
        mldsa_pkg::PACK_3: input_words = 7'd12;
        mldsa_pkg::PACK_13: input_words = 7'd52;
        mldsa_pkg::PACK_10: input_words = 7'd40;
        default: input_words = 7'd80;
      endcase
      mldsa_pkg::HASH_CHALLENGE: input_words = 7'd8;
      default: input_words = encoding == mldsa_pkg::PACK_10 ? 7'd4 : 7'd16;
    endcase
  end
  assign to_gearbox  = is_masked || is_matrix || (is_ball && index != 7'd0);
  assign squeeze     = phase == SQUEEZE && (!to_gearbox || gear_ready);
  assign in_ready    = phase == INPUT && index != input_words && (!is_unpacked || gear_ready);
  assign gear_valid  = phase == SQUEEZE ? squeezed && to_gearbox : phase == INPUT && is_unpacked && in_valid && index != input_words;
  assign gear_word   = phase == SQUEEZE ? squeezed_word : in_word;
  assign size        = is_ball ? 7'd8 : is_matrix ? 7'd24 : unpack_size;
  assign gear_takes  = phase == SQUEEZE || phase == INPUT;
  assign signs_valid = phase == SQUEEZE && is_ball && index == 7'd0 && squeezed;
  mldsa_gearbox u_gearbox (
      .clk(clk),
      .clear(rst || start),
      .size(size),
      .in_valid(gear_valid),
      .in_ready(gear_ready),
      .in_word(gear_word),
      .out_valid(piece_valid),
      .out_ready(gear_takes),
      .out_piece(piece)
  );

  logic [91:0] unpacked, ball;
  logic outside;
  mldsa_unpack u_unpack (
      .encoding(is_unpacked ? encoding : mldsa_pkg::PACK_20),
      .piece(piece),
      .size(unpack_size),
      .coefficients(unpacked),
      .out_of_range(outside)
  );

  mldsa_ball u_ball (
      .clk(clk),
      .start(rst || (start && op == mldsa_pkg::HASH_BALL)),
      .sign_valid(signs_valid),
      .signs(squeezed_word),
      .byte_valid(phase == SQUEEZE && is_ball && piece_valid),
      .index(piece[7:0]),
      .done(ball_done),
      .group(group),
      .coefficients(ball)
  );

  // A coefficient of the matrix is 23 of 24 bits, if below Q (FIPS 204, algorithm 14).
  logic [1:0] matrix_count;
  logic [68:0] matrix_part;
  logic matrix_valid, matrix_group, unpack_valid;
  assign matrix_valid = phase == SQUEEZE && is_matrix && piece_valid && piece[22:0] < 23'(mldsa_pkg::Q);
  assign matrix_group = matrix_valid && matrix_count == 2'd3;
  assign unpack_valid = piece_valid && ((phase == SQUEEZE && is_masked) || (phase == INPUT && is_unpacked));

  assign write        = unpack_valid || phase == DUMP;
  assign write_matrix = matrix_group;
  assign write_group  = group;
  assign write_data   = phase == DUMP ? ball : is_matrix ? {piece[22:0], matrix_part} : unpacked;
  assign out_of_range = unpack_valid && is_unpacked && outside;
  assign seed_valid   = phase == SQUEEZE && operation == mldsa_pkg::HASH_SEED && squeezed;
  assign seed_word    = squeezed_word;
  assign done         = phase == IDLE;

  logic challenge_in, challenge_turns, ends;
  assign challenge_in = (phase == INPUT && operation == mldsa_pkg::HASH_CHALLENGE && in_valid && in_ready)
      || (phase == SQUEEZE && operation == mldsa_pkg::HASH_END && squeezed && !verifies);
  assign ends = phase == SQUEEZE && operation == mldsa_pkg::HASH_END && squeezed;
  assign challenge_turns = ends || (phase == ABSORB && is_ball && !at_end && sponge_ready);
  assign mismatch = ends && verifies && squeezed_word != challenge_word;

  always_ff @(posedge clk) begin
    if (rst) challenge <= '0;
    else if (challenge_in) challenge <= {phase == INPUT ? in_word : squeezed_word, challenge[511:64]};
    else if (challenge_turns) challenge <= {challenge[63:0], challenge[511:64]};
  end

  always_ff @(posedge clk) begin
    if (rst) begin
      phase <= IDLE;
      operation <= mldsa_pkg::HASH_NONE;
      {index, group, timer, row_phase, row_bits, matrix_count, matrix_part} <= '0;
    end else begin
      case (phase)
        IDLE:
        if (start) begin
          operation <= op;
          {index, group, timer, row_phase, matrix_count} <= '0;
          case (op)
            mldsa_pkg::HASH_NONE, mldsa_pkg::HASH_HINTS: phase <= IDLE;
            mldsa_pkg::HASH_ROW: phase <= ROW;
            mldsa_pkg::HASH_UNPACK, mldsa_pkg::HASH_CHALLENGE, mldsa_pkg::HASH_RAW: phase <= INPUT;
            default: phase <= ABSORB;
          endcase
        end
        ABSORB:
        if (sponge_ready) begin
          index <= index + 7'd1;
          if (operation == mldsa_pkg::HASH_MU && index == 7'd7) phase <= IDLE;
          else if (at_end) begin
            index <= 7'd0;
            phase <= SQUEEZE;
          end
        end
        SQUEEZE: begin
          if (squeezed && squeeze) index <= index + 7'd1;
          if (unpack_valid || matrix_group) group <= group + 6'd1;
          if (matrix_valid) begin
            matrix_count <= matrix_count + 2'd1;
            matrix_part  <= {piece[22:0], matrix_part[68:23]};
          end
          if (is_ball && index != 7'd0 && timer != BALL_CYCLES) timer <= timer + 8'd1;
          case (operation)
            mldsa_pkg::HASH_MASK, mldsa_pkg::HASH_MATRIX: if ((unpack_valid || matrix_group) && group == 6'd63) phase <= IDLE;
            mldsa_pkg::HASH_BALL: if (ball_done && timer == BALL_CYCLES) phase <= DUMP;
            default: if (squeezed && index == 7'd7) phase <= IDLE;
          endcase
        end
        INPUT: begin
          if (in_valid && in_ready) index <= index + 7'd1;
          if (unpack_valid) group <= group + 6'd1;
          if (is_unpacked ? unpack_valid && group == 6'd63 : in_valid && index == input_words - 7'd1) phase <= IDLE;
        end
        ROW: begin
          // Reads in the phases 0 to 3, answers in 2 to 5, and the whole word in 6.
          if (row_phase != 4'd0 || row_go) row_phase <= row_phase + 4'd1;
          if (row_phase < 4'd3 && (row_phase != 4'd0 || row_go)) group <= group + 6'd1;
          if (row_phase >= 4'd2 && row_phase < 4'd5) row_bits <= {nibbles, row_bits[47:16]};
          if (row_phase == 4'd6) begin
            row_phase <= 4'd6;
            if (sponge_ready) begin
              row_phase <= 4'd0;
              group <= group + 6'd1;
              if (group == 6'd63) phase <= IDLE;
            end
          end
        end
        default: begin
          group <= group + 6'd1;
          if (group == 6'd63) phase <= IDLE;
        end
      endcase
    end
  end
endmodule

`default_nettype wire
