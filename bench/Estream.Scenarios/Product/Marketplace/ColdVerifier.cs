using System.Diagnostics;
using System.Globalization;
using Estream.Scenarios.Harness;

namespace Estream.Scenarios.Product;

/// <summary>Runs a process of the command line that verifies one package and exits.</summary>
internal static class ColdVerifier
{
    // Fields of /proc/self/stat after the name: the time of children that have ended, in ticks of 10 ms.
    private const int ChildUserField = 13, ChildSystemField = 14;
    private const long NanosPerTick = 10_000_000;

    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(1);

    /// <summary>Runs a verifying process, and returns the processor time that it used, including its start and end, in ns.</summary>
    /// <param name="package">The package, with its bundle next to it.</param>
    /// <param name="root">The initial trust root.</param>
    public static long Nanos(string package, string root)
    {
        long before = ChildTicks();
        string program = BuiltProgram.Find("Estream.Cli", "estream.dll");
        using (Process process =
            SelfProcess.Start(new ProcessStartInfo("dotnet", [program, "marketplace", "verify", package, "--offline", "--root", root])))
        {
            process.StandardInput.Close();
            string said = process.StandardOutput.ReadToEnd();
            if (!process.WaitForExit(s_limit) || process.ExitCode != 0)
            {
                process.Kill(entireProcessTree: true);
                throw new ScenarioException($"the verifying process did not accept the package: {said}");
            }
        }

        return (ChildTicks() - before) * NanosPerTick;
    }

    private static long ChildTicks()
    {
        string[] fields = File.ReadAllText("/proc/self/stat").Split(") ")[^1].Split(' ');
        return long.Parse(fields[ChildUserField], CultureInfo.InvariantCulture)
            + long.Parse(fields[ChildSystemField], CultureInfo.InvariantCulture);
    }
}
