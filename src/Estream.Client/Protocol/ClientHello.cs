namespace Estream.Client.Protocol;

/// <summary>The constants of the first frame.</summary>
internal static class ClientHello
{
    /// <summary>"ESTC" in little-endian order.</summary>
    public const uint Magic = 0x43545345;

    /// <summary>The version of the protocol.</summary>
    public const ushort Version = 1;

    /// <summary>The maximum length of a token and of a client name, in bytes.</summary>
    public const int MaxTextBytes = 3 * 1024;
}
