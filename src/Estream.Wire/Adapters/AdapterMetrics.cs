using System.Diagnostics.Metrics;

namespace Estream.Wire;

/// <summary>
/// The metrics of an adapter, on the common meter of Estream. Values are read at collection, so counting is a plain store. Adapters of one
/// kind share the instruments of the process and differ by the label <c>adapter</c>. The instruments belong to the process and remain after
/// the adapter is gone. A meter of the adapter itself would keep the code of its component in memory after unloading. Thread-safe.
/// </summary>
public sealed class AdapterMetrics : IDisposable
{
    private readonly KeyValuePair<string, object?>[] _labels;
    private readonly List<(AdapterInstrument Instrument, Func<IEnumerable<Measurement<long>>> Read)> _sources = [];
    private readonly Lock _lock = new();
    private bool _isDisposed;

    /// <summary>Creates the metrics of an adapter, without any instrument.</summary>
    /// <param name="adapter">The adapter's name.</param>
    /// <param name="labels">Further labels of all values, such as the session.</param>
    public AdapterMetrics(string adapter, params ReadOnlySpan<KeyValuePair<string, object?>> labels)
    {
        ArgumentException.ThrowIfNullOrEmpty(adapter);
        _labels = [new("adapter", adapter), .. labels];
    }

    /// <summary>Adds a counter.</summary>
    /// <param name="name">The instrument, as in <c>estream.mqtt.received</c>. The first call in this process
    /// sets its unit and description.</param>
    /// <param name="unit">The unit, such as <c>{message}</c> or <c>By</c>; null for none.</param>
    /// <param name="description">One sentence for display.</param>
    /// <param name="read">Returns the present value. Called from any thread until <see cref="Dispose"/> returns; must return
    /// soon.</param>
    /// <exception cref="ObjectDisposedException">The object was disposed.</exception>
    public AdapterMetrics AddCounter(string name, string? unit, string description, Func<long> read) =>
        Add(name, isCounter: true, unit, description, One(read));

    /// <summary>Adds a counter with a further label.</summary>
    /// <param name="name">The instrument, as in <c>estream.mqtt.rejected</c>. The first call in this process
    /// sets its unit and description.</param>
    /// <param name="unit">The unit, such as <c>{message}</c> or <c>By</c>; null for none.</param>
    /// <param name="description">One sentence for display.</param>
    /// <param name="label">The further label, as in <c>reason</c>.</param>
    /// <param name="read">Returns the present value for each value of the label. Called from any thread until <see cref="Dispose"/>
    /// returns; must return soon.</param>
    /// <exception cref="ObjectDisposedException">The object was disposed.</exception>
    public AdapterMetrics AddCounter(string name, string? unit, string description, string label,
        Func<IEnumerable<(string Value, long Count)>> read) =>
        Add(name, isCounter: true, unit, description, Several(label, read));

    /// <summary>Adds a gauge.</summary>
    /// <param name="name">The instrument, as in <c>estream.mqtt.connections</c>. The first call in this process
    /// sets its unit and description.</param>
    /// <param name="unit">The unit of the counted objects, as in <c>{connection}</c> or <c>By</c>; null for none.</param>
    /// <param name="description">One sentence for display.</param>
    /// <param name="read">Returns the present value. Called from any thread until <see cref="Dispose"/> returns; must return
    /// soon.</param>
    /// <exception cref="ObjectDisposedException">The object was disposed.</exception>
    public AdapterMetrics AddGauge(string name, string? unit, string description, Func<long> read) =>
        Add(name, isCounter: false, unit, description, One(read));

    /// <summary>Adds a gauge with a further label.</summary>
    /// <param name="name">The instrument, as in <c>estream.mqtt.sessions</c>. The first call in this process
    /// sets its unit and description.</param>
    /// <param name="unit">The unit of the counted objects, as in <c>{session}</c> or <c>By</c>; null for none.</param>
    /// <param name="description">One sentence for display.</param>
    /// <param name="label">The further label, as in <c>state</c>.</param>
    /// <param name="read">Returns the present value for each value of the label. Called from any thread until <see cref="Dispose"/>
    /// returns; must return soon.</param>
    /// <exception cref="ObjectDisposedException">The object was disposed.</exception>
    public AdapterMetrics AddGauge(string name, string? unit, string description, string label,
        Func<IEnumerable<(string Value, long Count)>> read) =>
        Add(name, isCounter: false, unit, description, Several(label, read));

    /// <summary>Removes all sources. After this method returns, no source is called or referenced.</summary>
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
