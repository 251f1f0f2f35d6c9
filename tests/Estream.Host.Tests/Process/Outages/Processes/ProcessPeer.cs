using System.Globalization;
using Estream.Testing;

namespace Estream.Host.Tests.Process.Outages;

/// <summary>A peer of an adapter that is a process, which the test kills with SIGKILL.</summary>
internal abstract class ProcessPeer : IFieldPeer
{
    private ChildProcess? _process;

    /// <inheritdoc/>
    public abstract string Name { get; }

    /// <inheritdoc/>
    public abstract object Adapter { get; }

    /// <inheritdoc/>
    public abstract int Progress { get; }

    /// <summary>The number of times that the process was started.</summary>
    protected int Launches { get; private set; }

    /// <inheritdoc/>
    public virtual void Start() => Restart();

    /// <inheritdoc/>
    public void Kill()
    {
        Assert.False(_process!.HasExited, $"{Name} ended: {_process.Error}");
        _process.Kill();
        _process.Dispose();
        _process = null;
    }

    /// <inheritdoc/>
    public void Restart()
    {
        _process = Launch();
        Launches++;
    }

    /// <inheritdoc/>
    public Task StopAsync()
    {
        Kill();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public abstract void AssertStored();

    /// <inheritdoc/>
    public virtual ValueTask DisposeAsync()
    {
        _process?.Dispose();
        return default;
    }

    /// <summary>Starts the process.</summary>
    protected abstract ChildProcess Launch();

    /// <summary>The path of a script of this folder.</summary>
    public static string Script(string name) =>
        RepositoryRoot.Combine("tests", "Estream.Host.Tests", "Process", "Outages", "Processes", name);

    protected static ChildProcess LaunchPython(string script, params string[] arguments) =>
        ChildProcess.Start("python3", [Script(script), .. arguments]);

    protected static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
