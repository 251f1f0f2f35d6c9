using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;

namespace Estream.Testing;

/// <summary>A process a test has started: every wait has an end, and disposing kills it with all its children.</summary>
public sealed class ChildProcess : IDisposable
{
    private static readonly TimeSpan s_killLimit = TimeSpan.FromSeconds(30);

    private readonly Process _process;
    private readonly OutputLog _output = new();
    private readonly OutputLog _error = new();
    private readonly TaskCompletionSource _outputEnded = new();
    private readonly TaskCompletionSource _errorEnded = new();
    private readonly string _commandLine;

    private ChildProcess(ProcessStartInfo start)
    {
        _commandLine = $"{start.FileName} {string.Join(' ', start.ArgumentList)}";
        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, e) => Collect(e.Data, _output, _outputEnded);
        _process.ErrorDataReceived += (_, e) => Collect(e.Data, _error, _errorEnded);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>The limit of every wait where none is given: long enough for a loaded machine, short enough to end.</summary>
    public static TimeSpan DefaultLimit { get; } = TimeSpan.FromMinutes(2);

    /// <summary>The process id.</summary>
    public int Id => _process.Id;

    /// <summary>True once it has ended, by itself or killed.</summary>
    public bool HasExited => _process.HasExited;

    /// <summary>Its standard input, for writing; not flushed by itself.</summary>
    public StreamWriter Input => _process.StandardInput;

    /// <summary>Everything on standard output so far.</summary>
    public string Output => _output.ToString();

    /// <summary>Everything on standard error so far.</summary>
    public string Error => _error.ToString();

    /// <summary>Starts a program. Arguments are passed as they are: no shell sees them.</summary>
    /// <param name="fileName">A path, or a name on PATH.</param>
    /// <param name="arguments">One string per argument.</param>
    /// <param name="workingDirectory">The test's own where null.</param>
    /// <param name="environment">Variables to set; a null value removes one.</param>
    public static ChildProcess Start(
        string fileName,
        IEnumerable<string> arguments,
        string? workingDirectory = null,
        IReadOnlyDictionary<string, string?>? environment = null)
    {
        ProcessStartInfo start = new(fileName, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            WorkingDirectory = workingDirectory ?? "",
        };
        foreach ((string name, string? value) in environment ?? new Dictionary<string, string?>())
        {
            start.Environment[name] = value;
        }

        return new ChildProcess(start);
    }

    /// <summary>Starts an assembly of this repository with `dotnet`; see <see cref="BuiltProgram"/>.</summary>
    public static ChildProcess StartDotnet(
        string assembly,
        IEnumerable<string> arguments,
        string? workingDirectory = null,
        IReadOnlyDictionary<string, string?>? environment = null)
    {
        return Start("dotnet", [assembly, .. arguments], workingDirectory, environment);
    }

    /// <summary>Starts a program, closes its input and waits for its end.</summary>
    /// <exception cref="TimeoutException">It did not end within the limit; it is killed.</exception>
    public static ProcessResult Run(
        string fileName,
        IEnumerable<string> arguments,
        string? workingDirectory = null,
        IReadOnlyDictionary<string, string?>? environment = null,
        TimeSpan? limit = null)
    {
        using ChildProcess child = Start(fileName, arguments, workingDirectory, environment);
        child.Input.Close();
        return child.WaitForExit(limit);
    }

    /// <summary>Waits until it has ended and both its outputs are read to the end.</summary>
    /// <exception cref="TimeoutException">It did not end within the limit; the message carries what it printed.</exception>
    public ProcessResult WaitForExit(TimeSpan? limit = null)
    {
        TimeSpan end = limit ?? DefaultLimit;
        if (!_process.WaitForExit(end) || !Task.WhenAll(_outputEnded.Task, _errorEnded.Task).Wait(end))
        {
            throw new TimeoutException(Describe($"did not end within {end.TotalSeconds:0} s"));
        }

        return new ProcessResult(_process.ExitCode, Output, Error);
    }

    /// <summary>Waits until a text stands on standard output or standard error.</summary>
    /// <exception cref="TimeoutException">It did not appear within the limit.</exception>
    /// <exception cref="InvalidOperationException">The process ended without printing it.</exception>
    public void WaitForText(string text, TimeSpan? limit = null) =>
        WaitFor(() => Output.Contains(text, StringComparison.Ordinal) || Error.Contains(text, StringComparison.Ordinal), text, limit);

    /// <summary>Waits until standard output matches a pattern, as where a program names the port that it listens on.</summary>
    /// <exception cref="TimeoutException">It did not within the limit.</exception>
    /// <exception cref="InvalidOperationException">The process ended without printing it.</exception>
    public Match WaitForMatch([StringSyntax(StringSyntaxAttribute.Regex)] string pattern, RegexOptions options = RegexOptions.None,
        TimeSpan? limit = null)
    {
        Match match = Match.Empty;
        WaitFor(() => (match = Regex.Match(Output, pattern, options)).Success, pattern, limit);
        return match;
    }

    /// <summary>Sends a signal to this process alone: "TERM", "INT", "STOP", "CONT".</summary>
    public void Signal(string name)
    {
        // kill is built into every sh, so no package is needed and no native call either.
        Run("/bin/sh", ["-c", $"kill -{name} {Id}"]).EnsureSuccess();
    }

    /// <summary>SIGKILL to this process alone, as the kernel's out-of-memory killer would; returns when it is gone.</summary>
    public void Kill()
    {
        _process.Kill();
        if (!_process.WaitForExit(s_killLimit))
        {
            throw new TimeoutException(Describe($"outlived SIGKILL for {s_killLimit.TotalSeconds:0} s"));
        }
    }

    /// <summary>Kills the process and everything it has started; does nothing where it has ended.</summary>
    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            _process.WaitForExit(s_killLimit);
        }

        _process.Dispose();
    }

    private void WaitFor(Func<bool> isThere, string what, TimeSpan? limit)
    {
        TimeSpan end = limit ?? DefaultLimit;
        long start = Stopwatch.GetTimestamp();
        while (true)
        {
            // Asked first: what was printed last is there when the streams have ended.
            bool hasEnded = _outputEnded.Task.IsCompleted && _errorEnded.Task.IsCompleted;
            if (isThere())
            {
                return;
            }

            if (hasEnded)
            {
                throw new InvalidOperationException(Describe($"ended without printing \"{what}\""));
            }

            if (Stopwatch.GetElapsedTime(start) > end)
            {
                throw new TimeoutException(Describe($"did not print \"{what}\" within {end.TotalSeconds:0} s"));
            }

            Thread.Sleep(20);
        }
    }

    private static void Collect(string? line, OutputLog log, TaskCompletionSource ended)
    {
        if (line is null)
        {
            ended.TrySetResult();
            return;
        }

        log.Add(line);
    }

    private string Describe(string what)
    {
        return $"{_commandLine} {what}.\n--- output\n{Output}\n--- error\n{Error}";
    }
}
