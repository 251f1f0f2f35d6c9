using System.Diagnostics;
using System.Globalization;
using Estream.Core;
using Estream.Marketplace.Trust.Bundles;
using Estream.Scenarios.Harness;
using Estream.Scenarios.Workloads;

namespace Estream.Scenarios.Product;

/// <summary>A process that verifies one bundle and ends: another program where one is named, this one otherwise.</summary>
internal static class ColdVerifier
{
    public const string Role = "--verify-bundle";

    /// <summary>Names the command line, such as <c>dotnet estream.dll marketplace verify --offline {bundle}</c>; its words are divided by blanks.</summary>
    public const string CommandVariable = "ESTREAM_BENCH_VERIFY";

    // Fields of /proc/self/stat behind the name: the time of children that have ended, in ticks of 10 ms.
    private const int ChildUserField = 13, ChildSystemField = 14;
    private const long NanosPerTick = 10_000_000;

    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(1);

    /// <summary>Runs one, and returns the processor time that it took, its start and end included.</summary>
    public static long Nanos(string bundle, string keys)
    {
        long before = ChildTicks();
        using (Process process = Start(bundle, keys))
        {
            process.StandardInput.Close();
            string said = process.StandardOutput.ReadToEnd();
            if (!process.WaitForExit(s_limit) || process.ExitCode != 0)
            {
                process.Kill(entireProcessTree: true);
                throw new ScenarioException($"the process that verifies did not accept the bundle: {said}");
            }
        }

        return (ChildTicks() - before) * NanosPerTick;
    }

    /// <summary>The child side: <c>--verify-bundle BUNDLE KEYS</c>.</summary>
    public static int Run(ReadOnlySpan<string> arguments)
    {
        if (arguments.Length != 2)
        {
            throw new ScenarioException($"{Role} is the harness's own, and takes a bundle and a file of keys");
        }

        BundleVerifier verifier = new(SampleRegistry.TrustOf(File.ReadAllLines(arguments[1])), SystemClock.Instance, TimeSpan.FromDays(1));
        BundleVerdict verdict = verifier.Verify(File.ReadAllBytes(arguments[0]));
        Console.WriteLine(verdict.IsAccepted ? "accepted" : verdict.Reason);
        return verdict.IsAccepted ? 0 : 1;
    }

    private static Process Start(string bundle, string keys)
    {
        if (Environment.GetEnvironmentVariable(CommandVariable) is not { Length: > 0 } command)
        {
            return SelfProcess.Start(Role, bundle, keys);
        }

        string[] words = [.. command.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(word => word.Replace("{bundle}", bundle, StringComparison.Ordinal).Replace("{keys}", keys, StringComparison.Ordinal))];
        return SelfProcess.Start(new ProcessStartInfo(words[0], words[1..]));
    }

    private static long ChildTicks()
    {
        string[] fields = File.ReadAllText("/proc/self/stat").Split(") ")[^1].Split(' ');
        return long.Parse(fields[ChildUserField], CultureInfo.InvariantCulture) + long.Parse(fields[ChildSystemField], CultureInfo.InvariantCulture);
    }
}
