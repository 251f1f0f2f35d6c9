using System.CommandLine;
using System.Globalization;
using Estream.Cli.Data;
using Estream.Cli.Output;
using Estream.Core;
using Estream.Map;

namespace Estream.Cli.Commands;

/// <summary>`estream map confirm`: ends the warning that a power cut or a refused flush may have torn a map of clients.</summary>
internal static class MapConfirmCommand
{
    public static Command Create(CliContext context)
    {
        Argument<string> map = SharedOptions.Map();
        Command command = new(
            "confirm",
            "Clears the warning that a map of Client:Maps may have lost changes (power cut or refused flush), and rewrites its files. "
            + "Before, check the entries and stop the host. The host repairs replicated maps itself. "
            + "Example: estream map confirm settings")
        {
            map,
        };
        MasterKeyOptions masterKeys = new(command);
        command.SetAction(parsed =>
        {
            string name = parsed.GetRequiredValue(map);
            string directory = new DataFolder(context.DataFolder).Resolve(DataFolder.Maps, name);
            using QueueKeyRing? keys = masterKeys.Read(parsed);
            ByteMapOptions options = new() { Keys = keys, Clock = context.Clock };
            bool isConfirmed = Confirm(directory, options);
            string line = isConfirmed ? string.Create(CultureInfo.InvariantCulture, $"{CountOf(directory, options)} entries confirmed")
                : "nothing to confirm";
            if (isConfirmed)
            {
                CliAudit.Record(context, "map confirm", name, line);
            }

            using LineWriter lines = new(context.Output);
            lines.WriteLine($"{name}: {line}");
            return ExitCode.Ok;
        });
        return command;
    }

    private static bool Confirm(string directory, ByteMapOptions options)
    {
        try
        {
            return VersionedByteMap.ConfirmEntries(directory, options);
        }
        catch (InvalidOperationException refused)
        {
            throw new CliException(refused.Message);
        }
    }

    private static long CountOf(string directory, ByteMapOptions options)
    {
        using VersionedByteMap map = VersionedByteMap.OpenReadOnly(directory, options);
        return map.Count;
    }
}
