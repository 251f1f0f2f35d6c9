namespace Estream.Host.Http;

/// <summary>
/// A publisher or subscriber of the section <c>Multicast</c>. <paramref name="Role"/> is <c>publisher</c> or <c>subscriber</c>.
/// <paramref name="State"/> is <c>starting</c>, <c>waiting</c> (for a subscriber or a publisher), <c>catching up</c>, <c>running</c> or
/// <c>failing</c>, with the reason in <paramref name="Detail"/>. Counters start at zero when the section starts or starts again.
/// </summary>
internal sealed record MulticastOverview(string Name, string Role, string Queue, string EndPoint, string State, string Detail)
{
    public const string Failing = "failing";

    /// <summary><c>af_xdp</c> or <c>udp</c>; empty before the first start.</summary>
    public string Transport { get; init; } = "";

    /// <summary>Why UDP is used although AF_XDP was allowed; empty otherwise.</summary>
    public string Fallback { get; init; } = "";

    /// <summary>The connected subscribers of a publisher.</summary>
    public int Receivers { get; init; }

    /// <summary>The packets sent by a publisher, or received by a subscriber.</summary>
    public long PacketsTotal { get; init; }

    /// <summary>The gaps that a subscriber found.</summary>
    public long LossesTotal { get; init; }

    /// <summary>The retransmission requests received by a publisher, or sent by a subscriber.</summary>
    public long NaksTotal { get; init; }

    /// <summary>The packets that a publisher sent again.</summary>
    public long RetransmitsTotal { get; init; }

    /// <summary>The packets that a subscriber restored by error correction.</summary>
    public long RestoredTotal { get; init; }

    /// <summary>The packets that are no packets of the protocol, or whose signature or key is wrong.</summary>
    public long InvalidTotal { get; init; }

    /// <summary>The packets dropped because a buffer was full.</summary>
    public long DroppedTotal { get; init; }

    /// <summary>The bytes of the queue that a publisher has not sent, or that a subscriber does not have yet.</summary>
    public long LagBytes { get; init; }
}
