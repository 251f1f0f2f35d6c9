using System.Text;
using Estream.Core;

namespace Estream.Map.Internal;

/// <summary>Writes and validates the part of map.meta that never changes.</summary>
internal static class MetaFile
{
    public static void WriteHeader(RegionSpan meta, TypeShape key, TypeShape value, int features, ulong hashSeed, long createdTime)
    {
        meta.WriteInt64(MetaLayout.Magic, MapFormat.MetaMagic);
        meta.WriteInt32(MetaLayout.Version, MapFormat.Version);
        meta.WriteInt32(MetaLayout.MetaBytes, MetaLayout.Bytes);
        meta.WriteInt32(MetaLayout.KeyBytes, key.Size);
        meta.WriteInt32(MetaLayout.ValueBytes, value.Size);
        meta.WriteInt64(MetaLayout.KeyShape, (long)key.Fingerprint);
        meta.WriteInt64(MetaLayout.ValueShape, (long)value.Fingerprint);
        meta.WriteInt64(MetaLayout.HashSeed, (long)hashSeed);
        meta.WriteInt32(MetaLayout.HashKind, MetaLayout.HashKindTwoMultiplications);
        meta.WriteInt32(MetaLayout.Features, features);
        meta.WriteInt64(MetaLayout.CreatedTime, createdTime);
        WriteName(meta, MetaLayout.KeyName, key.Type);
        WriteName(meta, MetaLayout.ValueName, value.Type);
        meta.WriteInt32(MetaLayout.Checksum, (int)Crc32C.Compute(meta.ReadOnlySpan(0, MetaLayout.Checksum)));
    }

    public static void Validate(RegionSpan meta, string path, TypeShape key, TypeShape value, int features)
    {
        if (meta.Length < MetaLayout.Bytes)
        {
            throw Damaged(path, meta.Length, $"it has {meta.Length} bytes and needs {MetaLayout.Bytes}");
        }

        if (meta.ReadInt64(MetaLayout.Magic) != MapFormat.MetaMagic)
        {
            // The file has the name of a map file, so damage is more likely than a file of another program.
            throw Damaged(path, MetaLayout.Magic, "it does not start with the magic number of a map");
        }

        if (meta.ReadInt32(MetaLayout.Version) is int version and (< MapFormat.OldestVersion or > MapFormat.Version))
        {
            throw OtherVersion(path, version);
        }

        if (!HasChecksum(meta))
        {
            throw Damaged(path, MetaLayout.Checksum, "the checksum of its header does not match");
        }

        int stored = meta.ReadInt32(MetaLayout.Features);
        if (meta.ReadInt32(MetaLayout.HashKind) != MetaLayout.HashKindTwoMultiplications
            || (stored & ~(MetaLayout.FeatureStamps | MetaLayout.FeatureBatches)) != 0)
        {
            throw new EstreamFormatException(
                $"'{path}' uses features of a newer Estream (hash {meta.ReadInt32(MetaLayout.HashKind)}, features {stored:X}). "
                + "Open it with the version that wrote it, or a later one.",
                path);
        }

        int stamps = stored & MetaLayout.FeatureStamps;
        if (stamps != features)
        {
            throw new EstreamFormatException(
                stamps == 0
                    ? $"The values of '{path}' have no versions. Open it with StateMap, as it was created."
                    : $"The values of '{path}' have versions. Open it with VersionedMap, as it was created.",
                path);
        }

        ValidateType(meta, path, key, "keys", MetaLayout.KeyBytes, MetaLayout.KeyShape, MetaLayout.KeyName);
        ValidateType(meta, path, value, "values", MetaLayout.ValueBytes, MetaLayout.ValueShape, MetaLayout.ValueName);
    }

    /// <summary>Records that batch logs may exist. Older programs, which do not know them, then refuse the map. Concurrent calls store
    /// the same bytes.</summary>
    /// <returns>Whether this was not recorded before.</returns>
    public static bool AllowBatches(RegionSpan meta)
    {
        int features = meta.ReadInt32Acquire(MetaLayout.Features);
        int allowed = features | MetaLayout.FeatureBatches;
        int checksum = ChecksumWith(meta, allowed);
        bool isNew = allowed != features || meta.ReadInt32(MetaLayout.Checksum) != checksum;
        if (isNew)
        {
            // After a crash between the two stores, or for a reader between them, only the first is present: see HasChecksum.
            meta.WriteInt32Release(MetaLayout.Features, allowed);
            meta.WriteInt32Release(MetaLayout.Checksum, checksum);
        }

        return isNew;
    }

    public static EstreamFormatException OtherVersion(string path, int version) => new(
        $"'{path}' has format version {version}, but this program reads versions {MapFormat.OldestVersion} to {MapFormat.Version}. "
        + (version > MapFormat.Version
            ? "Use a newer Estream." : "Rebuild the map from its queue, or convert it with the version that wrote it."),
        path);

    private static bool HasChecksum(RegionSpan meta)
    {
        int stored = meta.ReadInt32Acquire(MetaLayout.Checksum);
        int features = meta.ReadInt32Acquire(MetaLayout.Features);
        return stored == ChecksumWith(meta, features) || stored == ChecksumWith(meta, features ^ MetaLayout.FeatureBatches);
    }

    private static int ChecksumWith(RegionSpan meta, int features)
    {
        const int Next = MetaLayout.Features + sizeof(int);
        uint before = Crc32C.Compute(meta.ReadOnlySpan(0, MetaLayout.Features));
        uint with = Crc32C.Append(before, RawValue.AsBytes(in features));
        return (int)Crc32C.Append(with, meta.ReadOnlySpan(Next, MetaLayout.Checksum - Next));
    }

    private static void ValidateType(RegionSpan meta, string path, TypeShape asked, string role, int sizeOffset, int shapeOffset,
        int nameOffset)
    {
        int storedBytes = meta.ReadInt32(sizeOffset);
        bool isSame = storedBytes == asked.Size && (ulong)meta.ReadInt64(shapeOffset) == asked.Fingerprint;
        if (!isSame)
        {
            throw new EstreamFormatException(
                $"The {role} of '{path}' are {ReadName(meta, nameOffset)} ({storedBytes} bytes); {asked.Type} ({asked.Size} bytes), "
                + "which was requested, "
                + "has another size or other fields. Open the map with the types it was created with.",
                path);
        }
    }

    private static void WriteName(RegionSpan meta, int offset, Type type)
    {
        Span<byte> target = meta.Span(offset, MetaLayout.NameBytes);
        Encoding.UTF8.GetEncoder().Convert(type.ToString(), target[2..], flush: true, out _, out int written, out _);
        target[0] = (byte)written;
    }

    private static string ReadName(RegionSpan meta, int offset)
    {
        ReadOnlySpan<byte> source = meta.ReadOnlySpan(offset, MetaLayout.NameBytes);
        return Encoding.UTF8.GetString(source.Slice(2, Math.Min((int)source[0], MetaLayout.NameBytes - 2)));
    }

    private static EstreamCorruptionException Damaged(string path, long offset, string what) =>
        new($"'{path}' is damaged: {what}. Restore the map from a copy, or delete its directory and rebuild it from its queue.", path,
            offset);
}
