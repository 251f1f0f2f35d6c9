// A leaf of a witness's tree: SHA3-256 (FIPS 202) of 0x00, then up to 4 words, then a payload that comes in beats.
//
// The hashed bytes are one byte behind the input, because of the leading 0x00: the last byte of a word waits for the
// next word. A word of 8 bytes enters the state in each cycle; a block of 17 words is permuted in 24 cycles.
`default_nettype none

module leaf_hash #(
    parameter int TAG_BITS = 96
) (
    input  wire                 clk,
    input  wire                 rst,
    // a leaf: its words, and the number of bytes that follow in beats
    input  wire                 in_valid,
    output logic                in_ready,
    input  wire  [         2:0] in_words,    // at most 4
    input  wire  [       255:0] in_inline,
    input  wire  [        16:0] in_bytes,
    input  wire  [TAG_BITS-1:0] in_tag,
    // its beats: all of them, or fewer if one has error and last
    input  wire                 beat_valid,
    output logic                beat_ready,
    input  wire  [       511:0] beat_data,
    input  wire                 beat_last,
    input  wire                 beat_error,
    // its hash
    output logic                out_valid,
    input  wire                 out_ready,
    output logic                out_error,
    output logic [       255:0] out_hash,
    output logic [        16:0] out_bytes,
    output logic [TAG_BITS-1:0] out_tag,
    output logic                permuted     // 1 in the last cycle of a permutation
);
  typedef enum logic [2:0] {
    IDLE,
    ABSORB,
    PERMUTE,
    SKIP,
    DONE
  } phase_t;

  phase_t phase;
  logic [1599:0] state, next_state;
  logic [4:0] round;
  logic [4:0] place;     // index of the next word in the block, 0 to 16
  logic [7:0] carry;     // the byte that waits
  logic pad_next;        // the payload is absorbed, but its padding starts the next word
  logic padded;          // the permuted block is the last one
  logic [2:0] words;     // inline words to come
  logic [255:0] inline_words;
  logic [16:0] bytes;    // payload bytes to come
  logic [2:0] beat_word; // index in the current beat
  logic failed;

  keccak_round u_round (
      .state(state),
      .round(round),
      .next (next_state)
  );

  // The next word, if it is available, and the number of its valid bytes.
  logic has_inline, needs_beat, has_word;
  logic [63:0] source, kept;
  logic [ 3:0] count;
  assign has_inline = words != 3'd0;
  assign needs_beat = !has_inline && bytes != 17'd0;
  assign has_word   = !needs_beat || beat_valid;
  assign count      = has_inline || bytes >= 17'd8 ? 4'd8 : {1'b0, bytes[2:0]};
  assign source     = has_inline ? inline_words[63:0] : beat_data[{beat_word, 6'd0}+:64];
  assign kept       = source & ~({64{1'b1}} << {count, 3'd0});

  // The word that enters the state: the waiting byte, seven bytes of the source, and 0x06 after the last byte of all.
  logic ends_here;
  logic [63:0] word, padding;
  assign ends_here = pad_next || count < 4'd7;
  assign padding   = 64'h06 << (pad_next ? 7'd0 : {count + 4'd1, 3'd0});
  assign word      = (pad_next ? 64'd0 : {kept[55:0], carry}) | (ends_here ? padding : 64'd0);

  // A beat is taken when its last word is used; beats after an error are not used.
  logic absorbs, uses_beat, beat_used;
  assign absorbs    = phase == ABSORB && (pad_next || has_word) && !(uses_beat && beat_error);
  assign uses_beat  = phase == ABSORB && !pad_next && needs_beat && beat_valid;
  assign beat_used  = uses_beat && (beat_error || beat_word == 3'd7 || bytes <= 17'd8);
  assign beat_ready = beat_used || phase == SKIP;
  assign in_ready   = phase == IDLE;
  assign out_valid  = phase == DONE;
  assign out_error  = failed;
  assign out_hash   = state[255:0];
  assign permuted   = phase == PERMUTE && round == 5'd23;

  logic [1087:0] absorbed;
  for (genvar i = 0; i < 17; i++) begin : g_absorb
    logic [63:0] here, end_of_block;
    assign here = place == 5'(i) ? word : 64'd0;
    assign end_of_block = (i == 16 && ends_here) ? 64'h8000000000000000 : 64'd0;
    assign absorbed[64*i+:64] = state[64*i+:64] ^ here ^ end_of_block;
  end

  always_ff @(posedge clk) begin
    if (rst) phase <= IDLE;
    else begin
      case (phase)
        IDLE: if (in_valid) phase <= ABSORB;
        ABSORB: begin
          if (uses_beat && beat_error) phase <= beat_last ? DONE : SKIP;
          else if (absorbs && (ends_here || place == 5'd16)) phase <= PERMUTE;
        end
        PERMUTE: if (round == 5'd23) phase <= padded ? DONE : ABSORB;
        SKIP: if (beat_valid && beat_last) phase <= DONE;
        DONE: if (out_ready) phase <= IDLE;
        default: phase <= IDLE;
      endcase
    end
  end

  always_ff @(posedge clk) begin
    case (phase)
      IDLE: begin
        state <= '0;
        {place, round, carry, pad_next, padded, beat_word, failed} <= '0;
        {words, inline_words, bytes} <= {in_words, in_inline, in_bytes};
        {out_bytes, out_tag} <= {in_bytes, in_tag};
      end
      ABSORB: begin
        if (uses_beat && beat_error) failed <= 1'b1;
        if (absorbs) begin
          state[1087:0] <= absorbed;
          place <= place == 5'd16 ? 5'd0 : place + 5'd1;
          padded <= ends_here;
          carry <= kept[63:56];
          pad_next <= !ends_here && count == 4'd7;
          if (has_inline && !pad_next) begin
            words <= words - 3'd1;
            inline_words <= inline_words >> 64;
          end else if (needs_beat && !pad_next) begin
            bytes <= bytes - {13'd0, count};
            beat_word <= beat_used ? 3'd0 : beat_word + 3'd1;
          end
        end
      end
      PERMUTE: begin
        state <= next_state;
        round <= round == 5'd23 ? 5'd0 : round + 5'd1;
      end
      default: ;
    endcase
  end
endmodule

`default_nettype wire
