using Estream.Map;

namespace Estream.Streams.Operators.Keyed;

/// <summary>Windows whose events are folded: a result when the watermark passes the end, one more for what comes late and is still allowed.</summary>
internal sealed class AggregateCore<TKey, TState>(
    KeyedSettings settings, StateMap<long, Windowed<TKey, TState>> map, Output<WindowResult<TKey, TState>> output, long lateness)
    : KeyedCore<TKey, TState, WindowResult<TKey, TState>>(settings, map, output)
    where TKey : unmanaged
    where TState : unmanaged
{
    public long Lateness => lateness;

    /// <summary>Whether a window is given up: nothing comes into it any more.</summary>
    public bool IsOver(long end) => end + lateness <= Clock.Watermark;

    /// <summary>Says that a former result of a session is not one any more, for the session has grown.</summary>
    public void Outgrow(in Windowed<TKey, TState> former, in Windowed<TKey, TState> next)
    {
        if (former.Fired > 0)
        {
            Replace(ResultOf(in former), ResultOf(in next));
        }
    }

    protected override void OnDue(int slot, ref Windowed<TKey, TState> entry)
    {
        if (entry.Due == entry.To)
        {
            Push(ResultOf(in entry));
            entry.Fired++;
            Store.SetDue(slot, entry.To + lateness);
        }

        if (IsOver(entry.To))
        {
            Store.Remove(slot);
        }
    }

    private static WindowResult<TKey, TState> ResultOf(in Windowed<TKey, TState> entry) => new(entry.Of, entry.From, entry.To, entry.Fired, entry.Held);
}
