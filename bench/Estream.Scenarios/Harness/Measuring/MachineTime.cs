using System.Globalization;

namespace Estream.Scenarios.Harness;

/// <summary>The processor time of the whole machine, as Linux counts it in <c>/proc/stat</c> in steps of 10 ms.</summary>
/// <param name="Total">The time of all processors.</param>
/// <param name="Idle">The part in which they had nothing to run.</param>
internal readonly record struct MachineTime(TimeSpan Total, TimeSpan Idle)
{
    private const int UserColumn = 1;
    private const int IdleColumn = 4;
    private const int WaitColumn = 5;

    // The time of guests follows, and is also in the first columns.
    private const int StealColumn = 8;
    private const double StepMs = 10;

    /// <summary>Returns the time since the start of the machine.</summary>
    public static MachineTime Now()
    {
        string[] fields = File.ReadLines("/proc/stat").First().Split(' ', StringSplitOptions.RemoveEmptyEntries);
        double[] steps = [.. fields[UserColumn..(StealColumn + 1)].Select(field => double.Parse(field, CultureInfo.InvariantCulture))];
        double idle = steps[IdleColumn - UserColumn] + steps[WaitColumn - UserColumn];
        return new MachineTime(TimeSpan.FromMilliseconds(steps.Sum() * StepMs), TimeSpan.FromMilliseconds(idle * StepMs));
    }

    /// <summary>Returns the share of the processors, from 0 to 1, that was free for processes which used a time since an earlier
    /// reading: their own time, and the time in which the processors had nothing to run.</summary>
    public double ShareFor(TimeSpan used, MachineTime before) =>
        Math.Clamp((used + Idle - before.Idle) / (Total - before.Total), 0.01, 1);
}
