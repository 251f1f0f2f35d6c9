// The programs: what the transform, the products and the hash parts do in each step. The parts of a step run at the same time.
`default_nettype none

module mldsa_program (
    input  wire  [1:0] program_id,       // SIGN, VERIFY, LOAD_*
    input  wire  [6:0] step,
    output logic [6:0] next,
    output logic       is_last,
    // the transform
    output logic       transforms,
    output logic       inverse,
    output logic [3:0] source,           // slot of the store (forward) or of the products (inverse)
    output logic [1:0] target,
    output logic [2:0] post,
    output logic [3:0] target_slot,      // of the store or the factors
    output logic [4:0] key_item,
    // the products
    output logic       multiplies,
    output logic [1:0] factors,          // MUL_*
    output logic [3:0] row,
    output logic       sum_slot,
    // the hash parts
    output logic [3:0] hash,
    output logic [1:0] encoding,
    output logic [3:0] hash_slot
);
  // Rows are transformed a step after their products, and hashed another step later.
  logic [6:0] from_rows, from_items, from_row_end, item, item_end;
  logic is_sign;
  assign is_sign      = program_id == mldsa_pkg::SIGN;
  assign from_rows    = step - (is_sign ? 7'd9 : 7'd10);
  assign from_row_end = from_rows - 7'd1;
  assign from_items   = step - 7'd22;
  assign item         = from_items;
  assign item_end     = from_items - 7'd1;

  logic rows, row_ends, row_hashes, items, item_ends;
  assign rows       = !program_id[1] && from_rows < 7'd8;
  assign row_ends   = !program_id[1] && from_row_end < 7'd8;
  assign row_hashes = !program_id[1] && (from_rows - 7'd2) < 7'd8;
  assign items      = is_sign && item < 7'd23;
  assign item_ends  = is_sign && item_end < 7'd23;

  // Keys: items 0 to 22 are s1, s2 and t0, or 0 to 7 are t1; step 64 + 8 * row + column expands the matrix.
  logic [6:0] items_of_key, packed_item, stored_item;
  logic unpacks, stores;
  assign items_of_key = program_id == mldsa_pkg::LOAD_PRIVATE ? 7'd23 : 7'd8;
  assign packed_item  = step - 7'd1;
  assign stored_item  = step - 7'd2;
  assign key_item     = stored_item[4:0];
  assign unpacks      = program_id[1] && packed_item < items_of_key;
  assign stores       = program_id[1] && stored_item < items_of_key;

  always_comb begin
    next = step + 7'd1;
    is_last = 1'b0;
    case (program_id)
      mldsa_pkg::SIGN: is_last = step == 7'd45;
      mldsa_pkg::VERIFY: is_last = step == 7'd20;
      default: begin
        is_last = step == 7'd126;
        if (step == items_of_key + 7'd1) next = 7'd64;
        else if (step[6] && step[2:0] == 3'd6) next = step + 7'd2;
      end
    endcase
  end

  always_comb begin
    {transforms, inverse, source, target, post, target_slot} = '0;
    if (row_ends) begin
      {transforms, inverse} = 2'b11;
      source = {3'd0, from_row_end[0]};
      target = mldsa_pkg::TO_STORE;
      post = is_sign ? mldsa_pkg::POST_KEEP : mldsa_pkg::POST_USE;
      target_slot = {1'b1, from_row_end[2:0]};
    end else if (item_ends) begin
      {transforms, inverse} = 2'b11;
      source = {3'd0, item_end[0]};
      target = mldsa_pkg::TO_STORE;
      if (item_end < 7'd7) {post, target_slot} = {mldsa_pkg::POST_Z, item_end[3:0]};
      else if (item_end < 7'd15) {post, target_slot} = {mldsa_pkg::POST_LOW, item_end[3:0] + 4'd1};
      else {post, target_slot} = {mldsa_pkg::POST_HINT, item_end[3:0] - 4'd7};
    end else if (is_sign && step >= 7'd2 && step <= 7'd8) begin
      transforms  = 1'b1;
      source      = step[3:0] - 4'd2;
      target_slot = step[3:0] - 4'd2;
    end else if ((is_sign && step == 7'd21) || (program_id == mldsa_pkg::VERIFY && step == 7'd2)) begin
      transforms  = 1'b1;
      source      = 4'd7;
      target_slot = 4'd7;
    end else if (program_id == mldsa_pkg::VERIFY && step >= 7'd3 && step <= 7'd9) begin
      transforms  = 1'b1;
      source      = step[3:0] - 4'd3;
      target_slot = step[3:0] - 4'd3;
    end else if (stores) begin
      transforms = 1'b1;
      source = {3'd0, stored_item[0]};
      target = mldsa_pkg::TO_KEY;
    end
  end

  always_comb begin
    {multiplies, factors, row, sum_slot} = '0;
    if (rows) begin
      multiplies = 1'b1;
      row = from_rows[3:0];
      sum_slot = from_rows[0];
    end else if (items) begin
      multiplies = 1'b1;
      factors = item < 7'd15 ? mldsa_pkg::MUL_SECRET : mldsa_pkg::MUL_T0;
      row = item < 7'd15 ? item[3:0] : item[3:0] + 4'd1;
      sum_slot = item[0];
    end
  end

  always_comb begin
    hash = mldsa_pkg::HASH_NONE;
    encoding = mldsa_pkg::PACK_20;
    hash_slot = '0;
    if (row_hashes) begin
      hash = mldsa_pkg::HASH_ROW;
      hash_slot = {1'b1, from_rows[2:0] - 3'd2};
    end else begin
      case (program_id)
        mldsa_pkg::SIGN: begin
          hash_slot = step == 7'd20 ? 4'd7 : step[3:0] - 4'd1;
          if (step == 7'd0) hash = mldsa_pkg::HASH_SEED;
          else if (step <= 7'd7) hash = mldsa_pkg::HASH_MASK;
          else if (step == 7'd8) hash = mldsa_pkg::HASH_MU;
          else if (step == 7'd19) hash = mldsa_pkg::HASH_END;
          else if (step == 7'd20) hash = mldsa_pkg::HASH_BALL;
        end
        mldsa_pkg::VERIFY: begin
          hash_slot = step == 7'd1 ? 4'd7 : step[3:0] - 4'd2;
          if (step == 7'd0) hash = mldsa_pkg::HASH_CHALLENGE;
          else if (step == 7'd1) hash = mldsa_pkg::HASH_BALL;
          else if (step <= 7'd8) hash = mldsa_pkg::HASH_UNPACK;
          else if (step == 7'd9) hash = mldsa_pkg::HASH_MU;
          else if (step == 7'd10) hash = mldsa_pkg::HASH_HINTS;
          else if (step == 7'd20) hash = mldsa_pkg::HASH_END;
        end
        default: begin
          hash_slot = {3'd0, packed_item[0]};
          if (program_id == mldsa_pkg::LOAD_PUBLIC) encoding = mldsa_pkg::PACK_10;
          else if (packed_item < 7'd15) encoding = mldsa_pkg::PACK_3;
          else if (packed_item < 7'd23) encoding = mldsa_pkg::PACK_13;
          if (step == 7'd0) hash = mldsa_pkg::HASH_RAW;
          else if (unpacks) hash = mldsa_pkg::HASH_UNPACK;
          else if (step[6]) hash = mldsa_pkg::HASH_MATRIX;
        end
      endcase
    end
  end
endmodule

`default_nettype wire
