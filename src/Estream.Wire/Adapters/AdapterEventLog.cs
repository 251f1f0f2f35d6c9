using Estream.Core;

namespace Estream.Wire;

/// <summary>
/// Passes the events of an adapter to the host. Limits the events of each kind per second, so that many bad connections do not flood the
/// log. The next event of the kind states how many events were omitted. Thread-safe.
/// </summary>
public sealed class AdapterEventLog
{
    private const int MaxPerSecond = 20;
    private const int MaxDetailChars = 2_000;
    private const long NanosPerSecond = 1_000_000_000;

    private readonly string _adapter;
    private readonly IClock _clock;
    private readonly Action<AdapterEvent> _handler;
    private readonly Window[] _windows = new Window[Enum.GetValues<AdapterEventKind>().Length];
    private readonly Lock _lock = new();

    /// <summary>Creates the log of one adapter.</summary>
    /// <param name="adapter">The adapter's name.</param>
    /// <param name="clock">The clock for the times of events.</param>
    /// <param name="handler">Receives the events. Called from any thread; must return soon and not throw.</param>
    public AdapterEventLog(string adapter, IClock clock, Action<AdapterEvent> handler)
    {
        ArgumentNullException.ThrowIfNull(clock);
        ArgumentNullException.ThrowIfNull(handler);
        _adapter = adapter;
        _clock = clock;
        _handler = handler;
    }

    /// <summary>Reports an event, unless there were too many of its kind within this second.</summary>
    public void Report(AdapterEventKind kind, string detail, Exception? exception = null)
    {
        long now = _clock.UtcNanos;
        int suppressed;
        lock (_lock)
        {
            ref Window window = ref _windows[(int)kind];
            if (now - window.Start is < 0 or >= NanosPerSecond)
            {
                window = new Window(now, 0, window.Suppressed);
            }

            if (window.Count >= MaxPerSecond)
            {
                window = window with { Suppressed = window.Suppressed + 1 };
                return;
            }

            suppressed = window.Suppressed;
            window = new Window(window.Start, window.Count + 1, 0);
        }

        detail = Clean(detail);
        string text = suppressed == 0 ? detail : $"{detail} ({suppressed} more events like this were not logged)";
        _handler(new AdapterEvent(now, _adapter, kind, text, exception));
    }

    /// <summary>Removes line breaks from a detail, which may contain text of peers, and limits its length.</summary>
    private static string Clean(string detail)
    {
        if (detail.Length > MaxDetailChars)
        {
            detail = $"{detail.AsSpan(0, MaxDetailChars)}… ({detail.Length} characters)";
        }

        return detail.Any(char.IsControl) ? string.Concat(detail.Select(c => char.IsControl(c) ? '\uFFFD' : c)) : detail;
    }

    private readonly record struct Window(long Start, int Count, int Suppressed);
}
