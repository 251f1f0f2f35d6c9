using System.Diagnostics;
using Estream.Core.Internal;
using Estream.Testing;

namespace Estream.Core.Tests;

/// <summary>The identity of a process and its liveness.</summary>
public sealed class ProcessIdentityTests
{
    private static FileStorage Storage => FileStorage.Instance;

    [Fact]
    public void This_process_is_alive_and_has_the_same_identity_each_time()
    {
        ProcessIdentity self = Storage.CurrentProcess;
        Assert.Equal(Environment.ProcessId, self.ProcessId);
        Assert.True(self.StartTicks > 0);
        Assert.Equal(self, Storage.CurrentProcess);
        Assert.True(Storage.IsAlive(self));
    }

    [Fact]
    public void A_later_process_with_the_same_process_id_has_another_identity()
    {
        ProcessIdentity self = Storage.CurrentProcess;
        Assert.False(Storage.IsAlive(self with { StartTicks = self.StartTicks - 1 }));
        Assert.False(Storage.IsAlive(new ProcessIdentity(0, 0)));
        Assert.False(Storage.IsAlive(new ProcessIdentity(-1, 0)));
        Assert.False(Storage.IsAlive(new ProcessIdentity(int.MaxValue, 5)));
    }

    /// <summary>A killed process is dead at once, even if no process has collected its exit code.</summary>
    [Fact]
    public void A_killed_process_is_dead_before_its_parent_collects_it()
    {
        using ChildProcess shell = ChildProcess.Start("/bin/sh", ["-c", "sleep 1000 & echo $!; exec sleep 1000"]);
        Eventually.True(() => shell.Output.Contains('\n', StringComparison.Ordinal), "the shell says what it started");
        int processId = int.Parse(shell.Output);
        ProcessIdentity child = ProcessTable.Find(processId) ?? throw new InvalidOperationException("it does not live");
        Assert.True(Storage.IsAlive(child));

        // The parent of the killed process sleeps and never collects its exit code.
        ChildProcess.Run("/bin/sh", ["-c", $"kill -9 {processId}"]).EnsureSuccess();
        Eventually.True(() => !Storage.IsAlive(child), "the killed process is dead");
        Assert.Contains("Z", File.ReadAllText($"/proc/{processId}/stat"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_process_name_with_spaces_and_parentheses_is_parsed()
    {
        using var directory = new TempDirectory();
        string program = directory.Combine("a ) R 1 (b");

        // Another process copies the program: a program that this process has open for writing cannot be started, and a child that another
        // test is starting has the file open for a moment longer.
        ChildProcess.Run("cp", ["/bin/sleep", program]).EnsureSuccess();
        using ChildProcess process = ChildProcess.Start(program, ["1000"]);
        Eventually.True(() => File.ReadAllText($"/proc/{process.Id}/comm").StartsWith("a )", StringComparison.Ordinal), "the program runs");
        using Process seen = Process.GetProcessById(process.Id);
        ProcessIdentity found = ProcessTable.Find(process.Id)!.Value;
        double startSeconds = (seen.StartTime.ToUniversalTime() - DateTime.UnixEpoch).TotalSeconds - BootSeconds();
        Assert.InRange(found.StartTicks / 100.0, startSeconds - 5, startSeconds + 5);
    }

    [Fact]
    public void The_boot_id_stays_the_same()
    {
        Assert.NotEqual(Guid.Empty, Storage.BootId);
        Assert.Equal(Storage.BootId, Storage.BootId);
        Assert.Equal(File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim(), Storage.BootId.ToString());
    }

    [Fact]
    public void Random_bytes_differ()
    {
        byte[] first = new byte[32];
        byte[] second = new byte[32];
        Storage.FillRandom(first);
        Storage.FillRandom(second);
        Assert.NotEqual(first, second);
    }

    private static double BootSeconds() => double.Parse(
        File.ReadLines("/proc/stat").First(line => line.StartsWith("btime ", StringComparison.Ordinal))[6..],
        System.Globalization.CultureInfo.InvariantCulture);
}
