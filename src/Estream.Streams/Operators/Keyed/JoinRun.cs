using Estream.Core;
using Estream.Queue;
using Estream.Streams.Observing;

namespace Estream.Streams.Operators.Keyed;

/// <summary>The input of one side of a join.</summary>
/// <param name="Queue">The queue.</param>
/// <param name="Name">The name of the pipeline in the queue.</param>
/// <param name="Source">Reads the events.</param>
internal sealed record JoinedStream(EstreamQueue Queue, string Name, Source Source);

/// <summary>
/// A pipeline over the messages of two queues. The run reads one queue until the next checkpoint, and commits its choice of the queue
/// before it processes the messages. After a crash, the messages whose results already exist are therefore read in the same order.
/// </summary>
internal sealed class JoinRun : PipelineRun, ICheckpoint
{
    /// <summary>The maximum number of messages read from one side at a time.</summary>
    private const int MessagesPerTurn = 1_024;

    private readonly KeyedCore _core;
    private readonly Side[] _sides;
    private MessageObserver? _observer;
    private bool _isBroken;

    // True after a crash or a failure, while the interrupted turn is repeated. The turn then reads the same side, at least as far as
    // before.
    private bool _isTurnAgain;

    public JoinRun(KeyedCore core, JoinedStream left, JoinedStream right)
    {
        _core = core;
        core.Attach(this);
        _sides = [new Side(this, left, ProgressKey.Position), null!];
        try
        {
            _sides[1] = new Side(this, right, ProgressKey.RightPosition);
            GoToState();
        }
        catch
        {
            _sides[1]?.Dispose();
            _sides[0].Dispose();
            throw;
        }
    }

    public override long Position => _sides[0].Tailer.Position;

    public override long Passed => _sides[0].Source.Passed + _sides[1].Source.Passed;

    public override long BytesRead => _sides[0].Source.BytesRead + _sides[1].Source.BytesRead;

    public override ResultCount Results => _core.Results;

    public override long BufferBytes => _core.BufferBytes;

    public override MessageObserver? Observer
    {
        set
        {
            (_observer, _sides[0].Source.Observer, _sides[1].Source.Observer) = (value, value, value);
            _sides[1].Source.Side = 1;
        }
    }

    public override Progress Progress => _core.Progress;

    public override int Step()
    {
        if (_isBroken)
        {
            GoToState();
        }

        try
        {
            if (_core.FireDue())
            {
                Take();
            }

            return Choose() is { } side ? Take(side) : 0;
        }
        catch
        {
            _isBroken = true;
            _observer?.Forget();
            throw;
        }
    }

    public override void Wait(CancellationToken cancellationToken)
    {
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task[] waits = [.. _sides.Select(side => side.Tailer.WaitToReadAsync(either.Token).AsTask())];
        _ = Task.WaitAny(waits, CancellationToken.None);

        // A tailer must not be used before its wait has ended.
        either.Cancel();
        foreach (Task wait in waits)
        {
            try
            {
                wait.GetAwaiter().GetResult();
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                // The other side has a message.
            }
        }
    }

    public override void StartOver()
    {
        _core.RetractResults();
        Begin();
    }

    public override void Dispose()
    {
        foreach (Side side in _sides)
        {
            side.Dispose();
        }

        _core.Dispose();
    }

    /// <summary>Commits the state as it is after the last event processed.</summary>
    public void Take()
    {
        Side read = _sides[Progress[ProgressKey.Side]];
        foreach (Side side in _sides)
        {
            Progress[side.PositionWord] = side == read ? _core.ResumePosition(side.Tailer.Position) : side.Tailer.Position;
        }

        _core.Commit();
        foreach (Side side in _sides)
        {
            side.OnCheckpointed();
        }
    }

    public void RequestCheckpoint()
    {
        foreach (Side side in _sides)
        {
            side.RequestCheckpoint();
        }
    }

    private int Take(Side side)
    {
        int count = side.Source.Pump(side.Tailer, side, MessagesPerTurn);
        if (count > 0)
        {
            _core.EndMessages();
            Take();
        }

        _isTurnAgain = false;
        return count;
    }

    // Chooses the slower side, so that few events have to wait, or the other side if the slower side has no message. While results are
    // replayed or a turn is repeated, chooses the committed side.
    private Side? Choose()
    {
        Side kept = _sides[Progress[ProgressKey.Side]];
        if ((_isTurnAgain || _core.IsReplaying) && kept.HasMessage)
        {
            return kept;
        }

        if (_core.IsReplaying)
        {
            throw new EstreamCorruptionException(
                $"There are results of messages that '{kept.Directory}' no longer contains: a power failure lost the messages. Start with "
                + "the remaining messages: another name, an empty state and an empty output.", kept.Directory);
        }

        int behind = Progress[ProgressKey.RightNewest] < Progress[ProgressKey.Newest] ? 1 : 0;
        int chosen = _sides[behind].HasMessage ? behind : 1 - behind;
        if (!_sides[chosen].HasMessage)
        {
            return null;
        }

        if (Progress[ProgressKey.Side] != chosen)
        {
            Progress[ProgressKey.Side] = chosen;
            Take();
        }

        return _sides[chosen];
    }

    private void GoToState()
    {
        _core.Load();
        if (_core.IsConsistent)
        {
            foreach (Side side in _sides)
            {
                side.GoTo(Progress[side.PositionWord]);
            }

            _core.ResumeOutputs();
            _isTurnAgain = true;
        }
        else
        {
            RequireNoResults();
            Begin();
        }

        _isBroken = false;
    }

    private void Begin()
    {
        _core.Clear();
        foreach (Side side in _sides)
        {
            side.GoTo(-1);
        }

        _core.ResumeOutputs();
        _isTurnAgain = false;
        Take();
    }

    // Reading from the start may alternate differently between the two queues, and so yield the results in another order. Existing results
    // are therefore discarded, or rejected if they cannot be discarded.
    private void RequireNoResults()
    {
        foreach (Side side in _sides)
        {
            KeyedErrors.RequireCompleteSource(_core, side.Place);
        }

        try
        {
            _core.RetractResults();
        }
        catch (NotSupportedException there)
        {
            throw new EstreamCorruptionException(
                $"The state in '{_core.Directory}' is missing or was damaged by a power failure, but its results exist, and a join "
                + "cannot compute them again in the same order. "
                + "Restore the state from a copy, or start over: another name, an empty state and an empty output.", _core.Directory,
                    innerException: there);
        }
    }

    /// <summary>One side of the join; the run reads the sides in turns.</summary>
    private sealed class Side(JoinRun run, JoinedStream stream, ProgressKey position) : PumpEnd, IDisposable
    {
        public SourceOffset Place { get; } = new(stream.Queue, stream.Name);

        public Source Source => stream.Source;

        public QueueTailer Tailer => Place.Tailer;

        public ProgressKey PositionWord => position;

        public string Directory => Place.Directory;

        public bool HasMessage => Tailer.WaitToRead(TimeSpan.Zero);

        public override bool Refuse(QueueTailer tailer, long inHand)
        {
            run._isBroken = true;
            return false;
        }

        public void RequestCheckpoint() => IsFull = true;

        public void OnCheckpointed()
        {
            IsFull = false;
            Place.Follow(run.Progress[position]);
        }

        public void GoTo(long place)
        {
            IsFull = false;
            Place.GoTo(place);
        }

        public void Dispose() => Place.Dispose();
    }
}
