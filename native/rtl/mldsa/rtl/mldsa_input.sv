// Turns a key (words of 32 bits) or a signature (beats of 256 bits) into words of 64 bits, and checks its length.
`default_nettype none

module mldsa_input (
    input  wire          clk,
    input  wire          rst,
    input  wire          start,           // begins a key or a signature
    input  wire          takes_key,       // the unit waits for words of a key, of a signature
    input  wire          takes_signature,
    input  wire          discards,        // takes what is left
    input  wire          is_public,
    input  wire          key_valid,
    output logic         key_ready,
    input  wire  [ 31:0] key_data,
    input  wire          key_last,
    input  wire          sig_valid,
    output logic         sig_ready,
    input  wire  [255:0] sig_data,
    input  wire  [  5:0] sig_bytes,
    input  wire          sig_last,
    output logic         word_valid,
    input  wire          word_ready,
    output logic [ 63:0] word,
    output logic         ended,           // the last word or beat was taken
    output logic         wrong_length
);
  localparam logic [9:0] SIGNATURE_WORDS = 10'd579;

  logic [10:0] count;       // words of the key
  logic [ 9:0] sig_count;   // 64-bit words of the signature
  logic [31:0] half;
  logic has_half, complete;
  logic key_final, beat_ends, sig_final, key_taken, sig_taken;
  assign key_final = count == (is_public ? 11'd647 : 11'd1223);
  assign sig_final = sig_count == SIGNATURE_WORDS - 10'd1;
  assign beat_ends = sig_count[1:0] == 2'd3 || sig_final;
  assign complete  = takes_key ? count == (is_public ? 11'd648 : 11'd1224) : sig_count == SIGNATURE_WORDS;

  assign key_ready = !ended && ((takes_key && !complete && (!has_half || word_ready)) || (discards && takes_key));
  assign sig_ready = !ended && ((takes_signature && !complete && beat_ends && word_ready) || (discards && takes_signature));
  assign key_taken = key_valid && key_ready;
  assign sig_taken = sig_valid && sig_ready;
  always_comb begin
    if (takes_key) {word_valid, word} = {has_half && key_valid && !ended && !complete, key_data, half};
    // What a short signature lacks is zero.
    else if (ended) {word_valid, word} = {takes_signature && !complete, 64'd0};
    else begin
      word_valid = takes_signature && sig_valid && !complete;
      word = sig_data[{sig_count[1:0], 6'd0}+:64] & (sig_final ? 64'hffffff : '1);
    end
  end

  always_ff @(posedge clk) begin
    if (rst || start) {count, sig_count, has_half, ended, wrong_length} <= '0;
    else begin
      if (key_taken) begin
        half <= key_data;
        has_half <= !has_half;
        if (!complete) count <= count + 11'd1;
        if (key_last) ended <= 1'b1;
        if (complete || key_last != key_final) wrong_length <= 1'b1;
      end
      if (takes_signature && word_valid && word_ready) sig_count <= sig_count + 10'd1;
      if (sig_taken) begin
        if (sig_last) ended <= 1'b1;
        if (complete || sig_last != sig_final || (sig_last && sig_bytes != 6'd19)) wrong_length <= 1'b1;
      end
    end
  end
endmodule

`default_nettype wire
