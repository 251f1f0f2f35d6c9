using System.Text.Json;
using Estream.Core;
using Estream.Map;
using Estream.Queue;

namespace Estream.Cli.Tests;

public sealed class MapCommandTests
{
    private const string MapName = "latest";

    [Fact]
    public async Task The_error_for_a_missing_map_lists_the_existing_maps()
    {
        using SampleData data = new();
        (await data.RunAsync("map", "get", "latest", "pump-1")).AssertFailed(ExitCode.Failed, "'latest'", "none exist", "ESTREAM_DATA");
        Fold(data);
        (await data.RunAsync("map", "get", "newest", "pump-1")).AssertFailed(ExitCode.Failed, "existing: latest");
    }

    [Fact]
    public async Task A_missing_key_gives_exit_code_1()
    {
        using SampleData data = new();
        data.AppendReadings(3);
        Fold(data);
        (await data.RunAsync("map", "get", "latest", "pump-9")).AssertFailed(ExitCode.No, "'latest' has no key 'pump-9'");
    }

    [Fact]
    public async Task An_invalid_key_is_a_usage_error()
    {
        using SampleData data = new();
        Fold(data);
        (await data.RunAsync("map", "get", "latest", new string('é', 33))).AssertFailed(ExitCode.Failed, "64 bytes", "has 66");
    }

    [Fact]
    public async Task A_map_with_other_types_is_rejected_in_one_line()
    {
        using SampleData data = new();
        StateMap.Open<long, long>(Path.Combine(data.Folder, "maps", "other")).Dispose();
        (await data.RunAsync("map", "scan", "other")).AssertFailed(ExitCode.Failed, "maps/other");
    }

