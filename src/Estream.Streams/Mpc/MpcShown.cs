using System.Buffers.Binary;

namespace Estream.Streams.Mpc;

/// <summary>A number that is shown to all, with what its commitment was blinded by.</summary>
internal static class MpcShown
{
    public const int Bytes = sizeof(ulong) + ShareBox.BlindBytes;

    public static void Write(Span<byte> destination, ulong number, ReadOnlySpan<byte> blind)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(destination, number);
        blind.CopyTo(destination[sizeof(ulong)..]);
    }

    public static bool Fits(ReadOnlySpan<byte> session, ReadOnlySpan<byte> kind, int dealer, int receiver, ReadOnlySpan<byte> shown, ReadOnlySpan<byte> commitment)
    {
        if (shown.Length != Bytes)
        {
            return false;
        }

        ulong number = BinaryPrimitives.ReadUInt64LittleEndian(shown);
        return number < Field61.Modulus && MpcHash.OfNumber(session, kind, dealer, receiver, number, shown[sizeof(ulong)..]).AsSpan().SequenceEqual(commitment);
    }
}
