using Estream.Map;
using Estream.Queue;

namespace Estream.Streams.Operators.Keyed;

/// <summary>
/// What operators with a state have in common. An event changes entries, the watermark, and makes results; all of it is a function of the
/// entries, the progress and the event. Results are made permanent first, then entries and progress in one step: so after a kill
/// the outputs are as far as the entries or farther, and what is farther is made again and found to be there.
/// </summary>
internal abstract class KeyedCore : IDisposable
{
    private const long NoMessage = -1;

    private readonly long _origin;
    private ICheckpoint? _checkpoint;

    // Where the message is whose events are coming, and how many have come: it has one for each way by which it comes.
    private long _inHand = NoMessage;
    private long _eventsCome;

    /// <param name="origin">Names the pipeline and what its entries depend on.</param>
    protected KeyedCore(string origin)
    {
        _origin = OriginNumber.Of(origin);
        Progress.Clear(_origin);
    }

    public Progress Progress { get; } = new();

    /// <summary>The directory of the entries.</summary>
    public abstract string Directory { get; }

    /// <summary>Whether entries and outputs are what this pipeline has made.</summary>
    public bool IsConsistent =>
        !IsHostCrashed && Progress[ProgressKey.Origin] == _origin && Outputs.All(output => output.Output.Has(Progress[output.Written]));

    /// <summary>Whether there is nothing yet that depends on messages of before.</summary>
    public bool IsNew => !IsHostCrashed && IsMapEmpty && Outputs.All(output => output.Output.IsEmpty);

    /// <summary>The results of all outputs that are permanent, since it was opened.</summary>
    public ResultCount Results
    {
        get
        {
            ResultCount all = default;
            foreach ((Output output, _) in Outputs)
            {
                all = all.And(output.Results);
            }

            return all;
        }
    }

    /// <summary>Bytes of memory in which results are held back.</summary>
    public long BufferBytes => Outputs.Sum(static output => output.Output.BufferBytes);

    /// <summary>Whether results are made again that are there already.</summary>
    public bool IsReplaying => Outputs.Exists(static output => output.Output.IsReplaying);

    /// <summary>Whether what changed has to be kept before another event.</summary>
    public abstract bool IsNearlyFull { get; }

    protected abstract bool IsHostCrashed { get; }

    protected abstract bool IsMapEmpty { get; }

    /// <summary>All outputs, and where their results are counted.</summary>
    protected List<(Output Output, ProgressKey Written)> Outputs { get; } = [];

    public void Attach(ICheckpoint checkpoint) => _checkpoint = checkpoint;

    /// <summary>Goes back to what is kept.</summary>
    public abstract void Load();

    /// <summary>Has the outputs go on where the progress is; a message of which some events are taken comes again.</summary>
    public void ResumeOutputs()
    {
        _eventsCome = 0;
        _inHand = Progress[ProgressKey.EventsTaken] == 0
            ? NoMessage
            : Progress[Progress[ProgressKey.Side] == 0 ? ProgressKey.Position : ProgressKey.RightPosition];
        Outputs.ForEach(output => output.Output.GoTo(Progress[output.Written]));
    }

    /// <summary>Begins anew: nothing is kept.</summary>
    public void Clear()
    {
        long[] firsts = [.. Outputs.Select(static output => output.Output.Renew())];
        ClearEntries(_origin);
        for (int i = 0; i < firsts.Length; i++)
        {
            Progress[Outputs[i].Written] = firsts[i];
        }
    }

    public void RetractResults() => Outputs.ForEach(output => output.Output.Retract());

    /// <summary>Keeps everything as it is now.</summary>
    public void Commit()
    {
        foreach ((Output output, _) in Outputs)
        {
            output.Flush();
        }

        Keep();
    }

    /// <summary>Does what the watermark says is due.</summary>
    /// <returns>Whether anything was.</returns>
    public abstract bool FireDue();

    /// <summary>Where to go on in the queue that is read: at the message whose events are coming, where there is one.</summary>
    /// <param name="position">Where its reader is.</param>
    public long ResumePosition(long position) => _inHand == NoMessage ? position : _inHand;

    /// <summary>All events have come of the messages that were read.</summary>
    public void EndMessages()
    {
        _inHand = NoMessage;
        Progress[ProgressKey.EventsTaken] = 0;
    }

    /// <summary>An event of a message comes.</summary>
    /// <returns>False when it is taken already: the message comes again, for another event of it that was not.</returns>
    public bool TryBeginEvent(scoped in QueueMessage message)
    {
        if (message.Position != _inHand)
        {
            _inHand = message.Position;
            _eventsCome = 0;
            Progress[ProgressKey.EventsTaken] = 0;
        }

        if (_eventsCome++ < Progress[ProgressKey.EventsTaken])
        {
            return false;
        }

        // Before another event of the same message nobody else looks.
        EnsureCapacity();
        return true;
    }

    /// <summary>The event has changed what it changes. What is due because of it is not done yet.</summary>
    public void NoteTaken() => Progress[ProgressKey.EventsTaken] = _eventsCome;

