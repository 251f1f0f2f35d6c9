using System.IO.Pipes;
using Estream.Testing;

namespace Estream.Core.Tests;

/// <summary>The kind of a file, determined without opening it.</summary>
public sealed class FileKindTests
{
    [Fact]
    public void FileKinds_reports_each_kind_and_follows_no_link()
    {
        using TempDirectory directory = new();
        string file = directory.Combine("file"), link = directory.Combine("link"), dangling = directory.Combine("dangling"),
        pipe = directory.Combine("pipe");
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

    [Theory]
    [InlineData("a region", false)]
    [InlineData("a region", true)]
    [InlineData("a secret", false)]
    [InlineData("a secret", true)]
    public async Task Opening_a_pipe_in_place_of_a_file_throws_and_does_not_block(string what, bool isLinked)
    {
        using TempDirectory directory = new();
        string pipe = directory.Combine("pipe"), path = isLinked ? directory.Combine("link") : pipe;
        ChildProcess.Run("mkfifo", ["--mode=600", pipe]).EnsureSuccess();
        if (isLinked)
        {
            File.CreateSymbolicLink(path, pipe);
        }

        Task<Exception?> read = Task.Run<Exception?>(() => Record.Exception(() =>
        {
            if (what == "a region")
            {
                FileStorage.Instance.OpenRegion(path, RegionAccess.ReadOnly).Dispose();
            }
            else
            {
                SecretFile.Read(path, what, isSecret: true, new byte[1], out _, out _);
            }
        }));
        Eventually.True(() => read.IsCompleted, "the reader comes back");
        EstreamStorageException refused = Assert.IsType<EstreamStorageException>(await read);
        Assert.Equal(path, refused.Path);
        Assert.StartsWith($"'{path}' is a pipe, a socket or a device, not a file.", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ThrowIfSpecial_accepts_files_links_missing_paths_and_open_pipes()
    {
        using TempDirectory directory = new();
        string file = directory.Combine("file"), link = directory.Combine("link"), dangling = directory.Combine("dangling"),
        round = directory.Combine("round");
        File.WriteAllText(file, "");
        File.CreateSymbolicLink(link, file);
        File.CreateSymbolicLink(dangling, directory.Combine("nothing"));
        File.CreateSymbolicLink(round, round);
        Assert.All([file, link, dangling, round, directory.Path, directory.Combine("nothing"), Path.Combine(file, "below")],
            FileKinds.ThrowIfSpecial);
        Assert.Throws<EstreamStorageException>(() => FileKinds.ThrowIfSpecial("/dev/null"));

        // Accepts a pipe such as a shell passes for the output of another program: <(...).
        using AnonymousPipeServerStream writer = new(PipeDirection.Out);
        FileKinds.ThrowIfSpecial($"/dev/fd/{writer.ClientSafePipeHandle.DangerousGetHandle()}");
    }
}
