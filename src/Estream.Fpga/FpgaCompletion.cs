using System.Runtime.InteropServices;

namespace Estream.Fpga;

/// <summary>The result of a submission: 32 bytes, read in place in the ring (<see cref="FpgaQueue.Current"/>). For the meaning of the
/// fields per operation see native/rtl/estream_card/registers.md.</summary>
[StructLayout(LayoutKind.Explicit, Size = Bytes)]
public readonly struct FpgaCompletion
{
    /// <summary>The size of a completion, in bytes.</summary>
    public const int Bytes = CardLayout.CompletionBytes;

    [FieldOffset(CardLayout.CompletionUserData)]
    private readonly ulong _userData;

    [FieldOffset(CardLayout.CompletionStatus)]
    private readonly CardStatus _status;

    [FieldOffset(CardLayout.CompletionFlags)]
    private readonly byte _flags;

    [FieldOffset(CardLayout.CompletionCycles)]
    private readonly ushort _cycles;

    [FieldOffset(CardLayout.CompletionInfo)]
    private readonly uint _info;

    [FieldOffset(CardLayout.CompletionSequence)]
    private readonly ulong _sequence;

    [FieldOffset(CardLayout.CompletionData)]
    private readonly ulong _data;

    /// <summary>The user data of the submission.</summary>
    public ulong UserData => _userData;

    /// <summary>The outcome of the submission.</summary>
    public CardStatus Status => _status;

    /// <summary>Cycles of the card's clock from accepting the submission to answering it; 65,535 means that many or more. These are cycles,
    /// not time: for the clock rate see <see cref="FpgaInfo.ClockKhz"/>.</summary>
    public int Cycles => _cycles;

    /// <summary>The checksum of an append, or the length of a value.</summary>
    public uint Info => _info;

    /// <summary>The sequence number of an append, or the version of an entry.</summary>
    public ulong Sequence => _sequence;

    /// <summary>The time of an append, or the first bytes of a value or a hash.</summary>
    public ulong Data => _data;

    /// <summary>Whether the hot-key memory answered.</summary>
    public bool IsHot => (_flags & (uint)CardCompletionBits.Hot) != 0;

    internal uint Flags => _flags;
}
