namespace Estream.Fpga.Internal;

/// <summary>What became of one request on a card.</summary>
internal struct CardAnswer
{
    /// <summary>Whether the card was asked.</summary>
    public bool IsSent;

    /// <summary>Whether it answered, once, with what it did. Else whether it did anything is open, and does not matter any more: it was
    /// reset.</summary>
    public bool IsAnswered;

    public CardStatus Status;
    public uint Info;
    public ulong Sequence;
    public ulong Data;
}
