using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;

namespace Estream.Testing;

/// <summary>A process started by a test. Every wait has a time limit, and disposing kills the process with all its children.</summary>
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

    /// <summary>The default limit of every wait: long enough for a loaded machine, short enough to end a broken test.</summary>
    public static TimeSpan DefaultLimit { get; } = TimeSpan.FromMinutes(2);

    /// <summary>The process id.</summary>
    public int Id => _process.Id;

    /// <summary>Whether the process has ended, by itself or killed.</summary>
    public bool HasExited => _process.HasExited;

    /// <summary>The standard input of the process, for writing. Not flushed automatically.</summary>
    public StreamWriter Input => _process.StandardInput;

    /// <summary>Everything on standard output so far.</summary>
    public string Output => _output.ToString();

    /// <summary>Everything on standard error so far.</summary>
    public string Error => _error.ToString();

    /// <summary>Starts a program. Arguments are passed as they are: no shell sees them.</summary>
    /// <param name="fileName">A path, or a name on PATH.</param>
    /// <param name="arguments">One string per argument.</param>
    /// <param name="workingDirectory">The working directory of the process; the test's own if null.</param>
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

    /// <summary>Starts a program, closes its input and waits until it exits.</summary>
    /// <exception cref="TimeoutException">The process did not end within the limit; it is killed.</exception>
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

    /// <summary>Waits until the process has ended and both its outputs are read to the end.</summary>
    /// <exception cref="TimeoutException">The process did not end within the limit; the message contains its output.</exception>
    public ProcessResult WaitForExit(TimeSpan? limit = null)
    {
        TimeSpan end = limit ?? DefaultLimit;
        if (!_process.WaitForExit(end) || !Task.WhenAll(_outputEnded.Task, _errorEnded.Task).Wait(end))
        {
            throw new TimeoutException(Describe($"did not end within {end.TotalSeconds:0} s"));
        }

        return new ProcessResult(_process.ExitCode, Output, Error);
    }

    /// <summary>Waits until a text appears on standard output or standard error.</summary>
    /// <exception cref="TimeoutException">The text did not appear within the limit.</exception>
    /// <exception cref="InvalidOperationException">The process ended without printing the text.</exception>
    public void WaitForText(string text, TimeSpan? limit = null) =>
        WaitFor(() => Output.Contains(text, StringComparison.Ordinal) || Error.Contains(text, StringComparison.Ordinal), text, limit);

    /// <summary>Waits until standard output matches a pattern, for example the port that a program listens on.</summary>
    /// <exception cref="TimeoutException">The output did not match within the limit.</exception>
    /// <exception cref="InvalidOperationException">The process ended without printing a match.</exception>
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
        // kill is built into every sh, so neither a package nor a native call is needed.
        Run("/bin/sh", ["-c", $"kill -{name} {Id}"]).EnsureSuccess();
    }

    /// <summary>Sends SIGKILL to this process alone, as the kernel's out-of-memory killer would; returns when the process is
    /// gone.</summary>
    public void Kill()
    {
        _process.Kill();
        if (!_process.WaitForExit(s_killLimit))
        {
            throw new TimeoutException(Describe($"did not end after SIGKILL within {s_killLimit.TotalSeconds:0} s"));
        }
    }

    /// <summary>Kills the process and everything it has started; does nothing if it has ended.</summary>
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
            // Check this before the output: once the streams have ended, the output contains the last printed text.
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
