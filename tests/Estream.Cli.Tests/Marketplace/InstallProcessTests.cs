using System.Diagnostics;
using Estream.Core;
using Estream.Marketplace.Packages;
using Estream.Marketplace.Tests.Client;
using Estream.Marketplace.Workspaces;
using Estream.Testing;
using static Estream.Cli.Tests.Marketplace.MarketplaceData;

namespace Estream.Cli.Tests.Marketplace;

/// <summary>Real install processes, killed at any time or running concurrently: lock, cache and registry state stay intact.</summary>
public sealed class InstallProcessTests : IDisposable
{
    private const int Components = 12;

    private readonly MarketplaceData _data = new(SystemClock.Instance);

    public void Dispose() => _data.Dispose();

    [Fact]
    public async Task A_workspace_is_intact_after_a_crash_at_any_time_and_the_next_install_succeeds()
    {
        await PublishAsync();
        Stopwatch whole = Stopwatch.StartNew();
        Run("rehearsal", "rehearsal-cache").EnsureSuccess();
        int durationMs = (int)whole.ElapsedMilliseconds;
        Random random = new(17);
        int kills = LongRun.Count(6, 200);
        for (int round = 0; round < kills; round++)
        {
            string workspace = Workspace($"killed{round}"), cache = _data.Combine($"cache{round}");
            using (ChildProcess child = Start(workspace, cache))
            {
                // In most rounds, the delay ends after the program has started, while it installs.
                Thread.Sleep(random.Next(durationMs / 3, durationMs));
                child.Kill();
            }

            RequireWhole(workspace, cache);
            Run($"killed{round}", $"cache{round}").EnsureSuccess();
            RequireWhole(workspace, cache);
            Assert.Equal(Components, new WorkspaceFolder(workspace).ReadLock()!.Components.Count);
        }
    }

    [Fact]
    public async Task Several_processes_share_one_cache_and_every_workspace_is_complete()
    {
        await PublishAsync();
        string cache = _data.Combine("cache"), shared = Workspace("shared");
        ChildProcess[] running = [.. Enumerable.Range(0, 2).Select(number => Start(Workspace($"own{number}"), cache)), Start(shared, cache),
            Start(shared, cache)];
        try
        {
            int[] codes = [.. running.Select(child => child.WaitForExit().ExitCode)];
            Assert.All(running.Zip(codes).Take(2), one => Assert.True(one.Second == ExitCode.Ok, one.First.Error));
            Assert.Contains(ExitCode.Ok, codes[2..]);

            // Two processes share one workspace. If the first has locked it, the second reports this and fails.
            Assert.All(running.Zip(codes).Skip(2),
                one => Assert.True(one.Second == ExitCode.Ok
                    || one.First.Error.Contains("Another process is changing the workspace", StringComparison.Ordinal), one.First.Error));
        }
        finally
        {
            Array.ForEach(running, child => child.Dispose());
        }

        RequireWhole(shared, cache);
        byte[] first = await File.ReadAllBytesAsync(Path.Combine(shared, "estream-workspace.lock"));
        Assert.All(Enumerable.Range(0, 2),
            number => Assert.Equal(first, File.ReadAllBytes(_data.Combine($"own{number}", "estream-workspace.lock"))));
    }

    private Task PublishAsync() =>
        _data.PublishAsync([.. Enumerable.Range(0, Components).Select(number => new PublishedRelease($"@acme/part-{number} 1.0.0"))]);

    private string Workspace(string name)
    {
        string folder = _data.Combine(name);
        if (!Directory.Exists(folder))
        {
            Directory.CreateDirectory(folder);
            File.Copy(_data.Combine("workspace", "root.json"), Path.Combine(folder, "root.json"));
            string wanted = string.Join('\n', Enumerable.Range(0, Components).Select(number => $"\"@acme/part-{number}\" = \"^1\""));
            File.WriteAllText(Path.Combine(folder, "estream-workspace.toml"),
                $"[components]\n{wanted}\n[registries]\n\"@acme\" = \"directory:../registry\"\n[trust]\n\"@acme\" = \"root.json\"\n");
        }

        return folder;
    }

    private static ChildProcess Start(string workspace, string cache) =>
        ChildProcess.Start("dotnet", [BuiltProgram.Cli, "marketplace", "install", "--yes", "--workspace", workspace, "--cache", cache]);

    private ProcessResult Run(string workspace, string cache) =>
        ChildProcess.Run("dotnet",
            [BuiltProgram.Cli, "marketplace", "install", "--yes", "--workspace", Workspace(workspace), "--cache", _data.Combine(cache)]);

    // Every folder of the cache matches its name, and the lock (if any) and the registry state are readable.
    private static void RequireWhole(string workspace, string cache)
    {
        WorkspaceFolder folder = new(workspace);
        WorkspaceLock? locked = folder.ReadLock();
        Assert.True(locked is null || locked.Components.Count == Components);
        string components = Path.Combine(cache, "components");
        foreach (string one in Directory.Exists(components) ? Directory.GetDirectories(components).SelectMany(Directory.GetDirectories)
            .Where(one => Path.GetFileName(one).Length == 64) : [])
        {
            Assert.Equal(Path.GetFileName(one), PackageFolder.Identify(one).Identity?.Root256);
        }

        Assert.All(locked?.Components ?? [], component => Assert.True(new ComponentCache(cache).Has(component.Root256)));
    }
}
