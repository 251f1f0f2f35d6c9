using System.ComponentModel;
using System.Diagnostics.CodeAnalysis;
using Estream.Cli.Commands;
using Estream.Cli.Commands.Hosts;
using Estream.Core.Internal;

namespace Estream.Cli;

/// <summary>
/// The command line as a binary that is compiled ahead of time (NativeAOT), which starts in a few milliseconds. It has the commands
/// whose libraries need no reflection, and runs the managed program for the others, for help and for completion.
/// </summary>
internal static class NativeBinary
{
    private const string Switch = "Estream.Cli.IsNative";

    /// <summary>The folder of the managed program and of the host, relative to the folder of this binary.</summary>
    public const string Libraries = "../lib";

    /// <summary>Whether this program is the binary. A constant for NativeAOT, which omits the other commands and libraries.</summary>
    [FeatureSwitchDefinition(Switch)]
    public static bool IsNative => AppContext.TryGetSwitch(Switch, out bool isOn) && isOn;

    /// <summary>The commands of the binary.</summary>
    public static CommandGroup[] Groups =>
    [
        new("Host",
            ("host", HostCommand.Create),
            ("status", StatusCommand.Create)),
        new("Queues and schemas",
            ("tail", TailCommand.Create),
            ("queue", QueueCommand.Create),
            ("schema", SchemaCommand.Create)),
    ];

    /// <summary>Whether the binary leaves a command line to the managed program.</summary>
    public static bool IsForManaged(string[] args) =>
        args is not ["--version"]
        && !(args is [{ } command, ..] && Groups.Any(group => group.Commands.Any(known => known.Name == command)));

    /// <summary>Replaces this process with the managed program.</summary>
    /// <exception cref="CliException">The managed program, or a library that it needs, is not installed.</exception>
    public static int RunManaged(string[] args)
    {
        RuntimeLibraries.Require();
        string program = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, Libraries, "estream"));
        try
        {
            ProcessImage.Replace(program, args);
        }
        catch (Win32Exception failure)
        {
            throw new CliException(
                $"Cannot run '{program}', which has this command: {failure.Message}. Unpack the whole archive of estream.");
        }

        return ExitCode.Ok;
    }
}
