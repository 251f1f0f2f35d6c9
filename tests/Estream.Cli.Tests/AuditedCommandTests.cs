using Estream.Map;
using Estream.Queue;
using Estream.Testing;

namespace Estream.Cli.Tests;

/// <summary>Commands that change a data folder are recorded in its audit queue, whether or not the host runs.</summary>
public sealed class AuditedCommandTests : IDisposable
{
    private readonly SampleData _data = new();

    public void Dispose() => _data.Dispose();

    [Fact]
    public async Task Changes_of_queues_are_recorded_and_refused_or_reading_commands_are_not()
    {
        _data.AppendReadings(1);
        using (EstreamQueue queue = EstreamQueue.Open(_data.QueueFolder))
        {
            queue.CreateTailer("old").Dispose();
            queue.CreateTailer("client-billing").Dispose();
        }

        Assert.Equal(ExitCode.Ok, (await _data.RunAsync("queue", "info", "telemetry")).Code);
        Assert.Equal(ExitCode.No, (await _data.RunAsync("queue", "remove-tailer", "telemetry", "none")).Code);
        Assert.Equal(ExitCode.Ok, (await _data.RunAsync("queue", "remove-tailer", "telemetry", "old")).Code);
        Assert.Equal(ExitCode.Ok, (await _data.RunAsync("queue", "create", "orders", "--partitions", "2", "--segment-mib", "1")).Code);
        using (PartitionedQueue orders = PartitionedQueue.Open(Path.Combine(_data.Folder, "queues", "orders")))
        {
            orders.JoinGroup("billing").Dispose();
        }

        Assert.Equal(ExitCode.Ok, (await _data.RunAsync("queue", "remove-group", "orders", "billing")).Code);

        Assert.Equal(ExitCode.No, (await _data.RunAsync("queue", "remove-cursor", "telemetry", "none")).Code);
        Assert.Equal(ExitCode.Ok, (await _data.RunAsync("queue", "remove-cursor", "telemetry", "billing")).Code);
        Assert.Equal(ExitCode.Ok, (await _data.RunAsync("queue", "retain", "telemetry", "--confirm")).Code);

        string[] records = await RecordsAsync();
        Assert.Equal(5, records.Length);
        Assert.Contains("from command line: queue remove-tailer telemetry: done (tailer old", records[0], StringComparison.Ordinal);
        Assert.Contains("from command line: queue create orders: done", records[1], StringComparison.Ordinal);
        Assert.Contains("from command line: queue remove-group orders: done (group billing)", records[2], StringComparison.Ordinal);
        Assert.Contains("queue remove-cursor telemetry: done (cursor billing)", records[3], StringComparison.Ordinal);
        Assert.Contains("queue retain telemetry: done (confirmed the clock", records[4], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Changes_of_keys_are_recorded_without_key_bytes()
    {
        string keys = _data.Write("keys", $"first {new string('a', 64)}\n");
        File.SetUnixFileMode(keys, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        _data.Keys = Core.QueueKeyRing.FromFile(keys);
        _data.AppendReadings(1);
        using (ByteMap.Open(Path.Combine(_data.Folder, "maps", "sessions"), new ByteMapOptions { Keys = _data.Keys }))
        {
        }

        Assert.Equal(ExitCode.Ok, (await _data.RunAsync("queue", "rotate-key", "telemetry", "--key-file", keys)).Code);
        Assert.Equal(ExitCode.Ok, (await _data.RunAsync("map", "rewrap-keys", "sessions", "--key-file", keys)).Code);

        string[] records = await RecordsAsync();
        Assert.Equal(2, records.Length);
        Assert.Contains("queue rotate-key telemetry: done (key 2 encrypts new messages", records[0], StringComparison.Ordinal);
        Assert.Contains("map rewrap-keys sessions: done (2 keys rewrapped with 'first'", records[1], StringComparison.Ordinal);
        Assert.All(records, record => Assert.DoesNotContain("aaaa", record, StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_confirmation_of_a_torn_map_is_recorded()
    {
        _data.AppendReadings(1);
        FailingFlushStorage storage = new();
        string directory = Path.Combine(_data.Folder, "maps", "settings");
        using (VersionedByteMap map = VersionedByteMap.Open(directory, new ByteMapOptions { Storage = storage }))
        {
            map.Put("a"u8, "1"u8);
            storage.Fails = true;
            Assert.Throws<Core.EstreamStorageException>(map.Flush);
            storage.Fails = false;
            Assert.Equal(ExitCode.Failed, (await _data.RunAsync("map", "confirm", "settings")).Code);
        }

        CliResult confirmed = await _data.RunAsync("map", "confirm", "settings");
        CliResult again = await _data.RunAsync("map", "confirm", "settings");

        Assert.Equal((ExitCode.Ok, "settings: 1 entries confirmed\n"), (confirmed.Code, confirmed.Output));
        Assert.Equal((ExitCode.Ok, "settings: nothing to confirm\n"), (again.Code, again.Output));
        using (VersionedByteMap map = VersionedByteMap.OpenReadOnly(directory))
        {
            Assert.False(map.HostCrashed);
        }

        string record = Assert.Single(await RecordsAsync());
        Assert.Contains("from command line: map confirm settings: done (1 entries confirmed", record, StringComparison.Ordinal);
    }

    private async Task<string[]> RecordsAsync() => (await _data.RunAsync("audit", "--from", "start")).Lines;
}
