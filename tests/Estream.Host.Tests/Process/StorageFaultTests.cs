using System.Net;
using Estream.Testing;

namespace Estream.Host.Tests.Process;

/// <summary>Goal: a full disk, a read-only directory and a newer format each give one clear error, and no stored data is lost.</summary>
[Collection(ProcessCollection.Name)]
public sealed class StorageFaultTests
{
    private const int NotStarted = 2;

    [MountFact]
    public async Task A_full_disk_stops_the_flow_without_loss()
    {
        using TmpfsMount disk = new(24 << 20);
        using HostFiles files = new(disk.Path, segmentBytes: 1024 * 1024);
        using HostProcess host = files.Start().WaitUntilReady();

        // The rate is so low that the filler, not the load, uses up the space.
        await using AcknowledgedLoad load = new(host.MqttPort, "before", devices: 20, messagesPerSecond: 5_000, reconnect: true);
        Eventually.True(() => load.Acknowledged > 1000, "messages flow");

        IDisposable filler = disk.Fill();
        Eventually.True(() => host.Health() == HttpStatusCode.ServiceUnavailable, "the host reports that it cannot store");
        string health = host.HealthText;
        Assert.Contains("\"status\":\"degraded\"", health, StringComparison.Ordinal);
        Assert.Contains("space", health, StringComparison.OrdinalIgnoreCase);
        long stored = load.Acknowledged;
        Assert.True(stored > 1000);

        filler.Dispose();
        Eventually.True(() => load.Acknowledged > stored + 1000, "messages flow again");
        await load.StopAsync();
        Eventually.True(() => host.Health() == HttpStatusCode.OK, "the host is healthy again");
        ProcessResult end = host.Stop();

        Assert.Equal(0, end.ExitCode);
        Assert.Single(end.Output.Split('\n'), line => line.Contains("\"LogLevel\":\"Error\"", StringComparison.Ordinal));
        using QueueReplay replay = new QueueReplay(files.Data).Advance();
        load.AssertStored(replay, mayRepeat: true);
        replay.AssertMapEquals(files.Data);
    }

    [MountFact]
    public void A_full_disk_at_the_start_is_reported_as_one_error()
    {
        using TmpfsMount disk = new(4 << 20);
        using HostFiles files = new(disk.Path);
        using IDisposable filler = disk.Fill();

        AssertRefused(files, "space", files.Data);
    }

    [MountFact]
    public async Task A_read_only_data_directory_is_reported_as_one_error_and_the_data_is_unchanged()
    {
        using TmpfsMount disk = new(16 << 20);
        using HostFiles files = new(disk.Path);
        await FillAsync(files);
        string[] before = Fingerprint(files.Data);
        using IDisposable readOnly = disk.MakeReadOnly();

        AssertRefused(files, "read-only", files.Data);
        Assert.Equal(before, Fingerprint(files.Data));

        // The host does not start, but other programs can still read the data.
        using QueueReplay replay = new QueueReplay(files.Data).Advance();
        Assert.Equal(100, replay.MessageCount);
        replay.AssertMapEquals(files.Data);
    }

    [Theory]
    [InlineData("queues/telemetry/queue.meta")]
    [InlineData("queues/telemetry/000000000000.seg")]
    [InlineData("queues/telemetry/tailers/map-latest.cursor")]
    [InlineData("maps/latest/map.meta")]
    public async Task A_newer_format_is_reported_as_one_error_and_the_data_is_unchanged(string file)
    {
        using HostFiles files = new();
        await FillAsync(files);
        string path = Path.Combine(files.Data, file);
        byte[] original = File.ReadAllBytes(path);
        SetVersion(path, 99);
        string[] before = Fingerprint(files.Data, path);

        AssertRefused(files, "newer", path);
        Assert.Equal(before, Fingerprint(files.Data, path));

        // A program that supports the newer format would find all data. The test restores the original version number instead.
        File.WriteAllBytes(path, original);
        using HostProcess host = files.Start().WaitUntilReady();
        using QueueReplay replay = new QueueReplay(files.Data).Advance();
        Assert.Equal(100, replay.MessageCount);
        replay.AssertMapEquals(files.Data);
    }

    [Fact]
    public async Task A_queue_restored_from_an_older_copy_rebuilds_its_map()
    {
        using HostFiles files = new();
        await FillAsync(files);
        string queue = Path.Combine(files.Data, "queues", "telemetry");
        string copy = Path.Combine(files.Data, "..", "copy");
        ChildProcess.Run("cp", ["-a", queue, copy]).EnsureSuccess();
        await FillAsync(files);

        Directory.Delete(queue, recursive: true);
        Directory.Move(copy, queue);
        using HostProcess host = files.Start().WaitUntilReady();

        using QueueReplay replay = new QueueReplay(files.Data).Advance();
        Assert.Equal(100, replay.MessageCount);
        replay.AssertMapEquals(files.Data);
    }

    [Fact]
    public void A_second_host_on_a_data_directory_is_reported_as_one_error()
    {
        using HostFiles files = new();
        using HostProcess first = files.Start().WaitUntilReady();
        string[] before = SchemasOf(files.Data);
        string schema = Path.Combine(files.Data, "..", "meters.esf.yaml");
        File.WriteAllText(schema, HostFiles.MeterSchema);
        File.WriteAllText(files.Config,
            File.ReadAllText(files.Config)
                .Replace("{\"Estream\":{", $"{{\"Estream\":{{\"Schemas\":[\"{schema}\"],", StringComparison.Ordinal));

        AssertRefused(files, $"{first.Process.Id}", files.Data);
        Assert.Equal(HttpStatusCode.OK, first.Health());
        Assert.Equal(before, SchemasOf(files.Data));
    }

    private static async Task FillAsync(HostFiles files)
    {
        using HostProcess host = files.Start().WaitUntilReady();
        await using AcknowledgedLoad load = new(host.MqttPort, "d", devices: 10, maxMessages: 100);
        await load.Completion;
        Assert.Equal(0, host.Stop().ExitCode);
    }

    /// <summary>Checks for exit code 2 and one message on standard error, without a stack trace, with the fault and its location.</summary>
    private static void AssertRefused(HostFiles files, string what, string where)
    {
        using HostProcess host = files.Start();
        ProcessResult end = host.Process.WaitForExit();

        Assert.Equal(NotStarted, end.ExitCode);
        string message = Assert.Single(end.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains(what, message, StringComparison.OrdinalIgnoreCase);
        Assert.Contains(where, message, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", end.Output + end.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("\"LogLevel\":\"Error\"", end.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("\"LogLevel\":\"Critical\"", end.Output, StringComparison.Ordinal);
    }

    private static void SetVersion(string path, int version)
    {
        const int VersionOffset = 8;
        using FileStream file = File.OpenWrite(path);
        file.Seek(VersionOffset, SeekOrigin.Begin);
        file.Write(BitConverter.GetBytes(version));
    }

    /// <summary>
    /// A hash of every file with messages, entries or positions. The *.meta files are omitted, because they record the writer: the host
    /// changes the *.meta file of each queue that it opens before the faulty queue.
    /// </summary>
    private static string[] Fingerprint(string data, string? also = null) =>
    [
        .. Directory.EnumerateFiles(data, "*", SearchOption.AllDirectories)
            .Where(f => f == also || Path.GetExtension(f) is ".seg" or ".cursor" || Path.GetFileName(f)
                .StartsWith("table.", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .Select(f => $"{f} {Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(f)))}"),
    ];

    private static string[] SchemasOf(string data) => [.. Directory.GetFiles(Path.Combine(data, "schemas")).Order(StringComparer.Ordinal)];
}
