using Estream.Scenarios.Harness;
using Estream.Scenarios.Product;

namespace Estream.Scenarios.Scenarios;

/// <summary>How late polls of 1,000 Modbus devices are sent: from the due time of a poll to the moment before its request is
/// written.</summary>
internal sealed class ModbusScheduleScenario : IScenario
{
    private const int NanosPerMilli = 1_000_000;

    public string Name => "modbus-schedule";

    public string Summary => "poll 1,000 Modbus devices once a second over a connection each; the lateness of each poll";

    public Unit Unit => Unit.NanosPerOperation;

    public IReadOnlyList<ScenarioCase> Cases { get; } =
    [
        new ScenarioCase(
            "1000-devices",
            Reference: null,
            Contender.Managed("estream", context => new ModbusScheduleContender(context)) with
            {
                IsWithoutFiles = true,
                Target = new Target([Goal.P99Below(10 * NanosPerMilli)], []),
            }),
    ];
}
