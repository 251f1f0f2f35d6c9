using System.CommandLine;
using System.ComponentModel;
using Estream.Core.Internal;

namespace Estream.Cli.Commands.Hosts;

/// <summary>`estream host`: runs a host, checks its configuration, and sends requests to a running host.</summary>
internal static class HostCommand
{
    public static Command Create(CliContext context) => new("host", "Runs a host, checks its configuration, and reloads a running host.")
    {
        CreateRun(context), CreateCheck(context), ReloadCommand.Create(context),
    };

    private static Command CreateRun(CliContext context) => CreateExecuting(
        context,
        "run",
        "Runs the host in this process until Ctrl-C or SIGTERM. Exit code 1 if the running host fails, for example because it loses its "
        + "lease; 2 if the host cannot start. Example: estream host run --config estream.json");

    private static Command CreateCheck(CliContext context) => CreateExecuting(
        context,
        "check",
        "Checks the configuration of a host and prints all errors. Starts nothing. Exit code 1 if there are errors. Example: estream "
        + "host check --config estream.json",
        "--check");

    /// <summary>Creates a command that runs the program of the host in this process.</summary>
    private static Command CreateExecuting(CliContext context, string name, string description, params string[] arguments)
    {
        Option<string?> config = new("--config")
        {
            Description = "The configuration file. Default: the shipped configuration, an MQTT endpoint for devices.",
            HelpName = "FILE",
        };
        Command command = new(name, description) { config };
        command.SetAction(parsed =>
            Execute(context, [.. parsed.GetValue(config) is { } file ? (string[])["--config", file] : [], .. arguments]));
        return command;
    }

    private static int Execute(CliContext context, string[] arguments)
    {
        if (NativeBinary.IsNative)
        {
            RuntimeLibraries.Require();
        }

        (string program, string[] before) = HostProgramFile.Find(context.HostProgram, AppContext.BaseDirectory);
        try
        {
            ProcessImage.Replace(program, [.. before, .. arguments]);
        }
        catch (Win32Exception failure)
        {
            throw new CliException($"Cannot run '{program}': {failure.Message}. Install the .NET runtime 10, or correct the variable "
                + $"{HostProgramFile.Variable}.");
        }

        return ExitCode.Ok;
    }
}
