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
        using (Process process =
            SelfProcess.Start(new ProcessStartInfo("dotnet", [Program(), "marketplace", "verify", package, "--offline", "--root", root])))
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

    // Programs of this repository are in REPOSITORY/FOLDER/PROJECT/bin/CONFIGURATION/FRAMEWORK, including this one.
    private static string Program()
    {
        DirectoryInfo framework = new(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory));
        DirectoryInfo? repository = framework.Parent?.Parent?.Parent?.Parent?.Parent;
        string path = Path.Combine(repository?.FullName ?? "", "src", "Estream.Cli", "bin", framework.Parent?.Name ?? "", framework.Name,
            "estream.dll");
        return File.Exists(path)
            ? path
            : throw new ScenarioException(
                $"the measured program is missing: {path}. Build src/Estream.Cli in the same configuration");
    }

    private static long ChildTicks()
    {
        string[] fields = File.ReadAllText("/proc/self/stat").Split(") ")[^1].Split(' ');
        return long.Parse(fields[ChildUserField], CultureInfo.InvariantCulture)
            + long.Parse(fields[ChildSystemField], CultureInfo.InvariantCulture);
    }
}
