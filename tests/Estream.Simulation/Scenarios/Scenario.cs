using Estream.Core;
using Estream.Simulation.Machine;

namespace Estream.Simulation.Scenarios;

/// <summary>One step of a scenario.</summary>
/// <param name="Name">The name in the trace.</param>
/// <param name="Weight">How often the step is chosen, relative to the others. Each run changes the weights and leaves some steps
/// out.</param>
/// <param name="Do">Does the step, and checks what must hold afterwards.</param>
internal sealed record Step(string Name, int Weight, Action Do);

/// <summary>
/// A user of the product on a simulated machine: steps in random order, a model of the expected state, and checks after a death. To extend
/// a scenario, add a step to its list. To add a scenario, derive from this class and name it in <see cref="SimulationRunner"/>.
/// </summary>
internal abstract partial class Scenario(Simulation run)
{
    private bool _isLost;

    protected Simulation Run { get; } = run;

    protected SimulatedMachine Machine => Run.Machine;

    protected SeededRandom Random => Run.Random;

    /// <summary>The process that writes; another one after each death.</summary>
    protected SimulatedProcess Process { get; private set; } = run.Machine.Start();

    /// <summary>Whether a storage failure is expected, because the device may fail or be full.</summary>
    protected bool MayFail => Machine.FailureChance != default || Machine.CapacityBytes != long.MaxValue;

    /// <summary>The steps of the scenario, in addition to <see cref="FailureSteps"/>.</summary>
    protected abstract IEnumerable<Step> Steps { get; }

    /// <summary>Opens the objects of the scenario for the first time.</summary>
    protected abstract void Begin();

    /// <summary>After a death: opens everything again in the new <see cref="Process"/> and checks the state that the contract
    /// guarantees.</summary>
    /// <param name="death">A power cut if there was one since the last successful call.</param>
    protected abstract void Recover(Death death);

    /// <summary>Checks everything at the end of the run.</summary>
    protected abstract void End();

    /// <summary>Frees what the run has outside the machine. Called once, after a failure too.</summary>
    protected virtual void Release()
    {
    }

    public void Play()
    {
        try
        {
            PlaySteps();
        }
        finally
        {
            Release();
        }
    }

    private void PlaySteps()
    {
        Step[] steps = Shuffle([.. Steps, .. FailureSteps]);
        int total = steps.Sum(step => step.Weight);
        Survive(Begin);
        for (int count = Random.Below(120) + 20; count > 0; count--)
        {
            Step step = Choose(steps, total);
            Run.Note(step.Name);
            Survive(step.Do);
        }

        Survive(End);
    }

    /// <summary>Runs an action; a storage failure that the caller must expect is accepted, any other exception is a finding.</summary>
    /// <returns>Whether the action was done.</returns>
    protected bool Try(Action action)
    {
        try
        {
            action();
            return true;
        }
        catch (EstreamStorageException failure) when (MayFail)
        {
            Run.Note($"  refused: {failure.Reason}");
            return false;
        }
    }

    // Changes the weights by the seed: a run leaves out some steps and does others often.
    private Step[] Shuffle(Step[] steps) =>
        [.. steps.Select(step => step with { Weight = step.Weight * Random.Pick(0, 1, 1, 1, 4) })
            .Append(new Step("nothing", 1, () => { }))];

    private Step Choose(Step[] steps, int total)
    {
        int choice = Random.Below(total + 1);
        foreach (Step step in steps)
        {
            choice -= step.Weight;
            if (choice < 0)
            {
                return step;
            }
        }

        return steps[^1];
    }

    // Does a step. If the process dies during it, a new one recovers, and may die during the recovery as well.
    private void Survive(Action action)
    {
        try
        {
            action();
            Machine.ThrowIfDying();
            return;
        }
        catch (Exception) when (Machine.IsDying)
        {
            Mourn();
        }

        while (true)
        {
            try
            {
                // The recovery is checked on a healthy machine; another death is allowed sometimes.
                Machine.FailureChance = default;
                Machine.CapacityBytes = long.MaxValue;
                if (Random.Chance(IsAttackedByCuts ? 0.5 : 0.2))
                {
                    Death again = Random.Pick(IsAttackedByCuts ? Death.PowerCut : Death.Kill, Death.Kill, Death.PowerCut);
                    Machine.Arm(Process, again, Random.Below(30));
                }

                Recover(_isLost ? Death.PowerCut : Death.Kill);
                Machine.ThrowIfDying();
                Machine.Disarm();
                _isLost = false;
                return;
            }
            catch (Exception) when (Machine.IsDying)
            {
                Mourn();
            }
        }
    }

    private void Mourn()
    {
        Death death = Machine.Bury();
        _isLost |= death == Death.PowerCut;
        Run.Note($"  died: {death}");
        if (death == Death.PowerCut && StaysOff)
        {
            StayOff();
        }

        Process = Machine.Start();
    }

    private IEnumerable<Step> MachineSteps() =>
    [
        new Step("kill", 3, () => Machine.End(Process, Death.Kill)),
        new Step("cut the power", 1, () => Machine.End(Process, Death.PowerCut)),
        new Step("kill soon", 3, () => Arm(Death.Kill)),
        new Step("cut the power soon", 1, () => Arm(Death.PowerCut)),
        new Step("sync", 2, Sync),
        new Step("write some pages back", 3, () => Machine.WriteBackSome(0.5)),
        new Step("work in the background", 4, Machine.Background.RunOne),
        new Step("time goes by", 4, () => Machine.Clock.Pass(Random.Below(1_000_000_000))),
        new Step("the clock jumps", 1, () => Machine.Clock.Jump((Random.Below(2_000_000) - 1_000_000) * 1_000_000_000L)),
        new Step("the disk fills", 1, () => Machine.CapacityBytes = Random.Below(4) * 100_000),
        new Step("the disk empties", 2, () => Machine.CapacityBytes = long.MaxValue),
        new Step("the disk is flaky", 1, () => Machine.FailureChance = (Random.Pick(0, 0.3, 1), Random.Pick(0, 0.1))),
        new Step("the disk is well", 2, () => Machine.FailureChance = default),
    ];

    private void Arm(Death death)
    {
        Machine.Arm(Process, death, Random.Below(25));
    }

    private void Sync()
    {
        Machine.Sync();
        Synced();
    }

    /// <summary>Records that everything is on the device now.</summary>
    protected virtual void Synced()
    {
    }
}
