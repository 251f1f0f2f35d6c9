// A lane: the memories, the arithmetic and the hash part of one attempt. All lanes do the same at the same time.
`default_nettype none

module mldsa_lane (
    input  wire          clk,
    input  wire          rst,
    input  wire          clear,           // writes zero to `clear_word` of each memory
    input  wire  [  9:0] clear_word,
    input  wire          begin_round,     // forgets failures and hints
    input  wire          verifies,
    // the transform, from mldsa_transform
    input  wire          inverse,
    input  wire  [  2:0] post,
    input  wire  [ 68:0] zetas,
    input  wire  [  3:0] read_slot,       // in the store
    input  wire  [  1:0] read_digit,
    input  wire  [  5:0] read_place,
    input  wire          product_slot,
    input  wire  [  5:0] product_group,
    input  wire  [  1:0] work_digit,
    input  wire  [  5:0] work_place,
    input  wire          in_is_work,      // with the data, 2 cycles after a read
    input  wire          work_write,
    input  wire  [  1:0] write_digit,
    input  wire  [  5:0] write_place,
    input  wire          factor_write,
    input  wire  [  2:0] factor_slot,
    input  wire          post_valid,
    input  wire          store_write,
    input  wire  [  3:0] store_slot,
    input  wire  [  5:0] store_place,
    output logic [ 91:0] transformed,
    // products
    input  wire  [  2:0] term_slot,
    input  wire  [  5:0] term_group,
    input  wire  [ 91:0] key_data,
    input  wire          term_first,      // with the data
    input  wire          product_write,
    input  wire          sum_slot,
    input  wire  [  5:0] sum_group,
    // the hash part
    input  wire          hash_start,
    input  wire  [  3:0] hash_op,
    input  wire  [  1:0] encoding,
    input  wire  [  3:0] hash_slot,
    input  wire          row_go,
    output logic         hash_done,
    output logic [  3:0] word_index,
    input  wire  [ 63:0] shared_word,
    input  wire  [ 63:0] nonce_word,
    input  wire          in_valid,
    output logic         in_ready,
    input  wire  [ 63:0] in_word,
    output logic         seed_valid,
    output logic [ 63:0] seed_word,
    output logic         matrix_write,
    output logic [  5:0] matrix_group,
    output logic [ 91:0] matrix_data,
    // hints of a signature
    input  wire  [  3:0] hint_write,
    input  wire  [  2:0] hint_row,
    input  wire  [  5:0] hint_group,
    input  wire  [ 91:0] hint_data,
    // the packer's reads; it reads when nothing else does
    input  wire          packs,
    input  wire  [  3:0] pack_slot,
    input  wire  [  5:0] pack_group,
    output logic [ 91:0] stored,
    output logic [511:0] challenge,
    output logic         fails            // since begin_round
);
  logic [5:0] row_group, hash_group;
  logic [91:0] hash_data, work, factor, product, post_data, sum;
  logic hash_write, out_of_range, mismatch, post_fails;
  logic [2:0] post_hints;

  // The store: y and z in 0 to 6, c in 7, w, r and the hints in 8 to 15.
  logic hashes_row;
  logic [3:0] store_read_slot, store_write_mask, store_write_slot;
  logic [1:0] store_read_digit, store_write_digit;
  logic [5:0] store_read_place, store_write_place;
  logic [91:0] store_write_data;
  assign hashes_row = hash_op == mldsa_pkg::HASH_ROW && !hash_done && row_go;
  always_comb begin
    if (packs) {store_read_slot, store_read_digit, store_read_place} = {pack_slot, 2'd0, pack_group};
    else if (hashes_row) {store_read_slot, store_read_digit, store_read_place} = {hash_slot, 2'd0, row_group};
    else {store_read_slot, store_read_digit, store_read_place} = {read_slot, read_digit, read_place};
    if (clear) begin
      {store_write_mask, store_write_slot, store_write_digit, store_write_place} = {4'hf, clear_word[9:6], 2'd0, clear_word[5:0]};
      store_write_data = 92'd0;
    end else if (store_write) begin
      {store_write_mask, store_write_slot, store_write_digit, store_write_place} = {4'hf, store_slot, 2'd3, store_place};
      store_write_data = post_data;
    end else if (hash_write) begin
      {store_write_mask, store_write_slot, store_write_digit, store_write_place} = {4'hf, hash_slot, 2'd0, hash_group};
      store_write_data = hash_data;
    end else begin
      {store_write_mask, store_write_slot, store_write_digit, store_write_place} = {hint_write, 1'b1, hint_row, 2'd0, hint_group};
      store_write_data = hint_data;
    end
  end
  mldsa_banks #(
      .SLOT_BITS(4)
  ) u_store (
      .clk(clk),
      .read_slot(store_read_slot),
      .read_digit(store_read_digit),
      .read_place(store_read_place),
      .read_data(stored),
      .write(store_write_mask),
      .write_slot(store_write_slot),
      .write_digit(store_write_digit),
      .write_place(store_write_place),
      .write_data(store_write_data)
  );

  // The polynomial that is being transformed.
  mldsa_banks #(
      .SLOT_BITS(1)
  ) u_work (
      .clk(clk),
      .read_slot(1'b0),
      .read_digit(work_digit),
      .read_place(work_place),
      .read_data(work),
      .write({4{work_write || clear}}),
      .write_slot(1'b0),
      .write_digit(clear ? 2'd0 : write_digit),
      .write_place(clear ? clear_word[5:0] : write_place),
      .write_data(clear ? 92'd0 : transformed)
  );

  // Transformed y or z, and c in 7.
  logic [91:0] factor_read, product_read;
  mldsa_ram #(
      .BITS(92),
      .WORDS(512),
      .ADDRESS_BITS(9)
  ) u_factors (
      .clk(clk),
      .read_address({term_slot, term_group}),
      .read_data(factor_read),
      .write(factor_write || clear),
      .write_address(clear ? clear_word[8:0] : {factor_slot, write_place}),
      .write_data(clear ? 92'd0 : transformed)
  );

  // Sums of products: one is computed while the other one is transformed.
  mldsa_ram #(
      .BITS(92),
      .WORDS(128),
      .ADDRESS_BITS(7)
  ) u_products (
      .clk(clk),
      .read_address({product_slot, product_group}),
      .read_data(product_read),
      .write(product_write || clear),
      .write_address(clear ? clear_word[6:0] : {sum_slot, sum_group}),
      .write_data(clear ? 92'd0 : sum)
  );
  always_ff @(posedge clk) begin
    factor  <= factor_read;
    product <= product_read;
  end

  mldsa_quad u_quad (
      .clk(clk),
      .inverse(inverse),
      .in(in_is_work ? work : inverse ? product : stored),
      .zetas(zetas),
      .out(transformed)
  );

  mldsa_post u_post (
      .clk(clk),
      .op(post),
      .valid(post_valid),
      .v(transformed),
      .b(stored),
      .out(post_data),
      .fails(post_fails),
      .hints(post_hints)
  );

  mldsa_mac u_mac (
      .clk(clk),
      .first(term_first),
      .a(factor),
      .b(key_data),
      .out(sum)
  );

  mldsa_hash u_hash (
      .clk(clk),
      .rst(rst || clear),
      .start(hash_start),
      .op(hash_op),
      .verifies(verifies),
      .encoding(encoding),
      .row_go(row_go),
      .done(hash_done),
      .word_index(word_index),
      .shared_word(shared_word),
      .nonce_word(nonce_word),
      .in_valid(in_valid),
      .in_ready(in_ready),
      .in_word(in_word),
      .seed_valid(seed_valid),
      .seed_word(seed_word),
      .row_group(row_group),
      .row_data(stored),
      .write(hash_write),
      .write_matrix(matrix_write),
      .write_group(hash_group),
      .write_data(hash_data),
      .out_of_range(out_of_range),
      .mismatch(mismatch),
      .challenge(challenge)
  );
  assign matrix_group = hash_group;
  assign matrix_data  = hash_data;

  logic failed;
  logic [11:0] hints;
  assign fails = failed || hints > 12'(mldsa_pkg::OMEGA);
  always_ff @(posedge clk) begin
    if (rst || clear || begin_round) begin
      failed <= 1'b0;
      hints  <= '0;
    end else begin
      if (out_of_range || mismatch || post_fails) failed <= 1'b1;
      hints <= hints + {9'd0, post_hints};
    end
  end
endmodule

`default_nettype wire
