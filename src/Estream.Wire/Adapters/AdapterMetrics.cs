using System.Diagnostics.Metrics;

namespace Estream.Wire;

/// <summary>
/// What one adapter measures, on the meter all of Estream shares; read when somebody asks, so that counting is a plain store. The
/// instruments are those of the process: adapters of one kind have them together, each with its label <c>adapter</c>, and they stay when an
/// adapter goes. So an adapter whose code is a component's, and shall be unloaded, has no meter of its own, which would keep it in memory.
/// Thread-safe.
/// </summary>
public sealed class AdapterMetrics : IDisposable
{
    private readonly KeyValuePair<string, object?>[] _labels;
    private readonly List<(AdapterInstrument Instrument, Func<IEnumerable<Measurement<long>>> Read)> _sources = [];
    private readonly Lock _lock = new();
    private bool _isDisposed;

    /// <summary>Begins with nothing measured.</summary>
    /// <param name="adapter">The adapter's name.</param>
    /// <param name="labels">What else every value is labelled with, such as the session of an adapter that has several.</param>
    public AdapterMetrics(string adapter, params ReadOnlySpan<KeyValuePair<string, object?>> labels)
    {
        ArgumentException.ThrowIfNullOrEmpty(adapter);
        _labels = [new("adapter", adapter), .. labels];
    }

    /// <summary>Adds what only grows.</summary>
    /// <param name="name">The instrument, as in <c>estream.mqtt.received</c>. Its unit and its description are those of who named it first
    /// in this process.</param>
    /// <param name="unit">What is counted, as in <c>{message}</c> or <c>By</c>; null for none.</param>
    /// <param name="description">One sentence for people.</param>
    /// <param name="read">Says how much it is now; called from any thread until <see cref="Dispose"/> returns, and has to return
    /// soon.</param>
    /// <exception cref="ObjectDisposedException">Nothing is measured any more.</exception>
    public AdapterMetrics AddCounter(string name, string? unit, string description, Func<long> read) =>
        Add(name, isCounter: true, unit, description, One(read));

    /// <summary>Adds what only grows, apart by a further label.</summary>
    /// <param name="name">The instrument, as in <c>estream.mqtt.rejected</c>. Its unit and its description are those of who named it first
    /// in this process.</param>
    /// <param name="unit">What is counted, as in <c>{message}</c> or <c>By</c>; null for none.</param>
    /// <param name="description">One sentence for people.</param>
    /// <param name="label">The further label, as in <c>reason</c>.</param>
    /// <param name="read">Says for each of its values how much it is now; called from any thread until <see cref="Dispose"/> returns, and
    /// has to return soon.</param>
    /// <exception cref="ObjectDisposedException">Nothing is measured any more.</exception>
    public AdapterMetrics AddCounter(string name, string? unit, string description, string label,
        Func<IEnumerable<(string Value, long Count)>> read) =>
        Add(name, isCounter: true, unit, description, Several(label, read));

    /// <summary>Adds what grows and shrinks.</summary>
    /// <param name="name">The instrument, as in <c>estream.mqtt.connections</c>. Its unit and its description are those of who named it
    /// first in this process.</param>
    /// <param name="unit">What is counted, as in <c>{connection}</c> or <c>By</c>; null for none.</param>
    /// <param name="description">One sentence for people.</param>
    /// <param name="read">Says how much it is now; called from any thread until <see cref="Dispose"/> returns, and has to return
    /// soon.</param>
    /// <exception cref="ObjectDisposedException">Nothing is measured any more.</exception>
    public AdapterMetrics AddGauge(string name, string? unit, string description, Func<long> read) =>
        Add(name, isCounter: false, unit, description, One(read));

    /// <summary>Adds what grows and shrinks, apart by a further label.</summary>
    /// <param name="name">The instrument, as in <c>estream.mqtt.sessions</c>. Its unit and its description are those of who named it first
    /// in this process.</param>
    /// <param name="unit">What is counted, as in <c>{session}</c> or <c>By</c>; null for none.</param>
    /// <param name="description">One sentence for people.</param>
    /// <param name="label">The further label, as in <c>state</c>.</param>
    /// <param name="read">Says for each of its values how much it is now; called from any thread until <see cref="Dispose"/> returns, and
    /// has to return soon.</param>
    /// <exception cref="ObjectDisposedException">Nothing is measured any more.</exception>
    public AdapterMetrics AddGauge(string name, string? unit, string description, string label,
        Func<IEnumerable<(string Value, long Count)>> read) =>
        Add(name, isCounter: false, unit, description, Several(label, read));

    /// <summary>Ends the measuring: once it returns nothing that was added is called any more, nor held.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _isDisposed = true;
            foreach ((AdapterInstrument instrument, Func<IEnumerable<Measurement<long>>> read) in _sources)
            {
                instrument.Remove(read);
            }

            _sources.Clear();
        }
    }

    private AdapterMetrics Add(string name, bool isCounter, string? unit, string description, Func<IEnumerable<Measurement<long>>> read)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentException.ThrowIfNullOrEmpty(description);
        AdapterInstrument instrument = AdapterInstrument.Of(name, isCounter, unit, description);
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            instrument.Add(read);
            _sources.Add((instrument, read));
        }

        return this;
    }

    private Func<IEnumerable<Measurement<long>>> One(Func<long> read)
    {
        ArgumentNullException.ThrowIfNull(read);
        return () => [new Measurement<long>(read(), _labels)];
    }

    private Func<IEnumerable<Measurement<long>>> Several(string label, Func<IEnumerable<(string Value, long Count)>> read)
    {
        ArgumentException.ThrowIfNullOrEmpty(label);
        ArgumentNullException.ThrowIfNull(read);
        return () =>
            read().Select(one => new Measurement<long>(one.Count, (KeyValuePair<string, object?>[])[.. _labels, new(label, one.Value)]));
    }
}
