using Estream.Core;

namespace Estream.Circuits.Metering;

/// <summary>
/// The file that keeps usage across restarts. The file has three images, each of which holds all usage. A write never overwrites the newest
/// image, so a crash at any moment leaves the previous or the new image intact. A write never overwrites the last flushed image either, so
/// a power cut leaves at least that image intact. The size is fixed and reserved at creation, so a full disk does not stop later writes.
/// Not thread-safe.
/// </summary>
internal sealed class UsageFile : IDisposable
{
    /// <summary>The maximum number of circuits, over all tenants, that are recorded separately.</summary>
    public const int MostRecords = 1_024;

    /// <summary>The file name in the directory.</summary>
    public const string FileName = "circuits.usage";

    /// <summary>The number of images.</summary>
    public const int Images = 3;

    /// <summary>The offset of the first image, after one page for the file header.</summary>
    public const int HeaderBytes = 4_096;

    /// <summary>The size of an image, in whole pages so that no page belongs to two images. Header and records need 172,064
    /// bytes.</summary>
    public const int ImageBytes = 43 * 4_096;

    private const string WhatToDo =
        "Restore it from a copy, or move it away; usage then starts at 0. A metrics collector may have the earlier "
        + "values.";
    private const string LockName = "circuits.lock";
    private const long FileBytes = HeaderBytes + (Images * ImageBytes);

    // "ESUSAGE1".
    private const long Magic = 0x3145_4741_5355_5345;
    private const int Version = 1;
    private const int VersionAt = 8;

    // Layout of an image: its number, the record count, a checksum of both and of the records.
    private const int CountAt = 8;
    private const int CheckAt = 12;
    private const int RecordsAt = 32;

    private readonly IDisposable _lock;
    private readonly MemoryRegion _region;
    private readonly string _path;
    private RegionSpan _memory;
    private long _number;
    private int _newest;
    private int _durable;

    private UsageFile(IDisposable held, MemoryRegion region, string path)
    {
        (_lock, _region, _path) = (held, region, path);
        _memory = region.All;
        Check();
        (_newest, _number) = Newest();
        Found = Read();

        // Flushes the newest image, because the file does not record which image was flushed last.
        Flush();
    }

    /// <summary>The usage in the file when it was opened.</summary>
    public Dictionary<UsageKey, CircuitUsage> Found { get; }

    /// <summary>Opens the file; creates it if it does not exist.</summary>
    /// <param name="storage">The storage.</param>
    /// <param name="directory">The directory of the file.</param>
    /// <exception cref="EstreamLeaseException">Another runtime keeps its usage in the directory.</exception>
    /// <exception cref="EstreamFormatException">The file is of another kind or of a newer release.</exception>
    /// <exception cref="EstreamCorruptionException">No image in the file is intact.</exception>
    /// <exception cref="EstreamStorageException">The storage failed.</exception>
    public static UsageFile Open(IStorage storage, string directory)
    {
        storage.CreateDirectory(directory);
        string path = Path.Combine(directory, FileName);
        IDisposable held = storage.TryLock(Path.Combine(directory, LockName), LockMode.Exclusive)
            ?? throw new EstreamLeaseException(
                $"Another circuit runtime keeps its usage in '{directory}'. Stop it, or use another directory.", path);
        MemoryRegion? region = null;
        try
        {
            if (!storage.FileExists(path))
            {
                Create(storage, path);
            }

            region = storage.OpenRegion(path, RegionAccess.ReadWrite);
            return new UsageFile(held, region, path);
        }
        catch
        {
            region?.Dispose();
            held.Dispose();
            throw;
        }
    }

    /// <summary>Writes all usage to the next image. The usage then survives a crash of the process, and after <see cref="Flush"/> also a
    /// power cut.</summary>
    /// <param name="all">The usage, at most <see cref="MostRecords"/> entries.</param>
    public void Write(IReadOnlyCollection<KeyValuePair<UsageKey, CircuitUsage>> all)
    {
        int image = (_newest + 1) % Images;
        if (image == _durable)
        {
            image = (image + 1) % Images;
        }

        WriteImage(_memory, image, _number + 1, all);
        _number++;
        _newest = image;
    }

