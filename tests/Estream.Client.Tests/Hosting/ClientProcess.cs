using System.Globalization;
using Estream.Testing;

namespace Estream.Client.Tests.Hosting;

/// <summary>A client in another process, which is killed and started again. Collects the numbers that the process has printed.</summary>
internal sealed class ClientProcess(params string[] arguments) : IDisposable
{
    private readonly Dictionary<string, long> _last = [];
    private ChildProcess _process = Start(arguments);

    /// <summary>A process that appends numbered messages with its own producer.</summary>
    public static ClientProcess Appender(ClientCase host, Guid producer, byte writer) =>
        new("append", host.Socket, ClientCase.Queue, $"{producer}", writer.ToString(CultureInfo.InvariantCulture));

    /// <summary>A process that reads by a cursor.</summary>
    public static ClientProcess Reader(ClientCase host, string cursor) => new("read", host.Socket, ClientCase.Queue, cursor);

    /// <summary>Waits until the process, since it was started last, has printed a number of a kind above the largest of earlier
    /// processes.</summary>
    public void WaitForProgress(string kind)
    {
        long before = _last.GetValueOrDefault(kind);
        Eventually.True(
            () => _process.HasExited
                ? throw new InvalidOperationException($"The client ended by itself.\n{_process.Output}\n{_process.Error}")
                : NumbersOf(kind).LastOrDefault() > before,
            $"the client prints '{kind}' above {before}", ChildProcess.DefaultLimit);
    }

    /// <summary>Kills the process with SIGKILL.</summary>
    public void Kill()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    /// <summary>Remembers what the killed process has printed, and starts the next one.</summary>
    public void Restart()
    {
        foreach (string kind in new[] { "acknowledged", "seen", "committed" })
        {
            _last[kind] = Last(kind);
        }

        _process.Dispose();
        _process = Start(arguments);
    }

    /// <summary>The first number of a kind that the running process has printed; waits for it.</summary>
    public long First(string kind) =>
        long.Parse(_process.WaitForMatch($@"^{kind} (\d+)\r?$", System.Text.RegularExpressions.RegexOptions.Multiline).Groups[1].Value,
            CultureInfo.InvariantCulture);

    /// <summary>The last number of a kind that this process or an earlier one has printed; -1 if there is none.</summary>
    public long Last(string kind) => NumbersOf(kind).Append(_last.GetValueOrDefault(kind, -1)).Max();

    public void Dispose() => _process.Dispose();

    private long[] NumbersOf(string kind) => [.. _process.Output.Split('\n')
        .Where(line => line.StartsWith($"{kind} ", StringComparison.Ordinal))
        .Select(line => long.Parse(line.AsSpan(kind.Length + 1).Trim(), CultureInfo.InvariantCulture))];

    private static ChildProcess Start(string[] arguments) => ChildProcess.StartDotnet(
        BuiltProgram.Find("tests/Estream.Client.TestProcess", "Estream.Client.TestProcess.dll"), arguments);
}
