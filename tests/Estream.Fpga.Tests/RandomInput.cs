using Estream.Fpga.Internal;

namespace Estream.Fpga.Tests;

/// <summary>What random tests draw.</summary>
internal static class RandomInput
{
    private static readonly FpgaFault[] s_faults = Enum.GetValues<FpgaFault>();

    public static FpgaFault Fault(Random random) => s_faults[random.Next(s_faults.Length)];
}
