using Estream.Core;
using Estream.Queue;

namespace Estream.Streams.Operators.Keyed;

/// <summary>
/// Writes results to a queue that only this pipeline appends to, so the number of messages is the number of results. Results that are
/// computed again after a crash are compared with the existing messages instead of being appended, which detects a pipeline that does not
/// compute the same results again. A result that cannot be created gets no number.
/// </summary>
internal sealed class CountedOutput<TResult>(EstreamQueue queue, MessageMaker<TResult> maker) : Output<TResult>
    where TResult : allows ref struct
{
    private readonly QueueAppender _appender = queue.CreateAppender(AppenderMode.Exclusive);
    private readonly MessageBuffer<TResult> _messages = new(queue, maker);
    private QueueTailer? _made;
    private ResultCount _results;
    private long _firstKept;
    private long _next;

    public override ResultCount Results => _results;

    public override long BufferBytes => _messages.Capacity;

    public override bool IsEmpty => _appender.NextSequence == 0;

    public override bool IsReplaying => _next < _appender.NextSequence;

    public override bool Has(long made) => made <= _appender.NextSequence;

    public override void GoTo(long made)
    {
        _messages.Clear();
        EndComparing();
        _next = made;
        if (made < _appender.NextSequence)
        {
            BeginComparing(made);
        }
    }

    public override FailedResult LastFailure => maker.LastFailure;

    public override bool Push(scoped in TResult result)
    {
        ReadOnlySpan<byte> message = _messages.Write(in result);
        if (message.IsEmpty)
        {
            return false;
        }

        if (_next < _appender.NextSequence)
        {
            Compare(message);
            _next++;
            return true;
        }

        _messages.Keep(message.Length);
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
            _results = _results.And(_messages.Count, _messages.Bytes);
            _next += _messages.Count;
            _messages.Clear();
            EndComparing();
        }
    }

    public override void Retract()
    {
        if (!IsEmpty)
        {
            throw new NotSupportedException(
                $"The results in '{queue.Directory}' cannot be discarded. Open the pipeline under another name, with another "
                + "state and another output.");
        }
    }

    public override void Dispose()
    {
        EndComparing();
        _appender.Dispose();
        base.Dispose();
    }

    // Results that retention has reclaimed cannot be compared: start with the oldest message the queue retains.
    private void BeginComparing(long made)
    {
        _made = queue.CreateTailer();
        _firstKept = Math.Max(made, queue.GetInfo().FirstSequence);
        _made.SeekToSequence(_firstKept);
    }

    private void Compare(ReadOnlySpan<byte> message)
    {
        if (_next < _firstKept
            || (_made!.TryRead(out QueueMessage there) && there.Sequence == _next && there.Payload.SequenceEqual(message)))
        {
            return;
        }

        throw new EstreamCorruptionException(
            $"Result {_next} in '{queue.Directory}' differs from what this pipeline computes from the same events. Only this pipeline "
            + "may append to the queue, and it must compute the same results again: "
            + "the program may have changed since a crash, or a delegate depends on more than the event. Run the previous program "
            + "once, or use another name, state and output.", queue.Directory);
    }

    private void EndComparing()
    {
        _made?.Dispose();
        _made = null;
    }
}
