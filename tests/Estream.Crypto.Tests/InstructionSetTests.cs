using System.Runtime.Intrinsics.X86;
using Estream.Testing;

namespace Estream.Crypto.Tests;

/// <summary>Every published case again in processes that may not use some or all of the processor's vectors.</summary>
public sealed class InstructionSetTests
{
    private const string Counts = "1024 100+0 133+136 153+40 3+6";

    [Fact]
    public void Without_AVX_512_all_vectors_are_right() =>
        Run("DOTNET_EnableAVX512", Avx2.IsSupported ? "FourLanes Scalar 256" : "Scalar Scalar Scalar");

    [Fact]
    public void Without_any_vectors_all_vectors_are_right() => Run("DOTNET_EnableHWIntrinsic", "Scalar Scalar Scalar");

    private static void Run(string variable, string kernels)
    {
        using ChildProcess child = ChildProcess.StartDotnet(
            typeof(InstructionSetTests).Assembly.Location, [], environment: new Dictionary<string, string?> { [variable] = "0" });
        ProcessResult result = child.WaitForExit();
        Assert.True(result.ExitCode == 0, result.Error);
        Assert.Equal([kernels, Counts], result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
    }
}
