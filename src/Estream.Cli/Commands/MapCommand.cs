using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Estream.Cli.Commands.Hosts;
using Estream.Cli.Commands.Remote;
using Estream.Cli.Data;
using Estream.Cli.Output;
using Estream.Core;
using Estream.Map;
using Estream.Queue;

namespace Estream.Cli.Commands;

/// <summary>`estream map get` and `estream map scan`, and the commands of <see cref="RemoteMapCommands"/>,
/// <see cref="MapKeyCommands"/> and <see cref="MapConfirmCommand"/>.</summary>
internal static class MapCommand
{
    public static Command Create(CliContext context)
    {
        return new Command("map", "Lists maps, reads the latest message per key from a map, and uses maps of a host.")
        {
            CreateList(context), CreateGet(context), CreateScan(context),
            RemoteMapCommands.CreatePut(context), RemoteMapCommands.CreateRemove(context),
            RemoteMapCommands.CreateWatch(context), MapKeyCommands.CreateRotate(context), MapKeyCommands.CreateRewrap(context),
            MapConfirmCommand.Create(context),
        };
    }

    private static Command CreateList(CliContext context)
    {
        Command command = new("list", "Lists the maps of the data folder, or of a host. Shows the number of entries of each map that a "
            + "host updates from a queue. Example: estream map list");
        FormatOption format = new(command);
        HostConnectionOptions host = new(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            bool isJson = format.IsJson(parsed);
            using LineWriter lines = new(context.Output, context.HasColor);
            TextTable table = new("map", ">entries");
            foreach ((string name, long? entries) in host.IsGiven(parsed)
                ? await OfHostAsync(host, parsed, context, cancellation).ConfigureAwait(false)
                : OfFolder(new DataFolder(context.DataFolder)))
            {
                if (isJson)
                {
                    lines.WriteObject(one =>
                    {
                        one.WriteString("name", name);
                        if (entries is { } count)
                        {
                            one.WriteNumber("entries", count);
                        }
                    });
                }
                else
                {
                    table.Add("", name, entries?.ToString(CultureInfo.InvariantCulture) ?? "");
                }
            }

            table.Write(lines);
            return ExitCode.Ok;
        });
        return command;
    }

    private static IEnumerable<(string Name, long? Entries)> OfFolder(DataFolder data) =>
        data.List(DataFolder.Maps).Select(name => (name, CountOf(data.PathOf(DataFolder.Maps, name))));

    private static async Task<IEnumerable<(string Name, long? Entries)>> OfHostAsync(
        HostConnectionOptions host, ParseResult parsed, CliContext context, CancellationToken cancellation)
    {
        return await host.ListAsync(
            "maps", static map => (map.GetProperty("name").GetString()!, (long?)map.GetProperty("entries").GetInt64()), parsed, context,
            cancellation).ConfigureAwait(false);
    }

    // Returns null for a map of other types, or a map that cannot be opened.
    private static long? CountOf(string directory)
    {
        try
        {
            using StateMap<Utf8Key64, LatestEntry> map = StateMap.OpenReadOnly<Utf8Key64, LatestEntry>(directory);
            return map.Count;
        }
        catch (Exception failure) when (failure is EstreamException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static Command CreateGet(CliContext context)
    {
        Argument<string> map = SharedOptions.Map();
        Argument<string> key = new("KEY") { Description = $"The key, at most {Utf8Key64.MaxLength} bytes of UTF-8." };
        Option<string[]> schema = SharedOptions.SchemaFiles();
        Command command = new("get", "Prints the latest message of a key. Exit code 1 if the key does not exist or its message was deleted "
            + "from the queue. Example: estream map get latest pump-7") { map, key, schema };
        FormatOption format = new(command);
        MasterKeyOptions masterKeys = new(command);
        RemoteOptions remote = new(command, isRequired: false);
        command.SetAction(async (parsed, cancellation) =>
        {
            string text = parsed.GetRequiredValue(key);
            if (remote.IsGiven(parsed))
            {
                using RemoteValues values = new(context, parsed.GetRequiredValue(schema), format.IsJson(parsed));
                return await RemoteMapCommands.GetAsync(remote, parsed, map, text, values, cancellation).ConfigureAwait(false);
            }

            if (!Utf8Key64.TryCreate(text, out Utf8Key64 wanted))
            {
                throw new CliException($"A key has at most {Utf8Key64.MaxLength} bytes of UTF-8; this key has "
                    + $"{Encoding.UTF8.GetByteCount(text)}.");
            }

            using Reader reader = new(context, parsed.GetRequiredValue(map), parsed.GetRequiredValue(schema), masterKeys.Read(parsed),
                format.IsJson(parsed));
            if (!reader.Map.TryGet(in wanted, out LatestEntry entry))
            {
                throw new CliException($"The map '{parsed.GetRequiredValue(map)}' has no key '{text}'.", ExitCode.No);
            }

            return reader.Print(wanted, entry) ? ExitCode.Ok : ExitCode.No;
        });
        return command;
    }

    private static Command CreateScan(CliContext context)
    {
        Argument<string> map = SharedOptions.Map();
        Option<string> prefix = new("--prefix") { Description = "Print only keys that begin with this prefix. Default: all "
            + "keys.", DefaultValueFactory = _ => "" };
        Option<long> limit = new("--limit")
        {
            Description = "The maximum number of entries. Default: no limit.",
            DefaultValueFactory = _ => long.MaxValue,
            HelpName = "N",
        };
        Option<string[]> schema = SharedOptions.SchemaFiles();
        Command command = new("scan", "Prints all entries of a map, in no particular order. Example: estream map scan latest --prefix "
            + "pump- --limit 10") { map, prefix, limit, schema };
        FormatOption format = new(command);
        MasterKeyOptions masterKeys = new(command);
        RemoteOptions remote = new(command, isRequired: false);
        command.SetAction(async (parsed, cancellation) =>
        {
            if (remote.IsGiven(parsed))
            {
                using RemoteValues values = new(context, parsed.GetRequiredValue(schema), format.IsJson(parsed));
                return await RemoteMapCommands.ScanAsync(remote, parsed, map, parsed.GetRequiredValue(prefix), parsed.GetValue(limit),
                    values, cancellation).ConfigureAwait(false);
            }

            byte[] start = Encoding.UTF8.GetBytes(parsed.GetRequiredValue(prefix));
            long left = parsed.GetValue(limit);
            using Reader reader = new(context, parsed.GetRequiredValue(map), parsed.GetRequiredValue(schema), masterKeys.Read(parsed),
                format.IsJson(parsed));
            foreach ((Utf8Key64 key, LatestEntry entry) in reader.Map)
            {
                if (left <= 0 || context.Cancellation.IsCancellationRequested)
                {
                    break;
                }

                if (key.Span.StartsWith(start))
                {
                    reader.Print(key, entry);
                    left--;
                }
            }

            return ExitCode.Ok;
        });
        return command;
    }

    /// <summary>A map opened for reading, and the queue, keys and schemas needed to print its entries.</summary>
    private sealed class Reader : IDisposable
    {
        private readonly QueueKeyRing? _keys;
        private readonly EntryMessages _entries;
        private readonly MessageJson _messages;
        private readonly LineWriter _lines;
        private readonly bool _isJson;

        public Reader(CliContext context, string map, IEnumerable<string> schemaFiles, QueueKeyRing? keys, bool isJson)
        {
            DataFolder data = new(context.DataFolder);
            string directory = data.Resolve(DataFolder.Maps, map);
            _messages = new MessageJson(SchemaCatalog.Load(data, schemaFiles));
            _keys = keys;
            _entries = new EntryMessages(data, directory, _keys);
            _lines = new LineWriter(context.Output);
            _isJson = isJson;
            Map = StateMap.OpenReadOnly<Utf8Key64, LatestEntry>(directory);
        }

        public StateMap<Utf8Key64, LatestEntry> Map { get; }

        /// <summary>Prints an entry. If its message is unavailable, prints its position and the reason, and returns false.</summary>
        public bool Print(in Utf8Key64 key, in LatestEntry entry)
        {
            MessageLocation place = new(entry.Position, entry.Sequence, entry.Time);
            byte[]? message = _entries.Read(in entry, out string reason);
            if (_isJson)
            {
                _messages.Write(_lines.Buffer, place, message, key.ToString(), reason);
            }
            else
            {
                _lines.Write(string.Create(CultureInfo.InvariantCulture, $"{key}  {place.Sequence}  {place.TimeText}  "));
                if (message is null)
                {
                    _lines.Write($"-  ({reason})");
                }
                else
                {
                    _messages.WriteText(_lines, message);
                }
            }

            _lines.EndLine();
            return message is not null;
        }

        public void Dispose()
        {
            Map.Dispose();
            _entries.Dispose();
            _keys?.Dispose();
            _messages.Dispose();
            _lines.Dispose();
        }
    }
}
