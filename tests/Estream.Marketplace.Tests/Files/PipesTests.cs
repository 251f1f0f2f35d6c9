using Estream.Core;
using Estream.Marketplace.Client;
using Estream.Marketplace.Files;
using Estream.Marketplace.Manifests;
using Estream.Marketplace.Publishing;
using Estream.Marketplace.Workspaces;
using Estream.Testing;

namespace Estream.Marketplace.Tests.Files;

/// <summary>A pipe in the place of a file would keep whoever opens it waiting until somebody writes into it, which nobody does.</summary>
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
    public async Task A_pipe_in_the_place_of_a_file_holds_nobody_up(string file)
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
    public async Task A_pipe_in_the_place_of_a_kept_bundle_is_no_bundle()
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
