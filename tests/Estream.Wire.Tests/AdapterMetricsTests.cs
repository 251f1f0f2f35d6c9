using System.Diagnostics.Metrics;
using Estream.Testing;

namespace Estream.Wire.Tests;

/// <summary>The measurements of adapters, as a meter listener sees them.</summary>
public sealed class AdapterMetricsTests : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly List<Instrument> _published = [];
    private readonly List<string> _values = [];
    private readonly string _prefix = $"estream.test{Guid.NewGuid():N}.";

    public AdapterMetricsTests()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Name.StartsWith(_prefix, StringComparison.Ordinal))
            {
                _published.Add(instrument);
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => _values.Add(Text(instrument, value, tags)));
        _listener.Start();
    }

    public void Dispose() => _listener.Dispose();

    [Fact]
    public void Measurement_has_the_adapter_and_its_labels()
    {
        using AdapterMetrics metrics = new AdapterMetrics("front", new KeyValuePair<string, object?>("session", "A-B"))
            .AddCounter(_prefix + "taken", "{message}", "Messages taken.", () => 3)
            .AddGauge(_prefix + "open", null, "What is open.", () => 1)
            .AddCounter(_prefix + "refused", "{message}", "Messages refused.", "reason", () => [("late", 5), ("long", 6)])
            .AddGauge(_prefix + "kept", "By", "What is kept.", "state", () => [("here", 7)]);

        Assert.Equal(
            [
                "kept=7 adapter:front session:A-B state:here", "open=1 adapter:front session:A-B",
                "refused=5 adapter:front session:A-B reason:late", "refused=6 adapter:front session:A-B reason:long",
                "taken=3 adapter:front session:A-B",
            ],
            Observe());
        Assert.Equal(["Estream"], _published.Select(instrument => instrument.Meter.Name).Distinct());
        Assert.Equal(
            [(typeof(ObservableCounter<long>), "{message}", "Messages taken."), (typeof(ObservableGauge<long>), null, "What is open.")],
            _published.Take(2).Select(instrument => (instrument.GetType(), instrument.Unit, instrument.Description!)));
    }

    [Fact]
    public void Adapters_share_an_instrument_that_outlives_them()
    {
        long taken = 1;
        AdapterMetrics first = new AdapterMetrics("front").AddCounter(_prefix + "taken", "{message}", "Messages taken.", () => taken);
        using (new AdapterMetrics("back").AddCounter(_prefix + "taken", "{message}", "Messages taken.", () => 2))
        {
            Assert.Equal(["taken=1 adapter:front", "taken=2 adapter:back"], Observe());
            first.Dispose();
            first.Dispose();
            Assert.Equal(["taken=2 adapter:back"], Observe());
        }

        Assert.Empty(Observe());
        taken = 9;
        using AdapterMetrics again = new AdapterMetrics("front").AddCounter(_prefix + "taken", "{message}", "Messages taken.", () => taken);
        Assert.Equal(["taken=9 adapter:front"], Observe());
        Assert.Single(_published);
        Assert.Throws<ObjectDisposedException>(() => first.AddGauge(_prefix + "open", null, "What is open.", () => 1));
    }

    [Fact]
    public void Failing_adapter_does_not_hide_the_measurements_of_others()
    {
        using AdapterMetrics wrong =
            new AdapterMetrics("wrong").AddCounter(_prefix + "refused", null, "Messages refused.", "reason", () => Half());
        using AdapterMetrics right = new AdapterMetrics("right").AddCounter(_prefix + "refused", null, "Messages refused.", () => 2);

        Assert.Equal(["refused=2 adapter:right"], Observe());
    }

    [Fact]
    public void Disposed_metrics_do_not_keep_the_adapter_alive()
    {
        (AdapterMetrics metrics, WeakReference held) = Measure();
        metrics.Dispose();

        // Another listener of this process may just have called the adapter.
        Eventually.True(
            () =>
            {
                GC.Collect();
                return !held.IsAlive;
            },
            "the adapter is collected");
        GC.KeepAlive(metrics);
    }

    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
    private (AdapterMetrics Metrics, WeakReference Held) Measure()
    {
        object adapter = new();
        AdapterMetrics metrics =
            new AdapterMetrics("front").AddCounter(_prefix + "taken", null, "Messages taken.", () => adapter.GetHashCode());
        return (metrics, new WeakReference(adapter));
    }

    private static IEnumerable<(string Reason, long Count)> Half()
    {
        yield return ("late", 1);
        throw new InvalidOperationException("closing");
    }

    private string Text(Instrument instrument, long value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        string text = $"{instrument.Name[_prefix.Length..]}={value}";
        foreach ((string key, object? tag) in tags)
        {
            text += $" {key}:{tag}";
        }

        return text;
    }

    private List<string> Observe()
    {
        _values.Clear();
        _listener.RecordObservableInstruments();
        return [.. _values.GroupBy(value => value.Split('=')[0]).OrderBy(of => of.Key, StringComparer.Ordinal).SelectMany(of => of)];
    }
}
