using System.Buffers.Binary;
using Estream.Esf.Schema;

namespace Estream.Esf;

/// <summary>
/// The first 16 bytes of a message: schema id (8), name id (4), length of header and fixed block (2), format version
/// (1), flags (1), all little-endian. See docs/formats/esf.md.
/// </summary>
public readonly struct EsfMessageHeader
{
    /// <summary>The length of the header in bytes.</summary>
    public const int Length = RecordLayout.MessageStart;

    /// <summary>The format version that this library writes and reads.</summary>
    public const byte CurrentVersion = 1;

    /// <summary>The flag of a message that carries sealed values and, after its records, an envelope with their keys.</summary>
    public const byte SealedFlag = 1;

    /// <summary><see cref="SealedFlag"/> at its position in the last eight bytes of the header.</summary>
    internal const ulong SealedBit = (ulong)SealedFlag << 56;

    private EsfMessageHeader(ulong schemaId, ulong shape)
    {
        SchemaId = schemaId;
        Shape = shape;
    }

    /// <summary>The 64-bit hash of the canonical schema.</summary>
    public ulong SchemaId { get; }

    /// <summary>The 32-bit hash of the schema's qualified name, the same for all its versions.</summary>
    public uint NameId => (uint)Shape;

    /// <summary>The length of header and fixed block, which is the offset of the variable section.</summary>
    public int FixedLength => (ushort)(Shape >> 32);

    /// <summary>The format version.</summary>
    public byte Version => (byte)(Shape >> 48);

    /// <summary>The features that a reader must support. The only flag is <see cref="SealedFlag"/>.</summary>
    public byte Flags => (byte)(Shape >> 56);

    /// <summary>Whether the message carries sealed values and an envelope.</summary>
    public bool IsSealed => (Flags & SealedFlag) != 0;

    /// <summary>The last eight bytes of the header as one number.</summary>
    internal ulong Shape { get; }

    /// <summary>
    /// Whether this header belongs to a message of another version of a schema, sealed or not: another id, the same name id, and a format
    /// that this library reads. The bytes do not show whether that version is compatible; the lock of the schema ensures compatibility.
    /// </summary>
    /// <param name="schemaId">The id of the schema.</param>
    /// <param name="shape">The last eight bytes of the header of the schema's messages.</param>
    internal bool IsRelativeOf(ulong schemaId, ulong shape) =>
        SchemaId != schemaId && ((Shape ^ shape) & ~(((ulong)ushort.MaxValue << 32) | SealedBit)) == 0;

    /// <summary>Reads the header of a message. Accepts any 16 bytes and validates nothing.</summary>
    /// <returns>False if the message is shorter than a header.</returns>
    public static bool TryRead(ReadOnlySpan<byte> message, out EsfMessageHeader header)
    {
        if (message.Length < Length)
        {
            header = default;
            return false;
        }

        header = new EsfMessageHeader(BinaryPrimitives.ReadUInt64LittleEndian(message),
            BinaryPrimitives.ReadUInt64LittleEndian(message[8..]));
        return true;
    }

    /// <summary>Reads only the schema id of a message.</summary>
    /// <returns>False if the message is shorter than a header.</returns>
    public static bool TryReadSchemaId(ReadOnlySpan<byte> message, out ulong schemaId)
    {
        bool there = message.Length >= Length;
        schemaId = there ? BinaryPrimitives.ReadUInt64LittleEndian(message) : 0;
        return there;
    }

    /// <summary>The last eight header bytes of an unsealed message of a schema.</summary>
    internal static ulong ShapeOf(uint nameId, int fixedLength) =>
        nameId | ((ulong)fixedLength << 32) | ((ulong)CurrentVersion << 48);
}
