namespace Estream.Net.Multicast.Internal;

/// <summary>Offsets and limits of the packets; see docs/formats/multicast.md.</summary>
internal static class PacketLayout
{
    public const ushort Magic = 0x4D45;
    public const byte Version = 1;

    public const int VersionOffset = 2;
    public const int TypeOffset = 3;
    public const int FlagsOffset = 4;
    public const int ReservedOffset = 5;
    public const int BodyLengthOffset = 6;
    public const int SessionOffset = 8;
    public const int SenderOffset = 16;
    public const int NumberOffset = 24;
    public const int StreamOffset = 32;
    public const int ChecksumOffset = 36;
    public const int HeaderBytes = 40;
    public const int TagBytes = 16;

    /// <summary>The largest payload of a UDP datagram over IPv4.</summary>
    public const int MaxPacketBytes = 65_507;

    public const int SetupBytes = 88;
    public const int HeartbeatBytes = 40;
    public const int EndBytes = 16;
    public const int RefusalBytes = 24;
    public const int StatusBytes = 56;

    public const int DataBytes = 48;
    public const int DataGroupOffset = 40;
    public const int DataIndexOffset = 44;

    /// <summary>The bytes before each further message in a data packet.</summary>
    public const int RecordBytes = 16;

    public const int NakBytes = 8;
    public const int NakRangeBytes = 24;
    public const int MaxNakRanges = 16;

    public const int ParityBytes = 8;
    public const int MaxGroupData = 128;
    public const int MaxGroupParity = 32;

    /// <summary>The header of a frame in the log: a message of n bytes covers 16 + n addresses.</summary>
    public const int FrameBytes = 16;

    /// <summary>The lowest position that a message can have: the first frame of the first segment.</summary>
    public const long MinPosition = 256;

    /// <summary>The unit in which records store time differences, that of the log.</summary>
    public const long TimeUnitNanos = 100_000;

    /// <summary>The first address after a message.</summary>
    public static long EndOf(long position, int length) => position + FrameBytes + length;

    /// <summary>Whether a position can be that of a message.</summary>
    public static bool IsPosition(long position) => position is >= MinPosition and < long.MaxValue / 2 && (position & 7) == 0;
}
