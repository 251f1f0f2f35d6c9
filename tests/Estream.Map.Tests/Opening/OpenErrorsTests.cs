using Estream.Core;
using Estream.Map.Internal;
using Estream.Testing;

namespace Estream.Map.Tests;

/// <summary>Open refuses a map with an exception that names the cause, such as the file, the path or the writing process.</summary>
public sealed class OpenErrorsTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("queue.meta")]
    [InlineData("partitions.meta")]
    public void Open_refuses_the_directory_of_a_queue_and_adds_no_file(string file)
    {
        string path = _directory.Combine(file);
        File.WriteAllText(path, "text");
        Assert.Contains("contains a queue",
            Assert.Throws<EstreamFormatException>(() => StateMap.Open<long, long>(_directory.Path)).Message, StringComparison.Ordinal);
        Assert.Throws<EstreamFormatException>(() => ByteMap.Open(_directory.Path));
        Assert.Equal([path], Directory.GetFileSystemEntries(_directory.Path));
    }

    [Fact]
    public void OpenReadOnly_names_the_path_when_there_is_no_map()
    {
        EstreamStorageException error = Assert.Throws<EstreamStorageException>(() => StateMap.OpenReadOnly<long, long>(_directory.Path));
        Assert.Equal(StorageFailure.NotFound, error.Reason);
        Assert.Contains(_directory.Path, error.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(_directory.Path));
    }

    [Fact]
    public void Open_names_the_process_that_writes_the_map()
    {
        using StateMap<long, long> first = Create();
        EstreamLeaseException error = Assert.Throws<EstreamLeaseException>(() => StateMap.Open<long, long>(_directory.Path));
        Assert.Equal(Environment.ProcessId, error.OwnerProcessId);
        Assert.Contains($"{Environment.ProcessId}", error.Message, StringComparison.Ordinal);
        Assert.True(error.IsTransient);
        first.Dispose();
        using StateMap<long, long> second = StateMap.Open<long, long>(_directory.Path);
        Assert.Equal(1, second.Count);
    }

    [Fact]
    public void Open_refuses_other_key_or_value_types_by_name()
    {
        Create().Dispose();
        EstreamFormatException key = Assert.Throws<EstreamFormatException>(() => StateMap.Open<int, long>(_directory.Path));
        Assert.Contains("System.Int64 (8 bytes)", key.Message, StringComparison.Ordinal);
        Assert.Contains("System.Int32 (4 bytes)", key.Message, StringComparison.Ordinal);
        EstreamFormatException value = Assert.Throws<EstreamFormatException>(() => StateMap.OpenReadOnly<long, double>(_directory.Path));
        Assert.Contains("System.Double", value.Message, StringComparison.Ordinal);
        using StateMap<long, long> right = StateMap.Open<long, long>(_directory.Path);
        Assert.Equal(1, right.Count);
    }

    [Fact]
    public void Open_accepts_a_type_with_the_same_fields_under_other_names()
    {
        Create().Dispose();
        using StateMap<DeviceNumber, long> map = StateMap.OpenReadOnly<DeviceNumber, long>(_directory.Path);
        Assert.True(map.TryGet(new DeviceNumber(1), out long value));
        Assert.Equal(10, value);
    }

    [Theory]
    [InlineData(MapFormat.MetaFile, MetaLayout.Version)]
    [InlineData("table.0001", TableLayout.Version)]
    public void A_newer_format_is_refused_and_left_unchanged(string file, int offset)
    {
        Create().Dispose();
        byte[] newer = Patch(file, offset, BitConverter.GetBytes(MapFormat.Version + 1));
        AssertRefused<EstreamFormatException>("Use a newer Estream", file);
        Assert.Equal(newer, File.ReadAllBytes(_directory.Combine(file)));
    }

    [Theory]
    [InlineData(MapFormat.MetaFile)]
    [InlineData("table.0001")]
    public void A_file_with_another_magic_number_is_damaged(string file)
    {
        Create().Dispose();
        Patch(file, 0, "SQLite format 3"u8.ToArray());
        AssertRefused<EstreamCorruptionException>("magic number", file);
    }

    [Theory]
    [InlineData(MapFormat.MetaFile, MetaLayout.HashSeed)]
    [InlineData(MapFormat.MetaFile, MetaLayout.KeyBytes)]
    [InlineData("table.0001", TableLayout.BucketCount)]
    [InlineData("table.0001", TableLayout.Checksum)]
    public void A_damaged_header_is_reported(string file, int offset)
    {
        Create().Dispose();
        Patch(file, offset, [0xAA, 0x55]);
        AssertRefused<EstreamCorruptionException>("checksum", file);
    }

    [Theory]
    [InlineData(MapFormat.MetaFile, 100)]
    [InlineData("table.0001", 100)]
    [InlineData("table.0001", TableLayout.HeaderPageBytes * 2)]
    public void A_truncated_file_is_reported(string file, int length)
    {
        Create().Dispose();
        using (FileStream stream = File.OpenWrite(_directory.Combine(file)))
        {
            stream.SetLength(length);
        }

        AssertRefused<EstreamCorruptionException>("damaged", file);
    }

    [Fact]
    public void A_missing_table_is_reported_by_name()
    {
        Create().Dispose();
        File.Delete(_directory.Combine("table.0001"));
        AssertRefused<EstreamStorageException>("table.0001", "table.0001");
    }

    [Fact]
    public void A_table_of_another_map_is_refused()
    {
        Create().Dispose();
        using TempDirectory other = new();
        StateMap.Open<long, long>(other.Path).Dispose();
        File.Copy(other.Combine("table.0001"), _directory.Combine("table.0001"), overwrite: true);
        AssertRefused<EstreamCorruptionException>("another map", "table.0001");
    }

    [Fact]
    public void Foreign_files_with_names_similar_to_a_table_are_kept()
    {
        string[] others = ["table.csv", "table.", "table.12", "table.0007.bak", "table.00x1", "tables"];
        foreach (string name in others)
        {
            File.WriteAllText(_directory.Combine(name), name);
        }

        File.WriteAllText(_directory.Combine("table.0009"), "left by a creation that was cut off");
        Create().Dispose();
        File.WriteAllText(_directory.Combine("table.0010"), "left by a growth that was cut off");
        Create().Dispose();
        Assert.All(others, name => Assert.Equal(name, File.ReadAllText(_directory.Combine(name))));
        Assert.Equal(["table.0001"], Directory.GetFiles(_directory.Path, "table.*").Select(Path.GetFileName).Except(others));
    }

    [Fact]
    public void A_key_with_padding_is_refused()
    {
        ArgumentException error = Assert.Throws<ArgumentException>(() => StateMap.CreateInMemory<PaddedPair, long>());
        Assert.Contains("7 padding bytes", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void CompareExchange_of_values_with_padding_is_refused()
    {
        using StateMap<long, PaddedPair> map = StateMap.CreateInMemory<long, PaddedPair>();
        map.Put(1, new PaddedPair(1, 2));
        Assert.Throws<NotSupportedException>(() => map.CompareExchange(1, new PaddedPair(1, 2), new PaddedPair(3, 4)));
    }

    [Theory]
    [InlineData(MapWriters.One)]
    [InlineData(MapWriters.Many)]
    public void Bulk_compare_exchange_refuses_values_with_padding(MapWriters writers)
    {
        using StateMap<long, PaddedPair> map = StateMap.Open<long, PaddedPair>(_directory.Path, new MapOptions { Writers = writers });
        Assert.Throws<NotSupportedException>(
            () => map.CompareExchangeMany([1], [new PaddedPair(1, 2)], [new PaddedPair(3, 4)], new bool[1]));
    }

    [Fact]
    public void Types_larger_than_the_limits_are_refused()
    {
        Assert.Throws<ArgumentException>(() => StateMap.CreateInMemory<long, TooLarge>());
        Assert.Throws<ArgumentException>(() => StateMap.CreateInMemory<TooLarge, long>());
        Assert.Throws<ArgumentOutOfRangeException>(() => StateMap.CreateInMemory<long, long>(-1));
    }

    [Fact]
    public void A_read_only_map_throws_on_every_write()
    {
        Create().Dispose();
        using StateMap<long, long> map = StateMap.OpenReadOnly<long, long>(_directory.Path);
        Assert.True(map.IsReadOnly);
        Assert.Throws<InvalidOperationException>(() => map.Put(1, 1));
        Assert.Throws<InvalidOperationException>(() => map.Remove(1));
        Assert.Throws<InvalidOperationException>(() => map.CompareExchange(1, 10, 11));
        Assert.Throws<InvalidOperationException>(map.Clear);
        Assert.Throws<InvalidOperationException>(() => map.SetUserWord(0, 1));
        Assert.Throws<InvalidOperationException>(map.Flush);
    }

    private StateMap<long, long> Create()
    {
        StateMap<long, long> map = StateMap.Open<long, long>(_directory.Path);
        map.Put(1, 10);
        return map;
    }

    private byte[] Patch(string file, int offset, byte[] bytes)
    {
        byte[] content = File.ReadAllBytes(_directory.Combine(file));
        bytes.CopyTo(content, offset);
        File.WriteAllBytes(_directory.Combine(file), content);
        return content;
    }

    private void AssertRefused<TException>(string expectedText, string file)
        where TException : EstreamException
    {
        TException writer = Assert.Throws<TException>(() => StateMap.Open<long, long>(_directory.Path));
        TException reader = Assert.Throws<TException>(() => StateMap.OpenReadOnly<long, long>(_directory.Path));
        Assert.Contains(expectedText, writer.Message, StringComparison.Ordinal);
        Assert.Contains(expectedText, reader.Message, StringComparison.Ordinal);
        Assert.Equal(_directory.Combine(file), writer.Path);

        // The lock must be free again, or the next attempt would report a writer that does not exist.
        Assert.Throws<TException>(() => StateMap.Open<long, long>(_directory.Path));
    }

    private readonly record struct DeviceNumber(long Number);

    private readonly record struct PaddedPair(byte Kind, long Number);

    [System.Runtime.CompilerServices.InlineArray(70_000)]
    private struct TooLarge
    {
        private byte _first;
    }
}
