using Estream.Map;

namespace Estream.Streams.Operators.Keyed;

/// <summary>Aggregates events in windows: yields a result when the watermark reaches the end of a window, and another one for each late
/// event within the allowed lateness.</summary>
/// <param name="settings">The settings of the operator.</param>
/// <param name="map">The map of the windows.</param>
/// <param name="output">The output of the results.</param>
/// <param name="lateness">How long a window is kept after its result.</param>
/// <param name="behindEnd">The nanoseconds after its end at which a window is due: 0 if an event exactly at the end is not in the window, 1
/// if it is.</param>
internal sealed class AggregateCore<TKey, TState>(
    KeyedSettings settings, StateMap<long, Windowed<TKey, TState>> map, Output<WindowResult<TKey, TState>> output, long lateness,
    long behindEnd)
    : KeyedCore<TKey, TState, WindowResult<TKey, TState>>(settings, map, output)
    where TKey : unmanaged
    where TState : unmanaged
{
    /// <summary>Returns the time at which a window yields its result.</summary>
    public long DueAt(long end) => end + behindEnd;

    /// <summary>Returns true if a window is closed: it accepts no more events.</summary>
    public bool IsOver(long end) => DueAt(end) <= GivenUp();

    /// <summary>Replaces an earlier result of a session after the session has grown.</summary>
    public void SupersedeResult(in Windowed<TKey, TState> former, in Windowed<TKey, TState> next)
    {
        if (former.Fired > 0)
        {
            Replace(ResultOf(in former), ResultOf(in next));
        }
    }

    protected override void OnDue(int slot, ref Windowed<TKey, TState> entry)
    {
        if (entry.Due == DueAt(entry.To))
        {
            Push(ResultOf(in entry));
            entry.Fired++;
        }

        if (IsOver(entry.To))
        {
            Store.Remove(slot);
            return;
        }

        // Moves the due time even of an entry that was committed with a shorter lateness: an entry that keeps its due time stays due
        // forever.
        Store.SetDue(slot, DueAt(entry.To) + lateness);
    }

    // Returns the time up to which windows are closed: the watermark minus the lateness. The time never decreases, even if the lateness was
    // shorter in an earlier run: a window that was removed then would otherwise be opened again and yield another first result.
    private long GivenUp()
    {
        ref long kept = ref Progress[ProgressKey.GivenUp];
        if (Clock.Watermark != EventTime.None)
        {
            kept = Math.Max(kept ^ EventTime.None, Clock.Watermark - lateness) ^ EventTime.None;
        }

        return kept ^ EventTime.None;
    }

    private static WindowResult<TKey, TState> ResultOf(in Windowed<TKey, TState> entry) =>
        new(entry.Of, entry.From, entry.To, entry.Fired, entry.Held);
}
