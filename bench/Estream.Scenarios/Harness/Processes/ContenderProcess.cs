using System.Diagnostics;

namespace Estream.Scenarios.Harness;

/// <summary>
/// A contender in its own process, so that its heap, JIT profile and page tables do not affect another, and a figure does not depend
/// on which scenarios ran before.
/// </summary>
internal sealed class ContenderProcess : RunningContender
{
    private static readonly TimeSpan s_setupLimit = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan s_runLimit = TimeSpan.FromMinutes(2);

    private readonly ChildProcess _child;

    /// <summary>Starts the process, which sets up while others do.</summary>
    public ContenderProcess(IScenario scenario, ScenarioCase scenarioCase, Contender contender, RunPlan plan)
        : base(scenario, scenarioCase, contender, plan)
    {
        Process process = contender switch
        {
            ManagedContender => SelfProcess.Start(
                [ContenderHost.Role, scenario.Name, scenarioCase.Name, contender.Implementation, DataDirectory, plan.Size.ToString()],
                contender.WithoutAvx512),
            NodeContender node => plan.Node!.Start(node, plan.Size),
            NativeContender native => StartNative(native, DataDirectory, plan),
            _ => throw new UnreachableException(),
        };

        _child = new ChildProcess(process, contender.Implementation);
    }

    protected override int SetUp()
    {
        _child.Expect("ready", s_setupLimit);
        return _child.Id;
    }

    public override RunResult Run()
    {
        _child.Send("run");
        return RunResult.Parse(_child.Receive(s_runLimit));
    }

    protected override void Stop() => _child.Dispose();

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
