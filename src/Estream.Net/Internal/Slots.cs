namespace Estream.Net.Internal;

/// <summary>A received payload in the arena.</summary>
internal struct ReceivedSlot
{
    public long Offset;
    public int Length;
    public PacketAddress Source;
}

/// <summary>A payload in the arena to send.</summary>
internal struct SendSlot
{
    /// <summary>The length of a slot whose caller has not set one.</summary>
    public const int NoLength = -1;

    public long Offset;
    public int Length;
    public PacketAddress Destination;
    public int Frame;
    public bool HasDestination;
}
