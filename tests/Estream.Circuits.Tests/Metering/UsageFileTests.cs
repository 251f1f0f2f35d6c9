using Estream.Circuits.Metering;
using Estream.Core;
using Estream.Testing;
using Estream.Witness.Tests.Support;

namespace Estream.Circuits.Tests.Metering;

/// <summary>The usage file: crashes, power cuts, damage, and a full disk.</summary>
public sealed class UsageFileTests : IDisposable
{
    private const int Sector = 512;

    private readonly TempDirectory _directory = new();

    private string FilePath => Path.Combine(_directory.Path, UsageFile.FileName);

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void A_usage_file_loads_its_newest_image()
    {
        for (int run = 0; run < 5; run++)
        {
            using UsageFile file = UsageFile.Open(FileStorage.Instance, _directory.Path);
            Dictionary<UsageKey, CircuitUsage> expected = run == 0 ? [] : Usage((run * 10) - 1);
            Assert.Equal(expected, file.Found);
            for (int i = 0; i < 10; i++)
            {
                file.Write(Usage((run * 10) + i));
            }
        }

        Assert.Equal(UsageFile.HeaderBytes + (UsageFile.Images * UsageFile.ImageBytes), new FileInfo(FilePath).Length);
    }

    [Fact]
    public void Usage_records_round_trip()
    {
        Dictionary<UsageKey, CircuitUsage> all = new()
        {
            [new UsageKey(new string('t', UsageRecord.MaxTenantBytes), new string('c', CircuitLimits.MaxNameLength))] =
                new CircuitUsage(1, 2, 0, 0, 3, 4, 5, long.MaxValue),
            [new UsageKey("ä", UsageKey.Others)] = new CircuitUsage(6, 7, 0, 0, 8, 9, 10, 11),
        };
        using (UsageFile file = UsageFile.Open(FileStorage.Instance, _directory.Path))
        {
            file.Write(all);
        }

        using UsageFile again = UsageFile.Open(FileStorage.Instance, _directory.Path);
        Assert.Equal(all, again.Found);
    }

    [Fact]
    public void A_full_usage_file_loads()
    {
        Dictionary<UsageKey, CircuitUsage> all = Usage(3, UsageFile.MostRecords);
        using (UsageFile file = UsageFile.Open(FileStorage.Instance, _directory.Path))
        {
            file.Write(all);
            file.Write(all);
            _ = Assert.Throws<ArgumentOutOfRangeException>(() => file.Write(Usage(3, UsageFile.MostRecords + 1)));
        }

        using UsageFile again = UsageFile.Open(FileStorage.Instance, _directory.Path);
        Assert.Equal(all, again.Found);
    }

    [Fact]
    public void A_damaged_image_falls_back_to_an_older_one_or_reports_what_to_do()
    {
        using (UsageFile file = UsageFile.Open(FileStorage.Instance, _directory.Path))
        {
            file.Write(Usage(1));
            file.Write(Usage(2));
        }

        // The images were written in order: the first at creation.
        byte[] whole = File.ReadAllBytes(FilePath);
        int[] images = [.. Enumerable.Range(0, UsageFile.Images).Select(image => UsageFile.HeaderBytes + (image * UsageFile.ImageBytes))];
        Assert.Equal(Usage(1), FoundIn(whole, images[2] + 32 + 130));
        Assert.Empty(FoundIn(whole, images[2], images[1] + 12));
        Assert.Equal(Usage(2), FoundIn(whole, images[0], images[1]));
        EstreamCorruptionException refused =
            Assert.Throws<EstreamCorruptionException>(() => FoundIn(whole, images[0], images[1] + 8, images[2] + 40));
        Assert.StartsWith(
            $"'{FilePath}' is a circuit usage file, but none of its 3 images is intact. Restore it from a copy, or move it away",
            refused.Message, StringComparison.Ordinal);

        // Follows the advice in the message of the exception.
        File.Move(FilePath, FilePath + ".damaged");
        using UsageFile anew = UsageFile.Open(FileStorage.Instance, _directory.Path);
        Assert.Empty(anew.Found);
    }

    [Fact]
    public void Foreign_newer_and_truncated_usage_files_are_refused()
    {
        UsageFile.Open(FileStorage.Instance, _directory.Path).Dispose();
        byte[] whole = File.ReadAllBytes(FilePath);
        Assert.Contains("is not a circuit usage file", Assert.Throws<EstreamFormatException>(() => FoundIn(whole, 0)).Message,
            StringComparison.Ordinal);
        Assert.Contains("or a newer one", Assert.Throws<EstreamFormatException>(() => FoundIn(whole, 8)).Message, StringComparison.Ordinal);
        Assert.Contains("it was truncated", Assert.Throws<EstreamCorruptionException>(() => FoundIn(whole[..^1])).Message,
            StringComparison.Ordinal);
        _ = Assert.Throws<EstreamFormatException>(() => FoundIn(whole[..100]));
        Assert.Empty(FoundIn(whole));
    }

