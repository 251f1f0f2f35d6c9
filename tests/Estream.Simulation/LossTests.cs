using Estream.Simulation.Scenarios;
using Estream.Testing;

namespace Estream.Simulation;

/// <summary>Tries to lose acknowledged messages: one kind of failure hits every scenario again and again.</summary>
public sealed class LossTests
{
    public static TheoryData<string, string> All
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (Attack attack in Enum.GetValues<Attack>().Where(attack => attack != Attack.None))
            {
                foreach (string scenario in SimulationRunner.Scenarios.Keys)
                {
                    data.Add($"{attack}", scenario);
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Nothing_acknowledged_is_lost_while_one_failure_repeats(string attack, string scenario) =>
        SimulationRunner.PlayRange(SimulationRunner.Under(Enum.Parse<Attack>(attack), scenario), 0, LongRun.Count(8, 500));
}
