// Implements doors.circuit.yaml for one message per clock: messages of doors that moved more than 100 times leave one clock later.
module doors (
    input  logic         clk,
    input  logic         rst,
    input  logic         in_valid,
    input  logic [255:0] in_door,
    input  logic [63:0]  in_count,
    output logic         out_valid,
    output logic [255:0] out_door,
    output logic [63:0]  out_count
);
    localparam logic [63:0] Often = 64'd100;

    always_ff @(posedge clk) begin
        out_valid <= !rst && in_valid && in_count > Often;
        out_door  <= in_door;
        out_count <= in_count;
    end
endmodule
