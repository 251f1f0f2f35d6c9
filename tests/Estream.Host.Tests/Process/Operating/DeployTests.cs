using System.Text.RegularExpressions;
using Estream.Testing;

namespace Estream.Host.Tests.Process;

/// <summary>Goal: the files in deploy/ are hardened as documented, and a host runs with them.</summary>
[Collection(ProcessCollection.Name)]
public sealed partial class DeployTests : IDisposable
{
    private readonly TempDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [PeerFact("systemd-analyze", "systemd")]
    public void The_systemd_unit_is_valid_and_has_a_low_exposure()
    {
        string file = WriteUnit();

        ProcessResult verified = Analyze("verify", "--man=no", file);
        Assert.Equal((0, ""), (verified.ExitCode, verified.Error));
        ProcessResult rated = Analyze("security", "--offline=true", "--threshold=15", "--no-pager", file);
        Assert.True(rated.ExitCode == 0, rated.Output + rated.Error);
    }

    [PeerFact("systemd-analyze", "systemd")]
    public void The_unit_with_the_multicast_drop_in_is_valid_and_allows_AF_XDP_and_pinned_threads()
    {
        string file = WriteUnit();
        string before = Analyze("security", "--offline=true", "--no-pager", file).Output;
        Directory.CreateDirectory(file + ".d");
        File.Copy(RepositoryRoot.Combine("deploy", "multicast.conf"), Path.Combine(file + ".d", "multicast.conf"));

        ProcessResult verified = Analyze("verify", "--man=no", file);
        Assert.Equal((0, ""), (verified.ExitCode, verified.Error));
        string after = Analyze("security", "--offline=true", "--no-pager", file).Output;
        Assert.All(["sched_setaffinity is allowed", "may allocate netlink sockets"], allowed =>
        {
            Assert.DoesNotContain(allowed, before, StringComparison.Ordinal);
            Assert.Contains(allowed, after, StringComparison.Ordinal);
        });
    }

    [Fact]
    public void The_unit_starts_the_host_again_without_a_limit_of_attempts()
    {
        string[] lines = File.ReadAllLines(RepositoryRoot.Combine("deploy", "estream.service"));

        Assert.Contains("StartLimitIntervalSec=0", lines);
        Assert.Contains("Restart=always", lines);
        Assert.DoesNotContain(lines, line => line.StartsWith("StartLimitBurst", StringComparison.Ordinal));
    }

    [Fact]
    public void The_container_runs_as_a_user_that_owns_only_its_data()
    {
        string[] lines = Instruction().Matches(File.ReadAllText(RepositoryRoot.Combine("deploy", "Containerfile")))
            .Select(match => match.Value.Replace("\\\n", " ", StringComparison.Ordinal)).ToArray();

        Assert.DoesNotContain(lines, line => line.StartsWith("ADD", StringComparison.Ordinal));
        Assert.DoesNotContain(lines, line => line.Contains(":latest", StringComparison.Ordinal));
        Assert.All(lines.Where(line => line.StartsWith("COPY", StringComparison.Ordinal)),
            line => Assert.StartsWith("COPY --chown=root:root ", line, StringComparison.Ordinal));
        Assert.All(lines.Where(line => line.Contains("apt-get install", StringComparison.Ordinal)), line =>
        {
            Assert.Contains("--no-install-recommends", line, StringComparison.Ordinal);
            Assert.Contains("rm -rf /var/lib/apt/lists/*", line, StringComparison.Ordinal);
        });
        string user = lines.Last(line => line.StartsWith("USER", StringComparison.Ordinal));
        Assert.Equal("USER 10001:10001", user.Trim());
        Assert.True(Array.IndexOf(lines, user) < Array.FindIndex(lines, line => line.StartsWith("ENTRYPOINT [", StringComparison.Ordinal)));
        Assert.Contains(lines, line => line.StartsWith("VOLUME [\"/var/lib/estream\"]", StringComparison.Ordinal));
    }

    [MountFact]
    public void A_host_runs_without_root_or_capabilities_on_a_read_only_file_system()
    {
        string program = Path.GetDirectoryName(BuiltProgram.Host)!;
        string copy = _folder.Combine("program"), data = _folder.Combine("data");
        ChildProcess.Run("/bin/cp", ["-r", program, copy]).EnsureSuccess();
        Directory.CreateDirectory(data);
        string modes = $"chmod 755 '{_folder.Path}' && chmod -R a+rX '{copy}' && chmod 700 '{data}' && chown 10001:10001 '{data}'";
        ChildProcess.Run("/bin/sh", ["-c", modes]).EnsureSuccess();
        int http = FreePort.Next(), mqtt = FreePort.Next();
        string inside = $"""
            set -e
            mount --make-rprivate /
            mount --bind '{data}' '{data}'
            mount -o remount,bind,ro /
            cd '{data}'
            exec setpriv --reuid=10001 --regid=10001 --clear-groups --no-new-privs --bounding-set=-all dotnet '{copy}/Estream.Host.dll'
            """;
        using ChildProcess host = ChildProcess.Start("unshare", ["--mount", "/bin/sh", "-c", inside],
            environment: new Dictionary<string, string?>
            {
                ["ESTREAM_DATA"] = data + "/host", ["ESTREAM_HTTP_PORT"] = $"{http}", ["ESTREAM_MQTT_PORT"] = $"{mqtt}", ["HOME"] = data,
                ["DOTNET_EnableDiagnostics"] = "0",
            });
        host.WaitForText("\"Ready: ");

        string status = File.ReadAllText($"/proc/{host.Id}/status");
        Assert.Contains("Uid:\t10001\t10001", status, StringComparison.Ordinal);
        Assert.Contains("CapEff:\t0000000000000000", status, StringComparison.Ordinal);
        Assert.Contains("NoNewPrivs:\t1", status, StringComparison.Ordinal);
        string[] readable =
        [
            .. Directory.EnumerateFiles(data, "*", SearchOption.AllDirectories)
                .Where(file => file.EndsWith(".seg", StringComparison.Ordinal) || file.EndsWith(".lock", StringComparison.Ordinal))
                .Where(file => (SecretFiles.ModeOf(file) & ~(UnixFileMode.UserRead | UnixFileMode.UserWrite)) != 0),
        ];
        Assert.Empty(readable);
        host.Signal("TERM");
        Assert.Equal(0, host.WaitForExit().ExitCode);
    }

    private static ProcessResult Analyze(params string[] arguments) =>
        ChildProcess.Run(Peer.Require("systemd-analyze", "systemd"), arguments);

    /// <summary>Writes the unit with programs that exist: those of the host are not installed here.</summary>
    private string WriteUnit()
    {
        string unit = File.ReadAllText(RepositoryRoot.Combine("deploy", "estream.service"));
        string file = _folder.Combine("estream.service");
        File.WriteAllText(file, unit.Replace("/opt/estream/bin/estream", "/bin/true", StringComparison.Ordinal)
            .Replace("/opt/estream/Estream.Host", "/bin/true", StringComparison.Ordinal));
        return file;
    }

    [GeneratedRegex(@"^[A-Z]+ (?:.*\\\n)*.*$", RegexOptions.Multiline)]
    private static partial Regex Instruction();
}
