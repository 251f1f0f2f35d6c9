namespace Estream.Scenarios.Harness;

/// <summary>
/// One implementation of a scenario's work, alone in a process of its own. The constructor sets up and touches
/// the memory; <see cref="Run"/> is called once per round, warm-up rounds included, always from one thread.
/// </summary>
internal interface IContender : IDisposable
{
    RunResult Run();
}
