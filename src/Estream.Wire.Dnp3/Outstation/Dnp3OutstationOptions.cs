using System.Net;

namespace Estream.Wire.Dnp3;

/// <summary>The options of a simulated <see cref="Dnp3Outstation"/>.</summary>
public sealed record Dnp3OutstationOptions
{
    /// <summary>The address that the outstation listens on. Default: 127.0.0.1.</summary>
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>The port; 0 for any free port. Default: 20,000.</summary>
    public int Port { get; init; } = Dnp3EndpointOptions.TcpPort;

    /// <summary>The link address of the outstation. Default: 10.</summary>
    public ushort OutstationAddress { get; init; } = 10;

    /// <summary>The link address of the master. Default: 1.</summary>
    public ushort MasterAddress { get; init; } = 1;

    /// <summary>The most events that are kept; the oldest are dropped first, and the master is told (IIN2.3). Default: 1,000.</summary>
    public int MaxEvents { get; init; } = 1_000;

    /// <summary>The longest fragment in octets, 249 to 2,048. Default: 2,048.</summary>
    public int MaxFragmentBytes { get; init; } = 2_048;

    /// <summary>How long the outstation waits for a confirmation in milliseconds. Then it sends an unsolicited response again, and drops
    /// the rest of another response. Default: 5,000.</summary>
    public int ConfirmTimeoutMs { get; init; } = 5_000;

    /// <summary>How long a select is valid in milliseconds. Default: 10,000.</summary>
    public int SelectTimeoutMs { get; init; } = 10_000;

    /// <summary>Whether the outstation asks for the time after its start (IIN1.4). Default: yes.</summary>
    public bool NeedsTime { get; init; } = true;

    /// <summary>Whether the outstation sends an unsolicited response after a connect, and events of enabled classes. Default:
    /// yes.</summary>
    public bool IsUnsolicited { get; init; } = true;
}
