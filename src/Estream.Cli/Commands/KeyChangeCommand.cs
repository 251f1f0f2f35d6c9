using System.CommandLine;
using Estream.Cli.Data;
using Estream.Core;

namespace Estream.Cli.Commands;

/// <summary>A command that changes the keys of a queue or map with the master keys of a key file.</summary>
internal static class KeyChangeCommand
{
    /// <param name="context">The command line.</param>
    /// <param name="name">The name of the command.</param>
    /// <param name="help">The help text.</param>
    /// <param name="target">The queue or map.</param>
    /// <param name="folder">The folder of queues or maps in the data folder.</param>
    /// <param name="change">Changes the keys of the queue or map in a directory, and returns the line to print.</param>
    public static Command Create(
        CliContext context, string name, string help, Argument<string> target, string folder, Func<string, QueueKeyRing, string> change)
    {
        Command command = new(name, help) { target };
        MasterKeyOptions masterKeys = new(command, isRequired: true);
        command.SetAction(parsed =>
        {
            string directory = new DataFolder(context.DataFolder).Resolve(folder, parsed.GetRequiredValue(target));
            using QueueKeyRing keys = masterKeys.Read(parsed)!;
            using Output.LineWriter lines = new(context.Output);
            string line;
            using (Output.ProgressLine.Start(context, $"{name} {parsed.GetRequiredValue(target)}"))
            {
                line = Change(directory, keys, change);
            }

            CliAudit.Record(context, $"{(folder == DataFolder.Queues ? "queue" : "map")} {name}", parsed.GetRequiredValue(target), line);
            lines.WriteLine(line);
            return ExitCode.Ok;
        });
        return command;
    }

    private static string Change(string directory, QueueKeyRing keys, Func<string, QueueKeyRing, string> change)
    {
        try
        {
            return change(directory, keys);
        }
        catch (InvalidOperationException refused)
        {
            throw new CliException(refused.Message);
        }
    }
}
