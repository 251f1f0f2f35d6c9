// Decodes four packed coefficients, and tests their range.
`default_nettype none

module mldsa_unpack (
    input  wire  [ 1:0] encoding,  // PACK_*
    input  wire  [79:0] piece,
    output logic [ 6:0] size,      // bits of four coefficients
    output logic [91:0] coefficients,
    output logic        out_of_range
);
  logic [3:0] outside;
  assign out_of_range = outside != 4'd0;

  always_comb begin
    case (encoding)
      mldsa_pkg::PACK_3: size = 7'd12;
      mldsa_pkg::PACK_13: size = 7'd52;
      mldsa_pkg::PACK_10: size = 7'd40;
      default: size = 7'd80;
    endcase
  end

  for (genvar i = 0; i < 4; i++) begin : g_coefficient
    logic [22:0] from, value;
    always_comb begin
      case (encoding)
        mldsa_pkg::PACK_3: begin
          from = 23'd2;
          value = {20'd0, piece[3*i+:3]};
          outside[i] = piece[3*i+:3] > 3'd4;
        end
        mldsa_pkg::PACK_13: begin
          from = 23'd4096;
          value = {10'd0, piece[13*i+:13]};
          outside[i] = 1'b0;
        end
        mldsa_pkg::PACK_10: begin
          from = 23'd0;
          value = {piece[10*i+:10], 13'd0};
          outside[i] = 1'b0;
        end
        default: begin
          from = 23'(mldsa_pkg::GAMMA1);
          value = {3'd0, piece[20*i+:20]};
          outside[i] = piece[20*i+:20] <= 20'(mldsa_pkg::BETA) || piece[20*i+:20] >= 20'((2 * mldsa_pkg::GAMMA1) - mldsa_pkg::BETA);
        end
      endcase
    end
    assign coefficients[23*i+:23] = mldsa_pkg::sub_q(from, value);
  end
endmodule

`default_nettype wire
