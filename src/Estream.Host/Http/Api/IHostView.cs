using System.Text.Json;
using Estream.Circuits;

namespace Estream.Host.Http;

/// <summary>What the HTTP side may see of the running host: reading, and how closely streams are looked at. Thread-safe.</summary>
internal interface IHostView
{
    HealthReport Health { get; }

    /// <summary>The newest sample; at most one sampling interval old.</summary>
    Overview Overview { get; }

    /// <summary>Null when there is no such queue.</summary>
    IQueueView? Queue(string name);

    /// <summary>Null when there is no such map.</summary>
    IMapView? Map(string name);

    /// <summary>What lies at which address.</summary>
    LexDirectory Streams { get; }

    /// <summary>Null when no such circuit runs.</summary>
    RunningCircuit? Circuit(string name);
}

/// <summary>Reads messages of one queue. Thread-safe.</summary>
internal interface IQueueView
{
    /// <summary>Writes the last <paramref name="count"/> messages, oldest first, as an array.</summary>
    void WriteLast(int count, Utf8JsonWriter writer);
}

/// <summary>Reads entries of one map. Thread-safe.</summary>
internal interface IMapView
{
    /// <summary>Writes <c>{"entries":[…],"total":n}</c>: up to <paramref name="limit"/> entries whose key starts with <paramref name="prefix"/>, as they were at most half a second ago.</summary>
    /// <remarks>Scans take turns; whoever waits for one holds no thread.</remarks>
    Task WriteEntriesAsync(ReadOnlyMemory<byte> prefix, int limit, Utf8JsonWriter writer, CancellationToken cancellation);

    /// <summary>Writes one entry; false, having written nothing, when there is none.</summary>
    bool TryWriteEntry(ReadOnlySpan<byte> key, Utf8JsonWriter writer);
}
