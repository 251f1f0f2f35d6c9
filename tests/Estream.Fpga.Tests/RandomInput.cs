using Estream.Fpga.Internal;

namespace Estream.Fpga.Tests;

/// <summary>Random inputs that several tests share.</summary>
internal static class RandomInput
{
    private static readonly FpgaFault[] s_faults = Enum.GetValues<FpgaFault>();

    public static FpgaFault Fault(Random random) => s_faults[random.Next(s_faults.Length)];
}
