using System.Text;
using Estream.Core;
using Estream.Testing;

namespace Estream.Wire.Tests;

public class WireSecretTests
{
    private const string Canary = "hunter2-canary";

    [Theory]
    [InlineData(Canary)]
    [InlineData(Canary + "\n")]
    [InlineData(Canary + "\r\n")]
    [InlineData(Canary + "\nanother line\n")]
    public void Secret_is_the_first_line_of_its_file(string content)
    {
        using TempDirectory folder = new();
        string file = Write(folder, content);

        Assert.Equal(Canary, Encoding.UTF8.GetString(WireSecret.FromFile(file).Read()));
    }

    [Fact]
    public void Replaced_file_is_read_again()
    {
        using TempDirectory folder = new();
        WireSecret secret = WireSecret.FromFile(Write(folder, Canary));
        Assert.Equal(Canary, Encoding.UTF8.GetString(secret.Read()));

        Write(folder, "another");

        Assert.Equal("another", Encoding.UTF8.GetString(secret.Read()));
    }

    [Fact]
    public void Secret_is_read_from_an_environment_variable()
    {
        string variable = $"ESTREAM_TEST_{Guid.NewGuid():N}";
        WireSecret secret = WireSecret.FromEnvironment(variable);
        Assert.Contains($"{variable} is not set", Refusal(secret), StringComparison.Ordinal);

        Environment.SetEnvironmentVariable(variable, Canary);

        Assert.Equal(Canary, Encoding.UTF8.GetString(secret.Read()));
        Assert.DoesNotContain(Canary, secret.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Invalid_secret_file_is_refused_without_showing_its_content()
    {
        using TempDirectory folder = new();
        string open = Write(folder, Canary);
        File.SetUnixFileMode(open, SecretFile.OwnerOnly | UnixFileMode.OtherRead);
        Assert.Contains("chmod 600", Refusal(WireSecret.FromFile(open)), StringComparison.Ordinal);
        Assert.Contains("is empty", Refusal(WireSecret.FromFile(Write(folder, ""))), StringComparison.Ordinal);
        Assert.Contains("is empty", Refusal(WireSecret.FromFile(Write(folder, "\nsecond"))), StringComparison.Ordinal);
        Assert.Contains("4096 bytes", Refusal(WireSecret.FromFile(Write(folder, new string('x', WireSecret.MaxBytes + 10)))),
            StringComparison.Ordinal);
        Assert.Contains("nowhere", Refusal(WireSecret.FromFile(folder.Combine("nowhere"))), StringComparison.Ordinal);
    }

    [Fact]
    public void FIFO_or_device_is_refused_without_blocking()
    {
        using TempDirectory folder = new();
        string pipe = folder.Combine("pipe");
        ChildProcess.Run("mkfifo", ["-m", "600", pipe]).EnsureSuccess();

        Assert.Contains($"'{pipe}' is a pipe", Refusal(WireSecret.FromFile(pipe)), StringComparison.Ordinal);
        Assert.Contains("is a pipe, a socket or a device", Refusal(WireSecret.FromFile("/dev/zero")), StringComparison.Ordinal);
    }

    [Fact]
    public void Settings_with_both_file_and_variable_are_refused()
    {
        WireSettings file = Settings(("PasswordFile", "p"));
        Assert.Equal("file p", $"{WireSecret.From(file, "Password")}");
        file.RefuseUnknown();
        Assert.Equal("environment variable P", $"{WireSecret.From(Settings(("PasswordEnv", "P")), "Password")}");
        Assert.Null(WireSecret.From(Settings(), "Password"));
        Assert.Equal("Estream:Adapters:x:PasswordEnv", Key(("PasswordFile", "p"), ("PasswordEnv", "P")));
        Assert.Equal("Estream:Adapters:x:PasswordFile", Key(("PasswordFile", "")));
        Assert.Equal("Estream:Adapters:x:PasswordEnv", Key(("PasswordEnv", "")));

        static string Key(params (string Key, string? Value)[] values) =>
            Assert.Throws<WireConfigurationException>(() => WireSecret.From(Settings(values), "Password")).Key;
    }

    private static string Refusal(WireSecret secret)
    {
        WireConnectionException failure = Assert.Throws<WireConnectionException>(() => secret.Read());
        Assert.True(failure.IsTransient);
        Assert.DoesNotContain(Canary, failure.ToString(), StringComparison.Ordinal);
        return failure.Message;
    }

    private static string Write(TempDirectory folder, string content)
    {
        string file = folder.Combine("secret");
        File.WriteAllText(file, content);
        File.SetUnixFileMode(file, SecretFile.OwnerOnly);
        return file;
    }

    private static WireSettings Settings(params (string Key, string? Value)[] values)
    {
        return new WireSettings("Estream:Adapters:x", values.Select(pair => new KeyValuePair<string, string?>(pair.Key, pair.Value)));
    }
}
