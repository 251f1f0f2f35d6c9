using System.Globalization;
using Estream.Testing;

namespace Estream.Wire.Fix.Tests.Acceptance;

/// <summary>Plays the scripts against the process of samples/FixEcho, over sockets and in real time.</summary>
public sealed class FixEchoScriptTests
{
    private static readonly string s_scripts = RepositoryRoot.Combine("tests", "Estream.Wire.Fix.Tests", "Acceptance", "scripts");

    [Fact]
    public async Task FixEcho_passes_the_scripts_that_need_no_special_settings()
    {
        string dictionary = Path.Combine(s_scripts, "quickfixn", "FIX44.xml");

        int[][] played = await Task.WhenAll(
            PlayAsync("quickfix-cpp", ["fix42", "fix44", "fix50sp2", "validate"], isLoose: false),
            PlayAsync("quickfixn", ["fix42", "fix44", "fix50sp2"], isLoose: true, "--fix44", dictionary));

        Assert.Equal([37, 38, 39, 1], played[0]);
        Assert.Equal([37, 43, 39], played[1]);
    }

    // Scripts of one folder share a session and are played in sequence. Folders are played in parallel, so that the waits for heartbeats do
    // not add up.
    private static async Task<int[]> PlayAsync(string set, string[] folders, bool isLoose, params string[] options)
    {
        using TempDirectory place = new();
        using ChildProcess echo =
            ChildProcess.Start("dotnet", [BuiltProgram.Find("samples/FixEcho", "FixEcho.dll"), "--port", "0", .. options], place.Path);
        SocketAcceptor acceptor = new(int.Parse(echo.WaitForMatch("^port ([0-9]+)\n").Groups[1].Value, CultureInfo.InvariantCulture));
        return await Task.WhenAll(folders.Select(folder => Task.Factory.StartNew(
            () => PlayAll(Path.Combine(s_scripts, set, folder), acceptor, isLoose), CancellationToken.None, TaskCreationOptions.LongRunning,
            TaskScheduler.Default)));
    }

    private static int PlayAll(string folder, SocketAcceptor acceptor, bool isLoose)
    {
        string[] files = [.. Directory.GetFiles(folder, "*.def").Order(StringComparer.Ordinal)];
        foreach (string file in files)
        {
            Script.Play(file, acceptor, isLoose);
        }

        return files.Length;
    }
}
