using Estream.Core;
using Estream.Queue;
using Estream.Streams.Observing;

namespace Estream.Streams.Operators.Keyed;

/// <summary>One side of a join: where its events come from.</summary>
/// <param name="Queue">The queue.</param>
/// <param name="Name">The name of the pipeline there.</param>
/// <param name="Source">Reads them.</param>
internal sealed record JoinedStream(EstreamQueue Queue, string Name, Source Source);

/// <summary>
/// The messages of two queues. Which of them is read until the state is kept the next time is kept before anything is made of it: so after
/// a kill the same messages are read in the same order, as far as results of them are there.
/// </summary>
internal sealed class JoinRun : PipelineRun, ICheckpoint
{
    /// <summary>So many messages of one side are read at a time.</summary>
    private const int MessagesPerTurn = 1_024;

    private readonly KeyedCore _core;
    private readonly Side[] _sides;
    private MessageObserver? _observer;
    private bool _isBroken;

    // The turn in which the process died, or something failed, comes again: as far as then or farther, and on the same side.
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

        // A tailer is asked nothing else before its wait has ended.
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

    /// <summary>Keeps everything as it is behind the events that were taken last.</summary>
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

    // The side that is behind, so that few events have to wait; the other one when it has nothing. As long as results are made again, the
    // one that was kept.
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
                $"There are results of messages that '{kept.Directory}' has not any more, so a power cut has taken them. Begin with what "
                + "is left: another name, an empty state and an empty output.", kept.Directory);
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

    // Another run need not read the two queues in the same turns, and so need not make the same results in the same order.
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
                $"The state in '{_core.Directory}' is not there or a power cut has hit it, but there are results of it, which a join "
                + "cannot make again in the same order. "
                + "Restore the state from a copy, or begin anew: another name, an empty state and an empty output.", _core.Directory,
                    innerException: there);
        }
    }

    /// <summary>A side, which is read in turns.</summary>
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
