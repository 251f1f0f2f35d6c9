using System.Buffers.Binary;

namespace Estream.Witness.Internal;

/// <summary>Reads and writes the byte format of an attestation: docs/formats/witness.md.</summary>
internal static class AttestationLayout
{
    public const int RootOffset = 64;
    public const int KeyIdOffset = 96;
    public const int StateRootOffset = 128;
    public const int SignatureOffset = 160;

    private const int VersionOffset = 8;
    private const int OriginOffset = 12;
    private const int OriginIdOffset = 16;
    private const int TreeSizeOffset = 24;
    private const int SequenceOffset = 32;
    private const int PositionOffset = 40;
    private const int TimeOffset = 48;
    private const int FirstSequenceOffset = 56;
    private const int VersionWithoutState = 1;
    private const int VersionWithState = 2;

    private static ReadOnlySpan<byte> Magic => "ESTRATT1"u8;

    /// <summary>Writes all fields before the root.</summary>
    public static void WriteHead(Span<byte> bytes, in TreeHead head, bool hasState)
    {
        Magic.CopyTo(bytes);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[VersionOffset..], hasState ? VersionWithState : VersionWithoutState);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[OriginOffset..], (int)head.Origin);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[OriginIdOffset..], head.OriginId);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[TreeSizeOffset..], head.TreeSize);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[SequenceOffset..], head.Sequence);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[PositionOffset..], head.Position);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[TimeOffset..], head.Time);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[FirstSequenceOffset..], head.FirstSequence);
    }

    /// <summary>Reads the fields before the root.</summary>
    public static TreeHead ReadHead(ReadOnlySpan<byte> bytes) => new(
        (OriginKind)BinaryPrimitives.ReadInt32LittleEndian(bytes[OriginOffset..]),
        BinaryPrimitives.ReadInt64LittleEndian(bytes[OriginIdOffset..]),
        BinaryPrimitives.ReadInt64LittleEndian(bytes[FirstSequenceOffset..]),
        BinaryPrimitives.ReadInt64LittleEndian(bytes[TreeSizeOffset..]),
        BinaryPrimitives.ReadInt64LittleEndian(bytes[SequenceOffset..]),
        BinaryPrimitives.ReadInt64LittleEndian(bytes[PositionOffset..]),
        BinaryPrimitives.ReadInt64LittleEndian(bytes[TimeOffset..]));

    /// <summary>Returns whether an attestation includes the root of a state.</summary>
    public static bool HasState(ReadOnlySpan<byte> bytes) =>
        BinaryPrimitives.ReadInt32LittleEndian(bytes[VersionOffset..]) == VersionWithState;

    /// <summary>Checks whether bytes have the form of an attestation.</summary>
    public static AttestationFault Check(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != Attestation.Bytes)
        {
            return AttestationFault.Length;
        }

        if (!bytes.StartsWith(Magic))
        {
            return AttestationFault.Magic;
        }

        if (BinaryPrimitives.ReadInt32LittleEndian(bytes[VersionOffset..]) is not (VersionWithoutState or VersionWithState))
        {
            return AttestationFault.Version;
        }

        AttestationFault fault = Check(ReadHead(bytes));
        return fault != AttestationFault.None
            ? fault
            : !HasState(bytes) && bytes[StateRootOffset..SignatureOffset].ContainsAnyExcept((byte)0)
                ? AttestationFault.Reserved
                : AttestationFault.None;
    }

    private static AttestationFault Check(in TreeHead head) => head switch
    {
        { Origin: not OriginKind.Queue } => AttestationFault.Origin,
        { TreeSize: < 1 } => AttestationFault.TreeSize,
        { FirstSequence: < 0 } => AttestationFault.Sequence,
        _ when head.Sequence - head.FirstSequence < head.TreeSize - 1 => AttestationFault.Sequence,
        { Position: < 0 } => AttestationFault.Position,
        { Time: < 0 } => AttestationFault.Time,
        _ => AttestationFault.None,
    };
}