    /// <summary>An event is taken, and what is due because of it is done.</summary>
    public void EndEvent()
    {
        if (IsNearlyFull)
        {
            _checkpoint!.RequestCheckpoint();
        }
    }

    public virtual void Dispose() => Outputs.ForEach(output => output.Output.Dispose());

    protected abstract void Keep();

    protected abstract void ClearEntries(long origin);

    /// <summary>Between two events of a message, or in the middle of what is due: what is taken is counted, and what is not done yet can be
    /// seen by the entries.</summary>
    protected void EnsureCapacity()
    {
        if (IsNearlyFull)
        {
            _checkpoint!.Take();
        }
    }
}

/// <summary>Operators with a state, of a type.</summary>
internal abstract class KeyedCore<TKey, TCell, TResult> : KeyedCore
    where TKey : unmanaged
    where TCell : unmanaged
{
    private readonly Output<TResult> _output;

    protected KeyedCore(KeyedSettings settings, StateMap<long, Windowed<TKey, TCell>> map, Output<TResult> output)
        : base(settings.Origin)
    {
        _output = output;
        Outputs.Add((output, ProgressKey.Written));
        if (output.LeftOut is { } leftOut)
        {
            Outputs.Add((leftOut, ProgressKey.LeftOutTold));
        }

        Clock = new EventClock(Progress, settings.Delay, settings.HasSources, settings.IdleAfter);
        Store = new KeyedStore<TKey, TCell>(map, settings.Limit, settings.Reserve, settings.HasSources ? KeyedSources.Most : 0);
    }

    public KeyedStore<TKey, TCell> Store { get; }

    public EventClock Clock { get; }

    public override string Directory => Store.Directory;

    public override bool IsNearlyFull => Store.IsNearlyFull;

    protected override bool IsHostCrashed => Store.IsHostCrashed;

    protected override bool IsMapEmpty => Store.IsMapEmpty;

    public void AddOutput(Output late, ProgressKey made) => Outputs.Add((late, made));

    public override void Load() => Store.Load(Progress, Clock.Sources);

    public override bool FireDue()
    {
        bool isAny = false;
        while (Store.TryFirstDue(Clock.Watermark, out int slot))
        {
            EnsureCapacity();
            OnDue(slot, ref Store[slot]);
            isAny = true;
        }

        return isAny;
    }

    /// <summary>Has a result made, or left out where that cannot be: it could not be made the next time either, and must not hold up those
    /// behind it.</summary>
    public void Push(in TResult result)
    {
        if (_output.Push(in result))
        {
            Progress[ProgressKey.Written]++;
            return;
        }

        Progress[ProgressKey.LeftOut]++;
        if (_output.LeftOut is { } leftOut)
        {
            FailedResult unmade = _output.LastFailure;
            _ = leftOut.Push(in unmade);
            Progress[ProgressKey.LeftOutTold]++;
        }
    }

    public override void Dispose()
    {
        base.Dispose();
        Store.Dispose();
    }

    protected void Replace(in TResult former, in TResult next) => _output.Replace(in former, in next);

    protected override void Keep() => Store.Commit(Progress, Clock.Sources);

    protected override void ClearEntries(long origin) => Store.Clear(Progress, Clock.Sources, origin);

    /// <summary>The watermark has come to where an entry is due: it is removed, or due later.</summary>
    protected abstract void OnDue(int slot, ref Windowed<TKey, TCell> entry);
}

/// <summary>Where a pipeline with a state keeps everything as it is now.</summary>
internal interface ICheckpoint
{
    void Take();

    /// <summary>Asks for it before the next event.</summary>
    void RequestCheckpoint();
}

/// <summary>What operators with a state are told.</summary>
/// <param name="Origin">Names the pipeline and what its entries depend on.</param>
/// <param name="Delay">How far the watermark is behind.</param>
/// <param name="HasSources">Whether the slowest source counts.</param>
/// <param name="IdleAfter">When a source is not waited for.</param>
/// <param name="Limit">How many entries there may be.</param>
/// <param name="Reserve">How many one event changes at most.</param>
internal sealed record KeyedSettings(string Origin, long Delay, bool HasSources, long IdleAfter, int Limit, int Reserve);

/// <summary>Intervals in which so many events of a key pass at once, and perhaps one more when the interval is over.</summary>
internal sealed class ThrottleCore<TKey, TValue>(KeyedSettings settings, StateMap<long, Windowed<TKey, Throttled<TValue>>> map,
    Output<TValue> output)
    : KeyedCore<TKey, Throttled<TValue>, TValue>(settings, map, output)
    where TKey : unmanaged
    where TValue : unmanaged
{
    protected override void OnDue(int slot, ref Windowed<TKey, Throttled<TValue>> entry)
    {
        if (entry.Held.IsHolding != 0)
        {
            Push(in entry.Held.Newest);
        }

        Store.Remove(slot);
    }
}
