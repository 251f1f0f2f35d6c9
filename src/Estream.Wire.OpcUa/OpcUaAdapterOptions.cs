using Estream.Esf;

namespace Estream.Wire.OpcUa;

/// <summary>The options of an <see cref="OpcUaAdapter"/>.</summary>
public sealed record OpcUaAdapterOptions
{
    /// <summary>The servers.</summary>
    public required IReadOnlyList<OpcUaServerOptions> Servers { get; init; }

    /// <summary>Which messages go to which queue; at most one mapping for each schema.</summary>
    public IReadOnlyList<OpcUaMapping> Mappings { get; init; } = [];

    /// <summary>The schemas whose messages write items; OpcUaWrite or none. Default: none.</summary>
    public IReadOnlyList<EsfSchema> Egress { get; init; } = [];

    /// <summary>The upper limit of the first wait before a reconnect. Default: 200 ms.</summary>
    public TimeSpan ReconnectInitial { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>The upper limit of each wait before a reconnect. Default: 30 s.</summary>
    public TimeSpan ReconnectMax { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The maximum age of a write when it is sent, counted from its requested_at. An older write is refused, and so is one whose
    /// requested_at is further in the future than this. Zero: no limit. Default: 10 s.</summary>
    public TimeSpan MaxWriteAge { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The maximum number of messages of a queue that the adapter reads before it connects, to find earlier runs.</summary>
    internal long EarlierMessages { get; init; } = Adapter.EarlierRuns.MaxMessages;

    /// <summary>Runs the search of the older messages in the background. Tests hold the search until the token is cancelled.</summary>
    internal Func<Action, CancellationToken, Task> SearchOlder { get; init; } = static (search, _) => Task.Run(search);
}

/// <summary>A server with its subscription.</summary>
public sealed record OpcUaServerOptions
{
    /// <summary>The name in messages, events and metrics; unique in an adapter, at most 64 bytes.</summary>
    public required string Name { get; init; }

    /// <summary>The URL, security and user.</summary>
    public required OpcUaClientOptions Client { get; init; }

    /// <summary>The items.</summary>
    public required IReadOnlyList<OpcUaItemOptions> Items { get; init; }

    /// <summary>The time between notifications in milliseconds. Default: 1,000.</summary>
    public int PublishingIntervalMs { get; init; } = 1_000;

    /// <summary>The time without values after which the server shows that it still publishes, in milliseconds. Default: 10,000.</summary>
    public int KeepAliveMs { get; init; } = 10_000;

    /// <summary>The time that the server keeps the subscription without a connection, in milliseconds. Default: 600,000.</summary>
    public int LifetimeMs { get; init; } = 600_000;

    /// <summary>The Publish requests under way. Default: 3.</summary>
    public int PublishRequests { get; init; } = 3;
}

/// <summary>A variable to monitor.</summary>
public sealed record OpcUaItemOptions
{
    /// <summary>The name in messages; unique in its server, at most 64 bytes.</summary>
    public required string Name { get; init; }

    /// <summary>The node: `ns=1;s=Temperature`, or `nsu=URI;s=Temperature`, which finds the index by itself.</summary>
    public required string Node { get; init; }

    /// <summary>The time between samples in milliseconds; -1 for the publishing interval, 0 for as fast as possible. Default: -1.</summary>
    public int SamplingMs { get; init; } = -1;

    /// <summary>The values that the server keeps between two notifications. Default: 10.</summary>
    public int QueueSize { get; init; } = 10;

    /// <summary>Whether a full queue drops its oldest value, not its newest. Default: true.</summary>
    public bool DiscardOldest { get; init; } = true;

    /// <summary>Smaller changes are not reported. Default: 0, every change is.</summary>
    public double Deadband { get; init; }

    /// <summary>Whether messages may write the item. Default: false.</summary>
    public bool IsWritable { get; init; }
}

/// <summary>Stores the messages of a schema in a queue.</summary>
/// <param name="Schema">OpcUaReading, OpcUaValue or OpcUaEvent.</param>
/// <param name="Queue">The queue.</param>
public sealed record OpcUaMapping(EsfSchema Schema, string Queue);
