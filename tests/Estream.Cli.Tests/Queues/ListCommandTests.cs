using Estream.Core;
using Estream.Map;
using Estream.Queue;

namespace Estream.Cli.Tests;

public sealed class ListCommandTests
{
    [Fact]
    public async Task Queue_list_shows_extent_and_durability_of_each_queue()
    {
        using SampleData data = new();
        Assert.Equal("", (await data.RunAsync("queue", "list")).Output);
        data.AppendReadings(3);
        using (PartitionedQueue.Open(Path.Combine(data.Folder, "queues", "trades"), 2))
        {
        }

        CliResult list = await data.RunAsync("queue", "list");
        Assert.Equal(3, list.Lines.Length);
        Assert.Matches("^QUEUE +MESSAGES +SIZE +DURABILITY$", list.Lines[0]);
        Assert.Matches("^telemetry +3 +[0-9]+ B +PageCache$", list.Lines[1]);
        Assert.Matches("^trades +0 +0 B$", list.Lines[2]);
        Assert.Contains("""{"name":"telemetry","messages":3,"bytes":""", (await data.RunAsync("queue", "list", "--json")).Lines[0],
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Queue_list_shows_why_a_queue_cannot_be_opened()
    {
        using SampleData data = new();
        data.AppendReadings(1);
        Directory.CreateDirectory(Path.Combine(data.Folder, "queues", "other"));
        CliResult list = await data.RunAsync("queue", "list");
        Assert.Equal(ExitCode.Ok, list.Code);
        Assert.Contains(list.Lines, line => line.StartsWith("    ", StringComparison.Ordinal) && line.Contains("other",
            StringComparison.Ordinal));
        Assert.Contains(list.Lines, line => line.StartsWith("telemetry", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Map_list_counts_the_entries_of_maps_of_a_host()
    {
        using SampleData data = new();
        using (StateMap<Utf8Key64, LatestEntry> latest = StateMap.Open<Utf8Key64, LatestEntry>(Path.Combine(data.Folder, "maps", "latest")))
        {
            latest.Put(KeyOf("pump-1"), default);
        }

        using (StateMap.Open<long, double>(Path.Combine(data.Folder, "maps", "other")))
        {
        }

        CliResult list = await data.RunAsync("map", "list");
        Assert.Equal(["MAP     ENTRIES", "latest        1", "other"], list.Lines);
        Assert.Equal(["""{"name":"latest","entries":1}""", """{"name":"other"}"""], (await data.RunAsync("map", "list", "--json")).Lines);
    }

    [Fact]
    public async Task Schema_list_shows_ids_and_names()
    {
        using SampleData data = new();
        CliResult list = await data.RunAsync("schema", "list");
        Assert.Contains(list.Lines, line => System.Text.RegularExpressions.Regex.IsMatch(line, @"^[0-9a-f]{16}  [a-z.]+\.IoTTelemetry$"));
    }

    private static Utf8Key64 KeyOf(string text)
    {
        Assert.True(Utf8Key64.TryCreate(text, out Utf8Key64 key));
        return key;
    }
}
