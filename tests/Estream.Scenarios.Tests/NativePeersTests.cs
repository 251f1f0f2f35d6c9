using Estream.Scenarios.Harness;
using Estream.Testing;

namespace Estream.Scenarios.Tests;

/// <summary>Tests the C++ program: it contains every peer, and it answers a usage error with a message.</summary>
public sealed class NativePeersTests
{
    [NativePeersFact]
    public void Every_command_that_a_row_needs_is_built()
    {
        NativePeers peers = NativePeers.Build(TextWriter.Null)!;

        Assert.All(
            Catalog.All.SelectMany(s => s.Cases).SelectMany(c => c.Contenders).Select(CommandOf).OfType<string>(),
            command => Assert.True(peers.Has(command), command));
    }

    private static string? CommandOf(Contender contender) => contender is NativeContender native ? native.Command : contender.NativeCommand;

    [NativePeersTheory]
    [InlineData("", "usage: estream-peers")]
    [InlineData("append-sharde", "usage: estream-peers")]
    [InlineData("absl-get --entries", "expected --name value, found '--entries'")]
    [InlineData("absl-get --entries ten --operations 5", "--entries must be a positive number, found 'ten'")]
    [InlineData("absl-get --entries 10", "--operations is missing")]
    [InlineData("append --data /nonexistent --segment-bytes 4096 --segments 1 --messages 1",
        "cannot create /nonexistent/segment-0: No such file or directory")]
    public void A_usage_error_is_reported(string arguments, string message)
    {
        NativePeers peers = NativePeers.Build(TextWriter.Null)!;

        ProcessResult result = Testing.ChildProcess.Run(peers.Program, arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries));

        Assert.Equal((1, ""), (result.ExitCode, result.Output));
        Assert.Contains(message, result.Error, StringComparison.Ordinal);
    }

    [NativePeersFact]
    public void A_run_deletes_its_files()
    {
        using var directory = new TempDirectory();

        Harness.Run("map-get-dependent", "--quick", "--tiny", "--data", directory.Path, "--disk", directory.Path).EnsureSuccess();

        Assert.Empty(Directory.EnumerateFileSystemEntries(directory.Path));
        Assert.DoesNotContain(File.ReadLines("/proc/self/mounts"), line => line.Contains(directory.Path, StringComparison.Ordinal));
    }
}
