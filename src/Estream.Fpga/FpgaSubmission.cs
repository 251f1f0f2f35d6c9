using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Estream.Fpga;

/// <summary>
/// A request to a card: 64 bytes, one cache line, written in place in the ring (<see cref="FpgaQueue.Next"/>). The slot still holds an old
/// submission, so write every field. For the meaning of the fields per operation see native/rtl/estream_card/registers.md.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = Bytes)]
public struct FpgaSubmission
{
    /// <summary>The size of a submission, in bytes.</summary>
    public const int Bytes = CardLayout.SubmissionBytes;

    [FieldOffset(CardLayout.SubmissionOperation)]
    private ulong _head;

    /// <summary>The address of a payload, from <see cref="FpgaMemory.Address"/>, or 0.</summary>
    [FieldOffset(CardLayout.SubmissionAddress)]
    public ulong Address;

    /// <summary>Any number; the completion repeats it.</summary>
    [FieldOffset(CardLayout.SubmissionUserData)]
    public ulong UserData;

    /// <summary>A payload of up to 32 bytes; or the key, 16 bytes, followed by the value, 16 bytes.</summary>
    [FieldOffset(CardLayout.SubmissionInline)]
    public FpgaInline Inline;

    /// <summary>A checksum to continue from, an expected version, or the address of a result.</summary>
    [FieldOffset(CardLayout.SubmissionArgument)]
    public ulong Argument;

    /// <summary>Writes operation, lane and length as one word.</summary>
    /// <param name="operation">The operation.</param>
    /// <param name="lane">The queue or map of the card.</param>
    /// <param name="length">Payload bytes, inline bytes, or bytes of value and key, depending on the operation.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Head(CardOperation operation, ushort lane, uint length) =>
        _head = (byte)operation | ((ulong)lane << 16) | ((ulong)length << 32);

    /// <summary>Writes a payload into the submission itself, padded with zeroes.</summary>
    /// <param name="bytes">The payload, at most 32 bytes.</param>
    /// <exception cref="ArgumentException">The payload is longer than 32 bytes.</exception>
    public void SetInline(ReadOnlySpan<byte> bytes)
    {
        Inline = default;

        // SAFETY: the span covers exactly the four words, so CopyTo checks its length.
        bytes.CopyTo(MemoryMarshal.AsBytes((Span<ulong>)Inline));
    }

    /// <summary>Returns the length field for an inline payload.</summary>
    /// <param name="bytes">The size of the payload, 0 to 32.</param>
    public static uint InlineLength(int bytes) => (uint)bytes << 24;

    /// <summary>Returns the length field for a key and a value.</summary>
    /// <param name="keyBytes">The size of the key, 0 to 16.</param>
    /// <param name="valueBytes">The size of the value, 0 to 16.</param>
    public static uint EntryLength(int keyBytes, int valueBytes) => ((uint)keyBytes << 24) | (uint)valueBytes;
}

/// <summary>The 32 inline bytes of a submission, as four words.</summary>
[InlineArray(CardLayout.MaxInlineBytes / sizeof(ulong))]
public struct FpgaInline
{
    private ulong _first;
}
