using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using Estream.Marketplace.Trust.Log;
using Estream.Marketplace.Trust.Namespaces;
using Estream.Marketplace.Trust.Releases;
using Estream.Marketplace.Trust.Roles;

namespace Estream.Marketplace.Trust.Bundles;

/// <summary>
/// Everything needed to verify the origin of a release offline, in one file. docs/formats/bundle.md defines the format. The content is
/// untrusted until <see cref="BundleVerifier"/> has verified it.
/// </summary>
/// <remarks>Immutable and thread-safe. Keeps a reference to the bytes it was read from.</remarks>
public sealed class ComponentBundle
{
    /// <summary>The maximum size of a bundle with its package, in bytes.</summary>
    public const int MaxBytes = MaxPackageBytes + MaxBytesWithoutPackage;

    internal const int MaxPackageBytes = 64 << 20;
    internal const int MaxBytesWithoutPackage = 8 << 20;

    private const int HeadBytes = 16;
    private const int PartHeadBytes = 12;
    private const uint Version = 1;

    private static readonly BundlePart[] s_parts = Enum.GetValues<BundlePart>();

    private readonly Dictionary<BundlePart, ReadOnlyMemory<byte>> _content;

    private ComponentBundle(Dictionary<BundlePart, ReadOnlyMemory<byte>> content) => _content = content;

    /// <summary>Whether the bundle contains the package.</summary>
    public bool HasPackage => _content.ContainsKey(BundlePart.Package);

    private static ReadOnlySpan<byte> Magic => "ESTRBNDL"u8;

    /// <summary>Gets the content of a part.</summary>
    /// <param name="part">The part.</param>
    /// <exception cref="InvalidOperationException">The part is the package, and the bundle does not contain it.</exception>
    public ReadOnlyMemory<byte> this[BundlePart part] => _content.TryGetValue(part, out ReadOnlyMemory<byte> content) ? content
        : throw new InvalidOperationException(
            "The bundle does not contain its package. Check HasPackage, and fetch the package separately.");

    /// <summary>Creates a bundle.</summary>
    /// <param name="parts">All parts, or all except the package.</param>
    /// <exception cref="ArgumentException">A part is missing, empty or too long.</exception>
    public static ComponentBundle Create(IReadOnlyDictionary<BundlePart, ReadOnlyMemory<byte>> parts)
    {
        ArgumentNullException.ThrowIfNull(parts);
        foreach (BundlePart part in s_parts)
        {
            if (!parts.TryGetValue(part, out ReadOnlyMemory<byte> content)
                ? part != BundlePart.Package : content.Length == 0 || content.Length > MaxBytesOf(part))
            {
                throw new ArgumentException(
                    $"The bundle part {part} is missing, empty or too long; a part has 1 to {MaxBytesOf(part)} bytes.",
                    nameof(parts));
            }
        }

        return new ComponentBundle(parts.ToDictionary());
    }

    /// <summary>Reads a bundle. Accepts any bytes and never throws because of them.</summary>
    /// <param name="bytes">The untrusted bytes. Not copied.</param>
    /// <param name="bundle">The bundle.</param>
    /// <param name="reason">Why the bytes are not a bundle.</param>
    public static bool TryRead(ReadOnlyMemory<byte> bytes, [NotNullWhen(true)] out ComponentBundle? bundle,
        [NotNullWhen(false)] out string? reason)
    {
        bundle = null;
        reason = ReadHead(bytes.Span, out int count);
        Dictionary<BundlePart, ReadOnlyMemory<byte>> content = [];
        ReadOnlyMemory<byte> rest = reason is null ? bytes[HeadBytes..] : default;
        for (int at = 0; at < count && reason is null; at++)
        {
            reason = ReadPart(ref rest, s_parts[at], content);
        }

        reason ??= rest.IsEmpty ? null : $"{rest.Length} bytes follow the last part";
        bundle = reason is null ? new ComponentBundle(content) : null;
        return bundle is not null;
    }

