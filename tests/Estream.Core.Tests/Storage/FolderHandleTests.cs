using System.Text;
using Estream.Testing;

namespace Estream.Core.Tests;

/// <summary>An open folder: its methods follow no link and stay in the folder that was opened.</summary>
public sealed class FolderHandleTests : IDisposable
{
    private const UnixFileMode OwnersFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly TempDirectory _directory = new();
    private readonly string _target;

    public FolderHandleTests()
    {
        _target = _directory.Combine("target");
        File.WriteAllText(_target, "keep me");
        Directory.CreateDirectory(Folder);
    }

    private string Folder => _directory.Combine("folder");

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Files_are_created_read_moved_listed_and_deleted()
    {
        using FolderHandle folder = FolderHandle.Open(Folder);
        folder.CreateFolder("below", FolderHandle.OwnersFolder);
        folder.CreateFolder("below", FolderHandle.OwnersFolder);
        using FolderHandle below = folder.OpenFolder("below");
        using (FileStream file = folder.CreateNew("a", OwnersFile))
        {
            file.Write("text"u8);
        }

        Assert.Throws<EstreamStorageException>(() => folder.CreateNew("a", OwnersFile));
        Assert.True(folder.TryMove("a", below, "b"));
        folder.Sync();
        Assert.Equal(["b"], below.FileNames());
        using (FileStream file = below.OpenRead("b"))
        using (StreamReader reader = new(file, Encoding.UTF8))
        {
            Assert.Equal("text", reader.ReadToEnd());
        }

        EntryStatus status = below.StatusOf("b")!.Value;
        Assert.Equal((FileKind.Regular, OwnersFile, FolderHandle.CurrentUser, 1u), (status.Kind, status.Mode, status.Owner, status.Links));
        Assert.Equal(File.GetLastWriteTimeUtc(Path.Combine(Folder, "below", "b")), DateTime.UnixEpoch.AddTicks(status.WrittenNanos / 100));
        below.Delete("b");
        below.Delete("b");
        folder.DeleteFolder("below");
        Assert.Null(folder.StatusOf("below"));
    }

    [Fact]
    public void Links_and_files_with_a_second_name_are_not_opened()
    {
        File.CreateSymbolicLink(Path.Combine(Folder, "link"), _target);
        File.CreateSymbolicLink(Path.Combine(Folder, "folder-link"), _directory.Path);
        ChildProcess.Run("ln", [_target, Path.Combine(Folder, "hard")]).EnsureSuccess();
        ChildProcess.Run("mkfifo", [Path.Combine(Folder, "pipe")]).EnsureSuccess();
        using FolderHandle folder = FolderHandle.Open(Folder);

        (string, string)[] refused = [("link", "a symbolic link"), ("hard", "another name"), ("pipe", "not a regular file")];
        foreach ((string name, string reason) in refused)
        {
            Assert.Contains(reason, Assert.Throws<EstreamStorageException>(() => folder.OpenRead(name)).Message, StringComparison.Ordinal);
            Assert.Contains(reason, Assert.Throws<EstreamStorageException>(() => folder.OpenOrCreate(name, OwnersFile)).Message,
                StringComparison.Ordinal);
            Assert.Throws<EstreamStorageException>(() => folder.CreateNew(name, OwnersFile));
        }

        Assert.Contains("a symbolic link", Assert.Throws<EstreamStorageException>(() => folder.OpenFolder("folder-link")).Message,
            StringComparison.Ordinal);
        Assert.Equal(FileKind.Link, folder.StatusOf("link")!.Value.Kind);
        folder.Delete("link");
        Assert.Equal("keep me", File.ReadAllText(_target));
    }

    [Fact]
    public void An_open_folder_stays_the_same_when_its_path_leads_elsewhere()
    {
        using FolderHandle folder = FolderHandle.Open(Folder);
        Directory.Move(Folder, _directory.Combine("moved"));
        Directory.CreateSymbolicLink(Folder, _directory.Path);

        folder.CreateNew("a", OwnersFile).Dispose();

        Assert.True(File.Exists(_directory.Combine("moved", "a")));
        Assert.Equal(["a"], folder.FileNames());
    }

    [Theory]
    [InlineData("../target")]
    [InlineData("..")]
    [InlineData(".")]
    [InlineData("")]
    public void A_name_that_leads_out_of_the_folder_is_refused(string name)
    {
        using FolderHandle folder = FolderHandle.Open(Folder);

        Assert.Throws<ArgumentException>(() => folder.OpenRead(name));
        Assert.Throws<ArgumentException>(() => folder.Delete(name));
        Assert.Throws<ArgumentException>(() => folder.StatusOf(name));
    }

    [MountFact]
    public void TryMove_returns_false_between_file_systems()
    {
        using TmpfsMount disk = new(1 << 20);
        using FolderHandle folder = FolderHandle.Open(Folder), other = FolderHandle.Open(disk.Path);
        folder.CreateNew("a", OwnersFile).Dispose();

        Assert.False(folder.TryMove("a", other, "a"));
        Assert.Throws<EstreamStorageException>(() => folder.Move("a", other, "a"));
        Assert.Equal(["a"], folder.FileNames());
    }
}
