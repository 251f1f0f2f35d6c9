using Estream.Esf;

namespace Estream.Wire.Dnp3;

/// <summary>The options of a <see cref="Dnp3Master"/>.</summary>
public sealed record Dnp3MasterOptions
{
    /// <summary>The outstations.</summary>
    public required IReadOnlyList<Dnp3DeviceOptions> Devices { get; init; }

    /// <summary>Which messages go to which queue; at most one mapping for each schema. Dnp3Value is required, because outstations delete
    /// the events that the adapter confirms.</summary>
    public required IReadOnlyList<Dnp3Mapping> Mappings { get; init; }

    /// <summary>The schemas whose messages operate points; Dnp3Command or none. Default: none.</summary>
    public IReadOnlyList<EsfSchema> Egress { get; init; } = [];

    /// <summary>The upper limit of the first wait before a reconnect. Default: 200 ms.</summary>
    public TimeSpan ReconnectInitial { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>The upper limit of each wait before a reconnect. Default: 30 s.</summary>
    public TimeSpan ReconnectMax { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The maximum age of a command when it is sent, counted from its requested_at. An older command is refused, and so is one
    /// whose requested_at is further in the future than this. Zero: no limit. Default: 10 s.</summary>
    public TimeSpan MaxCommandAge { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Whether commands may be sent to outstations of other machines without TLS, so that anyone in the network between can change
    /// or forge them. Default: false.</summary>
    public bool UnsafeAllowPlaintextCommands { get; init; }
}

/// <summary>Stores the messages of a schema in a queue.</summary>
/// <param name="Schema">Dnp3Value, Dnp3CommandResult or Dnp3DeviceEvent.</param>
/// <param name="Queue">The queue.</param>
public sealed record Dnp3Mapping(EsfSchema Schema, string Queue);
