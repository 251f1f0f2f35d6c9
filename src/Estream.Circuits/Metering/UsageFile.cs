using Estream.Core;

namespace Estream.Circuits.Metering;

/// <summary>
/// The file in which usage outlasts a restart. It has room for three images of all of it. A new one never takes the place of the newest, so
/// a kill at any moment leaves that or the new one, nor of the last that was brought to the device, so a power cut leaves at least that.
/// Its size is fixed and reserved when it is made, so a disk that is full later does not keep usage from being kept. Not thread-safe.
/// </summary>
internal sealed class UsageFile : IDisposable
{
    /// <summary>Most circuits of all tenants that are told apart.</summary>
    public const int MostRecords = 1_024;

    /// <summary>The name of the file in its directory.</summary>
    public const string FileName = "circuits.usage";

    /// <summary>Images there is room for.</summary>
    public const int Images = 3;

    /// <summary>Where the first image begins: behind a page that says what the file is.</summary>
    public const int HeaderBytes = 4_096;

    /// <summary>Room of an image, in whole pages, so that none shares one with another: head and records need 172,064 bytes.</summary>
    public const int ImageBytes = 43 * 4_096;

    private const string WhatToDo =
        "Restore it from a copy; or move it away, and usage begins at 0: what it was says whoever has read it last, as a collector of "
        + "metrics.";
    private const string LockName = "circuits.lock";
    private const long FileBytes = HeaderBytes + (Images * ImageBytes);

    // "ESUSAGE1".
    private const long Magic = 0x3145_4741_5355_5345;
    private const int Version = 1;
    private const int VersionAt = 8;

    // Of an image: its number, the count of its records, a checksum of both and of the records.
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

        // Which image is on the device does not stand in the file.
        Flush();
    }

    /// <summary>What was in it when it was opened.</summary>
    public Dictionary<UsageKey, CircuitUsage> Found { get; }

    /// <summary>Opens it, and makes it where there is none.</summary>
    /// <param name="storage">Where files are.</param>
    /// <param name="directory">Its directory.</param>
    /// <exception cref="EstreamLeaseException">Another runtime keeps its usage there.</exception>
    /// <exception cref="EstreamFormatException">It is another kind of file, or of a newer release.</exception>
    /// <exception cref="EstreamCorruptionException">No image in it is whole.</exception>
    /// <exception cref="EstreamStorageException">The storage refused.</exception>
    public static UsageFile Open(IStorage storage, string directory)
    {
        storage.CreateDirectory(directory);
        string path = Path.Combine(directory, FileName);
        IDisposable held = storage.TryLock(Path.Combine(directory, LockName), LockMode.Exclusive)
            ?? throw new EstreamLeaseException(
                $"Another circuit runtime keeps its usage in '{directory}'. End it, or give this one another directory.", path);
        MemoryRegion? region = null;
        try
        {
            if (!storage.FileExists(path))
            {
                Create(storage, directory, path);
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

    /// <summary>Writes all anew. A kill from here on leaves it; a power cut only behind <see cref="Flush"/>.</summary>
    /// <param name="all">What was used: at most <see cref="MostRecords"/>.</param>
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

    /// <summary>Brings the newest image to the device.</summary>
    /// <exception cref="EstreamStorageException">The device did not take it. What it has is still there, and the next image is written
    /// whole.</exception>
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

    private static void Create(IStorage storage, string directory, string path)
    {
        string temporary = path + ".new";
        storage.Delete(temporary);
        using (MemoryRegion region = storage.CreateRegion(temporary, FileBytes))
        {
            WriteImage(region.All, 0, 1, []);
            region.All.WriteInt32(VersionAt, Version);
            region.All.WriteInt64Release(0, Magic);

            // A name must not be there after a power cut without what is under it.
            region.Flush(0, region.Length);
        }

        storage.Rename(temporary, path);
        storage.SyncDirectory(directory);
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
                $"'{_path}' is not a file of the usage of circuits (its first eight bytes are not the expected ones). {WhatToDo}", _path);
        }

        if (_memory.ReadInt32(VersionAt) is var found and not Version)
        {
            throw new EstreamFormatException(
                $"'{_path}' has version {found} of the usage of circuits; this library reads version {Version}. Open it with the release "
                + "of Estream that wrote it, or a newer one.", _path);
        }

        if (_memory.Length < FileBytes)
        {
            throw new EstreamCorruptionException($"'{_path}' has only {_memory.Length} of {FileBytes} bytes: it was cut off. {WhatToDo}",
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
                $"'{_path}' keeps what circuits have used, and none of the {Images} images in it is whole. {WhatToDo}", _path);
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
                    $"'{_path}' keeps what circuits have used, and record {i} in it is no such thing. {WhatToDo}", _path, record);
            }
        }

        return found;
    }
}
