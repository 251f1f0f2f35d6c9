using Estream.Core;
using Estream.Queue.Internal;

namespace Estream.Replication.Internal;

/// <summary>How far a stream was read, in a file beside the log. Two slots are written in turn, so a crash leaves one valid slot. The file
/// is only a hint where to continue: without it, the stream is read from its start.</summary>
internal sealed class ProgressFile : IDisposable
{
    private const string FileName = "replication.progress";
    private const long Magic = 0x31_47_50_52_52_54_53_45; // "ESTRRPG1"
    private const int Version = 2;
    private const int FileBytes = 4096;
    private const int QueueOffset = 16;
    private const int CheckedBytes = 8;
    private const int RecoveryOffset = 24;
    private const int RetainedBytesOffset = 32;
    private const int RetainedAgeOffset = 40;
    private const int RestartOffset = 48;
    private const int SlotsOffset = 64;
    private const int SlotBytes = 64;
    private const int MarkOffset = 40;
    private const int FieldBytes = 48;

    // Slots of version 1 end before the mark.
    private const int FieldBytesV1 = 40;

    private readonly MemoryRegion _region;
    private long _turn;

    private ProgressFile(MemoryRegion region)
    {
        _region = region;
    }

    /// <summary>When the newest recovery of the queue ran that a publisher has considered, in nanoseconds since 1970 UTC; 0 if there is
    /// none.</summary>
    public long KnownRecovery
    {
        get => _region.All.ReadInt64(RecoveryOffset);
        set => _region.All.WriteInt64(RecoveryOffset, value);
    }

    /// <summary>Of a copy: what the owner of the queue retains, as its newest epoch entry says.</summary>
    public RetentionLimits Limits
    {
        get => new(_region.All.ReadInt64(RetainedBytesOffset), _region.All.ReadInt64(RetainedAgeOffset));
        set
        {
            _region.All.WriteInt64(RetainedBytesOffset, value.Bytes);
            _region.All.WriteInt64(RetainedAgeOffset, value.AgeNanos);
        }
    }

    /// <summary>Whether an operator allowed the next publisher to begin an epoch at the oldest position of its log, whatever the stream
    /// has.</summary>
    public bool MayRestart
    {
        get => _region.All.ReadInt64(RestartOffset) != 0;
        set => _region.All.WriteInt64(RestartOffset, value ? 1 : 0);
    }

    /// <param name="storage">The storage.</param>
    /// <param name="directory">The directory of the queue, as source or as copy.</param>
    /// <param name="queueId">The id of the queue. A file of another queue is replaced.</param>
    public static ProgressFile Open(IStorage storage, string directory, long queueId)
    {
        string path = Path.Combine(directory, FileName);
        MemoryRegion region = OpenOrCreate(storage, path, queueId);
        if (!IsOf(region.All, queueId))
        {
            region.Dispose();
            storage.Delete(path);
            region = OpenOrCreate(storage, path, queueId);
        }

        return new ProgressFile(region);
    }

    /// <summary>Reads the file of a queue without changing it.</summary>
    /// <returns>Whether there is one.</returns>
    public static bool TryRead(IStorage storage, string directory, long queueId, StreamState state)
    {
        string path = Path.Combine(directory, FileName);
        if (!storage.FileExists(path))
        {
            return false;
        }

        using MemoryRegion region = storage.OpenRegion(path, RegionAccess.ReadOnly);
        return IsOf(region.All, queueId) && Read(region.All, state) > 0;
    }

    /// <summary>Continues a state where the file says, if it says anything.</summary>
    public void Restore(StreamState state) => _turn = Read(_region.All, state);

    private static bool IsOf(RegionSpan memory, long queueId) =>
        memory.Length >= FileBytes && memory.ReadInt64(0) == Magic && memory.ReadInt64(QueueOffset) == queueId;

    private static long Read(RegionSpan file, StreamState state)
    {
        long turn = 0;
        for (int slot = 0; slot < 2; slot++)
        {
            RegionSpan memory = file.Slice(SlotsOffset + (slot * SlotBytes), SlotBytes);
            bool hasMark = IsSealed(memory, FieldBytes);
            if ((hasMark || IsSealed(memory, FieldBytesV1)) && memory.ReadInt64(0) > turn)
            {
                turn = memory.ReadInt64(0);
                state.Resume(new StreamPoint(memory.ReadInt64(8), memory.ReadInt64(16), memory.ReadInt64(24), memory.ReadInt64(32),
                    hasMark ? (uint)memory.ReadInt64(MarkOffset) : 0));
            }
        }

        return turn;
    }

    private static bool IsSealed(RegionSpan slot, int length) =>
        (uint)slot.ReadInt32(length) == Crc32C.Compute(slot.ReadOnlySpan(0, length));

    public void Store(StreamState state)
    {
        _turn++;
        RegionSpan memory = _region.All.Slice(SlotsOffset + (_turn % 2 * SlotBytes), SlotBytes);
        memory.WriteInt64(0, _turn);
        memory.WriteInt64(8, state.Epoch);
        memory.WriteInt64(16, state.Owner);
        memory.WriteInt64(24, state.Position);
        memory.WriteInt64(32, state.Offset);
        memory.WriteInt64(MarkOffset, state.Mark);
        memory.WriteInt32(FieldBytes, (int)Crc32C.Compute(memory.ReadOnlySpan(0, FieldBytes)));
    }

    public void Dispose() => _region.Dispose();

    private static MemoryRegion OpenOrCreate(IStorage storage, string path, long queueId)
    {
        if (storage.FileExists(path))
        {
            try
            {
                return storage.OpenRegion(path, RegionAccess.ReadWrite);
            }
            catch (EstreamCorruptionException)
            {
                // A power cut left the name of a new file without its content.
                storage.Delete(path);
            }
        }

        MemoryRegion region = storage.CreateRegion(path, FileBytes);
        region.All.WriteInt64(QueueOffset, queueId);
        FormatHeader.Seal(region.All, Magic, Version, CheckedBytes);
        return region;
    }
}