    [Fact]
    public void A_usage_file_has_one_owner()
    {
        using (UsageFile.Open(FileStorage.Instance, _directory.Path))
        {
            EstreamLeaseException refused =
                Assert.Throws<EstreamLeaseException>(() => UsageFile.Open(FileStorage.Instance, _directory.Path));
            Assert.Contains(_directory.Path, refused.Message, StringComparison.Ordinal);
        }

        UsageFile.Open(FileStorage.Instance, _directory.Path).Dispose();
    }

    [Fact]
    public void A_full_disk_fails_creation_of_the_usage_file_but_no_later_write()
    {
        HookedStorage storage = new()
        {
            OnCreateRegion = path => throw new EstreamStorageException("the disk is full", path, StorageFailure.DiskFull),
        };
        _ = Assert.Throws<EstreamStorageException>(() => UsageFile.Open(storage, _directory.Path));
        Assert.False(File.Exists(FilePath));
        storage.OnCreateRegion = null;

        // A crash during creation leaves such a file.
        File.WriteAllBytes(FilePath + ".new", [1, 2, 3]);
        UsageFile.Open(storage, _directory.Path).Dispose();
        storage.OnCreateRegion = path => throw new EstreamStorageException("the disk is full", path, StorageFailure.DiskFull);
        using (UsageFile file = UsageFile.Open(storage, _directory.Path))
        {
            file.Write(Usage(1, UsageFile.MostRecords));
        }

        using UsageFile again = UsageFile.Open(storage, _directory.Path);
        Assert.Equal(Usage(1, UsageFile.MostRecords), again.Found);
    }

    [Fact]
    public void A_power_cut_leaves_the_last_flushed_usage_or_newer()
    {
        int older = 0, newer = 0;
        for (int seed = 0; seed < LongRun.Count(150, 5_000); seed++)
        {
            Random random = new(seed);
            DeviceStorage storage = new();
            (int durable, int last, byte[] left) = WriteUntilPowerCut(storage, random);
            File.WriteAllBytes(FilePath, left);
            using (UsageFile file = UsageFile.Open(storage, _directory.Path))
            {
                long found = file.Found.Count == 0 ? 0 : file.Found.Values.First().Operations;
                Assert.True(found >= durable && found <= last,
                    $"seed {seed}: {found} is there, {durable} was brought to the device, {last} was written last");
                Assert.True(found == 0 || file.Found.SequenceEqual(Usage((int)found)),
                    $"seed {seed}: what is there was never written together");
                older += found < last ? 1 : 0;
                newer += found > durable ? 1 : 0;
            }

            File.Delete(FilePath);
        }

        Assert.True(older > 0 && newer > 0,
            $"{older} times less was there than written last, {newer} times more than brought to the device: there were no power cuts to "
            + "speak of");
    }

    /// <summary>Writes images of growing size and flushes some of them. In the result, each sector has either its durable content or later
    /// content that could have been written back. Now and then all sectors have their latest content.</summary>
    private (int Durable, int Last, byte[] Left) WriteUntilPowerCut(DeviceStorage storage, Random random)
    {
        (int durable, int last) = (0, 0);
        List<byte[]> since = [];
        using (UsageFile file = UsageFile.Open(storage, _directory.Path))
        {
            for (int writes = random.Next(1, 9); last < writes;)
            {
                file.Write(Usage(++last));
                if (random.Next(4) == 0)
                {
                    file.Flush();
                    durable = last;
                    since.Clear();
                }

                since.Add(File.ReadAllBytes(FilePath));
            }
        }

        byte[] left = [.. storage.OnDevice(FilePath)];
        bool isWritten = random.Next(4) == 0;
        for (int at = 0; at < left.Length; at += Sector)
        {
            int which = isWritten ? since.Count - 1 : random.Next(-since.Count, since.Count);
            if (which >= 0)
            {
                since[which].AsSpan(at, Sector).CopyTo(left.AsSpan(at));
            }
        }

        return (durable, last, left);
    }

    /// <summary>Damages bytes of a file, and returns the usage it then contains.</summary>
    private Dictionary<UsageKey, CircuitUsage> FoundIn(byte[] whole, params int[] damaged)
    {
        byte[] bytes = [.. whole];
        Array.ForEach(damaged, at => bytes[at] ^= 0x10);
        File.WriteAllBytes(FilePath, bytes);
        using UsageFile file = UsageFile.Open(FileStorage.Instance, _directory.Path);
        return file.Found;
    }

    // Returns enough records for several sectors. They differ only in the name of the circuit.
    private static Dictionary<UsageKey, CircuitUsage> Usage(int operations, int circuits = 30) =>
        Enumerable.Range(0, circuits)
            .ToDictionary(circuit => new UsageKey("acme", $"acme.c{circuit}.v1"), _ => new CircuitUsage(operations, 1, 0, 0, 2, 3, 4, 5));
}
