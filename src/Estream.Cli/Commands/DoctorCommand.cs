using System.CommandLine;
using System.Net.Sockets;
using Estream.Cli.Doctor;
using Estream.Cli.Output;
using Estream.Core;

namespace Estream.Cli.Commands;

/// <summary>`estream doctor`: checks a machine and a configuration before a host runs there.</summary>
internal static class DoctorCommand
{
    public static Command Create(CliContext context)
    {
        Option<string?> config = new("--config")
        {
            Description = "The configuration file of the host. Default: check the default settings.",
            HelpName = "FILE",
        };
        Option<bool> json = SharedOptions.Json();
        Command command = new(
            "doctor",
            "Checks whether a host can run on this machine: kernel, limits, disk, clock, file modes, certificates and ports. Says how to "
            + "fix each problem. Run it as the user of the host. Exit code 1 if a check fails. Example: estream doctor --config "
            + "/etc/estream/estream.json")
        {
            config, json,
        };
        command.SetAction(parsed =>
        {
            HostSettings settings = HostSettings.Load(parsed.GetValue(config), context.DataFolder);
            DoctorFinding[] findings = [.. Check(settings, context.Now, context.Clock)];
            using LineWriter lines = new(context.Output);
            foreach (DoctorFinding finding in findings)
            {
                Print(finding, parsed.GetValue(json), lines);
            }

            return findings.Any(finding => finding.Verdict == DoctorVerdict.Fail) ? ExitCode.No : ExitCode.Ok;
        });
        return command;
    }

    private static IEnumerable<DoctorFinding> Check(HostSettings settings, DateTimeOffset now, IClock clock)
    {
        bool hostRuns = settings.Socket is { } socket && IsAnswered(socket);
        yield return DoctorFinding.Ok("host", hostRuns ? $"running, listening on '{settings.Socket}'" : "not running");
        yield return MachineChecks.Kernel();
        yield return MachineChecks.OpenFiles();
        yield return MachineChecks.Mappings();
        yield return MachineChecks.Clock(now);
        yield return StorageChecks.Folder(settings.Data);
        yield return StorageChecks.FileSystem(settings.Data);
        yield return StorageChecks.FreeSpace(settings.Data, settings.MinFreeBytes);
        yield return StorageChecks.Flush(settings.Data, clock);
        foreach (string name in (string[])["tokens", "audit.key"])
        {
            if (File.Exists(Path.Combine(settings.Data, name)))
            {
                yield return StorageChecks.Secret(name, Path.Combine(settings.Data, name));
            }
        }

        foreach ((string setting, string path) in settings.SecretFiles)
        {
            yield return StorageChecks.Secret(setting, path);
        }

        foreach ((string setting, string path) in settings.CertificateFiles)
        {
            yield return StorageChecks.Certificate(setting, path, now);
        }

        foreach ((string setting, string address, int port) in settings.Listeners)
        {
            yield return MachineChecks.Port(setting, address, port, hostRuns);
        }
    }

    private static bool IsAnswered(string path)
    {
        try
        {
            using Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            socket.Connect(new UnixDomainSocketEndPoint(path));
            return true;
        }
        catch (Exception failure) when (failure is SocketException or ArgumentException)
        {
            return false;
        }
    }

    private static void Print(DoctorFinding finding, bool isJson, LineWriter lines)
    {
        string verdict = finding.Verdict.ToString().ToLowerInvariant();
        if (isJson)
        {
            lines.WriteObject(writer =>
            {
                writer.WriteString("verdict", verdict);
                writer.WriteString("check", finding.Check);
                writer.WriteString("found", finding.Found);
                writer.WriteString("advice", finding.Advice);
            });
            return;
        }

        lines.WriteLine($"{verdict,-4}  {finding.Check}: {finding.Found}");
        if (finding.Advice.Length > 0)
        {
            lines.WriteLine($"      {finding.Advice}");
        }
    }
}
