using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Estream.Fpga;

/// <summary>
/// What a card is asked to do: 64 bytes, one cache line, written in place in the ring (<see cref="FpgaQueue.Next"/>). What was in the place
/// before is an old one: write every field. What the fields mean for each operation says native/rtl/estream_card/registers.md.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = Bytes)]
public struct FpgaSubmission
{
    /// <summary>Bytes of one.</summary>
    public const int Bytes = CardLayout.SubmissionBytes;

    [FieldOffset(CardLayout.SubmissionOperation)]
    private ulong _head;

    /// <summary>Address of a payload as <see cref="FpgaMemory.Address"/> tells it, or 0.</summary>
    [FieldOffset(CardLayout.SubmissionAddress)]
    public ulong Address;

    /// <summary>Any number; the completion has it again.</summary>
    [FieldOffset(CardLayout.SubmissionUserData)]
    public ulong UserData;

    /// <summary>A payload of up to 32 bytes; or the key, 16 bytes, and behind it the value, 16 bytes.</summary>
    [FieldOffset(CardLayout.SubmissionInline)]
    public FpgaInline Inline;

    /// <summary>A checksum to go on from, an expected version, or the address of a result.</summary>
    [FieldOffset(CardLayout.SubmissionArgument)]
    public ulong Argument;

    /// <summary>Writes operation, lane and length as one word.</summary>
    /// <param name="operation">What to do.</param>
    /// <param name="lane">Which queue or map of the card.</param>
    /// <param name="length">Payload bytes, inline bytes, or bytes of value and key, as the operation has them.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Head(CardOperation operation, ushort lane, uint length) =>
        _head = (byte)operation | ((ulong)lane << 16) | ((ulong)length << 32);

    /// <summary>Puts bytes into the submission itself; what is behind them becomes 0.</summary>
    /// <param name="bytes">At most 32.</param>
    /// <exception cref="ArgumentException">There are more.</exception>
    public void SetInline(ReadOnlySpan<byte> bytes)
    {
        Inline = default;

        // SAFETY: the span is that of the four words, checked like any.
        bytes.CopyTo(MemoryMarshal.AsBytes((Span<ulong>)Inline));
    }

    /// <summary>The length of bytes that are in the submission itself.</summary>
    /// <param name="bytes">0 to 32.</param>
    public static uint InlineLength(int bytes) => (uint)bytes << 24;

    /// <summary>The lengths of a key and a value.</summary>
    /// <param name="keyBytes">0 to 16.</param>
    /// <param name="valueBytes">0 to 16.</param>
    public static uint EntryLength(int keyBytes, int valueBytes) => ((uint)keyBytes << 24) | (uint)valueBytes;
}

/// <summary>The 32 bytes that are in a submission itself, as four words.</summary>
[InlineArray(CardLayout.MaxInlineBytes / sizeof(ulong))]
public struct FpgaInline
{
    private ulong _first;
}
