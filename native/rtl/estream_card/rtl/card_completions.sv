// Offers completions of the engines, one in each cycle, the engines in turn. A completion with bytes for host memory is
// offered after these are written.
//
// The item of a source, from bit 0: user data 64, status 8, flags 8, info 32, sequence 64, data 64, stamp 32, then the number
// of bytes to write 6, their address 64 and the bytes 256.
`default_nettype none

module card_completions #(
    parameter int SOURCES = 5
) (
    input  wire                    clk,
    input  wire                    rst,
    input  wire  [           31:0] cycle,
    input  wire  [    SOURCES-1:0] in_valid,
    output logic [    SOURCES-1:0] in_ready,
    input  wire  [SOURCES*598-1:0] in_items,
    output logic                   cq_valid,
    input  wire                    cq_ready,
    output logic [          255:0] cq_data,
    output logic                   wr_valid,
    input  wire                    wr_ready,
    input  wire                    wr_error,
    output logic [           63:0] wr_address,
    output logic [            5:0] wr_bytes,
    output logic [          255:0] wr_data,
    output logic                   write_failed
);
  localparam int BITS = 598;

  // The next source after the one served last has priority.
  logic [SOURCES-1:0] behind, candidates, chosen;
  assign candidates = (in_valid & behind) != '0 ? in_valid & behind : in_valid;
  assign chosen = candidates & (~candidates + 1'b1);

  logic [BITS-1:0] item;
  always_comb begin
    item = '0;
    for (int i = 0; i < SOURCES; i++) item = item | ({BITS{chosen[i]}} & in_items[BITS*i+:BITS]);
  end

  logic full, writes, loads;
  assign loads = !full || (cq_valid && cq_ready);
  assign in_ready = loads ? chosen : '0;
  assign cq_valid = full && !writes;
  assign wr_valid = full && writes;
  assign write_failed = wr_valid && wr_ready && wr_error;

  logic [63:0] user_data, sequence_number, data;
  logic [7:0] status, flags;
  logic [31:0] info;
  logic [15:0] cycles;
  assign cq_data = {data, sequence_number, info, cycles, flags, status, user_data};

  // The item is offered in the next cycle at the earliest.
  logic [31:0] age;
  assign age = cycle - item[271:240] + 32'd1;

  always_ff @(posedge clk) begin
    if (rst) begin
      full <= 1'b0;
      behind <= '0;
    end else if (loads) begin
      full <= in_valid != '0;
      if (in_valid != '0) behind <= ~((chosen << 1) - 1'b1);
    end

    if (loads) begin
      {data, sequence_number, info, flags, status, user_data} <= item[239:0];
      {wr_data, wr_address, wr_bytes} <= {item[597:342], item[341:278], item[277:272]};
      writes <= item[277:272] != '0;
      cycles <= age > 32'hffff ? 16'hffff : age[15:0];
    end else if (writes) begin
      if (wr_ready) writes <= 1'b0;
      if (wr_ready && wr_error) status <= estream_card_pkg::ST_DMA_ERROR;
      if (cycles != 16'hffff) cycles <= cycles + 16'd1;
    end
  end
endmodule

`default_nettype wire
