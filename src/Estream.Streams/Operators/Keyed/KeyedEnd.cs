using Estream.Core;
using Estream.Queue;

namespace Estream.Streams.Operators.Keyed;

/// <summary>A pipeline whose operator has a state: that, the place in the queue and the number of results are one step of the state's
/// map.</summary>
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

    /// <summary>Keeps everything as it is behind the event that was taken last.</summary>
    public void Take()
    {
        long position = core.ResumePosition(_place!.Tailer.Position);
        core.Progress[ProgressKey.Position] = position;
        core.Commit();
        _place.Follow(position);
        IsFull = false;
    }

    /// <summary>Says that there may be no room for what another event changes.</summary>
    public void RequestCheckpoint() => IsFull = true;

    public override void StartOver(QueueTailer tailer)
    {
        core.RetractResults();
        Begin();

        // What cannot be taken back counts from here on.
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

    // Whatever fails on the way: what is in memory may be half of something, and what is kept is not.
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

/// <summary>What is said of a state that cannot be gone on with.</summary>
internal static class KeyedErrors
{
    /// <summary>A state that is not there any more can be made again of the same messages, if the queue has all of them.</summary>
    public static void RequireCompleteSource(KeyedCore core, SourceOffset place)
    {
        if (!core.IsNew && place.GivenUp is > 0 and long given)
        {
            throw new EstreamCorruptionException(
                $"The state in '{core.Directory}' and the results do not belong together, or a power cut has hit them, and "
                + $"'{place.Directory}' has given up its first {given} messages, so they cannot be made anew. "
                + "Restore them from a copy, or begin with what is left: another name, an empty state and an empty output.",
                    core.Directory);
        }
    }
}
