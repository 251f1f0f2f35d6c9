namespace Estream.Cli.Commands.Hosts;

/// <summary>Finds the host program: next to this program, in the folder lib of an unpacked archive, or in the build output of a
/// checkout.</summary>
internal static class HostProgramFile
{
    /// <summary>The environment variable in which the script of a checkout passes the path of the host program.</summary>
    public const string Variable = "ESTREAM_HOST_PROGRAM";

    private const string Name = "Estream.Host";
    private const string Assembly = Name + ".dll";

    /// <summary>Returns the program to run and the arguments that come before those of the host.</summary>
    /// <exception cref="CliException">The host is not installed.</exception>
    public static (string Program, string[] Arguments) Find(string? named, string folder)
    {
        string[] candidates = named is { Length: > 0 }
            ? [Path.GetFullPath(named)]
            : [Path.Combine(folder, Name), Path.GetFullPath(Path.Combine(folder, NativeBinary.Libraries, Name)),
                Path.Combine(folder, Assembly)];
        string found = Array.Find(candidates, File.Exists) ?? throw new CliException(
            named is { Length: > 0 }
                ? $"The host program '{named}' does not exist. Correct or remove the variable {Variable}."
                : $"The host program is not installed: '{candidates[0]}' does not exist. Install it in the folder of estream, or set "
                    + $"{Variable} to the path of {Assembly}.");
        return found.EndsWith(".dll", StringComparison.Ordinal) ? ("dotnet", [found]) : (found, []);
    }
}
