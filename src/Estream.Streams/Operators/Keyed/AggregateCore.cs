using Estream.Map;

namespace Estream.Streams.Operators.Keyed;

/// <summary>Windows whose events are folded: a result when the watermark reaches the end, one more for what comes late and is still
/// allowed.</summary>
/// <param name="settings">What all are told.</param>
/// <param name="map">Where they are kept.</param>
/// <param name="output">Where results go.</param>
/// <param name="lateness">How much longer a window is kept than until its result.</param>
/// <param name="behindEnd">How far behind its end a window is due: 0 where an event at the end is not in it; 1, a nanosecond, where it
/// is.</param>
internal sealed class AggregateCore<TKey, TState>(
    KeyedSettings settings, StateMap<long, Windowed<TKey, TState>> map, Output<WindowResult<TKey, TState>> output, long lateness,
    long behindEnd)
    : KeyedCore<TKey, TState, WindowResult<TKey, TState>>(settings, map, output)
    where TKey : unmanaged
    where TState : unmanaged
{
    /// <summary>When a window has its result.</summary>
    public long DueAt(long end) => end + behindEnd;

    /// <summary>Whether a window is given up: nothing comes into it any more.</summary>
    public bool IsOver(long end) => DueAt(end) <= GivenUp();

    /// <summary>Says that a former result of a session is not one any more, for the session has grown.</summary>
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

        // Also where the state was kept with a shorter lateness: what stays due would be due for ever.
        Store.SetDue(slot, DueAt(entry.To) + lateness);
    }

    // As far as the watermark is behind the lateness, and not less far than with a shorter lateness before: what was removed then would
    // begin anew, with a first result of its own.
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
