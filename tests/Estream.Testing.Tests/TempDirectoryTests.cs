namespace Estream.Testing.Tests;

public sealed class TempDirectoryTests
{
    [Fact]
    public void Disposing_removes_files_that_the_test_made_read_only()
    {
        TempDirectory folder = new();
        string locked = folder.Combine("locked");
        Directory.CreateDirectory(locked);
        File.WriteAllText(folder.Combine("locked", "file"), "x");
        ChildProcess.Run("chmod", ["-R", "a-w", folder.Path]).EnsureSuccess();

        folder.Dispose();

        Assert.False(Directory.Exists(folder.Path));
    }

    [Fact]
    public void Disposing_does_not_follow_links_out_of_the_folder()
    {
        using TempDirectory outside = new();
        string kept = outside.Combine("kept");
        File.WriteAllText(kept, "x");
        TempDirectory folder = new();
        Directory.CreateSymbolicLink(folder.Combine("link"), outside.Path);

        folder.Dispose();

        Assert.True(File.Exists(kept));
    }

    [Fact]
    public void Every_temporary_directory_is_different()
    {
        using TempDirectory one = new();
        using TempDirectory other = new();
        Assert.NotEqual(one.Path, other.Path);
    }
}
