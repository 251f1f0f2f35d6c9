using System.Runtime.Intrinsics.X86;
using Estream.Testing;

namespace Estream.Crypto.Tests;

/// <summary>Runs all published cases again in processes that may use only some of the processor's vector instructions, or none.</summary>
public sealed class InstructionSetTests
{
    // Ends a broken test. Without vector instructions the cases take long, and much longer on a busy machine.
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(20);

    private static readonly string[] s_counts =
    [
        "1024 20 66+108 99+162 100+0 133+136 153+40 3+6",
        "25 60 30 82+4 77+103 25 60 30 101+4 79+131 25 60 30 92+4 71+170",
        "64+5",
    ];

    [Fact]
    public void Without_AVX_512_all_published_cases_pass() =>
        Run("DOTNET_EnableAVX512", Avx2.IsSupported ? "FourLanes Scalar 256" : "Scalar Scalar Scalar");

    [Fact]
    public void Without_vector_instructions_all_published_cases_pass() => Run("DOTNET_EnableHWIntrinsic", "Scalar Scalar Scalar");

    private static void Run(string variable, string kernels)
    {
        using ChildProcess child = ChildProcess.StartDotnet(
            typeof(InstructionSetTests).Assembly.Location, [], environment: new Dictionary<string, string?> { [variable] = "0" });
        ProcessResult result = child.WaitForExit(s_limit);
        Assert.True(result.ExitCode == 0, result.Error);
        Assert.Equal([kernels, .. s_counts],
            result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
    }
}
