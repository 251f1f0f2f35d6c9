using System.Text.Json;
using Estream.Cli.Tune;

namespace Estream.Cli.Tests.Tune;

/// <summary>Goal: tune changes only what it has journaled, and puts everything back, also after a crash at any step.</summary>
public sealed class TuneCommandTests : IDisposable
{
    private readonly FakeMachine _machine = new();
    private readonly SampleData _data;

    public TuneCommandTests() => _data = new SampleData { Machine = _machine.Files, IsRoot = true };

    private string Journal => Path.Combine(_data.Folder, "tune", "journal");

    public void Dispose()
    {
        _data.Dispose();
        _machine.Dispose();
    }

    [Fact]
    public async Task Tune_refuses_wrong_arguments()
    {
        (await RunAsync("apply", "--only", "turbo")).AssertFailed(ExitCode.Failed, "--only 'turbo'", "swappiness");
        (await RunAsync("apply", "--cpus", "3-1")).AssertFailed(ExitCode.Failed, "--cpus '3-1'");
        (await _data.RunAsync("tune", "check", "--cpus", "0-99999999999")).AssertFailed(ExitCode.Failed, "--cpus");
    }

    [Fact]
    public async Task Apply_and_undo_need_root()
    {
        _data.IsRoot = false;
        SortedDictionary<string, string> before = _machine.Snapshot();

        (await RunAsync("apply")).AssertFailed(ExitCode.Failed, "Only root", "sudo estream tune apply");
        (await RunAsync("undo")).AssertFailed(ExitCode.Failed, "Only root", "sudo estream tune undo");

        Assert.Equal(before, _machine.Snapshot());
        Assert.False(File.Exists(Journal));
        Assert.Equal(ExitCode.Ok, (await RunAsync("apply", "--dry-run")).Code);
        Assert.Equal(before, _machine.Snapshot());
    }

    [Fact]
    public async Task Check_prints_each_setting_with_its_values_and_changes_nothing()
    {
        SortedDictionary<string, string> before = _machine.Snapshot();

        CliResult result = await _data.RunAsync("tune", "check", "--json");

        Assert.Equal(ExitCode.No, result.Code);
        Assert.Equal(before, _machine.Snapshot());
        Dictionary<string, JsonElement> settings = result.Lines.Select(line => JsonDocument.Parse(line).RootElement)
            .ToDictionary(finding => finding.GetProperty("setting").GetString()!);
        Assert.Equal(("change", "60", "1"), Of(settings["swappiness"]));
        Assert.Equal(("change", "always", "madvise"), Of(settings["thp"]));
        Assert.Equal(("ok", "0", "0"), Of(settings["numa-balancing"]));
        Assert.Equal(("change", "212992", "8388608"), Of(settings["rmem-max"]));
        Assert.Equal(("ok", "16777216", "8388608"), Of(settings["wmem-max"]));
        Assert.Equal(("absent", "", "50"), Of(settings["busy-poll"]));
        Assert.Equal(("change", "performance, powersave", "performance"), Of(settings["governor"]));
        Assert.Equal(3, settings["governor"].GetProperty("files").GetArrayLength());
        Assert.Equal(("manual", "none", "2-3"), Of(settings["isolated-cpus"]));
        Assert.Equal(("manual", "eth0 2", ""), Of(settings["nic-queues"]));
        Assert.Equal(("manual", "65536", "unlimited"), Of(settings["memlock"]));
        Assert.All(settings.Values, setting => Assert.NotEmpty(setting.GetProperty("why").GetString()!));
    }

    [Fact]
    public async Task Cpus_get_no_interrupts_and_no_deep_idle_states()
    {
        CliResult result = await RunAsync("apply", "--cpus", "2-3", "--only", "irqs,idle-states");

        Assert.Equal(ExitCode.Ok, result.Code);
        SortedDictionary<string, string> after = _machine.Snapshot();
        Assert.Equal("0-1", after[FakeMachine.Irq]);
        Assert.Equal("0", after["/proc/irq/25/smp_affinity_list"]);
        Assert.Equal("0-1", after["/proc/irq/26/smp_affinity_list"]);
        Assert.Equal(["0", "0", "1", "1"],
            Enumerable.Range(0, 4).Select(cpu => after[$"/sys/devices/system/cpu/cpu{cpu}/cpuidle/state1/disable"]));
        Assert.Equal("0", after["/sys/devices/system/cpu/cpu3/cpuidle/state0/disable"]);
    }

    [Fact]
    public async Task Undo_puts_everything_back_after_a_crash_at_any_write()
    {
        SortedDictionary<string, string> before = _machine.Snapshot();
        int writes = TuneCatalog.Find(_machine.Files, [2, 3]).Sum(finding => finding.Changes.Count);
        Assert.True(writes > 8, $"{writes}");
        for (int applied = 0; applied < writes; applied++)
        {
            for (int undone = 0; undone <= applied; undone += 3)
            {
                _machine.DieAfter(applied);
                await Assert.ThrowsAsync<InvalidOperationException>(() => RunAsync("apply", "--cpus", "2-3"));
                _machine.DieAfter(undone);
                if (undone < applied)
                {
                    await Assert.ThrowsAsync<InvalidOperationException>(() => RunAsync("undo"));
                }

                Assert.Equal(ExitCode.Ok, (await RunAsync("undo")).Code);
                Assert.Equal(before, _machine.Snapshot());
                Assert.False(File.Exists(Journal));
            }
        }
    }

