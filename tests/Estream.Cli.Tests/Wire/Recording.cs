using System.Globalization;
using System.Text.RegularExpressions;
using Estream.Queue;
using Estream.Testing;

namespace Estream.Cli.Tests.Wire;

/// <summary>A process of `estream wire record` on a free port.</summary>
internal sealed class Recording : IDisposable
{
    private readonly TempDirectory _folder = new();
    private readonly ChildProcess _process;

    public Recording(int server, params string[] arguments)
    {
        _process = ChildProcess.StartDotnet(BuiltProgram.Cli,
            ["wire", "record", "--to", $"127.0.0.1:{server}", "--queue", Directory, .. arguments]);
        _process.WaitForText("forwarding to ");
        Port = int.Parse(Regex.Match(_process.Output, "listening on 127.0.0.1:([0-9]+),").Groups[1].Value, CultureInfo.InvariantCulture);
    }

    public string Directory => _folder.Combine("recording");

    public int Port { get; }

    /// <summary>Waits until the given number of chunks is recorded.</summary>
    public void WaitForChunks(int count)
    {
        using EstreamQueue queue = EstreamQueue.OpenReadOnly(Directory);
        Eventually.True(() => queue.GetInfo().MessageCount == count, $"{count} chunks are recorded");
    }

    /// <summary>Ends the recording with SIGTERM and returns the result of the process.</summary>
    public ProcessResult Stop()
    {
        if (!_process.HasExited)
        {
            _process.Signal("TERM");
        }

        return _process.WaitForExit();
    }

    /// <summary>Waits until the process ends without a signal.</summary>
    public ProcessResult WaitForEnd()
    {
        return _process.WaitForExit();
    }

    /// <summary>All bytes in all files of the recorded queue.</summary>
    public byte[] Content()
    {
        return [.. System.IO.Directory.GetFiles(Directory).SelectMany(File.ReadAllBytes)];
    }

    public void Dispose()
    {
        _process.Dispose();
        _folder.Dispose();
    }
}
