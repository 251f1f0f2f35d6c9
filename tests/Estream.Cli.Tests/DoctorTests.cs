using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Estream.Testing;

namespace Estream.Cli.Tests;

/// <summary>Goal: the doctor finds what prevents a host from starting, and gives advice.</summary>
public sealed class DoctorTests
{
    [Fact]
    public async Task Doctor_rejects_an_invalid_configuration()
    {
        using SampleData data = new();
        (await data.RunAsync("doctor", "--config", "gone.json")).AssertFailed(ExitCode.Failed, "gone.json");
        (await data.RunAsync("doctor", "--config", data.Write("host.json", "{"))).AssertFailed(ExitCode.Failed, "host.json");
        (await data.RunAsync("doctor", "--config", data.Write("host.json", "{}"))).AssertFailed(ExitCode.Failed, "no section Estream");
    }

    [Fact]
    public async Task Doctor_fails_with_advice_for_secret_modes_used_ports_and_expired_certificates()
    {
        using SampleData data = new();
        using TempDirectory folder = new();
        using X509Certificate2 certificate = TestCertificates.Write(folder, "host");
        string password = folder.Combine("password");
        File.WriteAllText(password, "secret");
        SecretFiles.SetMode(password, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);
        using TcpListener other = new(IPAddress.Loopback, 0);
        other.Start();
        int taken = ((IPEndPoint)other.LocalEndpoint).Port;
        string config = data.Write("host.json", JsonSerializer.Serialize(new
        {
            Estream = new
            {
                Data = data.Folder,
                Http = new
                {
                    Port = taken, Certificate = folder.Combine("host.crt"), CertificateKey = folder.Combine("host.key"),
                },
                Adapters = new { devices = new { Type = "mqtt-endpoint", Port = FreePort.Next(), PasswordFile = password } },
            },
        }));

        CliResult result = await data.RunAsync("doctor", "--config", config);

        Assert.Equal(ExitCode.No, result.Code);
        Assert.Contains($"fail  secret Adapters:devices:PasswordFile: others may use '{password}' (mode 604)", result.Output,
            StringComparison.Ordinal);
        Assert.Contains($"Run: chmod 600 '{password}'", result.Output, StringComparison.Ordinal);
        Assert.Contains($"fail  port {taken}: in use on 127.0.0.1 by another program", result.Output, StringComparison.Ordinal);
        Assert.Contains("ok    secret Http:CertificateKey", result.Output, StringComparison.Ordinal);

        // The certificate is valid for only one more day, so the doctor warns.
        Assert.Contains("warn  certificate Http:Certificate", result.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("secret\n", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Doctor_passes_on_a_correct_machine_and_prints_each_finding_as_an_object()
    {
        using SampleData data = new();
        string config = data.Write("host.json", JsonSerializer.Serialize(new
        {
            Estream = new { Data = data.Folder, Http = new { Port = FreePort.Next() }, Storage = new { MinFreeBytes = 0 } },
        }));

        CliResult result = await data.RunAsync("doctor", "--config", config, "--json");

        Assert.Equal(ExitCode.Ok, result.Code);
        JsonElement[] findings =
            [.. result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)];
        Assert.Equal(
            ["host", "kernel", "open files", "mappings", "clock", "data folder", "file system", "free space", "flush"],
            findings.Select(finding => finding.GetProperty("check").GetString()).Take(9));
        Assert.All(findings, finding => Assert.NotEqual("fail", finding.GetProperty("verdict").GetString()));
    }

    [Fact]
    public async Task Doctor_fails_for_low_disk_space_and_a_folder_writable_by_others()
    {
        using SampleData data = new();
        SecretFiles.SetMode(data.Folder, (UnixFileMode)0b111_111_111);
        string config = data.Write("host.json", JsonSerializer.Serialize(new
        {
            Estream = new { Data = data.Folder, Http = new { Port = FreePort.Next() }, Storage = new { MinFreeBytes = long.MaxValue } },
        }));

        CliResult result = await data.RunAsync("doctor", "--config", config);

        Assert.Equal(ExitCode.No, result.Code);
        Assert.Contains("fail  free space: ", result.Output, StringComparison.Ordinal);
        Assert.Contains($"Run: chmod go-w '{data.Folder}'", result.Output, StringComparison.Ordinal);
    }
}
