using Estream.Core;

namespace Estream.Net.Multicast.Internal;

/// <summary>A message of the copy and where it is in the source.</summary>
/// <param name="Source">Its position in the source.</param>
/// <param name="Copy">Its position in the copy.</param>
/// <param name="Sequence">Its sequence number in the source; -1 if unknown.</param>
/// <param name="Time">Its time in the source.</param>
/// <param name="Checksum">The CRC-32C of the message.</param>
/// <param name="Differences">What differs from the source in the copy up to this message.</param>
internal readonly record struct Checkpoint(
    long Source, long Copy, long Sequence = -1, long Time = 0, uint Checksum = 0, CopyDifferences Differences = CopyDifferences.None);

/// <summary>What differs between a copy and its source.</summary>
[Flags]
internal enum CopyDifferences : byte
{
    None = 0,
    Positions = 1,
    Sequences = 2,
    Times = 4,
}

/// <summary>
/// multicast.copy: maps positions of the copy to positions of the source; see docs/formats/multicast.md. A checkpoint is complete or its
/// checksum fails, so a crash at any instruction leaves the one before it. Not thread-safe; storing allocates nothing.
/// </summary>
internal sealed class CopyFile : IDisposable
{
    public const string Name = "multicast.copy";
    private const long Magic = 0x31_43_43_4D_52_54_53_45; // "ESTRMCC1"
    private const int Version = 1;
    private const int FileBytes = 4096;
    private const int VersionOffset = 8;
    private const int ChecksumOffset = 12;
    private const int CheckedOffset = 16;
    private const int CheckedBytes = 48;
    private const int SourceIdOffset = 16;
    private const int CopyIdOffset = 24;
    private const int FirstSourceOffset = 32;
    private const int FirstCopyOffset = 40;
    private const int StreamOffset = 48;
    private const int SlotsOffset = 64;
    private const int SlotBytes = 64;
    private const int SlotCheckedBytes = 60;
    private const int Slots = 62;

    /// <summary>After this many bytes the next pair of places is used, so that older checkpoints stay for a copy whose end is
    /// lost.</summary>
    private const long PairBytes = 16L << 20;

    private readonly MemoryRegion _region;
    private readonly RegionSpan _memory;
    private long _number;
    private int _pair;
    private long _pairStart;

    private CopyFile(MemoryRegion region)
    {
        _region = region;
        _memory = region.All;
    }

    /// <summary>The queue id of the source.</summary>
    public long SourceId => _memory.ReadInt64(SourceIdOffset);

    /// <summary>The first message copied.</summary>
    public Checkpoint First => new(_memory.ReadInt64(FirstSourceOffset), _memory.ReadInt64(FirstCopyOffset));

    public static bool Exists(IStorage storage, string directory) => storage.FileExists(Path.Combine(directory, Name));

    /// <summary>Creates the file durably.</summary>
    public static CopyFile Create(IStorage storage, string directory, long sourceId, long copyId, Checkpoint first, uint stream)
    {
        storage.WriteDurably(Path.Combine(directory, Name), FileBytes, memory =>
        {
            memory.WriteInt64(SourceIdOffset, sourceId);
            memory.WriteInt64(CopyIdOffset, copyId);
            memory.WriteInt64(FirstSourceOffset, first.Source);
            memory.WriteInt64(FirstCopyOffset, first.Copy);
            memory.WriteInt32(StreamOffset, (int)stream);
            memory.WriteInt32(VersionOffset, Version);
            memory.WriteInt32(ChecksumOffset, (int)Crc32C.Compute(memory.ReadOnlySpan(CheckedOffset, CheckedBytes)));
            memory.WriteInt64(0, Magic);
        });
        return Open(storage, directory, copyId);
    }

    /// <exception cref="EstreamException">The file is damaged, of a newer version, or belongs to another copy.</exception>
    public static CopyFile Open(IStorage storage, string directory, long copyId)
    {
        string path = Path.Combine(directory, Name);
        MemoryRegion region = storage.OpenRegion(path, RegionAccess.ReadWrite);
        try
        {
            Check(region.All, path, copyId);
            CopyFile file = new(region);
            foreach ((long number, int slot, Checkpoint checkpoint) in file.Valid())
            {
                if (number > file._number)
                {
                    (file._number, file._pair, file._pairStart) = (number, slot / 2, checkpoint.Copy);
                }
            }

            return file;
        }
        catch
        {
            region.Dispose();
            throw;
        }
    }

    /// <summary>The checkpoints, newest first.</summary>
    public IReadOnlyList<Checkpoint> NewestFirst() =>
        [.. Valid().OrderByDescending(entry => entry.Number).Select(entry => entry.Checkpoint)];

    /// <summary>Stores a checkpoint. The one before it stays until this one is complete.</summary>
    public void Store(Checkpoint checkpoint)
    {
        if (checkpoint.Copy - _pairStart > PairBytes)
        {
            _pair = (_pair + 1) % (Slots / 2);
            _pairStart = checkpoint.Copy;
        }

        long slot = SlotsOffset + (SlotBytes * ((2 * _pair) + (++_number & 1)));
        _memory.WriteInt64(slot, _number);
        _memory.WriteInt64(slot + 8, checkpoint.Source);
        _memory.WriteInt64(slot + 16, checkpoint.Copy);
        _memory.WriteInt64(slot + 24, checkpoint.Sequence);
        _memory.WriteInt64(slot + 32, checkpoint.Time);
        _memory.WriteInt64(slot + 40, checkpoint.Checksum | ((long)checkpoint.Differences << 32));
        _memory.WriteInt32Release(slot + SlotCheckedBytes, (int)Crc32C.Compute(_memory.ReadOnlySpan(slot, SlotCheckedBytes)));
    }

    public void Dispose() => _region.Dispose();

    private IEnumerable<(long Number, int Slot, Checkpoint Checkpoint)> Valid()
    {
        for (int index = 0; index < Slots; index++)
        {
            long slot = SlotsOffset + (index * SlotBytes);
            long number = _memory.ReadInt64(slot);
            uint checksum = Crc32C.Compute(_memory.ReadOnlySpan(slot, SlotCheckedBytes));
            if (number > 0 && (uint)_memory.ReadInt32(slot + SlotCheckedBytes) == checksum)
            {
                long packed = _memory.ReadInt64(slot + 40);
                yield return (number, index, new Checkpoint(
                    _memory.ReadInt64(slot + 8), _memory.ReadInt64(slot + 16), _memory.ReadInt64(slot + 24), _memory.ReadInt64(slot + 32),
                    (uint)packed, (CopyDifferences)(byte)(packed >> 32)));
            }
        }
    }

    private static void Check(RegionSpan memory, string path, long copyId)
    {
        if (memory.Length < FileBytes || memory.ReadInt64(0) != Magic
            || (uint)memory.ReadInt32(ChecksumOffset) != Crc32C.Compute(memory.ReadOnlySpan(CheckedOffset, CheckedBytes)))
        {
            throw new EstreamCorruptionException(
                $"'{path}' is not a valid map of a copy to its source. Restore the copy from a backup, or delete it and copy again.", path,
                0);
        }

        if (memory.ReadInt32(VersionOffset) != Version)
        {
            throw new EstreamFormatException(
                $"'{path}' has version {memory.ReadInt32(VersionOffset)}; this library reads version {Version}. Use the release of Estream "
                + "that wrote it, or a newer one.", path);
        }

        if (memory.ReadInt64(CopyIdOffset) != copyId)
        {
            throw new EstreamFormatException($"'{path}' belongs to another queue. Move it back to where it came from.", path);
        }
    }
}