    /// <summary>Returns the encoded bundle.</summary>
    public byte[] Encode()
    {
        byte[] bytes = new byte[HeadBytes + _content.Values.Sum(content => PartHeadBytes + content.Length)];
        Span<byte> at = bytes;
        Magic.CopyTo(at);
        BinaryPrimitives.WriteUInt32LittleEndian(at[8..], Version);
        BinaryPrimitives.WriteUInt32LittleEndian(at[12..], (uint)_content.Count);
        at = at[HeadBytes..];
        foreach (BundlePart part in s_parts[.._content.Count])
        {
            ReadOnlySpan<byte> content = _content[part].Span;
            BinaryPrimitives.WriteUInt32LittleEndian(at, (uint)part);
            BinaryPrimitives.WriteInt64LittleEndian(at[4..], content.Length);
            content.CopyTo(at[PartHeadBytes..]);
            at = at[(PartHeadBytes + content.Length)..];
        }

        return bytes;
    }

    /// <summary>Returns this bundle with a package in it: one file to carry to a machine without network.</summary>
    /// <param name="package">The bytes of the package. Not copied.</param>
    public ComponentBundle WithPackage(ReadOnlyMemory<byte> package) =>
        Create(new Dictionary<BundlePart, ReadOnlyMemory<byte>>(_content) { [BundlePart.Package] = package });

    /// <summary>Returns this bundle without its package, as a registry stores it next to the package.</summary>
    public ComponentBundle WithoutPackage() => Create(_content.Where(part => part.Key != BundlePart.Package).ToDictionary());

    private static string? ReadHead(ReadOnlySpan<byte> bytes, out int count)
    {
        count = 0;
        if (bytes.Length is < HeadBytes or > MaxBytes)
        {
            return $"it has {bytes.Length} bytes; a bundle has {HeadBytes} to {MaxBytes}";
        }

        if (!bytes.StartsWith(Magic))
        {
            return "it is not a component bundle";
        }

        uint version = BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]), parts = BinaryPrimitives.ReadUInt32LittleEndian(bytes[12..]);
        if (version != Version)
        {
            return $"it has format version {version}; this program reads version {Version}";
        }

        if (parts != s_parts.Length && parts != s_parts.Length - 1)
        {
            return $"it has {parts} parts; a bundle has {s_parts.Length}, or one fewer without its package";
        }

        count = (int)parts;
        return null;
    }

    private static string? ReadPart(ref ReadOnlyMemory<byte> rest, BundlePart expected,
        Dictionary<BundlePart, ReadOnlyMemory<byte>> content)
    {
        if (rest.Length < PartHeadBytes)
        {
            return $"it ends before the part {expected}";
        }

        uint part = BinaryPrimitives.ReadUInt32LittleEndian(rest.Span);
        long length = BinaryPrimitives.ReadInt64LittleEndian(rest.Span[4..]);
        if (part != (uint)expected)
        {
            return $"it has part {part} instead of {expected} ({(int)expected})";
        }

        if (length < 1 || length > MaxBytesOf(expected) || length > rest.Length - PartHeadBytes)
        {
            return $"the part {expected} declares {length} bytes; {rest.Length - PartHeadBytes} are present, and 1 to "
                + $"{MaxBytesOf(expected)} are allowed";
        }

        content[expected] = rest.Slice(PartHeadBytes, (int)length);
        rest = rest[(PartHeadBytes + (int)length)..];
        return null;
    }

    private static int MaxBytesOf(BundlePart part) => part switch
    {
        BundlePart.Release => ReleaseStatement.MaxFileBytes,
        BundlePart.Publication or BundlePart.NamespaceRecord => EntryBundle.MaxEntryBytes,
        BundlePart.PublicationProof or BundlePart.NamespaceRecordProof => LocatedProof.MaxBytes,
        BundlePart.NamespaceState => NamespaceProof.MaxBytes,
        BundlePart.Checkpoint => SignedNote.MaxBytes,
        BundlePart.Snapshot => RoleLimits.MaxSnapshotBytes,
        BundlePart.Timestamp => RoleLimits.MaxTimestampBytes,
        BundlePart.Targets => RoleLimits.MaxTargetsBytes,
        BundlePart.Approvals => ReleaseApproval.MaxBytes,
        _ => MaxPackageBytes,
    };
}