    [Fact]
    public async Task Undo_leaves_what_another_program_has_changed()
    {
        Assert.Equal(ExitCode.Ok, (await RunAsync("apply")).Code);
        _machine.Set(FakeMachine.Swappiness, "30");
        _machine.Remove("/proc/sys/net/core/rmem_max");

        CliResult result = await RunAsync("undo");

        Assert.Equal(ExitCode.No, result.Code);
        Assert.Contains("left /proc/sys/vm/swappiness at 30: set by another program after apply had set 1; it was 60 before",
            result.Output, StringComparison.Ordinal);
        Assert.Contains("/proc/sys/net/core/rmem_max does not exist any more", result.Output, StringComparison.Ordinal);
        Assert.Equal("30", _machine.Snapshot()[FakeMachine.Swappiness]);
        Assert.Equal("always", _machine.Snapshot()[FakeMachine.Thp]);
        Assert.Contains("nothing to undo", (await RunAsync("undo")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Undo_puts_back_the_changes_of_several_applies()
    {
        SortedDictionary<string, string> before = _machine.Snapshot();
        await RunAsync("apply", "--only", "swappiness");
        await RunAsync("apply", "--only", "thp");
        _machine.Set(FakeMachine.Swappiness, "60");
        await RunAsync("apply", "--only", "swappiness");
        Assert.Equal(("1", "madvise"), (_machine.Snapshot()[FakeMachine.Swappiness], _machine.Snapshot()[FakeMachine.Thp]));

        Assert.Equal(ExitCode.Ok, (await RunAsync("undo")).Code);

        Assert.Equal(before, _machine.Snapshot());
    }

    [Fact]
    public async Task Undo_changes_nothing_after_a_restart()
    {
        await RunAsync("apply", "--only", "swappiness");
        _machine.Set("/proc/sys/kernel/random/boot_id", "boot-2");

        CliResult result = await RunAsync("undo");

        Assert.Contains("restarted", result.Output, StringComparison.Ordinal);
        Assert.Equal("1", _machine.Snapshot()[FakeMachine.Swappiness]);
        Assert.False(File.Exists(Journal));
    }

    [Theory]
    [InlineData("""{"path":"/etc/passwd","before":"root::0:0::/:/bin/sh","after":"x"}""", "/etc/passwd")]
    [InlineData("""{"path":"/proc/irq/../../etc/passwd","before":"1","after":"x"}""", "does not write")]
    [InlineData("""{"path":"/proc/irq/1/smp_affinity_list\n","before":"1","after":"x"}""", "does not write")]
    [InlineData("""{"path":"/proc/sys/vm/swappiness"}""", "damaged")]
    [InlineData("""{"path""", "damaged")]
    [InlineData("[]", "damaged")]
    public async Task Undo_refuses_a_damaged_journal(string line, string reason)
    {
        await RunAsync("apply", "--only", "swappiness");
        File.AppendAllText(Journal, line + "\n");

        (await RunAsync("undo")).AssertFailed(ExitCode.Failed, reason);

        Assert.Equal("1", _machine.Snapshot()[FakeMachine.Swappiness]);
    }

    [Fact]
    public async Task Undo_refuses_a_journal_that_others_may_write_and_one_of_a_newer_format()
    {
        await RunAsync("apply", "--only", "swappiness");
        File.SetUnixFileMode(Journal, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherWrite);
        (await RunAsync("undo")).AssertFailed(ExitCode.Failed, "Other users may use the journal");
        File.SetUnixFileMode(Journal, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        File.WriteAllText(Journal, """{"format":2,"bootId":"boot-1"}""");
        (await RunAsync("undo")).AssertFailed(ExitCode.Failed, "format 2");
    }

    [Fact]
    public async Task A_journal_in_use_is_refused()
    {
        using TuneJournal held = TuneJournal.Open(Journal);
        (await RunAsync("apply")).AssertFailed(ExitCode.Failed, "Another estream tune");
        Assert.Equal("60", _machine.Snapshot()[FakeMachine.Swappiness]);
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("3", "3")]
    [InlineData("0-2,5,7-8", "0-2,5,7-8")]
    [InlineData("1,0, 2", "0-2")]
    [InlineData("2-1", null)]
    [InlineData("a", null)]
    [InlineData("-1", null)]
    [InlineData("0-8192", null)]
    public void Cpu_lists_are_read_and_written_as_the_kernel_does(string text, string? expected)
    {
        SortedSet<int>? cpus = CpuList.TryParse(text);
        Assert.Equal(expected, cpus is null ? null : CpuList.Format(cpus));
    }

    private static (string? Verdict, string? Present, string? Proposed) Of(JsonElement setting) =>
        (setting.GetProperty("verdict").GetString(), setting.GetProperty("present").GetString(),
            setting.GetProperty("proposed").GetString());

    private Task<CliResult> RunAsync(string command, params string[] options) =>
        _data.RunAsync(["tune", command, .. options, "--journal", Journal]);
}
