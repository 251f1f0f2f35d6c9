using Estream.Map;
using Estream.Queue;

namespace Estream.Streams.Operators.Keyed;

/// <summary>
/// The common base of stateful operators. An event changes entries and the watermark, and yields results; all of these depend only on the
/// entries, the progress and the event. Results are committed first, then entries and progress in one step. After a crash the outputs may
/// therefore contain results that the entries do not include yet. These results are computed again and recognised as present.
/// </summary>
internal abstract class KeyedCore : IDisposable
{
    private const long NoMessage = -1;

    private readonly long _origin;
    private ICheckpoint? _checkpoint;

    // The position of the message whose events are being processed, and the number of its events so far. A message has one event for each
    // route by which it reaches this operator.
    private long _inHand = NoMessage;
    private long _eventsCome;

    /// <param name="origin">Identifies the pipeline and the settings on which its entries depend.</param>
    protected KeyedCore(string origin)
    {
        _origin = OriginNumber.Of(origin);
        Progress.Clear(_origin);
    }

    public Progress Progress { get; } = new();

    /// <summary>The directory of the map that stores the entries.</summary>
    public abstract string Directory { get; }

    /// <summary>True if this pipeline wrote the entries and outputs, and they belong together.</summary>
    public bool IsConsistent =>
        !IsHostCrashed && Progress[ProgressKey.Origin] == _origin && Outputs.All(output => output.Output.Has(Progress[output.Written]));

    /// <summary>True if the map and all outputs are empty and the host has not crashed, so that no state or result depends on earlier
    /// messages.</summary>
    public bool IsNew => !IsHostCrashed && IsMapEmpty && Outputs.All(output => output.Output.IsEmpty);

    /// <summary>The results of all outputs committed since the pipeline was opened.</summary>
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

    /// <summary>The size in bytes of the memory that buffers results.</summary>
    public long BufferBytes => Outputs.Sum(static output => output.Output.BufferBytes);

    /// <summary>True while results that already exist are computed again.</summary>
    public bool IsReplaying => Outputs.Exists(static output => output.Output.IsReplaying);

    /// <summary>True if changes must be committed before another event.</summary>
    public abstract bool IsNearlyFull { get; }

    protected abstract bool IsHostCrashed { get; }

    protected abstract bool IsMapEmpty { get; }

    /// <summary>All outputs, and the progress words that count their results.</summary>
    protected List<(Output Output, ProgressKey Written)> Outputs { get; } = [];

    public void Attach(ICheckpoint checkpoint) => _checkpoint = checkpoint;

    /// <summary>Returns to the committed state.</summary>
    public abstract void Load();

    /// <summary>Moves the outputs to the committed progress. A message of which only some events were processed is read again.</summary>
    public void ResumeOutputs()
    {
        _eventsCome = 0;
        _inHand = Progress[ProgressKey.EventsTaken] == 0
            ? NoMessage
            : Progress[Progress[ProgressKey.Side] == 0 ? ProgressKey.Position : ProgressKey.RightPosition];
        Outputs.ForEach(output => output.Output.GoTo(Progress[output.Written]));
    }

    /// <summary>Starts over: discards all state.</summary>
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

    /// <summary>Commits the current state.</summary>
    public void Commit()
    {
        foreach ((Output output, _) in Outputs)
        {
            output.Flush();
        }

        Keep();
    }

    /// <summary>Processes the entries that are due by the watermark.</summary>
    /// <returns>True if there were any.</returns>
    public abstract bool FireDue();

    /// <summary>Returns the position at which to resume in the queue: that of the message whose events are being processed, if
    /// any.</summary>
    /// <param name="position">The position of the tailer.</param>
    public long ResumePosition(long position) => _inHand == NoMessage ? position : _inHand;

    /// <summary>Called when all events of the messages read so far were processed.</summary>
    public void EndMessages()
    {
        _inHand = NoMessage;
        Progress[ProgressKey.EventsTaken] = 0;
    }

    /// <summary>Called before an event of a message is processed.</summary>
    /// <returns>False if the event was already processed: the message is read again for another of its events.</returns>
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

        // The source checks for a full buffer between messages only, not between events of the same message.
        EnsureCapacity();
        return true;
    }

    /// <summary>Called when the event has changed the state. Entries that are due because of it are not processed yet.</summary>
    public void NoteTaken() => Progress[ProgressKey.EventsTaken] = _eventsCome;

    /// <summary>Called when an event and the entries due because of it are processed.</summary>
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

    /// <summary>Takes a checkpoint if the buffer is nearly full. Called between two events of a message, or while due entries are
    /// processed. The state is consistent then: the progress counts the processed events, and the due times of the entries show which
    /// entries are still due.</summary>
    protected void EnsureCapacity()
    {
        if (IsNearlyFull)
        {
            _checkpoint!.Take();
        }
    }
}

/// <summary>The typed base of stateful operators.</summary>
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

    /// <summary>Outputs a result, or skips it if it cannot be created. A retry would fail as well, and a failed result must not block later
    /// results.</summary>
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

    /// <summary>Called when the watermark has reached the due time of an entry: removes the entry or moves its due time.</summary>
    protected abstract void OnDue(int slot, ref Windowed<TKey, TCell> entry);
}

/// <summary>Commits the current state of a stateful pipeline.</summary>
internal interface ICheckpoint
{
    void Take();

    /// <summary>Requests a checkpoint before the next message.</summary>
    void RequestCheckpoint();
}

/// <summary>The settings of a stateful operator.</summary>
/// <param name="Origin">Identifies the pipeline and the settings on which its entries depend.</param>
/// <param name="Delay">How far the watermark is behind the newest event.</param>
/// <param name="HasSources">True if the watermark follows the slowest source.</param>
/// <param name="IdleAfter">A source whose newest event is this much older than the newest event overall no longer holds back the
/// watermark.</param>
/// <param name="Limit">The maximum number of entries.</param>
/// <param name="Reserve">The maximum number of entries that one event changes.</param>
internal sealed record KeyedSettings(string Origin, long Delay, bool HasSources, long IdleAfter, int Limit, int Reserve);

/// <summary>Throttles events: of each key, a number of events per interval pass immediately, and possibly one more when the interval is
/// over.</summary>
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
