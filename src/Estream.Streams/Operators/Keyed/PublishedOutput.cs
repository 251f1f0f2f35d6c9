using Estream.Queue;

namespace Estream.Streams.Operators.Keyed;

/// <summary>
/// Publishes descriptions of results that cannot be created, to a queue that only this pipeline appends to. Descriptions that are created
/// again after a crash are not appended again; they are not compared, because nothing depends on them. When all results are recomputed,
/// existing descriptions stay and are published again.
/// </summary>
internal sealed class PublishedOutput(EstreamQueue queue, MessageMaker<FailedResult> maker) : Output<FailedResult>
{
    private readonly QueueAppender _appender = queue.CreateAppender(AppenderMode.Exclusive);
    private readonly MessageBuffer<FailedResult> _messages = new(queue, maker);
    private long _first;
    private long _next;

    public override long BufferBytes => _messages.Capacity;

    public override bool IsEmpty => _appender.NextSequence == 0;

    // Results and state are complete without this output.
    public override bool Has(long made) => true;

    public override void GoTo(long made)
    {
        _messages.Clear();
        _next = made;
    }

    public override bool Push(scoped in FailedResult result)
    {
        if (_next < _appender.NextSequence)
        {
            _next++;
            return true;
        }

        _messages.Keep(_messages.Write(in result).Length);
        if (_messages.IsFull)
        {
            Flush();
        }

        return true;
    }

    public override void Flush()
    {
        if (_messages.Count > 0)
        {
            using BatchClaim batch = _appender.ClaimBatch(_messages.Bytes, _messages.Count);
            _messages.CopyTo(in batch);
            batch.Commit();
            _next += _messages.Count;
            _messages.Clear();
        }
    }

    public override long Renew() => _first;

    public override void Retract() => _first = _appender.NextSequence;

    public override void Dispose()
    {
        _appender.Dispose();
        base.Dispose();
    }
}
