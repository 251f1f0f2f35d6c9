namespace Estream.Net;

/// <summary>The implementations of <see cref="PacketTransport"/>, and the choice between them.</summary>
public enum PacketTransportKind
{
    /// <summary><see cref="AfXdp"/> where the machine allows it, otherwise <see cref="Udp"/>; <see cref="PacketTransport.Fallback"/> then
    /// has the reason. Written <c>auto</c> in a configuration.</summary>
    Auto,

    /// <summary>A UDP socket of the kernel, with batches of packets per system call. Written <c>udp</c>.</summary>
    Udp,

    /// <summary>An AF_XDP socket: packets bypass the network stack of the kernel. Written <c>af_xdp</c>.</summary>
    AfXdp,

    /// <summary>A network inside the process, for tests: <see cref="MemoryNetwork"/>. Not part of a configuration.</summary>
    Memory,
}

/// <summary>The texts of <see cref="PacketTransportKind"/> in configurations, logs and metrics.</summary>
public static class PacketTransportKinds
{
    /// <summary>Parses <c>auto</c>, <c>udp</c> or <c>af_xdp</c>.</summary>
    /// <param name="text">The text; case matters.</param>
    /// <param name="kind">The kind, if the text is valid.</param>
    public static bool TryParse(string? text, out PacketTransportKind kind)
    {
        (kind, bool isKnown) = text switch
        {
            "auto" => (PacketTransportKind.Auto, true),
            "udp" => (PacketTransportKind.Udp, true),
            "af_xdp" => (PacketTransportKind.AfXdp, true),
            _ => (PacketTransportKind.Auto, false),
        };
        return isKnown;
    }

    /// <summary>Returns the text of a kind.</summary>
    /// <param name="kind">A defined kind.</param>
    /// <exception cref="ArgumentOutOfRangeException">The kind is not defined.</exception>
    public static string ToText(this PacketTransportKind kind) => kind switch
    {
        PacketTransportKind.Auto => "auto",
        PacketTransportKind.Udp => "udp",
        PacketTransportKind.AfXdp => "af_xdp",
        PacketTransportKind.Memory => "memory",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "Not a packet transport."),
    };
}
