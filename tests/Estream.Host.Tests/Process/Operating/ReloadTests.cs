using System.Text.Json;
using Estream.Testing;
using Estream.Wire.Mqtt;

namespace Estream.Host.Tests.Process;

/// <summary>Goal: `estream host reload` reaches the running host and reports errors in a file.</summary>
[Collection(ProcessCollection.Name)]
public sealed class ReloadTests
{
    [Fact]
    public void Reload_reports_each_adapter_and_its_errors()
    {
        using HostFiles files = new();
        string passwords = Path.Combine(Path.GetDirectoryName(files.Config)!, "passwords");
        SecretFiles.Write(passwords, MqttPasswordFile.CreateLine("ann", "a"));
        File.WriteAllText(files.Config, File.ReadAllText(files.Config).Replace(
            "\"mqtt-endpoint\",", $"\"mqtt-endpoint\",\"PasswordFile\":{JsonSerializer.Serialize(passwords)},", StringComparison.Ordinal));
        using HostProcess host = files.Start().WaitUntilReady();

        Assert.Equal((0, "devices: reloaded\n"), Run(files, "host", "reload"));
        SecretFiles.Write(passwords, "ann");
        (int code, string output) = Run(files, "host", "reload");
        Assert.NotEqual(0, code);
        Assert.StartsWith("devices: refused; the previous credentials stay in use: PasswordFile: line 1 "
            + "of", output, StringComparison.Ordinal);
        host.Stop();

        ProcessResult none = Result(files, "host", "reload");
        Assert.NotEqual(0, none.ExitCode);
        Assert.Contains("estream: Cannot reach a host at ", none.Error, StringComparison.Ordinal);
    }

    private static (int Code, string Output) Run(HostFiles files, params string[] arguments)
    {
        ProcessResult result = Result(files, arguments);
        return (result.ExitCode, result.Output);
    }

    private static ProcessResult Result(HostFiles files, params string[] arguments) => ChildProcess.Run(
        "dotnet", [BuiltProgram.Cli, .. arguments], environment: new Dictionary<string, string?> { ["ESTREAM_DATA"] = files.Data });
}
