using Estream.Streams.TestProcess;

namespace Estream.Streams.Tests.Windows;

/// <summary>A straightforward model of windows: lists of events, searched completely each time. All times are in seconds.</summary>
internal sealed class WindowModel
{
    private readonly Func<Beat, IEnumerable<(long Start, long End)>> _windowsOf;
    private readonly bool _isSession;
    private readonly long _behindEnd;
    private readonly long _delay;
    private readonly long _lateness;
    private readonly long? _idleAfter;
    private readonly Dictionary<long, List<Window>> _open = [];
    private readonly Dictionary<long, long> _newest = [];

    private WindowModel(Func<Beat, IEnumerable<(long Start, long End)>> windowsOf, bool isSession, long delay, long lateness,
        long? idleAfter)
    {
        (_windowsOf, _isSession, _delay, _lateness, _idleAfter) = (windowsOf, isSession, delay, lateness, idleAfter);

        // Times here are whole seconds, so a nanosecond after the end is the next second.
        _behindEnd = isSession ? 1 : 0;
    }

    public List<Tallied> Results { get; } = [];

    public List<Beat> Late { get; } = [];

    public long Watermark { get; private set; } = long.MinValue / 2;

    public static WindowModel Sliding(long size, long advance, long delay, long lateness = 0, long? idleAfter = null) => new(
        beat => Enumerable.Range(0, (int)(size / advance) + 3)
            .Select(step => ((beat.Time / advance) + 1 - step) * advance)
            .Where(start => start <= beat.Time && beat.Time < start + size)
            .Select(start => (start, start + size)),
        isSession: false, delay, lateness, idleAfter);

    public static WindowModel Session(long gap, long delay, long lateness = 0) =>
        new(beat => [(beat.Time, beat.Time + gap)], isSession: true, delay, lateness, idleAfter: null);

    public WindowModel TakeAll(IEnumerable<Beat> beats)
    {
        foreach (Beat beat in beats)
        {
            Take(beat);
        }

        return this;
    }

    private void Take(Beat beat)
    {
        List<Window> ofKey = _open.TryGetValue(beat.Key, out List<Window>? known) ? known : _open[beat.Key] = [];
        bool isTaken = false;
        foreach ((long start, long end) in _windowsOf(beat))
        {
            List<Window> there = [.. ofKey.Where(window => _isSession ? window.Start <= end && window.End >= start : window.Start == start)
                .OrderBy(window => window.Start)];
            if (there.Count > 0 || end + _behindEnd + _lateness > Watermark)
            {
                isTaken = true;
                ofKey.RemoveAll(there.Contains);
                ofKey.Add(new Window(
                    beat.Key,
                    there.Select(window => window.Start).Append(start).Min(),
                    there.Select(window => window.End).Append(end).Max(),
                    there.Select(window => window.Revision).Append(0).Max(),
                    IsDue: true,
                    [.. there.SelectMany(window => window.Values), beat.Value]));
            }
        }

        if (!isTaken)
        {
            Late.Add(beat);
        }

        long before = Watermark;
        Advance(beat);
        if (Watermark == before)
        {
            Fire(ofKey);
            return;
        }

        foreach (List<Window> windows in _open.Values)
        {
            Fire(windows);
        }
    }

    private void Advance(Beat beat)
    {
        long source = _idleAfter is null ? 0 : beat.Source;
        _newest[source] = Math.Max(beat.Time, _newest.GetValueOrDefault(source, long.MinValue));
        long newest = _newest.Values.Max();
        long slowest = _newest.Values.Where(time => time >= newest - (_idleAfter ?? 0)).Min();
        Watermark = Math.Max(Watermark, slowest - _delay);
    }

    private void Fire(List<Window> windows)
    {
        for (int i = 0; i < windows.Count; i++)
        {
            Window window = windows[i];
            if (window.IsDue && window.End + _behindEnd <= Watermark)
            {
                Results.Add(
                    new Tallied(window.Key, window.Start, window.End, window.Revision,
                        new Tally(window.Values.Count, window.Values.Sum(), window.Values[^1])));
                windows[i] = window with { IsDue = false, Revision = window.Revision + 1 };
            }
        }

        windows.RemoveAll(window => window.End + _behindEnd + _lateness <= Watermark);
    }

    private sealed record Window(long Key, long Start, long End, long Revision, bool IsDue, List<long> Values);
}
