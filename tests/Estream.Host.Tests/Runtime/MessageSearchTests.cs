using System.Buffers;
using Estream.Core;
using Estream.Esf;
using Estream.Host.Remote;
using Estream.Host.Runtime;
using Estream.Host.Tests.Http;
using Estream.Queue;
using Estream.Testing;

namespace Estream.Host.Tests.Runtime;

/// <summary>Goal: a search of a long queue works in short steps, needs no memory for the messages that it passes, and survives
/// retention.</summary>
public sealed class MessageSearchTests : IDisposable
{
    private readonly TempDirectory _directory = new();
    private readonly TickingClock _clock = new();
    private readonly ReadGate _gate = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_search_of_a_long_queue_takes_many_steps_and_keeps_no_messages(bool isBackward)
    {
        int count = LongRun.Count(200_000, 10_000_000);
        using EstreamQueue queue = Filled(count, segmentBytes: 0);
        MessageSearch search = Begin(queue, isBackward, "value > 1e9", isBackward ? count : 0);
        ArrayBufferWriter<byte> lines = new();
        search.Advance(lines);
        Assert.Null(search.EndReason);
        double before = search.Fraction;
        int steps = 1;
        long most = 0;

        for (; search.EndReason is null; steps++)
        {
            long allocated = GC.GetAllocatedBytesForCurrentThread();
            search.Advance(lines);
            most = Math.Max(most, GC.GetAllocatedBytesForCurrentThread() - allocated);
            Assert.True(search.Fraction > before || search.EndReason is not null);
            before = search.Fraction;
        }

        Assert.Equal(("end", count, 0), (search.EndReason, search.Scanned, search.Matched));
        Assert.Equal(0, lines.WrittenCount);
        Assert.True(steps > 10, $"{steps} steps");
        Assert.True(most < 32_768, $"a step allocated {most} bytes");
    }

    [Fact]
    public void A_search_ends_when_its_answer_is_large_and_tells_where_to_continue()
    {
        using EstreamQueue queue = Filled(1_000, segmentBytes: 0);
        ArrayBufferWriter<byte> lines = new();

        MessageSearch search = Begin(queue, isBackward: false, "", 0, totalBytes: 500);
        search.Advance(lines);

        Assert.Equal("budget", search.EndReason);
        Assert.Equal(search.Matched, search.NextSequence);
        Assert.InRange(search.Matched, 2, 20);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_step_writes_about_one_mebibyte_of_long_messages_and_the_next_step_continues(bool isBackward)
    {
        const int LineBytes = 100_000;
        using EstreamQueue queue = Filled(500, segmentBytes: 0);
        MessageSearch search = Begin(queue, isBackward, "", isBackward ? 499 : 0, long.MaxValue,
            (in QueueMessage _, int _, System.Text.Json.Utf8JsonWriter writer) =>
                writer.WriteString("text"u8, new string('x', LineBytes)));
        ArrayBufferWriter<byte> lines = new();

        while (search.EndReason is null)
        {
            search.Advance(lines);
            Assert.InRange(lines.WrittenCount, 0, (1 << 20) + (2 * LineBytes));
            lines.ResetWrittenCount();
        }

        Assert.Equal(("end", 500), (search.EndReason, search.Matched));
    }

    [Fact]
    public void A_search_continues_with_the_oldest_message_after_retention()
    {
        using EstreamQueue queue = Filled(20_000, segmentBytes: 65_536);
        MessageSearch search = Begin(queue, isBackward: false, "value > 1e9", 0);
        search.Advance(new ArrayBufferWriter<byte>());
        queue.ApplyRetention(65_536 * 2, TimeSpan.Zero);
        long oldest = queue.GetInfo().FirstSequence;
        Assert.True(oldest > search.Place.Sequence);

        while (search.EndReason is null)
        {
            search.Advance(new ArrayBufferWriter<byte>());
        }

        Assert.Equal(19_999, search.Place.Sequence);
        Assert.True(search.Scanned < 20_000);
    }

    [Fact]
    public void A_search_of_a_removed_queue_throws()
    {
        using EstreamQueue queue = Filled(10, segmentBytes: 0);
        MessageSearch search = Begin(queue, isBackward: false, "", 0);
        _gate.Close();

        Assert.Throws<ObjectDisposedException>(() => search.Advance(new ArrayBufferWriter<byte>()));
    }

    private MessageSearch Begin(
        EstreamQueue queue, bool isBackward, string filter, long from, long totalBytes = 1 << 20, WriteMembers? write = null)
    {
        MessageFilter selected = MessageFilter.Create(EsfSchemaSet.BuiltIn, "IoTTelemetry", filter);
        SearchTerms terms = new(
            new SeekPoint(SeekKind.Sequence, from), null, isBackward, 1_000, totalBytes, selected, null, IsWrapped: true);
        return MessageSearch.Begin(queue, write ?? (static (in QueueMessage message, int _, System.Text.Json.Utf8JsonWriter writer) =>
            writer.WriteNumber("sequence"u8, message.Sequence)), terms, _clock, _gate);
    }

    private EstreamQueue Filled(int count, int segmentBytes)
    {
        QueueOptions options = segmentBytes == 0 ? new QueueOptions() : new QueueOptions { SegmentBytes = segmentBytes };
        EstreamQueue queue = EstreamQueue.Open(_directory.Combine("q"), options);
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        byte[] message = ApiRig.Telemetry(7);
        for (int i = 0; i < count; i++)
        {
            appender.Append(message);
        }

        return queue;
    }

    /// <summary>A clock that advances by two milliseconds each time that it is read.</summary>
    private sealed class TickingClock : IClock
    {
        private long _nanos;

        public long UtcNanos => _nanos;

        public long CoarseUtcNanos => _nanos;

        public long MonotonicNanos => _nanos += 2_000_000;
    }
}
