namespace Estream.Core.Keys;

/// <summary>The content of queue.keys or map.keys: the wrapped key generations of a queue or map. Immutable.</summary>
/// <param name="Identity">The identity that the entries are bound to.</param>
/// <param name="Entries">The generations, ascending; the last is the current one.</param>
internal sealed record KeyTable(KeyTableIdentity Identity, IReadOnlyList<KeyEntry> Entries)
{
    public uint Current => Entries[^1].Generation;

    public KeyEntry? Find(uint generation) => Entries.FirstOrDefault(e => e.Generation == generation);

    /// <summary>Reads the file.</summary>
    /// <param name="storage">The storage of the file.</param>
    /// <param name="path">The file.</param>
    /// <param name="ownerId">The id of the queue or map.</param>
    /// <param name="owner">What the keys belong to, for messages: "queue" or "map".</param>
    /// <returns><see langword="null"/> if the file does not exist.</returns>
    /// <exception cref="EstreamFormatException">The file is not a key table, is newer, or belongs to another queue or map.</exception>
    /// <exception cref="EstreamCorruptionException">The file is damaged.</exception>
    public static KeyTable? Read(IStorage storage, string path, long ownerId, string owner)
    {
        if (!storage.FileExists(path))
        {
            return null;
        }

        using MemoryRegion region = storage.OpenRegion(path, RegionAccess.ReadOnly);
        RegionSpan memory = region.All;

        // The checksum covers exactly the entries: a file on huge pages is longer.
        int count = memory.Length < KeyTableLayout.EntriesOffset ? 0 : memory.ReadInt32(KeyTableLayout.CountOffset);
        bool isCount = count is > 0 and <= KeyTableLayout.MaxGenerations && memory.Length >= KeyTableLayout.FileBytes(count);
        CheckHeader(memory, path, owner, CheckedBytes(isCount ? count : 1));
        long found = memory.ReadInt64(KeyTableLayout.OwnerIdOffset);
        if (found != ownerId)
        {
            throw new EstreamFormatException(
                $"'{path}' holds the keys of another {owner} (id {found:x16}, expected {ownerId:x16}). Move it back to where it "
                + "came from.", path);
        }

        if (!isCount)
        {
            throw Damaged(path, $"declares {count} keys", KeyTableLayout.CountOffset);
        }

        return new KeyTable(new KeyTableIdentity(found, memory.ReadInt64(KeyTableLayout.FirstSegmentOffset)),
            ReadEntries(memory, path, count));
    }

    /// <summary>
    /// Replaces the file in one durable step, so that a power cut never loses a key that data needs. The caller holds keys.lock.
    /// </summary>
    public void Write(IStorage storage, string path)
    {
        storage.WriteDurably(path, KeyTableLayout.FileBytes(Entries.Count), memory =>
        {
            memory.WriteInt64(KeyTableLayout.OwnerIdOffset, Identity.OwnerId);
            memory.WriteInt64(KeyTableLayout.FirstSegmentOffset, Identity.FirstSegment);
            memory.WriteInt32(KeyTableLayout.CountOffset, Entries.Count);
            memory.WriteInt32(KeyTableLayout.CurrentOffset, (int)Current);
            for (int i = 0; i < Entries.Count; i++)
            {
                memory.Write(KeyTableLayout.EntriesOffset + ((long)i * KeyTableLayout.EntryBytes), Entries[i].Bytes);
            }

            memory.WriteInt32(KeyTableLayout.VersionOffset, KeyTableLayout.Version);
            memory.WriteInt32(KeyTableLayout.ChecksumOffset, (int)CheckOf(memory, CheckedBytes(Entries.Count)));
            memory.WriteInt64Release(0, KeyTableLayout.Magic);
        });
    }

    private static KeyEntry[] ReadEntries(RegionSpan memory, string path, int count)
    {
        var entries = new KeyEntry[count];
        for (int i = 0; i < count; i++)
        {
            int offset = KeyTableLayout.EntriesOffset + (i * KeyTableLayout.EntryBytes);
            entries[i] = KeyEntry.Read(memory.ReadOnlySpan(offset, KeyTableLayout.EntryBytes));
            if (entries[i].Generation <= (i == 0 ? 0 : entries[i - 1].Generation) || entries[i].Generation > int.MaxValue
                || !MasterKeyId.IsValid(entries[i].MasterKeyId))
            {
                throw Damaged(path, $"has no valid key in slot {i}", offset);
            }
        }

        return memory.ReadInt32(KeyTableLayout.CurrentOffset) == (int)entries[^1].Generation
            ? entries
            : throw Damaged(path, "does not end with the key that it declares as current", KeyTableLayout.CurrentOffset);
    }

    private static void CheckHeader(RegionSpan file, string path, string owner, int checkedBytes)
    {
        if (file.Length < KeyTableLayout.CheckedOffset + checkedBytes || file.ReadInt64Acquire(0) != KeyTableLayout.Magic)
        {
            throw new EstreamCorruptionException(
                $"'{path}' is damaged, or is not a key file of an Estream {owner}: it is too short, or its first eight bytes are wrong. "
                + "Restore it from a copy; without it encrypted data cannot be read.", path, 0);
        }

        if (file.ReadInt32(KeyTableLayout.VersionOffset) is int version and not KeyTableLayout.Version)
        {
            throw new EstreamFormatException(
                $"'{path}' has format version {version}; this library reads version {KeyTableLayout.Version}. Open it with the release "
                + "of Estream that wrote it, or a newer one.", path);
        }

        if ((uint)file.ReadInt32(KeyTableLayout.ChecksumOffset) != CheckOf(file, checkedBytes))
        {
            throw new EstreamCorruptionException($"The header of '{path}' does not match its checksum. Restore the file from a copy.", path,
                KeyTableLayout.ChecksumOffset);
        }
    }

    private static uint CheckOf(RegionSpan file, int checkedBytes) =>
        Crc32C.Compute(file.ReadOnlySpan(KeyTableLayout.CheckedOffset, checkedBytes));

    private static int CheckedBytes(int count) => (int)KeyTableLayout.FileBytes(count) - KeyTableLayout.CheckedOffset;

    private static EstreamCorruptionException Damaged(string path, string what, long offset) =>
        new($"'{path}' {what}: it is damaged. Restore it from a copy; without it encrypted data cannot be read.", path, offset);
}
