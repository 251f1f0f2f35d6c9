using Estream.Testing;

namespace Estream.Core.Tests;

/// <summary>Every refusal of the file system is one clear error and leaves no partial file.</summary>
public sealed class FileStorageTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    private static FileStorage Storage => FileStorage.Instance;

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Files_are_private_unless_readers_are_allowed_and_lock_files_are_always_private()
    {
        using TempDirectory folder = new();
        string own = folder.Combine("own"), group = folder.Combine("group"), all = folder.Combine("all"), held = folder.Combine("lock");
        FileStorage.Instance.CreateRegion(own, 4_096).Dispose();
        FileStorage.GroupReadable.CreateRegion(group, 4_096).Dispose();
        FileStorage.Public.CreateRegion(all, 4_096).Dispose();
        FileStorage.Public.TryLock(held, LockMode.Exclusive)!.Dispose();

        const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        Assert.Equal((Owner, Owner | UnixFileMode.GroupRead, Owner), (Mode(own), Mode(group), Mode(held)));
        Assert.Equal(Owner | UnixFileMode.GroupRead | UnixFileMode.OtherRead, Mode(all));

        static UnixFileMode Mode(string path) => SecretFiles.ModeOf(path);
    }

    [Theory]
    [InlineData("700")]
    [InlineData("750")]
    [InlineData("755")]
    public void Created_folders_admit_those_who_may_read_the_files(string mode)
    {
        FileStorage storage = mode == "700" ? FileStorage.Instance : mode == "750" ? FileStorage.GroupReadable : FileStorage.Public;
        string above = _directory.Combine("above"), folder = _directory.Combine("above", "folder");
        storage.CreateDirectory(folder);

        Assert.Equal((mode, mode), (ModeOf(above), ModeOf(folder)));
        SecretFiles.SetMode(above, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.OtherRead);
        storage.CreateDirectory(folder);
        Assert.Equal("704", ModeOf(above));

        static string ModeOf(string path) => Convert.ToString((int)SecretFiles.ModeOf(path), 8);
    }

    [Fact]
    public void A_link_is_not_opened_in_place_of_a_file()
    {
        string target = _directory.Combine("target"), link = _directory.Combine("link"), dangling = _directory.Combine("dangling");
        File.WriteAllText(target, "precious");
        File.CreateSymbolicLink(link, target);
        File.CreateSymbolicLink(dangling, _directory.Combine("new"));

        foreach (string path in (string[])[link, dangling])
        {
            AssertFailure(StorageFailure.Other, path, () => Storage.OpenRegion(path, RegionAccess.ReadOnly));
            AssertFailure(StorageFailure.Other, path, () => Storage.OpenRegion(path, RegionAccess.ReadWrite));
            AssertFailure(StorageFailure.Other, path, () => Storage.TryLock(path, LockMode.Shared));
            AssertFailure(StorageFailure.Other, path, () => Storage.TryLock(path, LockMode.Exclusive));
        }

        Assert.Equal("precious", File.ReadAllText(target));
        Assert.False(File.Exists(_directory.Combine("new")));
    }

    [Fact]
    public void A_link_to_a_folder_is_followed()
    {
        Directory.CreateDirectory(_directory.Combine("folder"));
        Directory.CreateSymbolicLink(_directory.Combine("link"), _directory.Combine("folder"));

        Storage.CreateRegion(_directory.Combine("link", "file"), 4_096).Dispose();
        Storage.OpenRegion(_directory.Combine("link", "file"), RegionAccess.ReadWrite).Dispose();
    }

    [Fact]
    public void A_missing_file_is_not_found()
    {
        string path = _directory.Combine("missing", "file");
        AssertFailure(StorageFailure.NotFound, path, () => Storage.OpenRegion(path, RegionAccess.ReadOnly));
        AssertFailure(StorageFailure.NotFound, path, () => Storage.OpenRegion(path, RegionAccess.ReadWrite));
        AssertFailure(StorageFailure.NotFound, path, () => Storage.CreateRegion(path, 10));
        AssertFailure(StorageFailure.NotFound, path, () => Storage.TryLock(path, LockMode.Shared));
        AssertFailure(StorageFailure.NotFound, path, () => Storage.TryLock(path, LockMode.Exclusive));
        AssertFailure(StorageFailure.NotFound, path, () => Storage.Rename(path, path + "2"));
        Assert.False(Storage.FileExists(path));
        Assert.Empty(Storage.ListFiles(_directory.Combine("missing"), ""));
    }

    [Fact]
    public void Creating_a_file_that_exists_throws_and_keeps_its_content()
    {
        string path = _directory.Combine("file");
        File.WriteAllText(path, "precious");
        AssertFailure(StorageFailure.Other, path, () => Storage.CreateRegion(path, 10));
        Assert.Equal("precious", File.ReadAllText(path));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public void Creating_a_region_of_less_than_one_byte_throws(long length)
    {
        Assert.Throws<ArgumentOutOfRangeException>(nameof(length), () => Storage.CreateRegion(_directory.Combine("file"), length));
        Assert.False(Storage.FileExists(_directory.Combine("file")));
    }

    [Theory]
    [InlineData(long.MaxValue)]
    [InlineData(1L << 55)]
    public void Creating_a_file_of_an_absurd_length_throws_and_leaves_no_file(long length)
    {
        string path = _directory.Combine("file");
        Assert.Throws<EstreamStorageException>(() => Storage.CreateRegion(path, length));
        Assert.False(File.Exists(path));
    }

    [Fact]
    public void A_directory_is_not_a_file_and_a_file_is_not_a_directory()
    {
        Storage.CreateDirectory(_directory.Combine("a", "b"));
        Storage.CreateDirectory(_directory.Combine("a", "b"));
        Assert.True(Storage.DirectoryExists(_directory.Combine("a", "b")));
        Assert.False(Storage.FileExists(_directory.Combine("a")));
        Assert.Throws<EstreamStorageException>(() => Storage.OpenRegion(_directory.Combine("a"), RegionAccess.ReadWrite));
        Assert.Throws<EstreamStorageException>(() => Storage.OpenRegion(_directory.Combine("a"), RegionAccess.ReadOnly));
        File.WriteAllText(_directory.Combine("file"), "");
        Assert.Throws<EstreamStorageException>(() => Storage.CreateDirectory(_directory.Combine("file")));
        Assert.Throws<EstreamStorageException>(() => Storage.CreateDirectory(_directory.Combine("file", "below")));
    }

    [Fact]
    public void Files_are_listed_by_suffix_in_ordinal_order_without_directories()
    {
        foreach (string name in (string[])["b.seg", "a.seg", "B.seg", "a.segment", "seg"])
        {
            File.WriteAllText(_directory.Combine(name), "");
        }

        Storage.CreateDirectory(_directory.Combine("c.seg"));
        Assert.Equal(["B.seg", "a.seg", "b.seg"], Storage.ListFiles(_directory.Path, ".seg"));
    }

    [Fact]
    public void Rename_replaces_the_target_and_deleting_twice_does_nothing()
    {
        File.WriteAllText(_directory.Combine("old"), "1");
        File.WriteAllText(_directory.Combine("new"), "2");
        Storage.Rename(_directory.Combine("old"), _directory.Combine("new"));
        Assert.False(Storage.FileExists(_directory.Combine("old")));
        Assert.Equal("1", File.ReadAllText(_directory.Combine("new")));
        Storage.Delete(_directory.Combine("new"));
        Storage.Delete(_directory.Combine("new"));
        Assert.False(Storage.FileExists(_directory.Combine("new")));
    }

    [MountFact]
    public void A_full_disk_is_a_transient_error_and_leaves_no_file()
    {
        using var disk = new TmpfsMount(1 << 20);
        using MemoryRegion fits = Storage.CreateRegion(disk.Combine("first"), 512 << 10);
        string path = disk.Combine("second");
        EstreamStorageException error = AssertFailure(StorageFailure.DiskFull, path, () => Storage.CreateRegion(path, 1 << 20));
        Assert.True(error.IsTransient);
        Assert.Contains("disk is full", error.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(path));

        // Files created before are fully reserved: writing to all of their bytes does not fault.
        fits.All.Span(0, 512 << 10).Fill(1);
        using MemoryRegion smaller = Storage.CreateRegion(path, 128 << 10);
        Assert.Equal(128 << 10, smaller.Length);
    }

    [MountFact]
    public void A_sparse_file_on_a_full_disk_is_refused_for_writing_until_there_is_space()
    {
        using var disk = new TmpfsMount(1 << 20);
        string path = disk.Combine("sparse");
        using (FileStream file = File.Create(path))
        {
            file.SetLength(512 << 10);
            file.Position = 100_000;
            file.WriteByte(7);
        }

        using (disk.Fill())
        {
            AssertFailure(StorageFailure.DiskFull, path, () => Storage.OpenRegion(path, RegionAccess.ReadWrite));
            using MemoryRegion reader = Storage.OpenRegion(path, RegionAccess.ReadOnly);
            Assert.Equal(7, reader.All.ReadOnlySpan(100_000, 1)[0]);
        }

        using MemoryRegion whole = Storage.OpenRegion(path, RegionAccess.ReadWrite);
        Assert.Equal(7, whole.All.ReadOnlySpan(100_000, 1)[0]);
        using (disk.Fill())
        {
            whole.All.Span(0, 512 << 10).Fill(1);
        }
    }

    [MountFact]
    public void A_read_only_file_system_denies_writing_and_allows_reading_and_shared_locks()
    {
        using var disk = new TmpfsMount(1 << 20);
        string path = disk.Combine("file");
        Storage.CreateRegion(path, 4096).Dispose();
        disk.MakeReadOnly();
        string other = disk.Combine("other");
        AssertFailure(StorageFailure.AccessDenied, path, () => Storage.OpenRegion(path, RegionAccess.ReadWrite));
        AssertFailure(StorageFailure.AccessDenied, other, () => Storage.CreateRegion(other, 10));
        AssertFailure(StorageFailure.AccessDenied, other, () => Storage.CreateDirectory(other));
        AssertFailure(StorageFailure.AccessDenied, other, () => Storage.TryLock(other, LockMode.Exclusive));
        AssertFailure(StorageFailure.AccessDenied, path, () => Storage.Rename(path, other));
        EstreamStorageException error = AssertFailure(StorageFailure.AccessDenied, path, () => Storage.Delete(path));
        Assert.False(error.IsTransient);
        Assert.Contains("read-only", error.Message, StringComparison.Ordinal);
        Storage.Delete(other);

        using MemoryRegion region = Storage.OpenRegion(path, RegionAccess.ReadOnly);
        Assert.Equal(0, region.All.ReadInt64(0));
        Assert.True(region.TryLock(LockMode.Shared));
        using IDisposable? held = Storage.TryLock(path, LockMode.Shared);
        Assert.NotNull(held);
    }

    private static EstreamStorageException AssertFailure(StorageFailure reason, string path, Action action)
    {
        EstreamStorageException error = Assert.Throws<EstreamStorageException>(action);
        Assert.Equal(reason, error.Reason);
        Assert.Equal(path, error.Path);
        Assert.Contains(path, error.Message, StringComparison.Ordinal);
        Assert.NotNull(error.InnerException);
        return error;
    }
}
