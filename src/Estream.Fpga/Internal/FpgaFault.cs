namespace Estream.Fpga.Internal;

/// <summary>The faults that can be injected into a simulated card: enum esf_fault.</summary>
internal enum FpgaFault
{
    Vanish = 1,
    Drop = 2,
    DmaError = 3,
    Ecc = 4,
    Stuck = 5,
    Flip = 6,
    Stale = 7,
    Reset = 8,
    Duplicate = 9,
}