    [Fact]
    public async Task Get_prints_the_latest_message_of_the_key()
    {
        using SampleData data = new();
        long position = data.AppendReadings(3)[1];
        Fold(data);

        CliResult json = await data.RunAsync("map", "get", "latest", "pump-1", "--json");

        string expected = "{\"key\":\"pump-1\",\"position\":" + position
            + ",\"sequence\":1,\"time\":1700000000001000000,\"schema\":\"IoTTelemetry\","
            + "\"message\":{\"device_id\":\"pump-1\",\"timestamp\":1,\"metric_name\":\"flow\",\"value\":1.5},"
            + "\"address\":\"/devices/pump-1/telemetry\"}\n";
        Assert.Equal(new CliResult(ExitCode.Ok, expected, ""), json);
        CliResult text = await data.RunAsync("map", "get", "latest", "pump-1");
        Assert.StartsWith("pump-1  1  2023-11-14T22:13:20.001Z  IoTTelemetry  {\"device_id\":\"pump-1\"", text.Output,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", 40)]
    [InlineData("pump-1", 11)]
    [InlineData("pump-39", 1)]
    [InlineData("valve", 0)]
    public async Task Scan_prints_every_entry_under_the_prefix_once(string prefix, int count)
    {
        using SampleData data = new();
        data.AppendReadings(40);
        Fold(data);

        CliResult result =
            await data.RunAsync(["map", "scan", "latest", "--json", .. prefix.Length == 0 ? [] : new[] { "--prefix", prefix }]);

        string[] keys = [.. result.Lines.Select(KeyOf)];
        Assert.Equal((ExitCode.Ok, count), (result.Code, keys.Distinct().Count()));
        Assert.Equal(count, keys.Length);
        Assert.All(keys, key => Assert.StartsWith(prefix, key, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Scan_stops_at_the_limit()
    {
        using SampleData data = new();
        data.AppendReadings(40);
        Fold(data);
        Assert.Equal(7, (await data.RunAsync("map", "scan", "latest", "--limit", "7")).Lines.Length);
    }

    [Fact]
    public async Task A_long_message_is_read_from_the_queue_of_the_map()
    {
        using SampleData data = new();
        byte[] message = [0x10, 0x32, 0x54, 0x76, 0x98, 0xBA, 0xDC, 0xFE, .. new byte[LatestEntry.InlineBytes]];
        data.AppendBytes(message);
        Fold(data);

        CliResult lost = await data.RunAsync("map", "get", "latest", "0", "--json");
        lost.AssertFailed(ExitCode.Failed, "no queue has the tailer 'map-latest'");

        using (EstreamQueue queue = EstreamQueue.Open(data.QueueFolder))
        {
            queue.CreateTailer("map-latest").Dispose();
        }

        CliResult found = await data.RunAsync("map", "get", "latest", "0", "--json");
        Assert.Contains($"\"bytes\":\"{Convert.ToHexStringLower(message)}\"", found.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_long_message_of_an_encrypted_queue_needs_its_key_file()
    {
        using SampleData data = new();
        string keyFile = data.Write("keys", "first " + new string('7', 64));
        File.SetUnixFileMode(keyFile, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        using QueueKeyRing keys = QueueKeyRing.FromFile(keyFile);
        data.Keys = keys;
        data.AppendBytes([0x10, 0x32, .. new byte[LatestEntry.InlineBytes]]);
        Fold(data);
        using (EstreamQueue queue = EstreamQueue.Open(data.QueueFolder, new QueueOptions { Keys = keys }))
        {
            queue.CreateTailer("map-latest").Dispose();
        }

        (await data.RunAsync("map", "get", "latest", "0")).AssertFailed(ExitCode.Failed, "--key-file");
        foreach (string[] command in new string[][] { ["map", "get", "latest", "0"], ["map", "scan", "latest"] })
        {
            CliResult found = await data.RunAsync([.. command, "--json", "--key-file", keyFile]);
            Assert.Equal((ExitCode.Ok, ""), (found.Code, found.Error));
            Assert.Contains("\"bytes\":\"1032", found.Output, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task An_entry_with_a_deleted_message_is_shown_with_the_reason_before_the_other_entries()
    {
        using SampleData data = new();
        byte[] message = new byte[LatestEntry.InlineBytes + 1];
        data.AppendBytes(message);
        data.AppendReadings(3);
        Fold(data);
        using (StateMap<Utf8Key64, LatestEntry> map = StateMap.Open<Utf8Key64, LatestEntry>(Path.Combine(data.Folder, "maps", MapName)))
        using (EstreamQueue queue = EstreamQueue.Open(data.QueueFolder))
        {
            queue.CreateTailer("map-latest").Dispose();
            Assert.True(Utf8Key64.TryCreate("0", out Utf8Key64 key));
            map.Put(key, LatestEntry.Create(position: 8, sequence: 77, time: 1, message));
        }

        CliResult scan = await data.RunAsync("map", "scan", "latest", "--json");
        CliResult get = await data.RunAsync("map", "get", "latest", "0");

        Assert.Equal((ExitCode.Ok, "", 4), (scan.Code, scan.Error, scan.Lines.Length));
        Assert.Contains(
            "{\"key\":\"0\",\"position\":8,\"sequence\":77,\"time\":1,\"schema\":\"\",\"message\":{},\"error\":\"the queue no longer "
            + "contains this message\",\"bytes\":\"\"}",
            scan.Lines);
        Assert.Equal(ExitCode.No, get.Code);
        Assert.Contains("no longer contains", get.Output, StringComparison.Ordinal);
    }

    // Updates the map like the host. The key is the device of a reading, or the sequence of any other message.
    private static void Fold(SampleData data)
    {
        using StateMap<Utf8Key64, LatestEntry> map = StateMap.Open<Utf8Key64, LatestEntry>(Path.Combine(data.Folder, "maps", MapName));
        if (!Directory.Exists(data.QueueFolder))
        {
            return;
        }

        using EstreamQueue queue = EstreamQueue.OpenReadOnly(data.QueueFolder, new QueueOptions { Keys = data.Keys });
        using QueueTailer tailer = queue.CreateTailer();
        while (tailer.TryRead(out QueueMessage message))
        {
            string name = Esf.EsfSchemaSet.BuiltIn.TryGet(message.Payload, out _) ? $"pump-{message.Sequence}" : $"{message.Sequence}";
            Assert.True(Utf8Key64.TryCreate(name, out Utf8Key64 key));
            map.Put(key, LatestEntry.Create(message.Position, message.Sequence, message.Time, message.Payload));
        }
    }

    private static string KeyOf(string line)
    {
        using JsonDocument document = JsonDocument.Parse(line);
        return document.RootElement.GetProperty("key").GetString()!;
    }
}
