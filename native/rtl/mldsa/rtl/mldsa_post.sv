// The last stage of an inverse transform: combines four coefficients v with stored ones b, and tests bounds. 3 cycles.
`default_nettype none

module mldsa_post (
    input  wire         clk,
    input  wire  [ 2:0] op,       // POST_*, constant while groups are under way
    input  wire         valid,
    input  wire  [91:0] v,
    input  wire  [91:0] b,
    output logic [91:0] out,
    output logic        fails,    // a norm is too large
    output logic [ 2:0] hints
);
  localparam int Z_BOUND = mldsa_pkg::GAMMA1 - mldsa_pkg::BETA;
  localparam int LOW_BOUND = mldsa_pkg::GAMMA2 - mldsa_pkg::BETA;

  // Whether the centered representative is at least the bound.
  function automatic logic reaches(input logic [22:0] value, input logic [22:0] bound);
    reaches = value >= bound && value <= 23'(mldsa_pkg::Q) - bound;
  endfunction

  logic valid1, valid2;
  logic [3:0] fails3, hints3;
  always_ff @(posedge clk) {valid1, valid2} <= {valid, valid1};
  always_ff @(posedge clk) begin
    fails <= valid2 && fails3 != 4'd0;
    hints <= valid2 ? {2'd0, hints3[0]} + {2'd0, hints3[1]} + {2'd0, hints3[2]} + {2'd0, hints3[3]} : 3'd0;
  end

  for (genvar i = 0; i < 4; i++) begin : g_coefficient
    logic [22:0] v1, b1, sum1, sum2;
    logic too_large2, hint2;
    logic [4:0] high1;
    logic [3:0] high_b1, high2, high_b2;
    logic signed [24:0] low1, low2;
    logic [3:0] used;
    assign high1 = mldsa_pkg::high_bits(sum1);
    assign high_b1 = mldsa_pkg::high_digit(b1);
    assign low1 = $signed({2'd0, sum1}) - $signed({1'b0, high1, 19'd0}) + $signed({11'd0, high1, 9'd0}) - (high1[4] ? 25'sd1 : 25'sd0);
    assign used = !hint2 ? high2 : low2 > 25'sd0 ? high2 + 4'd1 : high2 - 4'd1;

    always_comb begin
      fails3[i] = 1'b0;
      case (op)
        mldsa_pkg::POST_Z, mldsa_pkg::POST_HINT: fails3[i] = too_large2;
        mldsa_pkg::POST_LOW: fails3[i] = low2 >= 25'(LOW_BOUND) || low2 <= -25'(LOW_BOUND);
        default: ;
      endcase
      hints3[i] = op == mldsa_pkg::POST_HINT && high2 != high_b2;
    end

    always_ff @(posedge clk) begin
      v1 <= v[23*i+:23];
      b1 <= b[23*i+:23];
      case (op)
        mldsa_pkg::POST_Z, mldsa_pkg::POST_HINT: sum1 <= mldsa_pkg::add_q(v[23*i+:23], b[23*i+:23]);
        mldsa_pkg::POST_LOW: sum1 <= mldsa_pkg::sub_q(b[23*i+:23], v[23*i+:23]);
        default: sum1 <= v[23*i+:23];
      endcase
      too_large2 <= op == mldsa_pkg::POST_Z ? reaches(sum1, 23'(Z_BOUND)) : reaches(v1, 23'(mldsa_pkg::GAMMA2));
      {sum2, high2, high_b2, low2, hint2} <= {sum1, high1[3:0], high_b1, low1, b1[0]};
      case (op)
        mldsa_pkg::POST_HINT: out[23*i+:23] <= {22'd0, hints3[i]};
        mldsa_pkg::POST_USE: out[23*i+:23] <= {19'd0, used};
        default: out[23*i+:23] <= sum2;
      endcase
    end
  end
endmodule

`default_nettype wire
