using Estream.Core;
using Estream.Iot;
using Estream.Queue;
using Estream.Testing;

namespace Estream.Streams.Tests.Patterns;

/// <summary>Logs never reclaim messages, and detect changes and truncation.</summary>
public sealed class LogTests : IDisposable
{
    private const int SegmentBytes = 64 << 10;

    private readonly TempDirectory _directory = new();

    private string Place => _directory.Combine("log");

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Queue_with_reclaimed_messages_cannot_become_a_log()
    {
        using EstreamQueue queue = Open(retainedBytes: SegmentBytes);
        Append(queue, 5_000);
        Assert.True(queue.GetInfo().FirstSequence > 0);
        Assert.Contains("all of them are required", Assert.Throws<EstreamStorageException>(() => new EsfLog(queue)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_log_ignores_retention_limits()
    {
        using (EstreamQueue queue = Open())
        {
            _ = new EsfLog(queue);
        }

        using EstreamQueue limited =
            EstreamQueue.Open(Place, new QueueOptions { RetainedBytes = SegmentBytes, RetainedAge = TimeSpan.FromTicks(1) });
        Append(limited, 20_000);
        QueueInfo info = limited.GetInfo();
        Assert.True(info.SegmentCount > 10);
        Assert.Equal((0, 20_000), (info.FirstSequence, info.MessageCount));
    }

    [Fact]
    public void Seals_chain_and_verify()
    {
        using EstreamQueue queue = Open();
        var log = new EsfLog(queue);
        using QueueAppender appender = queue.CreateAppender();
        Assert.Null(log.Seal(appender));
        Assert.Equal((0, true), (log.Verify().Messages, log.Verify().IsWhole));
        Append(appender, 3_000);
        LogSeal first = log.Seal(appender)!;
        Assert.Equal(3_000, first.Messages);
        Assert.Equal(first, log.Seal(appender));
        Append(appender, 2_000);
        LogSeal second = log.Seal(appender)!;
        Assert.Equal(5_001, second.Messages);
        Append(appender, 10);
        LogVerification verification = log.Verify(first);
        Assert.True(verification.IsWhole, verification.Damage?.Reason);
        Assert.Equal((5_012, 5_001, second), (verification.Messages, verification.SealedMessages, verification.LastSeal));
        Assert.False(log.Verify(first with { Digest = second.Digest }).IsWhole);
        using EstreamQueue reader = EstreamQueue.OpenReadOnly(Place);
        Assert.True(new EsfLog(reader).Verify(second).IsWhole);
    }

    [Fact]
    public void Checksum_detects_a_change()
    {
        Make(sealAfter: 100, messages: 200);
        Change();
        using EstreamQueue queue = Open();
        QueueDamage damage = new EsfLog(queue).Verify().Damage!;
        Assert.Contains("checksum", damage.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Seal_detects_a_change_with_a_corrected_checksum()
    {
        LogSeal kept;
        using (EstreamQueue queue = Open(checksum: FrameChecksum.None))
        {
            kept = Fill(queue, sealAfter: 100, messages: 200);
        }

        // In a log without checksums any byte can be changed, as by an attacker who also corrects the checksums.
        Change();
        using EstreamQueue changed = Open();
        LogVerification verification = new EsfLog(changed).Verify(kept);
        Assert.Contains("does not match the messages before it", verification.Damage!.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(3_000, false)]
    [InlineData(3_000, true)]
    [InlineData(100, true)]
    public void Truncation_before_a_seal_is_detected(int sealAfter, bool isAtSeal)
    {
        LogSeal seal = Make(sealAfter, sealAfter);
        long keep = isAtSeal ? seal.Position : PositionOf(sealAfter / 2);
        CutBefore(keep);
        using EstreamQueue queue = Open();
        LogVerification verification = new EsfLog(queue).Verify();
        Assert.False(verification.IsWhole);
        Assert.Contains("was truncated", verification.Damage!.Reason, StringComparison.Ordinal);
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        Assert.Throws<EstreamCorruptionException>(() => new EsfLog(queue).Seal(appender));
    }

    [Fact]
    public void Kept_seal_detects_another_log_with_its_own_seals()
    {
        LogSeal kept = Make(100, 100);
        Directory.Delete(Place, recursive: true);
        _ = Make(100, 101);
        using EstreamQueue queue = Open();
        var log = new EsfLog(queue);
        Assert.True(log.Verify().IsWhole);
        Assert.Contains("kept seal", log.Verify(kept with { Digest = new string('0', 64) }).Damage!.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Missing_segments_are_detected_at_the_ends_and_in_between()
    {
        foreach (int missing in new[] { 0, 3, -1 })
        {
            _ = Make(20_000, 20_000);
            string[] segments = [.. Directory.GetFiles(Place, "*.seg").Order(StringComparer.Ordinal)];
            Assert.True(segments.Length > 5, $"{segments.Length} segments");
            File.Delete(missing < 0 ? segments[^1] : segments[missing]);
            using (EstreamQueue queue = EstreamQueue.OpenReadOnly(Place))
            {
                Assert.False(new EsfLog(queue).Verify().IsWhole, $"Segment {missing} is missing and nobody notices.");
            }

            Directory.Delete(Place, recursive: true);
        }
    }

    [Fact]
    public void Seal_is_recognised_after_a_crash_before_the_cursor_moved()
    {
        LogSeal lost;
        LogSeal first;
        using (EstreamQueue queue = Open())
        {
            first = Fill(queue, 100, 100);
        }

        string cursor = Path.Combine(Place, "tailers", "estream.log-seal.cursor");
        byte[] before = File.ReadAllBytes(cursor);
        using (EstreamQueue queue = Open())
        {
            lost = Fill(queue, 50, 60);
        }

        File.WriteAllBytes(cursor, before);
        using EstreamQueue again = Open();
        using QueueAppender appender = again.CreateAppender(AppenderMode.Exclusive);
        var log = new EsfLog(again);
        LogSeal next = log.Seal(appender)!;
        Assert.Equal(lost.Messages + 11, next.Messages);
        LogVerification verification = log.Verify(lost);
        Assert.True(verification.IsWhole, verification.Damage?.Reason);
        Assert.True(log.Verify(first).IsWhole);
    }

    private EstreamQueue Open(long retainedBytes = 0, FrameChecksum checksum = FrameChecksum.Crc32C) =>
        EstreamQueue.Open(Place, new QueueOptions { SegmentBytes = SegmentBytes, RetainedBytes = retainedBytes, Checksum = checksum });

    private LogSeal Make(int sealAfter, int messages)
    {
        using EstreamQueue queue = Open();
        return Fill(queue, sealAfter, messages);
    }

    private static LogSeal Fill(EstreamQueue queue, int sealAfter, int messages)
    {
        var log = new EsfLog(queue);
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        Append(appender, sealAfter);
        LogSeal seal = log.Seal(appender)!;
        Append(appender, messages - sealAfter);
        return seal;
    }

    private static void Append(EstreamQueue queue, int count)
    {
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        Append(appender, count);
    }

    private static void Append(QueueAppender appender, int count)
    {
        var readings = new EsfAppender<IoTTelemetry.Writer>(appender);
        for (int i = 0; i < count; i++)
        {
            using EsfClaim<IoTTelemetry.Writer> claim = readings.Claim(200);
            IoTTelemetry.Writer writer = claim.Begin();
            writer.DeviceId = "pump-7"u8;
            writer.MetricName = "n"u8;
            writer.Value = i;
            claim.Commit(writer);
        }
    }

    private long PositionOf(long sequence)
    {
        using EstreamQueue queue = EstreamQueue.OpenReadOnly(Place);
        using QueueTailer tailer = queue.CreateTailer();
        tailer.SeekToSequence(sequence);
        return tailer.Position;
    }

    /// <summary>Changes a letter in the name of a device in the first segment.</summary>
    private void Change()
    {
        string segment = Directory.GetFiles(Place, "*.seg").Order(StringComparer.Ordinal).First();
        byte[] bytes = File.ReadAllBytes(segment);
        int at = bytes.AsSpan().IndexOf("pump-7"u8);
        Assert.True(at > 0);
        bytes[at + 5] = (byte)'8';
        File.WriteAllBytes(segment, bytes);
    }

    /// <summary>Truncates the queue at a position, as if later messages had never existed: writes zeros after it, and removes later
    /// segments.</summary>
    private void CutBefore(long position)
    {
        int index = (int)(position / SegmentBytes);
        string[] segments = [.. Directory.GetFiles(Place, "*.seg").Order(StringComparer.Ordinal)];
        foreach (string later in segments.Skip(index + 1))
        {
            File.Delete(later);
        }

        byte[] bytes = File.ReadAllBytes(segments[index]);
        bytes.AsSpan((int)(position % SegmentBytes), SegmentBytes - (int)(position % SegmentBytes)).Clear();
        File.WriteAllBytes(segments[index], bytes);
    }
}
