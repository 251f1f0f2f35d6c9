using System.Buffers.Binary;
using System.Text;
using Estream.Marketplace.Hashing;

namespace Estream.Marketplace.Packages;

/// <summary>The Merkle tree over the files of a package: collects a leaf per file, in order, for both hashes.</summary>
/// <remarks>A leaf consists of the length of the path (4 bytes), the path, the mode (4), the length of the content (8) and its hash (32);
/// numbers are little-endian.</remarks>
internal sealed class PackageTree
{
    /// <summary>The mode of a plain file: readable by all, writable by its owner.</summary>
    public const int PlainMode = 0b110_100_100;

    /// <summary>The mode of an executable file.</summary>
    public const int ExecutableMode = 0b111_101_101;

    private const int FixedBytes = sizeof(uint) + sizeof(uint) + sizeof(ulong) + Rfc9162.HashBytes;

    private readonly List<byte> _leaves256 = [];
    private readonly List<byte> _leaves3 = [];

    /// <summary>Appends a file.</summary>
    public void Append(string path, bool isExecutable, long length, ReadOnlySpan<byte> sha256, ReadOnlySpan<byte> sha3)
    {
        Append(TreeHash.Sha256, _leaves256, path, isExecutable, length, sha256);
        Append(TreeHash.Sha3, _leaves3, path, isExecutable, length, sha3);
    }

    /// <summary>Returns the roots over all files so far.</summary>
    public PackageIdentity Identity() => new(Root(TreeHash.Sha256, _leaves256), Root(TreeHash.Sha3, _leaves3));

    private static void Append(TreeHash kind, List<byte> leaves, string path, bool isExecutable, long length,
        ReadOnlySpan<byte> contentHash)
    {
        Span<byte> leaf = stackalloc byte[PackageLimits.MaxPathBytes + FixedBytes];
        int pathBytes = Encoding.ASCII.GetBytes(path, leaf[sizeof(uint)..]);
        BinaryPrimitives.WriteUInt32LittleEndian(leaf, (uint)pathBytes);
        Span<byte> rest = leaf[(sizeof(uint) + pathBytes)..];
        BinaryPrimitives.WriteUInt32LittleEndian(rest, (uint)(isExecutable ? ExecutableMode : PlainMode));
        BinaryPrimitives.WriteUInt64LittleEndian(rest[sizeof(uint)..], (ulong)length);
        contentHash.CopyTo(rest[(sizeof(uint) + sizeof(ulong))..]);
        Span<byte> hash = stackalloc byte[Rfc9162.HashBytes];
        Rfc9162.HashLeaf(kind, leaf[..(FixedBytes + pathBytes)], hash);
        leaves.AddRange(hash);
    }

    private static string Root(TreeHash kind, List<byte> leaves)
    {
        Span<byte> root = stackalloc byte[Rfc9162.HashBytes];
        Rfc9162.HashRoot(kind, leaves.ToArray(), root);
        return Convert.ToHexStringLower(root);
    }
}
