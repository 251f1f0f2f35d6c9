using System.Globalization;
using Estream.Crypto.Tests.Support;
using Estream.Testing;

namespace Estream.Crypto.Tests;

/// <summary>
/// Measures with the method of dudect whether timing distinguishes a key from other keys, with each of the kernels: child processes run
/// without AVX-512, or without any vectors. Results are judged only with the full counts. A busy machine then only takes longer, because
/// disturbances affect both classes. The small everyday counts only show that everything runs.
/// </summary>
public sealed class DsaTimingTests
{
    // A case takes at most seven times its first measurement, which takes some minutes with the slowest kernel.
    private static readonly TimeSpan s_limit = TimeSpan.FromHours(2);

    [Theory]
    [InlineData("", 200_000)]
    [InlineData("DOTNET_EnableAVX512", 200_000)]
    [InlineData("DOTNET_EnableHWIntrinsic", 50_000)]
    public void The_timing_test_finds_no_leak_but_detects_a_planted_leak_of_a_twentieth_of_a_signature(string switchedOff, int signatures)
    {
        Dictionary<string, string?> environment = new();
        if (switchedOff.Length > 0)
        {
            environment[switchedOff] = "0";
        }

        using ChildProcess child = ChildProcess.StartDotnet(
            typeof(DsaTimingTests).Assembly.Location,
            [TimingCases.Argument, LongRun.Count(100, signatures).ToString(CultureInfo.InvariantCulture)], environment: environment);
        ProcessResult result = child.WaitForExit(s_limit);
        Assert.True(result.ExitCode == 0, result.Error);
        string[][] lines = [.. result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(line => line.Split(' '))];
        Assert.Equal(TimingCases.Names, lines.Select(line => line[0]));
        foreach (string[] line in lines)
        {
            double t = double.Parse(line[1], CultureInfo.InvariantCulture);
            Assert.True(double.IsFinite(t), result.Output);
            if (LongRun.IsOn)
            {
                Assert.True(t > WelchTest.Limit == (line[0] == TimingCases.Control), $"{line[0]}: {result.Output}");
            }
        }
    }

    [Fact]
    public void An_early_exit_comparison_is_detected()
    {
        if (!LongRun.IsOn)
        {
            return;
        }

        byte[] one = new byte[256], secret = new byte[256];
        double t = WelchTest.Of(200_000, (kind, _) => secret[16] = kind ? (byte)0 : (byte)1, () => IsEqual(one, secret));
        Assert.True(t > WelchTest.Limit, $"t is {t}");
    }

    private static bool IsEqual(byte[] a, byte[] b)
    {
        for (int i = 0; i < a.Length; i++)
        {
            if (a[i] != b[i])
            {
                return false;
            }
        }

        return true;
    }
}
