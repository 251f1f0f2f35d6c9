namespace Estream.Scenarios.Harness;

/// <summary>A contender from the harness's side: its directory and its measured rounds.</summary>
internal abstract class RunningContender : IDisposable
{
    private readonly string _row;

    protected RunningContender(IScenario scenario, ScenarioCase scenarioCase, Contender contender, RunPlan plan)
    {
        Contender = contender;
        _row = $"{scenario.Name} {scenarioCase.Name} {contender.Implementation}";
        DataDirectory = Path.Combine(plan.DirectoryFor(contender.Storage), _row.Replace(' ', '-'));
        Directory.CreateDirectory(DataDirectory);
    }

    public Contender Contender { get; }

    public List<RunResult> Rounds { get; } = [];

    protected string DataDirectory { get; }

    /// <summary>Starts a contender. In a tiny run, a .NET contender runs in the process of the harness: starting 400 processes takes most
    /// of the time of such a run, and its figures mean nothing.</summary>
    public static RunningContender Start(IScenario scenario, ScenarioCase scenarioCase, Contender contender, RunPlan plan)
    {
        return plan.Size == RunSize.Tiny && contender is ManagedContender { WithoutAvx512: false } managed
            ? new ContenderInHarness(scenario, scenarioCase, managed, plan)
            : new ContenderProcess(scenario, scenarioCase, contender, plan);
    }

    /// <summary>Waits until the set-up is complete, and rejects a row of the product if only the contender's process has its files
    /// open.</summary>
    public void RequireReady()
    {
        int process = SetUp();
        if (Contender.Implementation.StartsWith("estream", StringComparison.Ordinal) && !Contender.IsWithoutFiles)
        {
            SharedStorage.Require(_row, DataDirectory, process);
        }
    }

    /// <summary>Runs one round.</summary>
    public abstract RunResult Run();

    public void Dispose()
    {
        Stop();
        Directory.Delete(DataDirectory, recursive: true);
    }

    /// <summary>Completes the set-up and returns the id of the contender's process.</summary>
    protected abstract int SetUp();

    protected abstract void Stop();
}

/// <summary>A contender that runs in the process of the harness.</summary>
internal sealed class ContenderInHarness(IScenario scenario, ScenarioCase scenarioCase, ManagedContender contender, RunPlan plan)
    : RunningContender(scenario, scenarioCase, contender, plan)
{
    private readonly RunSize _size = plan.Size;
    private IContender? _work;

    public override RunResult Run() => _work!.Run();

    protected override int SetUp()
    {
        _work = ((ManagedContender)Contender).Create(new ContenderContext(DataDirectory, _size));
        return Environment.ProcessId;
    }

    protected override void Stop() => _work?.Dispose();
}
