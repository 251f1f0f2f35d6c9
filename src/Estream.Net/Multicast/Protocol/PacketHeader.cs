namespace Estream.Net.Multicast.Internal;

/// <summary>The type of a packet.</summary>
internal enum PacketType : byte
{
    Setup = 1,
    Heartbeat = 2,
    Data = 3,
    Nak = 4,
    Status = 5,
    Parity = 6,
    End = 7,
    Refusal = 8,
}

/// <summary>The flags of a packet.</summary>
[Flags]
internal enum PacketFlags : byte
{
    None = 0,
    Encrypted = 1,
    Retransmission = 2,
    SetupRequested = 4,
    CatchingUp = 8,
    All = Encrypted | Retransmission | SetupRequested | CatchingUp,
}

/// <summary>The common fields of a packet.</summary>
/// <param name="Type">The type.</param>
/// <param name="Flags">The flags.</param>
/// <param name="Session">The session; 0 in a packet of a receiver that knows none.</param>
/// <param name="Sender">0 for the publisher, otherwise the id of the receiver.</param>
/// <param name="Number">The packet number of the sender.</param>
/// <param name="Stream">The stream.</param>
internal readonly record struct PacketHeader(
    PacketType Type, PacketFlags Flags, ulong Session, ulong Sender, ulong Number, uint Stream)
{
    public bool IsEncrypted => (Flags & PacketFlags.Encrypted) != 0;

    public bool IsFromPublisher => Sender == 0;
}

/// <summary>Why a packet was refused.</summary>
internal enum PacketStatus : byte
{
    Ok,
    WrongLength,
    WrongMagic,
    WrongVersion,
    WrongType,
    WrongFlags,
    WrongChecksum,
    WrongSecurity,
    Replayed,
    WrongBody,
}
