using Estream.Core;
using Estream.Queue;

namespace Estream.Streams.Operators.Keyed;

/// <summary>The end of a pipeline with a stateful operator: state, queue position and the number of results are committed in one step of
/// the state's map.</summary>
internal sealed class KeyedEnd(KeyedCore core) : PipelineEnd, ICheckpoint
{
    private SourceOffset? _place;
    private bool _isBroken;

    public override Progress Progress => core.Progress;

    public override ResultCount Results => core.Results;

    public override long BufferBytes => core.BufferBytes;

    public override QueueTailer OpenTailer(EstreamQueue queue, string name)
    {
        _place = new SourceOffset(queue, name);
        core.Attach(this);
        GoToState();
        return _place.Tailer;
    }

    public override void Resume()
    {
        if (_isBroken)
        {
            GoToState();
        }

        Try(static end => end.Fire());
    }

    public override bool Refuse(QueueTailer tailer, long position)
    {
        _isBroken = true;
        return false;
    }

    public override void Commit(QueueTailer tailer) => Try(static end => end.TakeAll());

    /// <summary>Commits the state as it is after the last event processed.</summary>
    public void Take()
    {
        long position = core.ResumePosition(_place!.Tailer.Position);
        core.Progress[ProgressKey.Position] = position;
        core.Commit();
        _place.Follow(position);
        IsFull = false;
    }

    /// <summary>Requests a checkpoint, because there may be no room for the changes of another event.</summary>
    public void RequestCheckpoint() => IsFull = true;

    public override void StartOver(QueueTailer tailer)
    {
        core.RetractResults();
        Begin();

        // Commits the number of existing results that an output cannot discard, so that counting continues after them.
        Try(static end => end.Take());
    }

    public override void Dispose()
    {
        core.Dispose();
        _place?.Dispose();
        base.Dispose();
    }

    private void TakeAll()
    {
        core.EndMessages();
        Take();
    }

    private void GoToState()
    {
        core.Load();
        IsFull = false;
        if (core.IsConsistent)
        {
            _place!.GoTo(core.Progress[ProgressKey.Position]);
            core.ResumeOutputs();
        }
        else
        {
            KeyedErrors.RequireCompleteSource(core, _place!);
            Begin();
        }

        _isBroken = false;
    }

    private void Begin()
    {
        core.Clear();
        _place!.GoTo(-1);
        core.ResumeOutputs();
    }

    private void Fire()
    {
        if (core.FireDue())
        {
            Take();
        }
    }

    // After a failure the state in memory may be incomplete. The committed state is complete, and is loaded again before the next step.
    private void Try(Action<KeyedEnd> action)
    {
        try
        {
            action(this);
        }
        catch
        {
            _isBroken = true;
            throw;
        }
    }
}

/// <summary>Throws if a state cannot be continued.</summary>
internal static class KeyedErrors
{
    /// <summary>Throws if a lost state cannot be rebuilt because the queue no longer retains all messages.</summary>
    public static void RequireCompleteSource(KeyedCore core, SourceOffset place)
    {
        if (!core.IsNew && place.GivenUp is > 0 and long given)
        {
            throw new EstreamCorruptionException(
                $"The state in '{core.Directory}' and the results do not belong together, or a power failure damaged them, and "
                + $"'{place.Directory}' has reclaimed its first {given} messages, so they cannot be rebuilt. "
                + "Restore them from a copy, or start with the remaining messages: another name, an empty state and an empty output.",
                    core.Directory);
        }
    }
}
