using Estream.Simulation.Machine;

namespace Estream.Simulation.Scenarios;

// The failures of the machine in a run that repeats one kind of failure.
internal abstract partial class Scenario
{
    protected const long SecondNanos = 1_000_000_000;
    protected const long HourNanos = 3_600 * SecondNanos;
    protected const long DayNanos = 24 * HourNanos;
    private const int RoomBytes = 300_000;

    /// <summary>Whether the machine stays off after a power cut, and may start with a wrong clock.</summary>
    protected virtual bool StaysOff => Run.Attack == Attack.Clock;

    private bool IsAttackedByCuts => Run.Attack == Attack.PowerCut;

    /// <summary>The failures of the machine.</summary>
    protected virtual IEnumerable<Step> FailureSteps => Run.Attack switch
    {
        Attack.PowerCut => [.. CutSteps(), .. QuietSteps()],
        Attack.DiskFull => [.. DiskSteps(), .. QuietSteps()],
        Attack.Clock => [.. ClockSteps(), .. QuietSteps()],
        _ => MachineSteps(),
    };

    protected IEnumerable<Step> QuietSteps() =>
    [
        new Step("kill soon", 1, () => Arm(Death.Kill)),
        new Step("cut the power soon", 1, () => Arm(Death.PowerCut)),
        new Step("write some pages back", 3, () => Machine.WriteBackSome(0.5)),
        new Step("work in the background", 4, Machine.Background.RunOne),
        new Step("time goes by", 4, () => Machine.Clock.Pass(Random.Below(1_000_000_000))),
    ];

    private IEnumerable<Step> CutSteps() =>
    [
        new Step("cut the power", 4, () => Machine.End(Process, Death.PowerCut)),
        new Step("cut the power soon", 8, () => Arm(Death.PowerCut)),
        new Step("cut the power at one of the next operations", 8, () => Machine.Arm(Process, Death.PowerCut, Random.Below(4))),
        new Step("flushes fail", 2, () => Machine.FailureChance = (Random.Pick(0.3, 1), 0)),
        new Step("flushes succeed", 4, () => Machine.FailureChance = default),
    ];

    private IEnumerable<Step> DiskSteps() =>
    [
        new Step("the disk is full", 5, () => Machine.CapacityBytes = Machine.UsedBytes),
        new Step("the disk is nearly full", 5, () => Machine.CapacityBytes = Machine.UsedBytes + Random.Below(RoomBytes)),
        new Step("the disk has room for one small file", 2, () => Machine.CapacityBytes = Machine.UsedBytes + 4096),
        new Step("the disk empties", 4, () => Machine.CapacityBytes = long.MaxValue),
        new Step("flushes fail on the full disk", 1, () => Machine.FailureChance = (0.3, 0)),
        new Step("flushes succeed", 3, () => Machine.FailureChance = default),
        new Step("kill", 1, () => Machine.End(Process, Death.Kill)),
    ];

    private IEnumerable<Step> ClockSteps() =>
    [
        new Step("the clock jumps ahead", 4, () => Machine.Clock.Jump(
            Random.Pick(HourNanos - SecondNanos, HourNanos + SecondNanos, 23 * HourNanos, 10 * DayNanos, 400 * DayNanos))),
        new Step("the clock jumps back", 4, () => Machine.Clock.Jump(
            -Random.Pick(SecondNanos, HourNanos + SecondNanos, DayNanos, 10 * DayNanos, 400 * DayNanos))),
        new Step("the clock is set right", 4, Machine.Clock.SetRight),
        new Step("hours go by", 4, () => Machine.Clock.Pass(Random.Pick(HourNanos / 2, HourNanos, 5 * HourNanos, 2 * DayNanos))),
        new Step("the machine is suspended", 2, () => Machine.Clock.Suspend(Random.Pick(HourNanos / 2, 5 * HourNanos, 2 * DayNanos))),
        new Step("the machine is restarted", 3, Restart),
        new Step("the machine is restarted soon", 3, () => Arm(Death.PowerCut)),
        new Step("kill", 1, () => Machine.End(Process, Death.Kill)),
    ];

    // Everything is written before the machine stops.
    protected void Restart()
    {
        Sync();
        Machine.End(Process, Death.PowerCut);
    }

    // A machine that is off has a battery, or starts with a clock of the past or of the future.
    private void StayOff()
    {
        Machine.Clock.TurnOff(Random.Pick(SecondNanos, HourNanos / 2, 20 * HourNanos, 3 * DayNanos));
        if (Random.Chance(0.3))
        {
            Machine.Clock.Jump(Random.Pick(-400 * DayNanos, -DayNanos, 23 * HourNanos, 10 * DayNanos));
        }
    }
}
