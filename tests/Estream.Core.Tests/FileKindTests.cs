using Estream.Testing;

namespace Estream.Core.Tests;

/// <summary>What a name is, without opening it.</summary>
public sealed class FileKindTests
{
    [Fact]
    public void Each_kind_is_told_and_no_link_is_followed()
    {
        using TempDirectory directory = new();
        string file = directory.Combine("file"), link = directory.Combine("link"), dangling = directory.Combine("dangling"), pipe = directory.Combine("pipe");
        File.WriteAllText(file, "");
        File.CreateSymbolicLink(link, file);
        File.CreateSymbolicLink(dangling, directory.Combine("nothing"));
        ChildProcess.Run("mkfifo", [pipe]).EnsureSuccess();
        Assert.Equal(FileKind.Regular, FileKinds.Of(file));
        Assert.Equal(FileKind.Folder, FileKinds.Of(directory.Path));
        Assert.Equal(FileKind.Link, FileKinds.Of(link));
        Assert.Equal(FileKind.Link, FileKinds.Of(dangling));
        Assert.Equal(FileKind.Special, FileKinds.Of(pipe));
        Assert.Equal(FileKind.Special, FileKinds.Of("/dev/null"));
        Assert.Equal(FileKind.Missing, FileKinds.Of(directory.Combine("nothing")));
        Assert.Equal(FileKind.Missing, FileKinds.Of(directory.Combine("nothing", "below")));
        Assert.Throws<EstreamStorageException>(() => FileKinds.Of(Path.Combine(file, "below")));
    }
}
