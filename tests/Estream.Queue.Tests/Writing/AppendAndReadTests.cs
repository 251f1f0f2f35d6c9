using System.Text;
using Estream.Testing;

namespace Estream.Queue.Tests;

/// <summary>A process reads its own appends.</summary>
public sealed class AppendAndReadTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void A_message_is_read_with_its_position_sequence_and_time()
    {
        using EstreamQueue queue = EstreamQueue.Open(_directory.Path);
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);

        // A thread reads the clock that stamps messages, and a busy machine may delay it.
        long before = DateTimeOffset.UtcNow.AddMinutes(-1).ToUnixTimeMilliseconds() * 1_000_000;
        long first = appender.Append("hello"u8);
        long second = appender.Append(""u8);
        long third = appender.Append("world"u8);

        using QueueTailer tailer = queue.CreateTailer();
        AssertNext(tailer, "hello", first, 0, before);
        AssertNext(tailer, "", second, 1, before);
        AssertNext(tailer, "world", third, 2, before);
        Assert.False(tailer.TryRead(out _));
        Assert.Equal(appender.NextPosition, tailer.Position);

        long fourth = appender.Append("!"u8);
        AssertNext(tailer, "!", fourth, 3, before);
    }

    [Fact]
    public void Messages_of_every_size_cross_segments_in_order()
    {
        using EstreamQueue queue = EstreamQueue.Open(_directory.Path, Small);
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        var random = new Random(7);
        var sent = new List<byte[]>();
        for (int i = 0; i < 500; i++)
        {
            byte[] message = new byte[i % 10 == 0 ? random.Next(queue.MaxMessageBytes + 1) : random.Next(300)];
            random.NextBytes(message);
            appender.Append(message);
            sent.Add(message);
        }

        using EstreamQueue reopened = EstreamQueue.OpenReadOnly(_directory.Path);
        using QueueTailer tailer = reopened.CreateTailer();
        for (int i = 0; i < sent.Count; i++)
        {
            Assert.True(tailer.TryRead(out QueueMessage message));
            Assert.Equal(i, message.Sequence);
            Assert.True(message.Payload.SequenceEqual(sent[i]), $"message {i} differs");
        }

        Assert.False(tailer.TryRead(out _));
        Assert.True(reopened.GetInfo().SegmentCount > 10);
        Assert.True(reopened.Verify().IsWhole);
        Assert.Equal(500, reopened.Verify().MessageCount);
    }

    [Fact]
    public void The_longest_message_fits_and_one_more_byte_is_refused()
    {
        using EstreamQueue queue = EstreamQueue.Open(_directory.Path, Small);
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        appender.Append("x"u8);
        byte[] longest = new byte[queue.MaxMessageBytes];
        longest[^1] = 42;
        appender.Append(longest);
        ArgumentException error = Assert.Throws<ArgumentException>(() => appender.Append(new byte[queue.MaxMessageBytes + 1]));
        Assert.Contains("SegmentBytes", error.Message, StringComparison.Ordinal);
        appender.Append("y"u8);

        using QueueTailer tailer = queue.CreateTailer();
        Assert.True(tailer.TryRead(out _));
        Assert.True(tailer.TryRead(out QueueMessage message));
        Assert.Equal(longest, message.Payload.ToArray());
        Assert.True(tailer.TryRead(out message));
        Assert.Equal("y"u8.ToArray(), message.Payload.ToArray());
    }

    [Fact]
    public void A_claim_is_visible_when_committed_and_never_when_aborted()
    {
        using EstreamQueue queue = EstreamQueue.Open(_directory.Path);
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        using QueueTailer tailer = queue.CreateTailer();
        using (AppendClaim aborted = appender.Claim(100))
        {
            aborted.Span.Fill(0xFF);
            Assert.False(tailer.TryRead(out _));
        }

        Assert.False(tailer.TryRead(out _));
        long position;
        using (AppendClaim claim = appender.Claim(100))
        {
            "short"u8.CopyTo(claim.Span);
            position = claim.Position;
            claim.Commit(5);
        }

        AssertNext(tailer, "short", position, 0, 0);
        Assert.False(tailer.TryRead(out _));
        appender.Append("next"u8);
        AssertNext(tailer, "next", appender.NextPosition - 24, 1, 0);
    }

    [Fact]
    public void A_claim_is_used_once_and_only_one_is_open()
    {
        using EstreamQueue queue = EstreamQueue.Open(_directory.Path);
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        AppendClaim claim = appender.Claim(10);
        Assert.Throws<InvalidOperationException>(() => appender.Append("x"u8));
        Assert.Throws<InvalidOperationException>(() => appender.Claim(1));
        claim.Commit(1);
        try
        {
            claim.Commit(1);
            Assert.Fail("a second commit was accepted");
        }
        catch (InvalidOperationException)
        {
            // expected
        }

        claim.Dispose();
        appender.Append("x"u8);
        Assert.Equal(2, appender.NextSequence);
    }

    private static QueueOptions Small => new() { SegmentBytes = 64 << 10 };

    private static void AssertNext(QueueTailer tailer, string text, long position, long sequence, long notBefore)
    {
        Assert.True(tailer.TryRead(out QueueMessage message));
        Assert.Equal(text, Encoding.UTF8.GetString(message.Payload));
        Assert.Equal(position, message.Position);
        Assert.Equal(sequence, message.Sequence);
        Assert.InRange(message.Time, notBefore, long.MaxValue);
    }
}
