namespace Estream.Net;

/// <summary>Where the kernel runs the XDP program that hands packets to an AF_XDP socket.</summary>
public enum XdpMode
{
    /// <summary><see cref="Native"/> if the driver supports it, otherwise <see cref="Generic"/>.</summary>
    Auto,

    /// <summary>In the driver, before the kernel allocates a socket buffer. Without a copy, if the driver supports zero-copy.</summary>
    Native,

    /// <summary>In the network stack, after the kernel has allocated a socket buffer. Works with every driver; always copies. Packets
    /// that a sender on the same machine leaves to the kernel to segment (UDP_SEGMENT over a virtual interface) arrive as one
    /// packet.</summary>
    Generic,
}
