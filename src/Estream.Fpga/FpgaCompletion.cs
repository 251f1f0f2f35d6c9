using System.Runtime.InteropServices;

namespace Estream.Fpga;

/// <summary>What became of a submission: 32 bytes, read in place in the ring (<see cref="FpgaQueue.Current"/>). What the fields mean for
/// each operation says native/rtl/estream_card/registers.md.</summary>
[StructLayout(LayoutKind.Explicit, Size = Bytes)]
public readonly struct FpgaCompletion
{
    /// <summary>Bytes of one.</summary>
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

    /// <summary>That of the submission.</summary>
    public ulong UserData => _userData;

    /// <summary>What became of it.</summary>
    public CardStatus Status => _status;

    /// <summary>Cycles of the card's clock from taking it to answering; 65,535 for that and more. Cycles, not time:
    /// <see cref="FpgaInfo.ClockKhz"/> says by which clock.</summary>
    public int Cycles => _cycles;

    /// <summary>Checksum of an append, or length of a value.</summary>
    public uint Info => _info;

    /// <summary>Number of an append, or version of an entry.</summary>
    public ulong Sequence => _sequence;

    /// <summary>Time of an append, or the first bytes of a value or a hash.</summary>
    public ulong Data => _data;

    /// <summary>Whether the memory for hot keys answered.</summary>
    public bool IsHot => (_flags & (uint)CardCompletionBits.Hot) != 0;

    internal uint Flags => _flags;
}