    /// <summary>Flushes the newest image.</summary>
    /// <exception cref="EstreamStorageException">The flush failed. The last flushed image is intact, and the next write writes a complete
    /// image.</exception>
    public void Flush()
    {
        _region.Flush(AddressOf(_newest), RecordsAt + ((long)_memory.ReadInt32(AddressOf(_newest) + CountAt) * UsageRecord.Bytes));
        _durable = _newest;
    }

    public void Dispose()
    {
        _memory = default;
        _region.Dispose();
        _lock.Dispose();
    }

    private static void Create(IStorage storage, string path)
    {
        storage.WriteDurably(path, FileBytes, memory =>
        {
            WriteImage(memory, 0, 1, []);
            memory.WriteInt32(VersionAt, Version);
            memory.WriteInt64Release(0, Magic);
        });
    }

    private static void WriteImage(RegionSpan memory, int image, long number, IReadOnlyCollection<KeyValuePair<UsageKey, CircuitUsage>> all)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(all.Count, MostRecords);
        long at = AddressOf(image);
        int count = 0;
        foreach ((UsageKey key, CircuitUsage usage) in all)
        {
            UsageRecord.Write(key, usage, memory.Span(at + RecordsAt + ((long)count * UsageRecord.Bytes), UsageRecord.Bytes));
            count++;
        }

        memory.WriteInt64(at, number);
        memory.WriteInt32(at + CountAt, count);
        memory.WriteInt32Release(at + CheckAt, (int)CheckOf(memory, at, number, count));
    }

    private static long AddressOf(int image) => HeaderBytes + ((long)image * ImageBytes);

    private static uint CheckOf(RegionSpan memory, long at, long number, int count) =>
        Crc32C.Append(Crc32C.Append(Crc32C.Append(0, number), (long)count), memory.ReadOnlySpan(at + RecordsAt, count * UsageRecord.Bytes));

    private void Check()
    {
        if (_memory.Length < HeaderBytes || _memory.ReadInt64Acquire(0) != Magic)
        {
            throw new EstreamFormatException(
                $"'{_path}' is not a circuit usage file (its first eight bytes are wrong). {WhatToDo}", _path);
        }

        if (_memory.ReadInt32(VersionAt) is var found and not Version)
        {
            throw new EstreamFormatException(
                $"'{_path}' is a circuit usage file of version {found}; this library reads version {Version}. Open it with the release "
                + "of Estream that wrote it, or a newer one.", _path);
        }

        if (_memory.Length < FileBytes)
        {
            throw new EstreamCorruptionException($"'{_path}' has only {_memory.Length} of {FileBytes} bytes: it was truncated. {WhatToDo}",
                _path, _memory.Length);
        }
    }

    private (int Image, long Number) Newest()
    {
        (int Image, long Number) newest = (-1, 0);
        for (int image = 0; image < Images; image++)
        {
            long at = AddressOf(image), number = _memory.ReadInt64(at);
            int count = _memory.ReadInt32(at + CountAt);
            if (number > newest.Number && count is >= 0 and <= MostRecords
                && (uint)_memory.ReadInt32(at + CheckAt) == CheckOf(_memory, at, number, count))
            {
                newest = (image, number);
            }
        }

        return newest.Image >= 0
            ? newest
            : throw new EstreamCorruptionException(
                $"'{_path}' is a circuit usage file, but none of its {Images} images is intact. {WhatToDo}", _path);
    }

    private Dictionary<UsageKey, CircuitUsage> Read()
    {
        Dictionary<UsageKey, CircuitUsage> found = [];
        long at = AddressOf(_newest);
        int count = _memory.ReadInt32(at + CountAt);
        for (int i = 0; i < count; i++)
        {
            long record = at + RecordsAt + ((long)i * UsageRecord.Bytes);
            if (!UsageRecord.TryRead(_memory.ReadOnlySpan(record, UsageRecord.Bytes), out UsageKey key, out CircuitUsage usage)
                || !found.TryAdd(key, usage))
            {
                throw new EstreamCorruptionException(
                    $"'{_path}' is a circuit usage file, but its record {i} is invalid. {WhatToDo}", _path, record);
            }
        }

        return found;
    }
}
