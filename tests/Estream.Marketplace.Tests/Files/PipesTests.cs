using Estream.Core;
using Estream.Marketplace.Client;
using Estream.Marketplace.Files;
using Estream.Marketplace.Manifests;
using Estream.Marketplace.Publishing;
using Estream.Marketplace.Workspaces;
using Estream.Testing;

namespace Estream.Marketplace.Tests.Files;

/// <summary>A pipe in place of a file does not block readers until another process writes to it.</summary>
public sealed class PipesTests
{
    public static TheoryData<string> Readers => [.. s_readers.Keys];

    private static readonly Dictionary<string, Action<string>> s_readers = new(StringComparer.Ordinal)
    {
        [WorkspaceLock.FileName] = folder => new WorkspaceFolder(folder).ReadLock(),
        [ComponentManifest.FileName] = folder => ComponentFolder.Read(folder),
        ["1.root.json"] = folder =>
            RegistrySet.ReadRoot(Path.Combine(folder, "1.root.json"), "here", SystemClock.Instance, FileStorage.Instance),
        ["any"] = folder => BoundedContent.ReadFile(Path.Combine(folder, "any"), 1),
    };

    [Theory]
    [MemberData(nameof(Readers))]
    public async Task Reading_a_pipe_instead_of_a_file_throws_without_blocking(string file)
    {
        using TempDirectory folder = new();
        ChildProcess.Run("mkfifo", [folder.Combine(file)]).EnsureSuccess();
        Task<Exception?> read = Task.Run<Exception?>(() => Record.Exception(() => s_readers[file](folder.Path)));
        Eventually.True(() => read.IsCompleted, "the reader comes back");
        EstreamStorageException refused = Assert.IsType<EstreamStorageException>(await read);
        Assert.Equal((folder.Combine(file), true),
            (refused.Path, refused.Message.Contains("is a pipe, a socket or a device", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Cached_bundle_that_is_a_pipe_reads_as_missing_without_blocking()
    {
        using TempDirectory folder = new();
        string root = new('a', 64), bundle = folder.Combine("bundles", "aa", root + ".escb");
        Directory.CreateDirectory(Path.GetDirectoryName(bundle)!);
        ChildProcess.Run("mkfifo", [bundle]).EnsureSuccess();
        Task<byte[]?> read = Task.Run(() => new ComponentCache(folder.Path).ReadBundle(root));
        Eventually.True(() => read.IsCompleted, "the reader comes back");
        Assert.Null(await read);
    }
}
