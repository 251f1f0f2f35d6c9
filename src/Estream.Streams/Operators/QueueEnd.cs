using Estream.Esf;
using Estream.Queue;
using Estream.Streams.Internal;

namespace Estream.Streams.Operators;

/// <summary>
/// Results in another queue: a few at once, in one batch that also says how far the input has been read, so both are there or neither.
/// </summary>
internal sealed class QueueEnd<T, TWriter>(EstreamQueue output, int maxLength, EventWriter<T, TWriter> write, EsfSealer? sealer) : PipelineEnd
    where T : allows ref struct
    where TWriter : struct, IEsfWriter<TWriter>, allows ref struct
{
    private readonly MessageBuffer<T, TWriter> _messages = new(output, maxLength, write, SealingSpace.For<TWriter>(sealer));
    private readonly QueueAppender _appender = output.CreateAppender();

    public override QueueTailer OpenTailer(EstreamQueue queue, string name) => queue.CreateTailer(name, output);

    /// <summary>Writes the message an event becomes.</summary>
    public void Write(scoped in T item)
    {
        _messages.Keep(_messages.Write(in item).Length);
        IsFull = _messages.IsFull;
    }

    public override void Commit(QueueTailer tailer)
    {
        using (BatchClaim batch = _appender.ClaimBatch(Math.Max(_messages.Bytes, 1), Math.Max(_messages.Count, 1), tailer))
        {
            _messages.CopyTo(in batch);
            batch.Commit();
        }

        Forget();
    }

    public override void StartOver(QueueTailer tailer) =>
        throw new NotSupportedException($"What a pipeline has appended to '{output.Directory}' cannot be taken back. Open it under another name, or with another output.");

    public override void Dispose()
    {
        Forget();
        _appender.Dispose();
        base.Dispose();
    }

    private void Forget()
    {
        _messages.Clear();
        IsFull = false;
    }
}
