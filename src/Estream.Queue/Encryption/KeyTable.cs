using Estream.Core;

namespace Estream.Queue.Internal;

/// <summary>The content of queue.keys: the wrapped key generations of a queue. Immutable.</summary>
/// <param name="Identity">The identity that the entries are bound to.</param>
/// <param name="Entries">The generations, ascending; the last is the current one.</param>
internal sealed record KeyTable(KeyTableIdentity Identity, IReadOnlyList<KeyEntry> Entries)
{
    public uint Current => Entries[^1].Generation;

    public KeyEntry? Find(uint generation) => Entries.FirstOrDefault(e => e.Generation == generation);

    public QueueEncryption Describe() =>
        new(Identity.FirstSegment, (int)Current,
            [.. Entries.Select(e => new QueueKeyGeneration((int)e.Generation, e.MasterKeyId, e.CreatedAt))]);

    /// <summary>Reads the file.</summary>
    /// <returns><see langword="null"/> if the file does not exist: the queue is unencrypted.</returns>
    /// <exception cref="EstreamFormatException">The file is not a key table, is newer, or belongs to another queue.</exception>
    /// <exception cref="EstreamCorruptionException">The file is damaged.</exception>
    public static KeyTable? Read(QueueFiles files)
    {
        string path = files.KeysPath;
        if (!files.Storage.FileExists(path))
        {
            return null;
        }

        using MemoryRegion region = files.Storage.OpenRegion(path, RegionAccess.ReadOnly);
        RegionSpan memory = region.All;

        // The checksum covers exactly the entries: a file on huge pages is longer.
        int count = memory.Length < KeyTableLayout.EntriesOffset ? 0 : memory.ReadInt32(KeyTableLayout.CountOffset);
        bool isCount = count is > 0 and <= KeyTableLayout.MaxGenerations && memory.Length >= KeyTableLayout.FileBytes(count);
        FormatHeader.Check(memory, path, KeyTableLayout.Magic, KeyTableLayout.Version, CheckedBytes(isCount ? count : 1));
        long queueId = memory.ReadInt64(KeyTableLayout.QueueIdOffset);
        if (queueId != files.QueueId)
        {
            throw new EstreamFormatException(
                $"'{path}' holds the keys of another queue (id {queueId:x16}, expected {files.QueueId:x16}). Move it back to where it "
                + "came from.", path);
        }

        if (!isCount)
        {
            throw Damaged(path, $"declares {count} keys", KeyTableLayout.CountOffset);
        }

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

        if (memory.ReadInt32(KeyTableLayout.CurrentOffset) != (int)entries[^1].Generation)
        {
            throw Damaged(path, "does not end with the key that it declares as current", KeyTableLayout.CurrentOffset);
        }

        return new KeyTable(new KeyTableIdentity(queueId, memory.ReadInt64(KeyTableLayout.FirstSegmentOffset)), entries);
    }

    /// <summary>
    /// Replaces the file in one durable step: no segment may need a key that a power cut loses. The caller holds keys.lock.
    /// </summary>
    public void Write(QueueFiles files)
    {
        string temporary = files.KeysPath + ".new";
        files.Storage.Delete(temporary);
        using (MemoryRegion region = files.Storage.CreateRegion(temporary, KeyTableLayout.FileBytes(Entries.Count)))
        {
            RegionSpan memory = region.All;
            memory.WriteInt64(KeyTableLayout.QueueIdOffset, Identity.QueueId);
            memory.WriteInt64(KeyTableLayout.FirstSegmentOffset, Identity.FirstSegment);
            memory.WriteInt32(KeyTableLayout.CountOffset, Entries.Count);
            memory.WriteInt32(KeyTableLayout.CurrentOffset, (int)Current);
            for (int i = 0; i < Entries.Count; i++)
            {
                memory.Write(KeyTableLayout.EntriesOffset + ((long)i * KeyTableLayout.EntryBytes), Entries[i].Bytes);
            }

            FormatHeader.Seal(memory, KeyTableLayout.Magic, KeyTableLayout.Version, CheckedBytes(Entries.Count));
            region.Flush(0, region.Length);
        }

        files.Storage.Rename(temporary, files.KeysPath);
        files.Storage.SyncDirectory(files.Directory);
    }

    private static int CheckedBytes(int count) => (int)KeyTableLayout.FileBytes(count) - KeyTableLayout.CheckedOffset;

    private static EstreamCorruptionException Damaged(string path, string what, long offset) =>
        new($"'{path}' {what}: it is damaged. Restore it from a copy; without it the encrypted messages cannot be read.", path, offset);
}
