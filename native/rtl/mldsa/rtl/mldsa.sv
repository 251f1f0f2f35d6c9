// ML-DSA-87 (FIPS 204): signs with four attempts at a time, verifies, and holds one private and one public key.
// See README.md of the block.
`default_nettype none

module mldsa #(
    parameter int ATTEMPTS = 814  // a signature is given up after them (FIPS 204, Appendix C)
) (
    input  wire          clk,
    input  wire          rst,
    input  wire          zeroise,
    // a key: 1224 words of a private one, 648 of a public one, in their encoding of FIPS 204
    input  wire          key_valid,
    output logic         key_ready,
    input  wire          key_public,     // with the first word
    input  wire  [ 31:0] key_data,
    input  wire          key_last,
    output logic         private_loaded,
    output logic         public_loaded,
    output logic         bad_key,        // the last key was refused
    output logic         busy,
    // a command
    input  wire          cmd_valid,
    output logic         cmd_ready,
    input  wire          cmd_verify,
    input  wire  [511:0] cmd_mu,
    input  wire  [255:0] cmd_rnd,        // zero: the deterministic signature
    // the signature to verify
    input  wire          sig_in_valid,
    output logic         sig_in_ready,
    input  wire  [255:0] sig_in_data,
    input  wire  [  5:0] sig_in_bytes,
    input  wire          sig_in_last,
    // the signature that was made
    output logic         sig_out_valid,
    input  wire          sig_out_ready,
    output logic [255:0] sig_out_data,
    output logic [  5:0] sig_out_bytes,
    output logic         sig_out_last,
    // the end of a command, for a cycle; the rest keeps its value until the next command
    output logic         done,
    output logic [  1:0] done_status,    // mldsa_pkg: OK, INVALID, NO_KEY, GAVE_UP
    output logic [  7:0] done_rounds,
    output logic [ 31:0] done_cycles
);
  localparam int LANES = 4;
  localparam logic [13:0] KEY_WORDS = 14'd9152;

  typedef enum logic [2:0] {
    CLEAR,
    IDLE,
    START,
    RUN,
    PACK,
    DISCARD,
    DONE
  } phase_t;

  phase_t phase;
  logic [1:0] program_id;
  logic [6:0] step, next_step;
  logic [7:0] round;
  logic [13:0] cleared;
  logic [511:0] mu, seed;
  logic [255:0] rnd;
  logic [1:0] winner, status;
  logic is_clearing, part_rst, is_load, is_public, starts, keeps_rounds, is_command;
  assign is_clearing = phase == CLEAR;
  assign is_load     = program_id[1];
  assign is_public   = program_id[0];
  assign starts      = phase == START;

  logic is_last, transforms, inverse, multiplies, sum_slot;
  logic [3:0] source, target_slot, row, hash, hash_slot;
  logic [1:0] target, factors, encoding;
  logic [2:0] post;
  logic [4:0] key_item;
  mldsa_program u_program (
      .program_id(program_id),
      .step(step),
      .next(next_step),
      .is_last(is_last),
      .transforms(transforms),
      .inverse(inverse),
      .source(source),
      .target(target),
      .post(post),
      .target_slot(target_slot),
      .key_item(key_item),
      .multiplies(multiplies),
      .factors(factors),
      .row(row),
      .sum_slot(sum_slot),
      .hash(hash),
      .encoding(encoding),
      .hash_slot(hash_slot)
  );

  logic transform_done, in_is_work, work_write, factor_write, key_write, post_valid, store_write;
  logic [68:0] zetas;
  logic [1:0] read_digit, work_digit, write_digit;
  logic [5:0] read_place, product_group, work_place, write_place, store_place;
  mldsa_transform u_transform (
      .clk(clk),
      .rst(part_rst),
      .start(starts && transforms),
      .inverse(inverse),
      .target(target),
      .done(transform_done),
      .zetas(zetas),
      .read_digit(read_digit),
      .read_place(read_place),
      .product_group(product_group),
      .work_digit(work_digit),
      .work_place(work_place),
      .in_is_work(in_is_work),
      .work_write(work_write),
      .factor_write(factor_write),
      .key_write(key_write),
      .write_digit(write_digit),
      .write_place(write_place),
      .post_valid(post_valid),
      .store_write(store_write),
      .store_place(store_place)
  );

  logic products_done, term_first, product_write;
  logic [13:0] key_address;
  logic [2:0] term_slot;
  logic [5:0] term_group, sum_group;
  mldsa_products u_products (
      .clk(clk),
      .rst(part_rst),
      .start(starts && multiplies),
      .kind(factors),
      .is_public(is_public),
      .row(row),
      .done(products_done),
      .key_address(key_address),
      .term_slot(term_slot),
      .term_group(term_group),
      .term_first(term_first),
      .product_write(product_write),
      .sum_group(sum_group)
  );

  logic in_valid, in_ready, hash_in_ready, hints_in_ready, ended, wrong_length, input_start;
  logic [63:0] in_word;
  assign in_ready = hash_in_ready || hints_in_ready;
  mldsa_input u_input (
      .clk(clk),
      .rst(rst || is_clearing),
      .start(input_start),
      .takes_key(is_load && phase != IDLE && !is_clearing),
      .takes_signature(program_id == mldsa_pkg::VERIFY && phase != IDLE && !is_clearing),
      .discards(phase == DISCARD),
      .is_public(is_public),
      .key_valid(key_valid),
      .key_ready(key_ready),
      .key_data(key_data),
      .key_last(key_last),
      .sig_valid(sig_in_valid),
      .sig_ready(sig_in_ready),
      .sig_data(sig_in_data),
      .sig_bytes(sig_in_bytes),
      .sig_last(sig_in_last),
      .word_valid(in_valid),
      .word_ready(in_ready),
      .word(in_word),
      .ended(ended),
      .wrong_length(wrong_length)
  );

  logic hints_done, hints_invalid;
  logic [3:0] hint_write;
  logic [2:0] hint_row;
  logic [5:0] hint_group;
  logic [91:0] hint_data;
  mldsa_hints u_hints (
      .clk(clk),
      .rst(part_rst),
      .start(starts && hash == mldsa_pkg::HASH_HINTS),
      .done(hints_done),
      .in_valid(in_valid),
      .in_ready(hints_in_ready),
      .in_word(in_word),
      .write(hint_write),
      .write_row(hint_row),
      .write_group(hint_group),
      .write_data(hint_data),
      .invalid(hints_invalid)
  );

  logic [3:0] raw_index;
  logic raw_valid;
  logic [91:0] key_data_out;
  logic [255:0] rho, secret;
  logic [LANES-1:0] hash_done, lane_fails, lane_in_ready, seed_valid, matrix_write;
  logic [3:0] word_index[LANES];
  logic [63:0] seed_word[LANES];
  logic [5:0] matrix_group[LANES];
  logic [91:0] matrix_data[LANES], transformed[LANES], stored[LANES];
  logic [511:0] challenge[LANES];
  assign hash_in_ready = lane_in_ready == '1;
  assign raw_valid = hash == mldsa_pkg::HASH_RAW && in_valid && hash_in_ready;
  assign raw_index = word_index[0];
  mldsa_keys u_keys (
      .clk(clk),
      .clear(is_clearing),
      .clear_word(cleared),
      .raw_valid(raw_valid),
      .raw_index(raw_index),
      .raw_word(in_word),
      .is_public(is_public),
      .write(key_write),
      .item(key_item),
      .group(write_place),
      .data(transformed[0]),
      .matrix_write(matrix_write == '1),
      .matrix_row(step[5:3]),
      .matrix_column(step[2:0]),
      .matrix_group(matrix_group[0]),
      .matrix_data(matrix_data[0]),
      .read_address(key_address),
      .read_data(key_data_out),
      .rho(rho),
      .secret(secret)
  );

  // The words that all lanes hash, by their place in the seed.
  logic [63:0] shared_word;
  logic [1023:0] seed_input;
  assign seed_input = {mu, rnd, secret};
  always_comb begin
    case (hash)
      mldsa_pkg::HASH_SEED: shared_word = seed_input[{6'd0, word_index[0]}*64+:64];
      mldsa_pkg::HASH_MASK: shared_word = seed[{6'd0, word_index[0][2:0]}*64+:64];
      mldsa_pkg::HASH_MU: shared_word = mu[{6'd0, word_index[0][2:0]}*64+:64];
      default: shared_word = rho[{6'd0, word_index[0][1:0]}*64+:64];
    endcase
  end

  logic packs, pack_done, begins_round, ends_step, ends_program, gives_up;
  logic [LANES-1:0] accepted;
  logic [3:0] pack_slot;
  logic [5:0] pack_group;
  logic row_go;
  assign row_go = program_id == mldsa_pkg::SIGN || transform_done;
  assign packs  = phase == PACK;
  for (genvar lane = 0; lane < LANES; lane++) begin : g_lane
    // kappa + r of FIPS 204, the column and row of the matrix, and the first byte of the padding.
    logic [15:0] nonce;
    logic [63:0] nonce_word;
    assign nonce = {8'd0, round} * 16'd28 + 16'(7 * lane) + {12'd0, hash_slot};
    assign nonce_word = {48'h1f, hash == mldsa_pkg::HASH_MASK ? nonce : {5'd0, step[5:3], 5'd0, step[2:0]}};
    mldsa_lane u_lane (
        .clk(clk),
        .rst(part_rst),
        .clear(is_clearing),
        .clear_word(cleared[9:0]),
        .begin_round(begins_round),
        .verifies(program_id == mldsa_pkg::VERIFY),
        .inverse(inverse),
        .post(post),
        .zetas(zetas),
        .read_slot(inverse ? target_slot : source),
        .read_digit(read_digit),
        .read_place(read_place),
        .product_slot(source[0]),
        .product_group(product_group),
        .work_digit(work_digit),
        .work_place(work_place),
        .in_is_work(in_is_work),
        .work_write(work_write),
        .write_digit(write_digit),
        .write_place(write_place),
        .factor_write(factor_write),
        .factor_slot(target_slot[2:0]),
        .post_valid(post_valid),
        .store_write(store_write),
        .store_slot(target_slot),
        .store_place(store_place),
        .transformed(transformed[lane]),
        .term_slot(term_slot),
        .term_group(term_group),
        .key_data(key_data_out),
        .term_first(term_first),
        .product_write(product_write),
        .sum_slot(sum_slot),
        .sum_group(sum_group),
        .hash_start(starts),
        .hash_op(hash),
        .encoding(encoding),
        .hash_slot(hash_slot),
        .row_go(row_go),
        .hash_done(hash_done[lane]),
        .word_index(word_index[lane]),
        .shared_word(shared_word),
        .nonce_word(nonce_word),
        .in_valid(in_valid),
        .in_ready(lane_in_ready[lane]),
        .in_word(in_word),
        .seed_valid(seed_valid[lane]),
        .seed_word(seed_word[lane]),
        .matrix_write(matrix_write[lane]),
        .matrix_group(matrix_group[lane]),
        .matrix_data(matrix_data[lane]),
        .hint_write(hint_write),
        .hint_row(hint_row),
        .hint_group(hint_group),
        .hint_data(hint_data),
        .packs(packs),
        .pack_slot(pack_slot),
        .pack_group(pack_group),
        .stored(stored[lane]),
        .challenge(challenge[lane]),
        .fails(lane_fails[lane])
    );
  end

  mldsa_pack u_pack (
      .clk(clk),
      .rst(part_rst),
      .start(phase == RUN && ends_program && program_id == mldsa_pkg::SIGN && accepted != '0),
      .done(pack_done),
      .challenge(challenge[winner]),
      .slot(pack_slot),
      .group(pack_group),
      .stored(stored[winner]),
      .out_valid(sig_out_valid),
      .out_ready(sig_out_ready),
      .out_data(sig_out_data),
      .out_bytes(sig_out_bytes),
      .out_last(sig_out_last)
  );

  // The attempts of the round that are accepted; the lowest one is the signature.
  for (genvar lane = 0; lane < LANES; lane++) begin : g_accepted
    assign accepted[lane] = !lane_fails[lane] && {2'd0, round, 2'd0} + 12'(lane) < 12'(ATTEMPTS);
  end
  assign gives_up = {2'd0, round, 2'd0} + 12'(LANES) >= 12'(ATTEMPTS);
  assign ends_step = phase == RUN && transform_done && products_done && hints_done && hash_done == '1;
  assign ends_program = ends_step && is_last;
  assign begins_round = phase == IDLE || (ends_program && program_id == mldsa_pkg::SIGN);

  logic takes_command, takes_key, aborts;
  assign takes_key     = phase == IDLE && key_valid;
  assign cmd_ready     = phase == IDLE && !key_valid && !zeroise;
  assign takes_command = cmd_valid && cmd_ready;
  assign input_start   = phase == IDLE;
  assign aborts        = phase == RUN && is_load && wrong_length && ended;
  assign part_rst      = rst || is_clearing || aborts;
  assign busy          = phase != IDLE;
  assign keeps_rounds  = program_id == mldsa_pkg::SIGN;

  always_ff @(posedge clk) begin
    done <= 1'b0;
    if (rst || zeroise) begin
      phase <= CLEAR;
      cleared <= '0;
      {private_loaded, public_loaded, bad_key, is_command} <= '0;
      {program_id, step, round, winner, status} <= '0;
      if (!rst && is_command) begin
        done <= 1'b1;
        done_status <= mldsa_pkg::NO_KEY;
      end
    end else begin
      case (phase)
        CLEAR: begin
          cleared <= cleared + 14'd1;
          if (cleared == KEY_WORDS - 14'd1) phase <= IDLE;
        end
        IDLE: begin
          {step, round, winner, status} <= '0;
          if (takes_key) begin
            program_id <= key_public ? mldsa_pkg::LOAD_PUBLIC : mldsa_pkg::LOAD_PRIVATE;
            bad_key <= 1'b0;
            if (key_public) public_loaded <= 1'b0;
            else private_loaded <= 1'b0;
            phase <= START;
          end else if (takes_command) begin
            program_id <= cmd_verify ? mldsa_pkg::VERIFY : mldsa_pkg::SIGN;
            is_command <= 1'b1;
            if (cmd_verify ? public_loaded : private_loaded) phase <= START;
            else begin
              status <= mldsa_pkg::NO_KEY;
              phase  <= cmd_verify ? DISCARD : DONE;
            end
          end
        end
        START: phase <= RUN;
        RUN:
        if (aborts) begin
          bad_key <= 1'b1;
          phase   <= IDLE;
        end else if (ends_program) begin
          case (program_id)
            mldsa_pkg::SIGN: begin
              round <= round + 8'd1;
              winner <= accepted[0] ? 2'd0 : accepted[1] ? 2'd1 : accepted[2] ? 2'd2 : 2'd3;
              step <= 7'd1;
              status <= accepted == '0 ? mldsa_pkg::GAVE_UP : mldsa_pkg::OK;
              phase <= accepted != '0 ? PACK : gives_up ? DONE : START;
            end
            mldsa_pkg::VERIFY: begin
              status <= lane_fails[0] || hints_invalid || wrong_length ? mldsa_pkg::INVALID : mldsa_pkg::OK;
              phase  <= ended ? DONE : DISCARD;
            end
            default: begin
              if (lane_fails[0] || wrong_length) bad_key <= 1'b1;
              else if (is_public) public_loaded <= 1'b1;
              else private_loaded <= 1'b1;
              phase <= ended ? IDLE : DISCARD;
            end
          endcase
        end else if (ends_step) begin
          step  <= next_step;
          phase <= START;
        end
        PACK: if (pack_done) phase <= DONE;
        DISCARD: if (ended) phase <= is_load ? IDLE : DONE;
        default: begin
          done <= 1'b1;
          done_status <= status;
          is_command <= 1'b0;
          phase <= IDLE;
        end
      endcase
    end
  end

  logic [31:0] cycles;
  always_ff @(posedge clk) begin
    if (phase == IDLE) cycles <= '0;
    else cycles <= cycles + 32'd1;
    if (phase == DONE) begin
      done_cycles <= cycles + 32'd1;
      done_rounds <= keeps_rounds ? round : 8'd0;
    end
  end

  always_ff @(posedge clk) begin
    if (rst || is_clearing) {mu, rnd, seed} <= '0;
    else begin
      if (takes_command) {mu, rnd} <= {cmd_mu, cmd_rnd};
      if (seed_valid == '1) seed <= {seed_word[0], seed[511:64]};
    end
  end
endmodule

`default_nettype wire
