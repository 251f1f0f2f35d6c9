namespace Estream.Wire;

/// <summary>What an adapter has done since it was created.</summary>
/// <param name="Connections">Connections open now.</param>
/// <param name="ReceivedTotal">Messages taken from the wire, dead-lettered ones included.</param>
/// <param name="RejectedTotal">Messages that went to the dead letters, and packets and connections that were refused.</param>
/// <param name="BytesTotal">Bytes of the messages received.</param>
public readonly record struct AdapterStatistics(int Connections, long ReceivedTotal, long RejectedTotal, long BytesTotal)
{
    /// <summary>Messages it was given to send that were sent and, at a quality that is acknowledged, taken.</summary>
    public long EmittedTotal { get; init; }

    /// <summary>Messages it was given to send that can never be.</summary>
    public long EmitRefusedTotal { get; init; }

    /// <summary>Connections of an adapter that connects out, after its first one.</summary>
    public long ReconnectsTotal { get; init; }
}
