using System.Buffers.Binary;
using Estream.Core;
using Estream.Testing;

namespace Estream.Host.Tests.Process;

/// <summary>Goal: a host whose clock has jumped ahead says so, deletes nothing by age, and continues when a person confirms the
/// time.</summary>
[Collection(ProcessCollection.Name)]
public sealed class WrongClockTests
{
    private const int MarkOffset = 1024;
    private const int MarkBytes = 40;

    [Fact]
    public void A_jump_of_the_clock_degrades_health_until_it_is_confirmed()
    {
        using HostFiles files = new();
        File.WriteAllText(files.Config, """
            { "Estream": { "Queues": { "orders": { "SegmentBytes": 65536, "RetainedAge": "1m" }, "dead-letters": {} } } }
            """);
        using (HostProcess first = files.Start().WaitUntilReady())
        {
            first.Stop();
        }

        MoveMarkBack(Path.Combine(files.Data, "queues", "orders", "queue.meta"), TimeSpan.FromDays(100));
        using HostProcess host = files.Start();
        string health = host.WaitUntilDegraded();
        Assert.Contains("\"queue\":\"orders\"", health, StringComparison.Ordinal);
        Assert.Contains("100.0 days", health, StringComparison.Ordinal);
        Assert.Contains("estream queue retain", health, StringComparison.Ordinal);
        Assert.Equal(1, Cli(files, "queue", "retain", "orders").ExitCode);
        Cli(files, "queue", "retain", "orders", "--confirm").EnsureSuccess();
        host.WaitUntilReady();
        Assert.Contains("100.0 days", Cli(files, "audit").Output, StringComparison.Ordinal);
    }

    /// <summary>As if the time of day had been set ahead since: the mark is of an earlier day, and of the same time since the start of the
    /// machine.</summary>
    private static void MoveMarkBack(string path, TimeSpan time)
    {
        byte[] file = File.ReadAllBytes(path);
        Span<byte> mark = file.AsSpan(MarkOffset, MarkBytes);
        long utc = BinaryPrimitives.ReadInt64LittleEndian(mark);
        Assert.NotEqual(0, utc);
        BinaryPrimitives.WriteInt64LittleEndian(mark, utc - (time.Ticks * TimeSpan.NanosecondsPerTick));
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(MarkOffset + MarkBytes), Crc32C.Compute(mark));
        File.WriteAllBytes(path, file);
    }

    private static ProcessResult Cli(HostFiles files, params string[] arguments) => ChildProcess.Run(
        "dotnet", [BuiltProgram.Cli, .. arguments], environment: new Dictionary<string, string?> { ["ESTREAM_DATA"] = files.Data });
}
