using System.Diagnostics;

namespace Estream.Scenarios.Harness;

/// <summary>
/// A contender seen from the harness. Each has a process to itself, so that no one's heap, JIT profile or page
/// tables weigh on another, and a figure does not depend on which scenarios ran before.
/// </summary>
internal sealed class ContenderProcess : IDisposable
{
    private static readonly TimeSpan s_setupLimit = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan s_runLimit = TimeSpan.FromMinutes(2);

    private readonly ChildProcess _child;
    private readonly string _directory;

    private ContenderProcess(string implementation, Process process, string directory)
    {
        Implementation = implementation;
        _child = new ChildProcess(process, implementation);
        _directory = directory;
    }

    public string Implementation { get; }

    public List<RunResult> Rounds { get; } = [];

    public static ContenderProcess Start(
        IScenario scenario, ScenarioCase scenarioCase, Contender contender, RunPlan plan)
    {
        string directory = Path.Combine(plan.DataDirectory, $"{scenario.Name}-{scenarioCase.Name}-{contender.Implementation}");
        Directory.CreateDirectory(directory);
        Process process = contender switch
        {
            ManagedContender => SelfProcess.Start(
                ContenderHost.Role, scenario.Name, scenarioCase.Name, contender.Implementation, directory, plan.Size.ToString()),
            NativeContender native => StartNative(native, directory, plan),
            _ => throw new UnreachableException(),
        };

        var started = new ContenderProcess(contender.Implementation, process, directory);
        try
        {
            started._child.Expect("ready", s_setupLimit);
            if (contender.Implementation.StartsWith("estream", StringComparison.Ordinal))
            {
                SharedStorage.Require($"{scenario.Name} {scenarioCase.Name} {contender.Implementation}", directory, started._child.Id);
            }

            return started;
        }
        catch
        {
            started.Dispose();
            throw;
        }
    }

    public RunResult Run()
    {
        _child.Send("run");
        return RunResult.Parse(_child.Receive(s_runLimit));
    }

    public void Dispose()
    {
        _child.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    private static Process StartNative(NativeContender native, string directory, RunPlan plan)
    {
        var start = new ProcessStartInfo(plan.Peers!.Program);
        start.ArgumentList.Add(native.Command);
        start.ArgumentList.Add("--data");
        start.ArgumentList.Add(directory);
        foreach (string argument in native.Arguments(plan.Size).Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            start.ArgumentList.Add(argument);
        }

        return SelfProcess.Start(start);
    }
}
