// SHAKE128 and SHAKE256 in words of 8 bytes: absorbs a word, squeezes a word, or does a round of Keccak-f[1600] per cycle.
// The last absorbed word contains the padding's 0x1f; the unit sets the last bit of the block.
`default_nettype none

module mldsa_sponge (
    input  wire         clk,
    input  wire         rst,
    input  wire         start,      // clears the state
    input  wire         wide,       // with start: SHAKE128
    input  wire         in_valid,
    output logic        in_ready,
    input  wire  [63:0] in_word,
    input  wire         in_last,
    output logic        out_valid,
    input  wire         out_ready,
    output logic [63:0] out_word
);
  typedef enum logic [1:0] {
    ABSORB,
    PERMUTE,
    SQUEEZE
  } phase_t;

  phase_t phase;
  logic [1599:0] state, next_state, absorbed;
  logic [4:0] round, place, last_place;
  logic is_wide, ended;

  keccak_round u_round (
      .state(state),
      .round(round),
      .next (next_state)
  );

  assign last_place = is_wide ? 5'd20 : 5'd16;
  assign in_ready   = phase == ABSORB;
  assign out_valid  = phase == SQUEEZE;
  assign out_word   = state[{6'd0, place}*64+:64];

  for (genvar i = 0; i < 25; i++) begin : g_lane
    if (i < 21) begin : g_rate
      logic [63:0] word, end_of_block;
      assign word = place == 5'(i) ? in_word : 64'd0;
      assign end_of_block = in_last && last_place == 5'(i) ? 64'h8000000000000000 : 64'd0;
      assign absorbed[64*i+:64] = state[64*i+:64] ^ word ^ end_of_block;
    end else begin : g_capacity
      assign absorbed[64*i+:64] = state[64*i+:64];
    end
  end

  always_ff @(posedge clk) begin
    if (rst || start) begin
      phase <= ABSORB;
      state <= '0;
      {round, place, ended} <= '0;
      is_wide <= wide;
    end else begin
      case (phase)
        ABSORB:
        if (in_valid) begin
          state <= absorbed;
          ended <= in_last;
          place <= place + 5'd1;
          if (in_last || place == last_place) phase <= PERMUTE;
        end
        PERMUTE: begin
          state <= next_state;
          place <= 5'd0;
          round <= round == 5'd23 ? 5'd0 : round + 5'd1;
          if (round == 5'd23) phase <= ended ? SQUEEZE : ABSORB;
        end
        default:
        if (out_ready) begin
          place <= place + 5'd1;
          if (place == last_place) phase <= PERMUTE;
        end
      endcase
    end
  end
endmodule

`default_nettype wire
