using System.Diagnostics;

namespace Estream.Scenarios.Harness;

/// <summary>
/// A child process that answers lines. Closing its input asks it to end (so it also ends when this process dies);
/// a child that does not answer in time is killed and named in the error.
/// </summary>
internal sealed class ChildProcess : IDisposable
{
    private static readonly TimeSpan s_exitLimit = TimeSpan.FromSeconds(20);

    private readonly Process _process;
    private readonly string _name;

    public ChildProcess(Process process, string name)
    {
        _process = process;
        _name = name;
    }

    public int Id => _process.Id;

    public void Send(string line)
    {
        _process.StandardInput.WriteLine(line);
        _process.StandardInput.Flush();
    }

    /// <summary>Returns the next line of the child's output.</summary>
    public string Receive(TimeSpan limit)
    {
        Task<string?> reading = _process.StandardOutput.ReadLineAsync();
        if (!reading.Wait(limit))
        {
            _process.Kill(entireProcessTree: true);
            throw new ScenarioException($"{_name} did not answer within {limit.TotalSeconds:0} s and was killed");
        }

        return reading.Result
            ?? throw new ScenarioException($"{_name} ended before it answered; see its message above");
    }

    public void Expect(string line, TimeSpan limit)
    {
        string answer = Receive(limit);
        if (answer != line)
        {
            throw new ScenarioException($"{_name} answered '{answer}' where '{line}' was expected");
        }
    }

    /// <summary>Kills the process by a signal that it cannot handle, and does not wait for the end.</summary>
    public void Kill() => _process.Kill();

    public void Dispose()
    {
        try
        {
            _process.StandardInput.Close();
        }
        catch (IOException)
        {
            // The child has already ended, so its input cannot be closed.
        }

        if (!_process.WaitForExit(s_exitLimit))
        {
            _process.Kill(entireProcessTree: true);
        }

        _process.Dispose();
    }
}
