using Estream.Core;
using Estream.Testing;

namespace Estream.Queue.Tests;

/// <summary>Peeking at the next message does not read it.</summary>
public sealed class PeekTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void TryPeek_returns_false_in_an_empty_queue_and_at_its_end()
    {
        using EstreamQueue queue = Open(null);
        using QueueAppender appender = queue.CreateAppender();
        using QueueTailer tailer = queue.CreateTailer();
        Assert.False(tailer.TryPeek(out _));
        appender.Append("a"u8);
        Assert.True(tailer.TryPeek(out _));
        Assert.True(tailer.TryRead(out _));
        Assert.False(tailer.TryPeek(out _));
        tailer.Dispose();
        Assert.Throws<ObjectDisposedException>(() => tailer.TryPeek(out _));
    }

    /// <summary>Peeks across many segments, at single messages and batches, in plaintext and in encrypted blocks.</summary>
    [Theory]
    [InlineData(AppenderMode.Exclusive, false)]
    [InlineData(AppenderMode.Exclusive, true)]
    [InlineData(AppenderMode.Shared, false)]
    [InlineData(AppenderMode.Shared, true)]
    public void A_peeked_message_is_the_next_one_read(AppenderMode mode, bool isEncrypted)
    {
        using QueueKeyRing? keys = isEncrypted ? new QueueKeyRing("first", new byte[32]) : null;
        using EstreamQueue queue = Open(keys);
        using (QueueAppender appender = queue.CreateAppender(mode))
        {
            byte[] payload = new byte[900];
            for (int i = 0; i < 300; i++)
            {
                payload[0] = (byte)i;
                if (i % 3 == 0)
                {
                    appender.AppendBatch(payload.AsSpan(0, 700), [300, 0, 400]);
                }
                else
                {
                    appender.Append(payload);
                }
            }
        }

        using QueueTailer plain = queue.CreateTailer();
        using QueueTailer tailer = queue.CreateTailer();
        int count = 0;
        while (plain.TryRead(out QueueMessage expected))
        {
            for (int look = 0; look < 2; look++)
            {
                Assert.True(tailer.TryPeek(out QueueMessage peeked));
                Assert.Equal((expected.Position, expected.Sequence, expected.Time), (peeked.Position, peeked.Sequence, peeked.Time));
                Assert.Equal(expected.Payload, peeked.Payload);
                Assert.Equal(expected.Position, tailer.Position);
            }

            Assert.True(tailer.TryRead(out QueueMessage read));
            Assert.Equal(expected.Position, read.Position);
            count++;
        }

        Assert.False(tailer.TryPeek(out _));
        Assert.Equal(500, count);
    }

    [Fact]
    public void TryPeek_consumes_the_messages_read_before_and_not_the_peeked_one()
    {
        using EstreamQueue queue = Open(null);
        using (QueueAppender appender = queue.CreateAppender())
        {
            appender.Append("a"u8);
            appender.Append("b"u8);
        }

        using (QueueTailer tailer = queue.CreateTailer("name"))
        {
            Assert.True(tailer.TryRead(out _));
            Assert.True(tailer.TryPeek(out _));
            Assert.True(tailer.TryPeek(out _));
        }

        using QueueTailer again = queue.CreateTailer("name");
        Assert.True(again.TryRead(out QueueMessage message));
        Assert.Equal("b"u8, message.Payload);
    }

    private EstreamQueue Open(QueueKeyRing? keys) =>
        EstreamQueue.Open(_directory.Combine("queue"), new QueueOptions { SegmentBytes = 64 << 10, Keys = keys });
}
