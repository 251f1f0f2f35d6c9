using Estream.Queue.Tests.Support;

namespace Estream.Queue.Tests;

/// <summary>A payload or claim that a program uses after it disposed the queue reads zeros and changes no file. It does not end the
/// process.</summary>
public sealed class DisposedQueueTests : QueueCase
{
    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    public void A_payload_reads_zeros_after_its_queue_is_disposed(bool encrypted, bool isReadOnly)
    {
        QueueOptions options = SmallWith(encrypted);
        MakeQueue(segments: 2, options);
        EstreamQueue queue = isReadOnly ? EstreamQueue.OpenReadOnly(QueueDirectory, options) : EstreamQueue.Open(QueueDirectory, options);
        QueueTailer tailer = queue.CreateTailer();
        Assert.True(tailer.TryRead(out QueueMessage message));
        Assert.NotEqual(-1, message.Payload.IndexOfAnyExcept((byte)0));
        queue.Dispose();
        Assert.Equal(-1, message.Payload.IndexOfAnyExcept((byte)0));
        Assert.Equal(0, message.Sequence);
        AssertDisposed(tailer);
    }

    [Fact]
    public void A_payload_reads_zeros_after_its_tailer_has_left_the_segment_and_the_segment_was_unmapped()
    {
        MakeQueue(segments: 30);
        using EstreamQueue queue = EstreamQueue.OpenReadOnly(QueueDirectory);
        using QueueTailer tailer = queue.CreateTailer();
        Assert.True(tailer.TryRead(out QueueMessage first));
        ReadToEnd(tailer, firstSequence: 1);
        Assert.Equal(-1, first.Payload.IndexOfAnyExcept((byte)0));
    }

    [Theory]
    [InlineData(false, AppenderMode.Exclusive)]
    [InlineData(false, AppenderMode.Shared)]
    [InlineData(true, AppenderMode.Exclusive)]
    public void Writing_a_claim_after_its_queue_is_disposed_changes_no_file(bool encrypted, AppenderMode mode)
    {
        QueueOptions options = SmallWith(encrypted);
        EstreamQueue queue = EstreamQueue.Open(QueueDirectory, options);
        QueueAppender appender = queue.CreateAppender(mode);
        appender.Append("before"u8);
        AppendClaim claim = appender.Claim(20_000);
        queue.Dispose();
        byte[] file = File.ReadAllBytes(SegmentFile(0));
        claim.Span.Fill(9);
        Assert.Equal(file, File.ReadAllBytes(SegmentFile(0)));
        using EstreamQueue again = EstreamQueue.Open(QueueDirectory, options);
        Assert.Equal(["before"], Texts(again));
        Assert.True(again.Verify().IsWhole);
    }

    private static void AssertDisposed(QueueTailer tailer) => Assert.Throws<ObjectDisposedException>(() => tailer.TryRead(out _));
}
