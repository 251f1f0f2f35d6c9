using System.Diagnostics;

namespace Estream.Scenarios.Harness;

/// <summary>
/// A contender from the harness's side. Each has its own process, so that its heap, JIT profile and page
/// tables do not affect another, and a figure does not depend on which scenarios ran before.
/// </summary>
internal sealed class ContenderProcess : IDisposable
{
    private static readonly TimeSpan s_setupLimit = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan s_runLimit = TimeSpan.FromMinutes(2);

    private readonly ChildProcess _child;
    private readonly string _directory;

    private ContenderProcess(Contender contender, Process process, string directory)
    {
        Contender = contender;
        _child = new ChildProcess(process, contender.Implementation);
        _directory = directory;
    }

    public Contender Contender { get; }

    public List<RunResult> Rounds { get; } = [];

    /// <summary>Starts the process, which sets up while others do.</summary>
    public static ContenderProcess Start(
        IScenario scenario, ScenarioCase scenarioCase, Contender contender, RunPlan plan)
    {
        string directory =
            Path.Combine(plan.DirectoryFor(contender.Storage), $"{scenario.Name}-{scenarioCase.Name}-{contender.Implementation}");
        Directory.CreateDirectory(directory);
        Process process = contender switch
        {
            ManagedContender => SelfProcess.Start(
                [ContenderHost.Role, scenario.Name, scenarioCase.Name, contender.Implementation, directory, plan.Size.ToString()],
                contender.WithoutAvx512),
            NodeContender node => plan.Node!.Start(node, plan.Size),
            NativeContender native => StartNative(native, directory, plan),
            _ => throw new UnreachableException(),
        };

        return new ContenderProcess(contender, process, directory);
    }

    /// <summary>Waits until the set-up is complete, and rejects a row of the product if only the contender's process has its files
    /// open.</summary>
    public void RequireReady(IScenario scenario, ScenarioCase scenarioCase)
    {
        _child.Expect("ready", s_setupLimit);
        if (Contender.Implementation.StartsWith("estream", StringComparison.Ordinal) && !Contender.IsWithoutFiles)
        {
            SharedStorage.Require($"{scenario.Name} {scenarioCase.Name} {Contender.Implementation}", _directory, _child.Id);
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
