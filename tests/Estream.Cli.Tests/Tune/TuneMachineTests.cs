using System.Diagnostics;
using System.Text.Json;
using Estream.Cli.Tune;
using Estream.Core;
using Estream.Testing;

namespace Estream.Cli.Tests.Tune;

/// <summary>Goal: apply and undo work on the kernel of this machine, and measurements have samples.</summary>
public sealed class TuneMachineTests
{
    private const string Setting = "/proc/sys/vm/stat_interval";

    [KernelSettingFact(Setting)]
    public async Task Apply_sets_a_value_of_this_kernel_and_undo_puts_it_back()
    {
        MachineFiles machine = new("/");
        string? before = machine.TryReadValue(Setting);
        using SampleData data = new();
        string journal = Path.Combine(data.Folder, "journal");
        using Process guard = StartGuard(before!);
        try
        {
            CliResult applied = await data.RunAsync("tune", "apply", "--only", "stat-interval", "--journal", journal);
            Assert.Equal($"set {Setting} from {before} to 10\n", applied.Output);
            Assert.Equal("10", machine.TryReadValue(Setting));

            CliResult undone = await data.RunAsync("tune", "undo", "--journal", journal);

            Assert.Equal($"put back {Setting} from 10 to {before}\n", undone.Output);
            Assert.Equal(before, machine.TryReadValue(Setting));
        }
        finally
        {
            guard.StandardInput.Close();
            await guard.WaitForExitAsync();
        }
    }

    [KernelSettingFact(Setting)]
    public void A_value_that_the_kernel_refuses_leaves_the_setting_as_it_was()
    {
        MachineFiles machine = new("/");
        string? before = machine.TryReadValue(Setting);

        Assert.NotNull(machine.TryWriteValue(Setting, "never"));

        Assert.Equal(before, machine.TryReadValue(Setting));
        Assert.NotNull(machine.TryWriteValue("/proc/sys/vm/no_such_setting", "1"));
    }

    [Fact]
    public void Measurements_have_ordered_percentiles()
    {
        // A thread that is delayed for the whole time of its measurement takes no sample.
        IReadOnlyList<TuneLatency> latencies = [];
        Eventually.True(
            () =>
            {
                latencies = new TuneMeasurement(SystemClock.Instance, TimeSpan.FromMilliseconds(50)).Run([]);
                return latencies.Skip(1).All(latency => latency.Count > 0);
            },
            "each measurement has samples");

        Assert.Equal(CpuAffinity.Current().Length > 1 ? 3 : 2, latencies.Count);
        Assert.All(latencies, latency => Assert.True(
            latency.P50 <= latency.P99 && latency.P99 <= latency.P999 && latency.P999 <= latency.Max && latency.P50 >= 0, $"{latency}"));
    }

    [Fact]
    public async Task Check_measures_this_machine()
    {
        using SampleData data = new();

        CliResult result = await data.RunAsync("tune", "check", "--measure", "--json");

        JsonElement[] measured = [.. result.Lines.Select(line => JsonDocument.Parse(line).RootElement)
            .Where(line => line.TryGetProperty("measured", out _))];
        Assert.InRange(measured.Length, 2, 3);
        Assert.All(measured, line => Assert.Equal("now", line.GetProperty("when").GetString()));
    }

    // A shell that puts the value back when its input ends, also if this process is killed.
    private static Process StartGuard(string before)
    {
        ProcessStartInfo start = new("/bin/sh") { RedirectStandardInput = true };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add($"cat > /dev/null; echo {before} > {Setting}");
        return Process.Start(start)!;
    }
}
