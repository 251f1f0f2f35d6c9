using System.Buffers.Binary;

namespace Estream.Witness.Internal;

/// <summary>The common part of the proof formats: docs/formats/witness.md.</summary>
internal static class ProofLayout
{
    public const int BodyOffset = 48;

    public const int MessageKind = 1;
    public const int ConsistencyKind = 2;
    public const int StateKind = 3;

    private const int VersionOffset = 8;
    private const int KindOffset = 12;
    private const int IndexOffset = 16;
    private const int SequenceOffset = 24;
    private const int TimeOffset = 32;
    private const int PayloadBytesOffset = 40;
    private const int PathHashesOffset = 44;
    private const int Version = 1;

    private static ReadOnlySpan<byte> Magic => "ESTRPRF1"u8;

    /// <summary>The numbers in the header of a proof; unused numbers are zero.</summary>
    public readonly record struct Numbers(long Index, long Sequence, long Time, int PayloadBytes, int PathBytes);

    public static void Write(Span<byte> bytes, int kind, in Numbers numbers)
    {
        WriteKind(bytes, kind);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[IndexOffset..], numbers.Index);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[SequenceOffset..], numbers.Sequence);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[TimeOffset..], numbers.Time);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[PayloadBytesOffset..], numbers.PayloadBytes);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[PathHashesOffset..], numbers.PathBytes / MerkleTree.HashBytes);
    }

    /// <summary>Writes the part of the header common to all kinds.</summary>
    public static void WriteKind(Span<byte> bytes, int kind)
    {
        Magic.CopyTo(bytes);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[VersionOffset..], Version);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[KindOffset..], kind);
    }

    /// <summary>Checks the part of the header common to all kinds, and the minimum length of a kind.</summary>
    public static ProofFault CheckKind(ReadOnlySpan<byte> bytes, int kind, int attestations) =>
        bytes.Length < BodyOffset + (attestations * Attestation.Bytes) ? ProofFault.Length
        : !bytes.StartsWith(Magic) ? ProofFault.Magic
        : BinaryPrimitives.ReadInt32LittleEndian(bytes[VersionOffset..]) != Version ? ProofFault.Version
        : BinaryPrimitives.ReadInt32LittleEndian(bytes[KindOffset..]) != kind ? ProofFault.Kind
        : ProofFault.None;

    /// <summary>Checks the header, and the length that follows from it.</summary>
    public static ProofFault Read(ReadOnlySpan<byte> bytes, int kind, int attestations, out Numbers numbers)
    {
        numbers = default;
        if (CheckKind(bytes, kind, attestations) is not ProofFault.None and ProofFault fault)
        {
            return fault;
        }

        int payload = BinaryPrimitives.ReadInt32LittleEndian(bytes[PayloadBytesOffset..]),
        path = BinaryPrimitives.ReadInt32LittleEndian(bytes[PathHashesOffset..]);
        if (payload < 0 || path < 0 || path > MerkleProof.MaxBytes / MerkleTree.HashBytes)
        {
            return ProofFault.Numbers;
        }

        numbers = new Numbers(
            BinaryPrimitives.ReadInt64LittleEndian(bytes[IndexOffset..]), BinaryPrimitives.ReadInt64LittleEndian(bytes[SequenceOffset..]),
            BinaryPrimitives.ReadInt64LittleEndian(bytes[TimeOffset..]),
            payload, path * MerkleTree.HashBytes);
        return bytes.Length == (long)BodyOffset + (attestations * Attestation.Bytes) + numbers.PayloadBytes + numbers.PathBytes
            ? ProofFault.None
            : ProofFault.Length;
    }

    /// <summary>Returns the kind of proof according to the header, or 0 if the bytes do not start like a proof.</summary>
    public static int KindOf(ReadOnlySpan<byte> bytes) =>
        bytes.Length >= BodyOffset && bytes.StartsWith(Magic) ? BinaryPrimitives.ReadInt32LittleEndian(bytes[KindOffset..]) : 0;
}
