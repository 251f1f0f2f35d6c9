using Estream.Testing;

namespace Estream.Core.Tests;

/// <summary>A file is written whole or not at all.</summary>
public sealed class StorageFilesTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void A_failed_write_leaves_the_old_contents()
    {
        var storage = new FailingFlushStorage();
        string path = _directory.Combine("file");
        storage.WriteDurably(path, 8, memory => memory.WriteInt64(0, 1));
        storage.Fails = true;

        Assert.Throws<EstreamStorageException>(() => storage.WriteDurably(path, 8, memory => memory.WriteInt64(0, 2)));

        Assert.Equal(1, BitConverter.ToInt64(File.ReadAllBytes(path)));
    }

    [Fact]
    public void A_failed_first_write_leaves_no_name()
    {
        var storage = new FailingFlushStorage { Fails = true };
        string path = _directory.Combine("file");

        Assert.Throws<EstreamStorageException>(() => storage.WriteDurably(path, 8, memory => memory.WriteInt64(0, 1)));

        Assert.False(File.Exists(path));
    }

    [Fact]
    public void A_file_that_a_crash_left_beside_it_is_replaced()
    {
        string path = _directory.Combine("file");
        File.WriteAllText(path + ".new", "a part of the contents");

        FileStorage.Instance.WriteDurably(path, 8, memory => memory.WriteInt64(0, 3));

        Assert.Equal(3, BitConverter.ToInt64(File.ReadAllBytes(path)));
        Assert.False(File.Exists(path + ".new"));
    }
}
