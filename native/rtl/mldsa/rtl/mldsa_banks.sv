// Polynomials that are read and written in groups of four coefficients, at distances of 1, 4, 16 or 64, without conflicts:
// a coefficient whose index has the base-4 digits d3 d2 d1 d0 lies in bank (d3 + d2 + d1 + d0) modulo 4, at the address d3 d2 d1.
//
// A group has a digit (0 to 3) in which its coefficients differ, and a place: the three other digits, d3 first for the digits 0
// to 2, but d1 d0 d2 for digit 3. A read takes 2 cycles, a write is visible to reads 2 cycles later.
`default_nettype none

module mldsa_banks #(
    parameter int SLOT_BITS = 1
) (
    input  wire                  clk,
    input  wire  [SLOT_BITS-1:0] read_slot,
    input  wire  [          1:0] read_digit,
    input  wire  [          5:0] read_place,
    output logic [         91:0] read_data,
    input  wire  [          3:0] write,       // by coefficient of the group
    input  wire  [SLOT_BITS-1:0] write_slot,
    input  wire  [          1:0] write_digit,
    input  wire  [          5:0] write_place,
    input  wire  [         91:0] write_data
);
  // The address of the coefficient whose digit is `own`.
  function automatic logic [5:0] address(input logic [1:0] digit, input logic [5:0] place, input logic [1:0] own);
    case (digit)
      2'd0: address = place;
      2'd1: address = {place[5:2], own};
      2'd2: address = {place[5:4], own, place[3:2]};
      default: address = {own, place[1:0], place[5:4]};
    endcase
  endfunction

  logic [1:0] read_turn, read_turn1, write_turn;
  assign read_turn  = read_place[5:4] + read_place[3:2] + read_place[1:0];
  assign write_turn = write_place[5:4] + write_place[3:2] + write_place[1:0];

  logic [91:0] banked;
  always_ff @(posedge clk) begin
    read_turn1 <= read_turn;
    case (read_turn1)
      2'd0: read_data <= banked;
      2'd1: read_data <= {banked[22:0], banked[91:23]};
      2'd2: read_data <= {banked[45:0], banked[91:46]};
      default: read_data <= {banked[68:0], banked[91:69]};
    endcase
  end

  logic [91:0] turned;
  logic [ 3:0] enables;
  always_comb begin
    case (write_turn)
      2'd0: {enables, turned} = {write, write_data};
      2'd1: {enables, turned} = {write[2:0], write[3], write_data[68:0], write_data[91:69]};
      2'd2: {enables, turned} = {write[1:0], write[3:2], write_data[45:0], write_data[91:46]};
      default: {enables, turned} = {write[0], write[3:1], write_data[22:0], write_data[91:23]};
    endcase
  end

  for (genvar bank = 0; bank < 4; bank++) begin : g_bank
    logic enable1;
    logic [SLOT_BITS+5:0] write_address1;
    logic [22:0] data1;
    always_ff @(posedge clk) begin
      enable1 <= enables[bank];
      write_address1 <= {write_slot, address(write_digit, write_place, 2'(bank) - write_turn)};
      data1 <= turned[23*bank+:23];
    end
    mldsa_ram #(
        .BITS(23),
        .WORDS(64 << SLOT_BITS),
        .ADDRESS_BITS(SLOT_BITS + 6)
    ) u_ram (
        .clk(clk),
        .read_address({read_slot, address(read_digit, read_place, 2'(bank) - read_turn)}),
        .read_data(banked[23*bank+:23]),
        .write(enable1),
        .write_address(write_address1),
        .write_data(data1)
    );
  end
endmodule

`default_nettype wire
