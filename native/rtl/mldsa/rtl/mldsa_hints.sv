// Decodes the hints of a signature (FIPS 204, algorithm 21) into 8 polynomials, after it has cleared them: a byte per cycle.
`default_nettype none

module mldsa_hints (
    input  wire         clk,
    input  wire         rst,
    input  wire         start,
    output logic        done,
    input  wire         in_valid,
    output logic        in_ready,
    input  wire  [63:0] in_word,
    output logic [ 3:0] write,
    output logic [ 2:0] write_row,
    output logic [ 5:0] write_group,
    output logic [91:0] write_data,
    output logic        invalid       // the encoding is not canonical
);
  typedef enum logic [1:0] {
    IDLE,
    RECEIVE,
    CLEAR,
    DECODE
  } phase_t;

  phase_t phase;
  logic [703:0] bytes;
  logic [3:0] words;
  logic [8:0] cleared;
  logic [6:0] index;       // of a position
  logic [3:0] row;         // 8: the rest must be zero
  logic is_first;
  logic [7:0] position, last_position, end_of_row;

  assign position = bytes[{3'd0, index}*8+:8];
  assign end_of_row = bytes[(10'(mldsa_pkg::OMEGA) + {7'd0, row[2:0]})*8+:8];
  assign in_ready = phase == RECEIVE;
  assign done = phase == IDLE;

  logic in_row, is_set;
  assign in_row = {1'b0, index} != end_of_row;
  assign is_set = phase == DECODE && !row[3] && in_row;
  assign write = phase == CLEAR ? 4'hf : is_set ? 4'd1 << position[1:0] : 4'd0;
  assign write_row = phase == CLEAR ? cleared[8:6] : row[2:0];
  assign write_group = phase == CLEAR ? cleared[5:0] : position[7:2];
  assign write_data = phase == CLEAR ? 92'd0 : {22'd0, 1'b1, 22'd0, 1'b1, 22'd0, 1'b1, 22'd0, 1'b1};

  always_ff @(posedge clk) begin
    if (rst) begin
      phase <= IDLE;
      invalid <= 1'b0;
    end else begin
      case (phase)
        IDLE:
        if (start) begin
          phase <= RECEIVE;
          {words, cleared, index, row, invalid} <= '0;
          is_first <= 1'b1;
        end
        RECEIVE:
        if (in_valid) begin
          bytes <= {in_word, bytes[703:64]};
          words <= words + 4'd1;
          if (words == 4'd10) phase <= CLEAR;
        end
        CLEAR: begin
          cleared <= cleared + 9'd1;
          if (cleared == 9'd511) phase <= DECODE;
        end
        default: begin
          last_position <= position;
          if (row[3]) begin
            if (index == 7'(mldsa_pkg::OMEGA)) phase <= IDLE;
            else begin
              index <= index + 7'd1;
              if (position != 8'd0) invalid <= 1'b1;
            end
          end else if (end_of_row < {1'b0, index} || end_of_row > 8'(mldsa_pkg::OMEGA)) begin
            invalid <= 1'b1;
            phase <= IDLE;
          end else if (in_row) begin
            if (!is_first && last_position >= position) invalid <= 1'b1;
            is_first <= 1'b0;
            index <= index + 7'd1;
          end else begin
            is_first <= 1'b1;
            row <= row + 4'd1;
          end
        end
      endcase
    end
  end
endmodule

`default_nettype wire
