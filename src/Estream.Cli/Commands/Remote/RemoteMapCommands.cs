using System.CommandLine;
using System.Globalization;
using System.Text;
using Estream.Cli.Output;
using Estream.Client;

namespace Estream.Cli.Commands.Remote;

/// <summary>`estream map put`, `remove` and `watch` on a host, and `map get --host` and `map scan --host`.</summary>
internal static class RemoteMapCommands
{
    public static Command CreatePut(CliContext context)
    {
        Argument<string> map = Map();
        Argument<string> key = Key();
        Argument<string> value = new("VALUE") { Description = "The value, as UTF-8." };
        Option<double?> expires = new("--expires") { Description = "The seconds until the entry expires.", HelpName = "SECONDS" };
        Option<long?> version = new("--if-version")
        {
            Description = "Change the entry only if it has this version; 0 if the map must not have the key. Exit code 1 if it has not.",
            HelpName = "N",
        };
        Command command = new("put", "Stores a value in a map of a host, and prints the version of the entry. Example: estream map put "
            + "settings limit 100 --host unix:data/run/client.sock") { map, key, value, expires, version };
        RemoteOptions remote = new(command, isRequired: true);
        command.SetAction((parsed, cancellation) => RunAsync(remote, parsed, map, async target =>
        {
            byte[] bytes = Encoding.UTF8.GetBytes(parsed.GetRequiredValue(value));
            TimeSpan? time = parsed.GetValue(expires) is { } seconds ? TimeSpan.FromSeconds(seconds) : null;
            MapKey name = parsed.GetRequiredValue(key);
            MapChangeResult done = parsed.GetValue(version) is { } expected
                ? await target.CompareExchangeAsync(name, expected, bytes, time, cancellation).ConfigureAwait(false)
                : new MapChangeResult(true, await target.PutAsync(name, bytes, time, cancellation).ConfigureAwait(false));
            using LineWriter lines = new(context.Output);
            lines.WriteLine(string.Create(CultureInfo.InvariantCulture, $"version {done.Version}"));
            return done.IsDone ? ExitCode.Ok : ExitCode.No;
        }, cancellation));
        return command;
    }

    public static Command CreateRemove(CliContext context)
    {
        Argument<string> map = Map();
        Argument<string> key = Key();
        Command command = new("remove", "Removes a key from a map of a host. Exit code 1 if it does not have the key. Example: "
            + "estream map remove settings limit --host unix:data/run/client.sock") { map, key };
        RemoteOptions remote = new(command, isRequired: true);
        command.SetAction((parsed, cancellation) => RunAsync(remote, parsed, map, async target =>
        {
            bool isDone = await target.RemoveAsync(parsed.GetRequiredValue(key), null, cancellation).ConfigureAwait(false);
            using LineWriter lines = new(context.Output);
            lines.WriteLine(isDone ? "removed" : "there is no such key");
            return isDone ? ExitCode.Ok : ExitCode.No;
        }, cancellation));
        return command;
    }

    public static Command CreateWatch(CliContext context)
    {
        Argument<string> map = Map();
        Argument<string> key = Key();
        Option<string[]> schema = SharedOptions.SchemaFiles();
        Command command = new("watch", "Prints the entry of a key of a host now and after each change. Example: estream map watch settings "
            + "limit --host unix:data/run/client.sock") { map, key, schema };
        FormatOption format = new(command);
        RemoteOptions remote = new(command, isRequired: true);
        command.SetAction((parsed, cancellation) => RunAsync(remote, parsed, map, async target =>
        {
            using RemoteValues values = new(context, parsed.GetRequiredValue(schema), format.IsJson(parsed));
            MapKey name = parsed.GetRequiredValue(key);
            await foreach (MapEntry? entry in target.WatchAsync(name, cancellation).ConfigureAwait(false))
            {
                values.Print(name, entry);
            }

            return ExitCode.Ok;
        }, cancellation));
        return command;
    }

    /// <summary>Prints the entry of a key.</summary>
    public static Task<int> GetAsync(
        RemoteOptions remote, ParseResult parsed, Argument<string> map, string key, RemoteValues values, CancellationToken cancellation) =>
        RunAsync(remote, parsed, map, async target =>
        {
            MapEntry entry = await target.GetAsync(key, cancellation).ConfigureAwait(false)
                ?? throw new CliException($"The map '{target.Name}' has no key '{key}'.", ExitCode.No);
            values.Print(key, entry);
            return ExitCode.Ok;
        }, cancellation);

    /// <summary>Prints the entries of a prefix.</summary>
    public static Task<int> ScanAsync(RemoteOptions remote, ParseResult parsed, Argument<string> map, string prefix, long limit,
        RemoteValues values, CancellationToken cancellation) => RunAsync(remote, parsed, map, async target =>
        {
            long left = limit;
            await foreach (KeyedMapEntry found in target.ScanAsync(prefix, cancellation: cancellation).ConfigureAwait(false))
            {
                if (left-- <= 0)
                {
                    break;
                }

                values.Print(found.Key, found.Entry);
            }

            return ExitCode.Ok;
        }, cancellation);

    private static Argument<string> Map() => new("MAP") { Description = "The name of the map." };

    private static Argument<string> Key() => new("KEY") { Description = "The key, as UTF-8." };

    private static async Task<int> RunAsync(RemoteOptions remote, ParseResult parsed, Argument<string> map,
        Func<RemoteMap, Task<int>> run, CancellationToken cancellation)
    {
        EstreamClient client = await remote.ConnectAsync(parsed, cancellation).ConfigureAwait(false);
        await using (client.ConfigureAwait(false))
        {
            return await run(client.Map(parsed.GetRequiredValue(map))).ConfigureAwait(false);
        }
    }
}
