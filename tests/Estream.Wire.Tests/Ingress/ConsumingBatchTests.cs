using Estream.Core;
using Estream.Queue;
using Estream.Testing;

namespace Estream.Wire.Tests;

/// <summary>Goal: a batch that consumes another queue does not block its queue when the other queue cannot be read.</summary>
public sealed class ConsumingBatchTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void A_source_that_cannot_be_read_does_not_block_the_output()
    {
        using EstreamQueue source = EstreamQueue.Open(_directory.Combine("source"), new QueueOptions { SegmentBytes = 65536 });
        using EstreamQueue output = EstreamQueue.Open(_directory.Combine("output"), new QueueOptions { SegmentBytes = 65536 });
        using IngressSink sink = new("output", output, SystemClock.Instance);
        using QueueTailer tailer = source.CreateTailer("reader", output);

        Assert.Throws<EstreamStorageException>(() => Append(sink, new Note(isFailing: true), tailer));
        Assert.Null(sink.Failure);
        Assert.True(Append(sink, new Note(isFailing: false), tailer));
        Assert.Equal(1, sink.Messages);

        // A note of the host itself is a part of the append.
        Assert.False(Append(sink, new Note(isFailing: true), consumed: null));
        Assert.NotNull(sink.Failure);
    }

    private static bool Append(IngressSink sink, IAppendNote note, QueueTailer? consumed)
    {
        sink.Enter();
        try
        {
            return sink.TryAppendBatch("a"u8, [1], note, out _, consumed);
        }
        finally
        {
            sink.Exit();
        }
    }

    private sealed class Note(bool isFailing) : IAppendNote
    {
        public bool TryNote(string queue, long position, int length) =>
            isFailing ? throw new EstreamStorageException("The device has failed.", "source", StorageFailure.Device) : true;
    }
}
